"""Who and what films are about. Data only."""

from __future__ import annotations

from filmgate.domain.composer.cues import Kind, cue

SUBJECTS = (
    cue(
        Kind.SUBJECT,
        "*",
        "",
        "",
        "The subject stays the same from the first frame to the last|Texture and weight can be"
        " felt in every movement/surfaces and edges become clear|the movement goes on, a"
        " little slower|a small detail changes the mood|everything comes to rest for a moment",
        "主体从第一帧到最后一帧保持一致|每个动作都看得出质感和分量/表面和轮廓渐渐清晰|动作继续"
        "，稍稍放慢|一个小细节改变了气氛|一切安静了片刻",
    ),
    cue(
        Kind.SUBJECT,
        "people",
        "man, woman, men, women, person, people, lady, guy, traveler, traveller, dancer, chef,"
        " old man, old woman, astronaut, soldier, knight, samurai, king, queen, singer,"
        " fisherman, farmer, couple, crowd, friends",
        "人 男人 女人 男子 女子 老人 少女 少年 姑娘 旅人 舞者 厨师 宇航员 士兵 骑士 武士 渔夫"
        " 农夫 歌手 侠客 情侣 人群 朋友",
        "Face and clothing stay the same in every shot|Gestures are unhurried, and the eyes"
        " lead each of them/a glance to one side, then a step|the expression softens, breath"
        " is visible|fingers close and open again|a pause, head turned towards the light",
        "面容和衣着在每个镜头里都保持一致|举止从容，目光先于动作/目光转向一侧，随后迈出一步"
        "|神情柔和下来，能看见呼吸|手指收拢又松开|停顿片刻，脸转向光亮处",
    ),
    cue(
        Kind.SUBJECT,
        "children",
        "child, children, kid, boy, girl, baby, toddler",
        "孩子 小孩 男孩 女孩 小朋友 儿童 宝宝 婴儿",
        "Face and clothing stay the same in every shot|Movements are quick and full of"
        " curiosity/a laugh, and a small jump|wide eyes follow something out of frame|small"
        " fingers reach out|running out of frame and back",
        "面容和衣着在每个镜头里都保持一致|动作轻快，充满好奇/笑出声来，轻轻一跳|睁大眼睛"
        "，追着画面外的什么看|小手伸了出去|跑出画面，又跑回来",
    ),
    cue(
        Kind.SUBJECT,
        "pets",
        "cat, kitten, kitty, dog, puppy, rabbit, hamster, fox, tiger, lion, bear, panda, wolf,"
        " monkey, deer",
        "猫 小猫 猫猫 猫咪 橘猫 狗 小狗 狗狗 兔子 仓鼠 狐狸 老虎 狮子 熊 熊猫 狼 猴子 鹿 小鹿",
        "Fur, whiskers and markings are sharp and stay the same|Ears and tail show the mood"
        " before the body moves/the ears turn, then the head|a paw is lifted, and waits|the"
        " eyes catch the light|a stretch, and a slow blink",
        "毛发、胡须和花纹清晰，始终一致|身体未动，耳朵和尾巴先透露心情/耳朵先转，头再转过来"
        "|抬起一只爪子，停住|眼睛映出光点|伸个懒腰，慢慢眨眼",
    ),
    cue(
        Kind.SUBJECT,
        "herds",
        "horse, horses, elephant, cow, sheep, camel, dinosaur, dragon, unicorn",
        "马 骏马 白马 大象 牛 羊 骆驼 恐龙 龙 巨龙 独角兽",
        "Muscle and skin move with real weight|Its size is read against what stands near it"
        "/breath shows at the nostrils|the head is thrown up|each step shakes the ground"
        "|the flank fills the frame",
        "肌肉和皮肤的运动有真实的重量|与身旁的东西相比，更显高大/鼻孔喷出热气|猛地昂起头"
        "|每一步都震动地面|身躯占满画面",
    ),
    cue(
        Kind.SUBJECT,
        "birds",
        "bird, birds, eagle, owl, seagull, gull, swan, crane, parrot, penguin, butterfly, kite",
        "鸟 小鸟 老鹰 猫头鹰 海鸥 天鹅 仙鹤 鹦鹉 企鹅 蝴蝶 风筝",
        "Every beat is caught, and the air can be seen in it|It stays in focus against"
        " whatever passes behind/a turn into the wind|it hangs almost still|a sudden dip, then"
        " up again|it grows small far above",
        "每一次扇动都清楚，仿佛看得见空气|背景流过，它始终清晰/迎着风转身|几乎停在空中"
        "|忽然下坠，又升起|在高处越来越小",
    ),
    cue(
        Kind.SUBJECT,
        "sea life",
        "whale, dolphin, shark, fish, jellyfish, turtle, octopus, mermaid",
        "鲸 鲸鱼 海豚 鲨鱼 鱼 锦鲤 水母 海龟 章鱼 美人鱼",
        "Skin glistens, and drops run off it|It moves with slow strength/a curve of the back"
        "|drops hang in the air|a trail of bubbles|it sinks out of sight",
        "皮肤闪着水光，水珠滑落|动作缓慢有力/脊背弓起一道弧线|水珠悬在空中|拖出一串气泡|沉下去"
        "，看不见了",
        place="sea",
    ),
    cue(
        Kind.SUBJECT,
        "vehicles",
        "car, truck, bus, taxi, motorcycle, motorbike, bicycle, bike, train, tram, metro",
        "汽车 轿车 跑车 赛车 卡车 公交车 出租车 摩托车 自行车 单车 火车 列车 高铁 地铁 电车",
        "Paint, glass and chrome show what surrounds them|Speed is told by what rushes past"
        "/reflections run along the side|the wheels blur|dust and light trail behind|it passes"
        " close, and is gone",
        "车漆、玻璃和金属映出周围的一切|飞掠而过的景物说明速度/倒影沿着车身流过"
        "|车轮转成一片模糊|身后拖着尘土和光|擦身而过，随即远去",
    ),
    cue(
        Kind.SUBJECT,
        "boats",
        "boat, sailboat, ship, yacht, canoe, raft",
        "船 小船 帆船 渔船 轮船 游艇 扁舟 竹筏",
        "Planks, rope and canvas look used|The hull rises and falls with the water/the bow cuts"
        " through|canvas fills|rope tightens, drops fly off|the wake spreads behind",
        "船板、缆绳和帆布都有使用的痕迹|船身随水起伏/船头劈开水面|帆鼓了起来|缆绳绷紧"
        "，水珠弹开|尾流在身后散开",
        place="sea",
    ),
    cue(
        Kind.SUBJECT,
        "craft",
        "plane, airplane, aircraft, helicopter, rocket, spaceship, starship, balloon, drone"
        " show",
        "飞机 直升机 火箭 飞船 宇宙飞船 热气球 气球",
        "Metal and cloth are worn in the right places|The scale of the sky makes it look small"
        "/it lifts, heavy at first|light slides along the skin|it banks slowly|a thin trail"
        " remains",
        "金属和布面的磨损恰到好处|在天空下显得很小/起初沉重，缓缓升起|光沿着外壳滑过"
        "|慢慢倾斜转弯|留下一道细细的尾迹",
        place="sky",
    ),
    cue(
        Kind.SUBJECT,
        "robots",
        "robot, android, cyborg, mech",
        "机器人 机甲 仿生人",
        "Joints, cables and scratches are worked out in detail|It moves exactly, with small"
        " delays that seem like thought/a lens turns and focuses|fine joints unfold|a lamp"
        " flickers inside|it tilts its head",
        "关节、线缆和划痕细节清楚|动作精准，偶尔的迟疑像在思考/镜片转动，对上焦|精密的关节展开"
        "|内部有一盏灯闪了闪|它歪了歪头",
    ),
    cue(
        Kind.SUBJECT,
        "food",
        "food, coffee, tea, noodles, ramen, bread, cake, soup, pizza, fruit, dumplings, hotpot",
        "美食 咖啡 茶 面条 拉面 面包 蛋糕 汤 水果 饺子 火锅 早餐",
        "Steam, gloss and crumbs are close enough to taste|Little is in focus, and it looks"
        " fresh/steam curls upwards|a drop runs down the side|it is cut open slowly|a spoon"
        " breaks the surface",
        "热气、油光和碎屑近得仿佛能尝到|焦点很浅，看上去新鲜/热气盘旋上升|一滴沿着边缘滑下"
        "|慢慢切开|勺子划破表面",
        place="room",
    ),
    cue(
        Kind.SUBJECT,
        "plants",
        "flower, flowers, rose, tree, leaf, autumn leaves, seed, petals",
        "花 鲜花 花朵 玫瑰 荷花 樱花 树 大树 叶子 树叶 种子 花瓣",
        "Veins, drops and edges can be counted|It moves only as the air moves it/it opens,"
        " slowly|a drop gathers and falls|dust floats in the light|it sways and is still",
        "叶脉、水珠和边缘清晰可数|只随空气轻轻摆动/慢慢舒展开来|水珠聚拢，落下|尘埃在光里浮动"
        "|摇了摇，又静下来",
    ),
)
