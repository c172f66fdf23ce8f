"""The words for where it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from filmgate.engines.previs.reading.words import Meaning, Words
from filmgate.engines.previs.scene import Setting

#: Said outright.
SETTINGS: Mapping[Meaning, Words] = MappingProxyType(
    {
        Setting.MOUNTAINS: Words(
            "mountain, mountainside, mountaintop, mountain range, peak, summit, alps,"
            " himalayas, cliff, canyon, volcano, volcanoes, ridge, glacier, alpine,"
            " gorge, snow mountain, mountain path, mountain road, andes, rockies,"
            " mount fuji, everest, valley",
            "山 高山 雪山 山脉 群山 山峰 山顶 山巅 山谷 山间 山上 山坡 山路 峡谷 悬崖"
            " 火山 冰川 珠穆朗玛 富士山 黄山 泰山 喜马拉雅 阿尔卑斯 山水 远山 深山"
            " 长城 云海",
        ),
        Setting.PLAINS: Words(
            "meadow, field, grassland, prairie, savanna, savannah, steppe, pasture,"
            " hill, hillside, plain, farmland, farm, countryside, wheat field,"
            " flower field, rice paddy, park, garden, lawn, orchard, vineyard, grass,"
            " serengeti, playground",
            "草原 草地 田野 原野 麦田 稻田 农田 农场 牧场 山丘 丘陵 平原 草坪 公园"
            " 花园 花海 花田 乡间 梯田 果园 葡萄园 油菜花田 操场 雪地 雪原",
        ),
        Setting.DESERT: Words(
            "desert, dune, sand dune, sahara, gobi, wasteland, oasis, badlands, mojave",
            "沙漠 沙丘 戈壁 大漠 荒漠 撒哈拉 绿洲 敦煌",
        ),
        Setting.SEA: Words(
            "sea, seas, ocean, atlantic, pacific, open water, high seas, underwater,"
            " coral reef, reef, seabed, ocean waves, the waves, crashing waves,"
            " gentle waves, waves crash, waves crashing, waves lapping, undersea,"
            " harbor, harbour, port,"
            " arctic ocean",
            "海 大海 海洋 海面 海上 海底 海水 海浪 深海 海中 水下 太平洋 大西洋 珊瑚礁"
            " 海港 港口 码头 波涛 东海 南海 海域",
        ),
        Setting.LAKE: Words(
            "lake, lakeside, lakeshore, pond, river, riverbank, riverside, stream,"
            " creek, waterfall, mountain lake, frozen lake, lagoon, swamp, fjord,"
            " canal",
            "湖 湖面 湖边 湖畔 湖水 池塘 河 河边 河流 小河 河畔 江边 江面 长江 黄河 溪"
            " 小溪 溪流 瀑布 西湖 江水 荷塘 水乡 河面 湖泊 运河",
        ),
        Setting.BEACH: Words(
            "beach, shore, seashore, coast, coastline, seaside, island, sandy beach,"
            " bay, tropical island, boardwalk, sea cliff",
            "海滩 沙滩 海边 海岸 海滨 岸边 海岛 小岛 岛屿 海湾 海岸线",
        ),
        Setting.CITY: Words(
            "city, cities, cityscape, skyline, downtown, skyscraper, metropolis,"
            " urban, megacity, town square, rooftop, city lights, city skyline,"
            " high rise, cyberpunk city, plaza",
            "城市 都市 大都市 市区 市中心 摩天大楼 高楼 高楼大厦 大厦 天际线 城区 天台"
            " 楼顶 都会 城 广场",
        ),
        Setting.STREET: Words(
            "street, alley, alleyway, road, avenue, boulevard, market, sidewalk, lane,"
            " crosswalk, city street, highway, city streets, night market,"
            " marketplace, bazaar, intersection, crossroad, street market, freeway,"
            " chinatown, motorway, bus stop",
            "街 街道 街头 大街 街上 小巷 巷子 胡同 马路 公路 路上 道路 集市 夜市 市场"
            " 菜市场 十字路口 路口 街角 老街 人行道 高速公路 步行街 雨巷 长街",
        ),
        Setting.VILLAGE: Words(
            "village, hamlet, small town, fishing village, town, mountain village,"
            " old town, settlement, temple, shrine, pagoda",
            "村庄 村子 乡村 小村 村落 小镇 古镇 山村 渔村 村 农村 江南 镇上 古城 寺庙"
            " 古寺 寺院 乡下",
        ),
        Setting.FOREST: Words(
            "forest, wood, woods, woodland, jungle, rainforest, rain forest, grove,"
            " pine forest, bamboo forest, thicket, taiga, bamboo grove",
            "森林 树林 丛林 林间 林中 雨林 热带雨林 竹林 松林 密林 林海 山林 白桦林 枫林 树丛",
        ),
        Setting.INTERIOR: Words(
            "room, living room, kitchen, office, cafe, coffee shop, library, bedroom,"
            " bathroom, restaurant, classroom, studio, indoors, indoor, interior,"
            " apartment, hallway, corridor, basement, attic, theater, theatre, museum,"
            " hospital, bar, pub, diner, gym, laboratory, lab, workshop, garage,"
            " church, cathedral, bookstore, bakery, shop, store, subway station,"
            " elevator, windowsill, hotel, newsroom, ballroom, stage,"
            " spaceship interior, warehouse, factory, tavern, nightclub",
            "房间 客厅 厨房 办公室 咖啡馆 咖啡厅 咖啡店 图书馆 卧室 浴室 餐厅 餐馆"
            " 教室 室内 屋里 屋内 屋子 书房 走廊 地下室 阁楼 剧院 博物馆 医院 酒吧"
            " 健身房 实验室 工作室 车库 教堂 书店 面包店 商店 店里 地铁站 电梯 窗台"
            " 酒店 演播室 舞台 家里 家中 公寓 仓库 工厂 车间 茶馆 便利店 大厅 宿舍",
        ),
        Setting.SPACE: Words(
            "outer space, in space, deep space, through space, into space, cosmos,"
            " galaxy, galaxies, nebula, nebulae, universe, milky way, asteroid,"
            " black hole, space station, interstellar, on the moon, lunar surface,"
            " moon surface, on mars, mars surface, surface of mars, solar system,"
            " in orbit, cosmic, zero gravity, saturn, jupiter, moon base",
            "太空 宇宙 外太空 银河 银河系 星系 星云 星际 黑洞 空间站 月球 月球表面"
            " 火星 太阳系 小行星 土星 木星 深空 星河 失重",
        ),
    }
)

#: Names that tell what is around.
PLACES: Mapping[Meaning, Words] = MappingProxyType(
    {
        Setting.CITY: Words(
            "tokyo, new york, manhattan, paris, london, shanghai, beijing, hong kong,"
            " shenzhen, guangzhou, singapore, seoul, osaka, los angeles, chicago,"
            " san francisco, dubai, berlin, rome, moscow, sydney, toronto, mumbai,"
            " bangkok, taipei, las vegas, times square, shibuya, istanbul, barcelona,"
            " madrid, chongqing, brooklyn",
            "上海 北京 东京 纽约 巴黎 伦敦 香港 深圳 广州 重庆 成都 南京 武汉 西安"
            " 天津 台北 首尔 大阪 新加坡 洛杉矶 旧金山 迪拜 柏林 罗马 莫斯科 悉尼 曼谷"
            " 外滩 陆家嘴 涩谷 珠海 威海 曼哈顿 长春 佛山 中山 石家庄 芝加哥"
            " 拉斯维加斯",
        ),
        Setting.BEACH: Words(
            "hawaii, bali, maldives, santorini, miami, rio de janeiro",
            "夏威夷 三亚 马尔代夫 巴厘岛 海南 圣托里尼 青岛",
        ),
        Setting.PLAINS: Words(
            "mongolia, tuscany, kansas",
            "内蒙古 呼伦贝尔 蒙古",
        ),
        Setting.MOUNTAINS: Words(
            "tibet, switzerland, nepal, patagonia, yosemite",
            "西藏 瑞士 尼泊尔 张家界 新疆",
        ),
        Setting.DESERT: Words(
            "egypt, arizona, nevada, morocco",
            "埃及 摩洛哥 敦煌",
        ),
        Setting.LAKE: Words(
            "venice, guilin, hangzhou",
            "威尼斯 桂林 杭州 苏州 漓江",
        ),
        Setting.FOREST: Words(
            "amazon",
            "亚马逊 神农架",
        ),
    }
)
