"""Words that say something without saying it, and phrases that say nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from filmgate.engines.previs.reading.words import Meaning, Words
from filmgate.engines.previs.scene import Season, Setting, Time, Weather

#: Things that are usually there, then or so; they count where nothing is said.
HINTS: Mapping[Meaning, Words] = MappingProxyType(
    {
        Setting.SEA: Words(
            "boat, boats, sailboat, sailboats, fishing boat, ship, ships, cruise ship,"
            " cruise liner, ocean liner, yacht, pirate ship, fish, fishes, whale,"
            " whales, humpback, orca, dolphin, dolphins, shark, sharks, jellyfish,"
            " coral, seagull, seagulls, sailor, sailors, submarine, octopus, turtle,"
            " sea turtle, fisherman, surfer, surfing, clownfish, school of fish,"
            " cargo ship, warship, blue whale, sailing ship, surf, scuba, diver,"
            " kayak, manta ray",
            "船 小船 帆船 渔船 轮船 邮轮 游轮 货轮 军舰 鱼 鱼群 鲸 鲸鱼 蓝鲸 座头鲸"
            " 虎鲸 海豚 鲨鱼 水母 珊瑚 海鸥 海龟 章鱼 船长 渔夫 渔民 冲浪 潜水 潜艇"
            " 浪花 巨浪 热带鱼 游艇 海盗船 冲浪者 泰坦尼克",
        ),
        Setting.BEACH: Words(
            "lighthouse, lighthouses, palm trees, palm tree, sandcastle, surfboard,"
            " beach ball, seashell, crab",
            "灯塔 椰子树 椰树 贝壳 沙堡 螃蟹 冲浪板",
        ),
        Setting.SPACE: Words(
            "astronaut, astronauts, cosmonaut, rocket, rockets, planet, planets,"
            " spaceship, spaceships, spacecraft, space shuttle, starship, satellite,"
            " alien planet, comet, space ship, taikonaut",
            "宇航员 航天员 火箭 星球 行星 飞船 宇宙飞船 太空飞船 卫星 彗星 航天飞机"
            " 太空人 太空船",
        ),
        Setting.CITY: Words(
            "neon, neon lights, neon signs, cyberpunk, traffic, helicopter, taxi,"
            " skateboard, billboard, police car",
            "霓虹 霓虹灯 赛博朋克 车流 出租车 万家灯火 红绿灯 广告牌",
        ),
        Setting.STREET: Words(
            "street lamp, streetlight, streetlights, street lamps, bus, tram,"
            " pedestrian, pedestrians, storefront, street food, crossing the street,"
            " cobblestone, lantern, lanterns, graffiti",
            "路灯 行人 公交车 电车 摊位 小摊 灯笼 红灯笼 石板路",
        ),
        Setting.INTERIOR: Words(
            "table, desk, sofa, couch, bed, fireplace, candle, candlelight, piano,"
            " bookshelf, window, cooking, curtain, laptop, computer, bathtub, yarn,"
            " ball of yarn, ceiling, lamp, news anchor, newscast, chair, armchair",
            "桌子 书桌 桌上 沙发 床 床上 壁炉 蜡烛 烛光 钢琴 书架 窗边 窗前 做饭 窗帘"
            " 电脑 毛线 毛线球 天花板 台灯 主播 椅子 浴缸 地毯",
        ),
        Setting.MOUNTAINS: Words(
            "climber, climbers, climbing, hiker, skiing, skier, ski, snowboard, goat,"
            " eagle, dragon, snow leopard",
            "登山 爬山 滑雪 攀登 登山者 老鹰 雄鹰 巨龙 雪豹 仙鹤 瀑布",
        ),
        Setting.FOREST: Words(
            "deer, stag, fawn, fox, mushroom, fairy, fairies, campfire, tiger,"
            " fireflies, elf, trees",
            "鹿 小鹿 狐狸 蘑菇 精灵 篝火 老虎 萤火虫 麋鹿 野营 树木",
        ),
        Setting.DESERT: Words(
            "camel, camels, cactus, cacti, pyramid, pyramids",
            "骆驼 仙人掌 金字塔 驼队",
        ),
        Setting.LAKE: Words(
            "swan, swans, frog, koi, duck, ducks, lotus, canoe, rowboat",
            "天鹅 青蛙 锦鲤 鸭子 荷花 莲花 扁舟 小舟 乌篷船 龙舟 竹筏",
        ),
        Setting.PLAINS: Words(
            "kite, kites, elephant, elephants, sheep, cow, cows, horses, tractor,"
            " scarecrow, zebra, giraffe, windmill, lion, hot air balloon, butterfly,"
            " butterflies, picnic, sunflowers, zebras",
            "风筝 大象 绵羊 羊群 牛 奶牛 骏马 马群 拖拉机 稻草人 斑马 长颈鹿 风车 狮子"
            " 热气球 蝴蝶 野餐 向日葵",
        ),
        Setting.VILLAGE: Words(
            "farmer, farmers, chickens, well, chimney smoke",
            "炊烟 农民 村民 公鸡",
        ),
        Time.NIGHT: Words(
            "star, stars, starry, starry sky, starlight, moon, full moon, moonlight,"
            " neon, neon lights, neon signs, firefly, fireflies, aurora,"
            " northern lights, fireworks, city lights, shooting star, campfire,"
            " cyberpunk, nightclub, streetlights, milky way, candlelight, meteor,"
            " moonrise, owl, lantern, lanterns, halloween",
            "星星 星空 繁星 星光 月亮 明月 月光 圆月 满月 霓虹 霓虹灯 萤火虫 极光 烟花"
            " 烟火 流星 篝火 路灯 灯火 万家灯火 赛博朋克 银河 灯笼 红灯笼 猫头鹰 新月"
            " 星河",
        ),
        Time.DAWN: Words(
            "morning mist, rooster, dew, morning dew",
            "公鸡 露珠 晨练",
        ),
        Time.SUNSET: Words(
            "orange sky, warm glow, golden light",
            "金色的阳光 橙色天空",
        ),
        Weather.CLOUDY: Words(
            "cloud, clouds",
            "云 白云 云朵 云海",
        ),
        Weather.FOG: Words(
            "smoke, smoky, steam, mysterious, eerie",
            "烟 炊烟 神秘",
        ),
        Weather.RAIN: Words(
            "raincoat in the rain, soaked, umbrellas",
            "淋湿 湿漉漉 雨声",
        ),
        Season.SPRING: Words(
            "cherry blossom, cherry blossoms, sakura, blossom, blossoms, blooming,"
            " tulip, tulips, easter, plum blossom",
            "樱花 桃花 花开 嫩芽 油菜花 樱花树 郁金香 梨花 清明 杏花 燕子",
        ),
        Season.SUMMER: Words(
            "beach, surfing, cicada, cicadas, sunflower, sunflowers, palm trees",
            "蝉鸣 荷花 向日葵 沙滩 西瓜 知了",
        ),
        Season.AUTUMN: Words(
            "autumn leaf, maple, maple leaves, maple leaf, red leaves, golden leaves,"
            " falling leaves, fallen leaves, pumpkin, pumpkins, harvest, thanksgiving,"
            " halloween",
            "枫叶 落叶 红叶 丰收 枫树 枫林 南瓜 中秋 感恩节 银杏 菊花",
        ),
        Season.WINTER: Words(
            "snow, snows, snowing, snowed, snowy, snowfall, snowflake, snowflakes,"
            " blizzard, snowstorm, falling snow, snow covered, snowman, ice, icy,"
            " frost, frosty, frozen lake, christmas, christmas tree, santa, glacier,"
            " arctic, antarctica, igloo, reindeer, skiing, skier, ski, penguin,"
            " penguins, sleigh, snowboard",
            "雪 下雪 雪花 大雪 飘雪 暴风雪 暴雪 雪地 雪中 飞雪 雪天 雪夜 初雪 雪原"
            " 白雪 积雪 落雪 小雪 雪人 冰 结冰 冰雪 冰川 圣诞 圣诞节 圣诞树 北极 南极"
            " 滑雪 企鹅 春节 寒冷 梅花",
        ),
    }
)

#: Phrases that contain one of our words and are not about it.
NOTHING = Words(
    "hot dog, motorcycle helmet, bike helmet, dog days, bird eye, bird eye view,"
    " fish eye, fisheye, couple of,"
    " train of thought, to train, train hard, trains hard, train for, trains for,"
    " trains daily, trains every day, focal plane, plane of focus, star wars,"
    " five star, all star, spring roll, spring rolls, hot spring, hot springs,"
    " spring water, spring into, box spring, snow white, ice cream, snow capped,"
    " after the rain, after rain, rain jacket, rain coat, rain boots, frying pan,"
    " peter pan, dragon fruit, dragon fly, family tree, open space, living space,"
    " space between, negative space, storm trooper, cat walk, cat eye,"
    " light house music, house music, horse power, flower of life, sea of people,"
    " sea of clouds, sea of faces, sea level, deep sea blue, brain storm,"
    " field of view, depth of field, the field of, shallow depth, wide field,"
    " peak performance, room for, room to, in the wake, coffee table, in other words,"
    " model train set, human nature, father christmas, wave of, waves goodbye,"
    " waves hello, waves at, wave at, waves her, waves his, waving, heat wave,"
    " sound wave, shock wave, street style, office hours, no matter, not only,"
    " no longer, no wonder, no doubt, no sooner, not far, nothing but, plain white,"
    " plain background, plain black, stage of, early stage, storage space, car seat,"
    " school of thought, fall asleep, morning star, lead actor in, jet black, jet lag,"
    " goose bumps, a lion share, king size, queen size, ship it, spring up,"
    " night vision, cab driver license, bar chart, pull out all, cloud computing,"
    " iron man, lane change",
    "鸟瞰 鸟居 热狗 熊猫 大熊猫 恐龙 龙虾 成龙 河马 海马 长颈鹿 鳄鱼 海报 海拔 脑海"
    " 湖南 湖北 青海 马上 马克 马克杯 马拉松 雪糕 雪茄 雪白 雪碧 雨后 雨衣 雨靴 雨刷"
    " 花费 花样 火花 爆米花 花白 花纹 棉花 豆腐花 开花 眼花 人生 人间 人工 人工智能"
    " 人造 人心 令人 动人 迷人 惊人 感人 诱人 宜人 喜人 无人机 个人 人像 吓人 引人"
    " 人文 夺人 私人 人体 人声 秋千 青春 青春期 华夏 宁夏 立体 车站 火车站 山寨 山药"
    " 江山 树立 树叶 村上 桥段 城管 河南 河北 云南 云集 树脂 雪佛兰 晴雯 鱼眼 鱼眼镜头"
    " 雷雨衣 星巴克 虎牙 马虎 鹿晗 吹牛 龙卷 龙井 花生 雪梨 钓鱼 夜莺 烟囱 冰淇淋"
    " 冰激凌 冰箱 床单 烟花易冷 不远 不断 不停 不同 不仅 不只 无边 无边无际 无尽 无数"
    " 无垠 无限 无比 无声 无名 没想到 没过 海绵 山羊 机场 伞兵 花絮 星期 星座 春夏秋冬"
    " 狼吞虎咽 跳伞 降落伞 龙头 车轮 马达 马桶 马戏 人偶",
)

#: What denies the words after it, up to the next comma.
DENIALS = Words(
    "no, not, without, never, nobody, none, neither, nor, zero, avoid, exclude,"
    " excluding, minus, except, lacking, devoid of, free of, empty of, absence of,"
    " instead of, rather than, cannot, dont",
    "没有 没 无 不要 不是 不含 不带 禁止 避免 别 不出现 不下 去掉 除了 并非 缺少 空无"
    " 而不是 不会 看不到 看不见 没有任何 不再",
)

#: The simplified and the traditional form of the characters that occur in our words.
FORMS = (
    "众眾 没沒 虫蟲 游遊 床牀 峰峯 群羣 升昇 丛叢 东東 两兩 严嚴 个個 丰豐 乌烏"
    " 乐樂 乡鄉"
    " 书書 云雲 亚亞 亲親 仅僅 从從 仓倉 仙僊 们們 会會 伞傘 体體 侠俠 侣侶 侦偵 倾傾"
    " 儿兒 兰蘭 军軍 农農 冲沖 冲衝 凤鳳 别別 剑劍 办辦 动動 单單 卖賣 卧臥 卫衛 厂廠"
    " 厅廳 厘釐 厢廂 厦廈 厨廚 发發 发髮 台臺 台颱 叶葉 后後 吓嚇 员員 园園 囱囪 国國"
    " 图圖 圆圓 圣聖 场場 声聲 壳殼 复復 复複 头頭 夺奪 妇婦 妈媽 婴嬰 孙孫 学學 宁寧"
    " 宝寶 实實 宫宮 对對 导導 尔爾 尘塵 尽盡 层層 屿嶼 岛島 峡峽 师師 帅帥 帘簾 带帶"
    " 并並 并併 广廣 庄莊 庆慶 库庫 庙廟 开開 张張 弹彈 录錄 怀懷 恋戀 悬懸 惊驚 战戰"
    " 戏戲 报報 护護 摄攝 摇搖 摊攤 撑撐 数數 断斷 无無 旧舊 时時 昼晝 晓曉 晖暉 术術"
    " 机機 来來 极極 枫楓 树樹 样樣 桥橋 桦樺 楼樓 横橫 樱櫻 残殘 气氣 汉漢 涛濤 涩澀"
    " 渐漸 渔漁 湾灣 湿濕 满滿 滩灘 滨濱 潜潛 灯燈 灵靈 炉爐 烛燭 烟煙 烧燒 热熱 爱愛"
    " 爷爺 独獨 狮獅 狸貍 猎獵 猫貓 环環 现現 电電 画畫 画劃 盗盜 着著 矶磯 码碼 积積"
    " 笼籠 筝箏 类類 红紅 约約 纸紙 纹紋 纽紐 线線 练練 细細 结結 绕繞 维維 绵綿 绿綠"
    " 缓緩 缩縮 罗羅 联聯 胶膠 脑腦 脚腳 舰艦 艳豔 艺藝 节節 苏蘇 药藥 莲蓮 莺鶯 营營"
    " 萤螢 蒙矇 蓝藍 虾蝦 蜡蠟 蝉蟬 见見 观觀 视視 记記 诗詩 诚誠 诞誕 诱誘 调調 谷穀"
    " 贝貝 货貨 质質 费費 赛賽 踪蹤 车車 轨軌 轮輪 轻輕 轿轎 辆輛 边邊 达達 过過 运運"
    " 进進 远遠 连連 递遞 逊遜 邮郵 郁鬱 里裡 里裏 钓釣 钢鋼 铁鐵 银銀 锦錦 镇鎮 镜鏡"
    " 长長 闪閃 间間 闺閨 闻聞 阁閣 队隊 阳陽 阴陰 阵陣 际際 陆陸 雏雛 雾霧 静靜 顶頂"
    " 顿頓 颈頸 频頻 风風 飓颶 飘飄 飞飛 饭飯 馆館 马馬 驯馴 驴驢 骆駱 验驗 骏駿 骑騎"
    " 鱼魚 鲜鮮 鲤鯉 鲨鯊 鲸鯨 鳄鱷 鸟鳥 鸡雞 鸡鷄 鸢鳶 鸣鳴 鸥鷗 鸦鴉 鸭鴨 鸽鴿 鹅鵝"
    " 鹉鵡 鹊鵲 鹤鶴 鹦鸚 鹭鷺 鹰鷹 麦麥 黄黃 龙龍 龟龜 余餘 只隻 系係 松鬆 面麵 浓濃"
    " 伦倫 剧劇 华華 卷捲 凌淩 医醫 区區 喷噴 巅巔 玛瑪"
)
