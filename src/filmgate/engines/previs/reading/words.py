"""The words for what is in a picture. Data only; script.py does the reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from filmgate.engines.previs.scene import Camera, Season, Setting, Style, Subject, Time, Weather

Meaning = Camera | Season | Setting | Style | Subject | Time | Weather


@dataclass(frozen=True)
class Words:
    """
    What people say for one thing.

    English phrases are separated by commas; script.py adds the plurals of things. Chinese
    words are separated by spaces, and simplified: what is traditional is read as such.
    """

    en: str
    zh: str


SUBJECTS: Mapping[Meaning, Words] = MappingProxyType(
    {
        Subject.PERSON: Words(
            "person, human, figure, man, woman, women, men, lady, gentleman, guy,"
            " old man, old woman, teenager, adult, fisherman, fishermen, sailor,"
            " farmer, shepherd, hiker, climber, runner, surfer, skier, swimmer,"
            " traveler, traveller, tourist, stranger, pedestrian, cyclist, driver,"
            " pilot, captain, chef, waiter, barista, doctor, nurse, scientist,"
            " engineer, worker, teacher, student, detective, police officer,"
            " firefighter, soldier, warrior, samurai, ninja, knight, cowboy, pirate,"
            " monk, king, queen, prince, princess, wizard, witch, hero, heroine,"
            " girlfriend, boyfriend, mother, father, mom, dad, grandmother,"
            " grandfather, grandma, grandpa, elder, singer, musician, pianist,"
            " violinist, guitarist, painter, artist, photographer, journalist,"
            " reporter, anchor, businessman, businesswoman, model, actor, actress,"
            " someone, somebody, silhouette of a man, geisha, gardener, postman,"
            " mechanic, boxer, athlete, skater, movie star, rock star, pop star",
            "人 男人 女人 男子 女子 男士 女士 老人 老爷爷 老奶奶 爷爷 奶奶 老头 妈妈"
            " 爸爸 母亲 父亲 少女 少年 青年 年轻人 姑娘 小姐 先生 美女 帅哥 行人 路人"
            " 旅人 游客 旅客 背包客 渔夫 渔民 渔翁 农民 农夫 牧羊人 猎人 工人 司机"
            " 船长 厨师 医生 护士 老师 学生 科学家 工程师 警察 侦探 消防员 士兵 战士"
            " 武士 忍者 骑士 侠客 剑客 道士 僧人 和尚 国王 王后 女王 王子 公主 巫师"
            " 女巫 英雄 歌手 音乐家 钢琴家 画家 艺术家 摄影师 记者 主播 商人 模特 演员"
            " 运动员 登山者 冲浪者 跑者 诗人 书生 主人公 主角 人物 人影 身影 外卖员"
            " 快递员 明星",
        ),
        Subject.CHILD: Words(
            "child, children, kid, boy, girl, little girl, little boy, baby, babies,"
            " toddler, infant, schoolboy, schoolgirl, young girl, young boy,"
            " schoolchild, schoolchildren, daughter, son, grandson, granddaughter",
            "孩子 小孩 女孩 男孩 小女孩 小男孩 小朋友 儿童 幼儿 婴儿 宝宝 孩童 牧童"
            " 小学生 女儿 儿子 孙子 孙女 娃娃 童年",
        ),
        Subject.COUPLE: Words(
            "couple, lovers, newlyweds, bride and groom, man and woman,"
            " man and a woman, woman and a man, husband and wife, boy and girl,"
            " two people, two friends, two lovers, sweethearts, old couple",
            "情侣 恋人 夫妻 夫妇 新人 爱人 男女 两个人 两人 二人 一对 老夫老妻 母女"
            " 父子 母子 父女 闺蜜",
        ),
        Subject.CROWD: Words(
            "crowd, people, audience, group of people, commuters, pedestrians,"
            " passengers, villagers, protesters, tourists, spectators, soldiers, army,"
            " parade, team, students, workers, dancers in the street, fans",
            "人群 人们 人潮 人海 众人 观众 大家 游人 队伍 军队 士兵们 学生们 村民 乘客"
            " 一群人 行人们 人来人往 人山人海 人类",
        ),
        Subject.DANCER: Words(
            "dancer, ballerina, ballet, ballet dancer, dancing woman, dancing girl,"
            " woman dancing, girl dancing, figure skater, flamenco",
            "舞者 舞女 芭蕾 舞蹈家 舞蹈演员 跳舞 起舞 舞蹈 芭蕾舞者 花样滑冰",
        ),
        Subject.ROBOT: Words(
            "robot, android, mech, mecha, cyborg, humanoid, automaton, droid",
            "机器人 机甲 机械人 仿生人 机械战士",
        ),
        Subject.ASTRONAUT: Words(
            "astronaut, cosmonaut, spaceman, space man, space traveler, taikonaut",
            "宇航员 航天员 太空人 宇航服",
        ),
        Subject.CAT: Words(
            "cat, kitten, kitty, tabby, house cat, feline, tiger, lion, lioness,"
            " leopard, snow leopard, panther, cheetah, lynx",
            "猫 小猫 猫咪 橘猫 黑猫 白猫 花猫 猫猫 老虎 虎 狮子 豹子 雪豹 猎豹",
        ),
        Subject.DOG: Words(
            "dog, puppy, pup, hound, golden retriever, retriever, labrador, corgi,"
            " husky, poodle, shiba, shepherd dog, german shepherd, bulldog, wolf,"
            " wolves, fox",
            "狗 小狗 狗狗 犬 柴犬 金毛 哈士奇 柯基 拉布拉多 牧羊犬 流浪狗 狼 狐狸",
        ),
        Subject.HORSE: Words(
            "horse, pony, stallion, mare, foal, unicorn, zebra, donkey, horseback,"
            " steed, horseman, horsemen",
            "马 骏马 白马 黑马 马儿 马匹 骑马 马车 斑马 独角兽 毛驴 马群 野马 战马",
        ),
        Subject.BIRD: Words(
            "bird, seagull, gull, eagle, hawk, falcon, crow, raven, owl, dove, pigeon,"
            " swan, goose, geese, duck, parrot, penguin, sparrow, flamingo, heron,"
            " peacock, phoenix, hummingbird, flock of birds, chicken, rooster",
            "鸟 小鸟 鸟儿 飞鸟 海鸥 老鹰 雄鹰 鹰 乌鸦 猫头鹰 鸽子 白鸽 天鹅 大雁 鸭子"
            " 鹦鹉 企鹅 麻雀 燕子 白鹭 仙鹤 鹤 孔雀 凤凰 喜鹊 公鸡",
        ),
        Subject.WHALE: Words(
            "whale, humpback, orca, killer whale, blue whale, dolphin, narwhal",
            "鲸 鲸鱼 蓝鲸 座头鲸 虎鲸 海豚",
        ),
        Subject.FISH: Words(
            "fish, fishes, goldfish, koi, carp, salmon, shark, tuna, clownfish,"
            " jellyfish, school of fish, manta ray, stingray, trout, catfish",
            "鱼 鱼儿 小鱼 金鱼 锦鲤 鲤鱼 鲨鱼 鱼群 热带鱼 小丑鱼 水母 三文鱼",
        ),
        Subject.DEER: Words(
            "deer, stag, doe, fawn, reindeer, elk, moose, antelope, gazelle",
            "鹿 小鹿 梅花鹿 麋鹿 驯鹿 雄鹿 羚羊 白鹿",
        ),
        Subject.ELEPHANT: Words(
            "elephant, mammoth",
            "大象 小象 象群 猛犸",
        ),
        Subject.DRAGON: Words(
            "dragon, wyvern, wyrm",
            "龙 巨龙 飞龙 神龙 青龙 火龙 舞龙",
        ),
        Subject.BOAT: Words(
            "boat, sailboat, sailing boat, sailing ship, fishing boat, rowboat,"
            " rowing boat, canoe, kayak, yacht, gondola, raft, dinghy, dragon boat,"
            " motorboat, speedboat, paper boat, lifeboat, catamaran",
            "船 小船 帆船 渔船 木船 游艇 扁舟 小舟 一叶扁舟 竹筏 乌篷船 独木舟 皮划艇"
            " 龙舟 快艇 纸船 船只",
        ),
        Subject.SHIP: Words(
            "ship, cruise ship, cruise liner, ocean liner, liner, ferry, warship,"
            " battleship, destroyer, tanker, freighter, cargo ship, container ship,"
            " steamship, steamer, pirate ship, galleon, submarine, titanic",
            "轮船 邮轮 游轮 货轮 渡轮 油轮 军舰 战舰 大船 巨轮 航母 客轮 海盗船 潜艇 泰坦尼克",
        ),
        Subject.CAR: Words(
            "car, cars, taxi, cab, sedan, truck, van, bus, buses, jeep, suv,"
            " convertible, automobile, race car, racing car, sports car, supercar,"
            " pickup, ambulance, police car, fire truck, limousine, vehicle, porsche,"
            " ferrari, tesla",
            "车 汽车 轿车 跑车 赛车 出租车 卡车 货车 公交车 公交 巴士 大巴 吉普 越野车"
            " 面包车 警车 救护车 消防车 车辆 车子 老爷车 敞篷车 开车 车流",
        ),
        Subject.BICYCLE: Words(
            "bicycle, bike, cycling, motorcycle, motorbike, scooter, moped, tricycle,"
            " mountain bike",
            "自行车 单车 脚踏车 摩托车 摩托 电动车 三轮车 骑车 共享单车",
        ),
        Subject.TRAIN: Words(
            "train, locomotive, steam engine, subway, metro, tram, streetcar,"
            " bullet train, railway, railroad, high speed rail, freight train,"
            " steam train, subway train",
            "火车 列车 高铁 动车 地铁 电车 有轨电车 蒸汽机车 绿皮火车 铁路 铁轨 车厢 轻轨",
        ),
        Subject.PLANE: Words(
            "plane, airplane, aeroplane, aircraft, jet, airliner, jumbo jet,"
            " fighter jet, biplane, helicopter, seaplane, paper plane",
            "飞机 客机 战斗机 直升机 喷气机 纸飞机 滑翔机 航班",
        ),
        Subject.BALLOON: Words(
            "balloon, hot air balloon, airship, zeppelin, blimp",
            "气球 热气球 飞艇 红气球",
        ),
        Subject.ROCKET: Words(
            "rocket, spaceship, spacecraft, space ship, space shuttle, starship,"
            " missile, space capsule",
            "火箭 宇宙飞船 飞船 太空飞船 航天飞机 导弹 神舟 太空船",
        ),
        Subject.KITE: Words(
            "kite",
            "风筝 纸鸢",
        ),
        Subject.TREE: Words(
            "tree, oak, oak tree, pine tree, pine, palm tree, palms, willow, maple,"
            " maple tree, cherry tree, birch, baobab, christmas tree, banyan, cypress,"
            " bonsai, ginkgo",
            "树 大树 树木 老树 古树 松树 柳树 枫树 樱花树 桃树 榕树 银杏 椰子树 椰树"
            " 圣诞树 梧桐 梧桐树 白桦",
        ),
        Subject.FLOWER: Words(
            "flower, flowers, roses, a rose, red rose, the rose, tulip, sunflower,"
            " daisy, daisies, lily, lilies, lotus, lavender, poppy, poppies,"
            " wildflower, orchid, dandelion, bouquet, peony, peonies",
            "花 花朵 鲜花 野花 玫瑰 郁金香 向日葵 雏菊 百合 荷花 莲花 薰衣草 牡丹"
            " 蒲公英 兰花 菊花 花海 花田 花丛 花束",
        ),
        Subject.HOUSE: Words(
            "house, cottage, cabin, hut, villa, mansion, farmhouse, barn, bungalow,"
            " chalet, log cabin, windmill, igloo",
            "房子 房屋 小屋 木屋 别墅 农舍 茅屋 草屋 谷仓 小房子 民居 老宅 四合院 蒙古包 风车",
        ),
        Subject.CASTLE: Words(
            "castle, palace, fortress, citadel, chateau",
            "城堡 宫殿 皇宫 故宫 紫禁城 古堡 要塞",
        ),
        Subject.LIGHTHOUSE: Words(
            "lighthouse, light house",
            "灯塔",
        ),
        Subject.BRIDGE: Words(
            "bridge, footbridge, viaduct, suspension bridge, golden gate, drawbridge",
            "桥 大桥 石桥 木桥 小桥 吊桥 拱桥 天桥 断桥 廊桥",
        ),
        Subject.UMBRELLA: Words(
            "umbrella, parasol",
            "伞 雨伞 油纸伞 阳伞 撑伞 打伞 红伞 纸伞",
        ),
    }
)
