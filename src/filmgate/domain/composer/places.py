"""Where films play, in what weather and by what light. Data only."""

from __future__ import annotations

from filmgate.domain.composer.cues import Kind, cue

PLACES = (
    cue(
        Kind.PLACE,
        "*",
        "",
        "",
        "A quiet place with depth behind the subject|Few things stand in front, more of them"
        " far away|Small signs of life go on at the edges",
        "一处安静开阔的地方，主体身后有纵深|前景简单，远处层次丰富|画面边缘有细小的动静",
    ),
    cue(
        Kind.PLACE,
        "sea",
        "sea, ocean, waves, harbor, harbour, port, underwater, beach, coast, shore, island",
        "海 大海 海洋 海面 海上 海边 海滩 沙滩 海岸 海岛 港口 码头 海底 水下",
        "The sea, wide and alive, up to a low horizon|Foam and spray mark the rhythm of the"
        " water|The air is salty and clear",
        "大海辽阔，起伏到低低的天际|浪花和飞沫打出水的节奏|空气咸湿而清透",
    ),
    cue(
        Kind.PLACE,
        "lake",
        "lake, river, pond, stream, waterfall",
        "湖 湖面 湖边 湖畔 河 河边 江边 小溪 溪流 池塘 瀑布 西湖",
        "A lake's edge, with reflections that tremble|Wet stones and reeds stand in front|The"
        " far bank lies in haze",
        "湖畔水面，倒影微微颤动|前景是湿石和芦苇|对岸笼在薄雾里",
    ),
    cue(
        Kind.PLACE,
        "mountains",
        "mountain, mountains, peak, cliff, canyon, valley, volcano, alps",
        "山 高山 雪山 山顶 山谷 山间 峡谷 悬崖 火山 长城",
        "Mountains in layers, paler the farther they are|Rock and thin grass lie near the lens"
        "|The air is cold and very clear",
        "群山层叠，越远越淡|近处是岩石和稀疏的草|空气清冷透明",
    ),
    cue(
        Kind.PLACE,
        "forest",
        "forest, woods, jungle, rainforest, bamboo forest",
        "森林 树林 丛林 雨林 竹林 林间 林中",
        "A forest, deep and dense on both sides|Moss and fern cover the ground|Something"
        " drifts down from above now and then",
        "森林幽深，两侧茂密|地上覆满苔藓和蕨类|不时有东西从高处飘落",
    ),
    cue(
        Kind.PLACE,
        "desert",
        "desert, dune, dunes, sahara, gobi",
        "沙漠 沙丘 戈壁 大漠",
        "A desert of long ridges of sand|Ripples run towards the horizon|Heat makes the"
        " distance tremble",
        "沙漠里沙脊绵延|波纹伸向天际|热浪让远处微微晃动",
    ),
    cue(
        Kind.PLACE,
        "city",
        "city, downtown, skyline, skyscraper, rooftop, tokyo, new york, shanghai, hong kong,"
        " street, alley, road, market, night market",
        "城市 都市 天台 高楼 天际线 上海 北京 东京 香港 重庆 街 街道 街头 小巷 巷子 胡同 马路"
        " 公路 集市 夜市",
        "A city that goes on in every direction|Windows, signs and wires fill the frame in"
        " layers|Life goes on in the background, out of focus",
        "城市向四面延伸|窗户、招牌和电线层层叠叠|背景里的生活在虚焦中继续",
    ),
    cue(
        Kind.PLACE,
        "village",
        "village, small town, temple, countryside, farm",
        "村庄 村子 小镇 古镇 乡村 山村 江南 寺庙 古寺 农场",
        "A village that has hardly changed for a long time|Worn walls and roofs stand close"
        " together|Smoke rises somewhere",
        "村庄多年来几乎没有变化|斑驳的墙和屋顶挨在一起|不知哪里升起炊烟",
    ),
    cue(
        Kind.PLACE,
        "room",
        "room, kitchen, bedroom, living room, office, library, cafe, coffee shop, restaurant,"
        " windowsill, by the window, studio, classroom, indoors",
        "房间 厨房 卧室 客厅 办公室 图书馆 咖啡馆 咖啡店 餐厅 窗台 窗边 教室 室内 屋里 家里"
        " 书房 茶馆",
        "A room with things in everyday use|Depth comes from a doorway and what"
        " lies behind it|Dust hangs in the air",
        "房间里摆着日常使用的东西|一道门框和门后的空间带来纵深|空气里浮着尘埃",
        light="window",
    ),
    cue(
        Kind.PLACE,
        "meadow",
        "meadow, field, grass, grassland, garden, park, prairie, hill",
        "草地 草原 草坪 田野 麦田 稻田 花园 公园 原野 山坡",
        "A meadow that moves with the wind|Blades near the lens blur|The ground rolls gently"
        " towards the horizon",
        "草地随风起伏|近处的草叶虚成一片|地势缓缓伸向天际",
    ),
    cue(
        Kind.PLACE,
        "sky",
        "sky, clouds, above the clouds",
        "天空 云端 云海 云层 空中",
        "The sky, higher than anything near it|Layers of cloud give it depth|Nothing below is"
        " close",
        "天空高远|层层云絮带来纵深|下方的一切都很遥远",
    ),
    cue(
        Kind.PLACE,
        "space",
        "outer space, in space, deep space, into space, galaxy, moon, mars, space station",
        "太空 宇宙 银河 星空 月球 火星 空间站",
        "Outer space, black and without a sound|A curve of something huge fills one edge"
        "|Specks float past the lens",
        "太空漆黑无声|画面一侧是巨大的弧线|微粒从镜头前飘过",
        light="hard",
    ),
    cue(
        Kind.WEATHER,
        "rain",
        "rain, rainy, raining, drizzle, thunderstorm, storm",
        "雨 下雨 雨天 细雨 暴雨 雷雨",
        "Rain falls steadily and every surface shines",
        "雨不停地下，所有表面都泛着光",
        light="rain",
    ),
    cue(
        Kind.WEATHER,
        "snow",
        "snow, snowy, snowing, blizzard, winter",
        "雪 下雪 大雪 雪花 雪地 冬天 冬日",
        "Snow falls and muffles everything",
        "雪落下来，万物安静",
        light="pale",
    ),
    cue(
        Kind.WEATHER,
        "fog",
        "fog, foggy, mist, misty, haze",
        "雾 大雾 薄雾 晨雾 雾气",
        "Fog takes away the distance",
        "雾气遮住了远处",
        light="pale",
    ),
    cue(
        Kind.WEATHER,
        "wind",
        "wind, windy, breeze, storm wind",
        "风 微风 大风 狂风",
        "Wind pulls at whatever is loose",
        "风吹动一切松散的东西",
    ),
    cue(
        Kind.LIGHT,
        "*",
        "",
        "",
        "Soft light from one side|Shadows are open and have a direction|A faint rim separates"
        " the subject from what is behind",
        "柔光从一侧照来|阴影通透，方向明确|淡淡的轮廓光把主体与背景分开",
    ),
    cue(
        Kind.LIGHT,
        "*",
        "",
        "",
        "Clear daylight, a little softened|Warm highlights, cool shadows|Contrast is moderate",
        "柔和通透的日光|高光偏暖，阴影偏冷|反差适中",
    ),
    cue(
        Kind.LIGHT,
        "window",
        "window light",
        "窗光",
        "Light falls in from one window|It fades quickly into the depth|Warm reflections fill"
        " the shadows",
        "光从一扇窗照进来|向深处很快变暗|暖色反光补亮阴影",
    ),
    cue(
        Kind.LIGHT,
        "hard",
        "harsh light, hard light",
        "硬光 强光",
        "One hard light, without any haze|Shadows are black and sharp|Edges burn white",
        "唯一一道硬光，没有散射|阴影漆黑锐利|边缘亮成白色",
    ),
    cue(
        Kind.LIGHT,
        "rain",
        "overcast, cloudy",
        "阴天 多云",
        "Grey, even light from the whole sky|Wet surfaces reflect it|Colours are deep and cool",
        "整片天空洒下均匀的灰光|湿润的表面反光|颜色深而冷",
    ),
    cue(
        Kind.LIGHT,
        "pale",
        "pale light",
        "天光",
        "Pale light without a direction|Shadows hardly show|White things keep their detail",
        "没有方向的淡光|几乎没有阴影|白色仍有层次",
    ),
    cue(
        Kind.LIGHT,
        "dawn",
        "dawn, sunrise, morning, early morning",
        "黎明 清晨 早晨 日出 晨光 拂晓",
        "Early light at dawn, low and cool, growing warmer|Long shadows|The first rays touch"
        " the highest edges",
        "清晨的光低而微凉，渐渐变暖|影子很长|第一缕光照到最高处",
    ),
    cue(
        Kind.LIGHT,
        "noon",
        "noon, midday, sunny, daylight, bright day, afternoon",
        "正午 中午 晴天 阳光 白天 午后 下午",
        "Bright sunshine from high up|Short, crisp shadows|Colours are full",
        "高处洒下明亮的阳光|影子短而清晰|色彩饱满",
    ),
    cue(
        Kind.LIGHT,
        "sunset",
        "sunset, golden hour, dusk, evening, twilight, sundown",
        "日落 夕阳 黄昏 傍晚 落日 晚霞 暮色",
        "Low sunset light, warm from behind|Edges glow, and the lens flares a little|Shadows"
        " turn blue",
        "落日的暖光从背后低低照来|轮廓发亮，镜头微微眩光|阴影泛蓝",
    ),
    cue(
        Kind.LIGHT,
        "night",
        "night, midnight, moonlight, moonlit, starry, stars",
        "夜 夜晚 夜里 深夜 午夜 月光 月夜 星光 夜色",
        "Night, with pools of light in the dark|Cool blue above, warm points below|Blacks stay"
        " clean",
        "夜里，黑暗中有一片片光|上方冷蓝，下方暖点|暗部干净",
    ),
    cue(
        Kind.LIGHT,
        "neon",
        "neon, neon lights, neon signs, city lights",
        "霓虹 霓虹灯 灯火",
        "Neon signs are the only light at night|Magenta and cyan cross on the subject"
        "|Reflections double every colour",
        "夜里只有霓虹招牌的光|洋红与青色在主体上交汇|倒影让每种颜色加倍",
    ),
    cue(
        Kind.LIGHT,
        "fire",
        "candle, candlelight, fire, campfire, lantern, torch, fireplace",
        "烛光 蜡烛 火光 篝火 灯笼 火把 壁炉",
        "Firelight, warm and flickering|Shadows move with it|All around is dark",
        "火光温暖摇曳|影子随之晃动|四周幽暗",
    ),
)
