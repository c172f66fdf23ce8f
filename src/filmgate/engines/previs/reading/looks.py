"""The words for when it is, what the sky does, and how it is filmed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from filmgate.engines.previs.reading.words import Meaning, Words
from filmgate.engines.previs.scene import Camera, Season, Style, Time, Weather

TIMES: Mapping[Meaning, Words] = MappingProxyType(
    {
        Time.DAWN: Words(
            "dawn, sunrise, daybreak, morning, early morning, first light, sun rises,"
            " sun rising, rising sun, sun rose, mornings, break of day, breakfast",
            "黎明 日出 清晨 早晨 早上 晨曦 破晓 拂晓 晨光 朝阳 朝霞 凌晨 旭日 晨雾"
            " 清早 早餐 上午",
        ),
        Time.DAY: Words(
            "daytime, daylight, midday, noon, afternoon, broad daylight, sunlit,"
            " sunny, sunshine, sunny day, bright day",
            "白天 正午 中午 午后 下午 白昼 阳光 大白天 艳阳 晴天 阳光明媚 烈日 晴空",
        ),
        Time.SUNSET: Words(
            "sunset, dusk, twilight, golden hour, evening, setting sun, sundown,"
            " nightfall, magic hour, sun sets, blue hour, gloaming, sun setting,"
            " afterglow",
            "日落 夕阳 黄昏 傍晚 落日 晚霞 暮色 余晖 黄金时刻 日暮 夕照 残阳 火烧云 晚餐",
        ),
        Time.NIGHT: Words(
            "night, nighttime, midnight, at night, nights, nocturnal, late night,"
            " night sky, night market, moonlit, starlit, tonight, overnight",
            "夜 夜晚 夜里 夜间 晚上 深夜 午夜 半夜 夜空 夜色 夜景 黑夜 夜幕 今晚 星夜"
            " 雨夜 雪夜 月夜 夜市",
        ),
    }
)

WEATHERS: Mapping[Meaning, Words] = MappingProxyType(
    {
        Weather.CLEAR: Words(
            "sunny, clear sky, clear skies, blue sky, blue skies, cloudless, sunshine,"
            " sunny day, clear weather, clear day",
            "晴 晴天 晴朗 蓝天 晴空 万里无云 阳光明媚 艳阳 碧空",
        ),
        Weather.CLOUDY: Words(
            "cloudy, overcast, gray sky, grey sky, grey skies, gray skies, gloomy,"
            " cloud cover, partly cloudy",
            "多云 阴天 阴沉 乌云 阴云 云层 阴霾",
        ),
        Weather.RAIN: Words(
            "rain, rains, raining, rained, rainy, rainfall, drizzle, drizzling,"
            " downpour, pouring, raindrop, raindrops, rain soaked, monsoon,"
            " wet street, wet streets, puddle, puddles, wet asphalt, wet pavement",
            "雨 下雨 雨天 小雨 大雨 细雨 雨水 雨中 暴雨 雨滴 阵雨 雨夜 烟雨 毛毛雨"
            " 春雨 雨巷 倾盆大雨 雨季 梅雨 积水",
        ),
        Weather.STORM: Words(
            "storm, storms, stormy, thunder, thunderstorm, thunderstorms, lightning,"
            " tempest, hurricane, typhoon, thundering, tornado, cyclone, thunderclouds",
            "暴风雨 雷雨 雷电 闪电 打雷 雷声 雷暴 台风 飓风 狂风暴雨 风暴 电闪雷鸣 龙卷风 暴风",
        ),
        Weather.SNOW: Words(
            "snow, snows, snowing, snowed, snowy, snowfall, snowflake, snowflakes,"
            " blizzard, snowstorm, falling snow, snow covered, sleet",
            "雪 下雪 雪花 大雪 飘雪 暴风雪 暴雪 雪地 雪中 飞雪 雪天 雪夜 初雪 雪原"
            " 白雪 积雪 落雪 小雪",
        ),
        Weather.FOG: Words(
            "fog, foggy, mist, mists, misty, haze, hazy, smog, foggy morning, sandstorm",
            "雾 大雾 薄雾 浓雾 雾气 迷雾 晨雾 雾霾 云雾 烟雾 雾中 沙尘暴",
        ),
    }
)

SEASONS: Mapping[Meaning, Words] = MappingProxyType(
    {
        Season.SPRING: Words(
            "spring, springtime, early spring",
            "春 春天 春季 春日 早春 春风 阳春 春雨",
        ),
        Season.SUMMER: Words(
            "summer, summertime, summery, midsummer",
            "夏 夏天 夏季 夏日 盛夏 夏夜 暑假",
        ),
        Season.AUTUMN: Words(
            "autumn, autumnal, fall colors, fall colours, fall foliage, fall leaves,"
            " in the fall, fall season, autumn leaves, late fall",
            "秋 秋天 秋季 秋日 深秋 秋叶 秋风 金秋 秋夜",
        ),
        Season.WINTER: Words(
            "winter, wintry, wintertime, midwinter",
            "冬 冬天 冬季 冬日 寒冬 冬夜 隆冬 严冬",
        ),
    }
)

CAMERAS: Mapping[Meaning, Words] = MappingProxyType(
    {
        Camera.STATIC: Words(
            "static, static shot, static camera, locked off, locked camera,"
            " fixed camera, fixed shot, tripod, still camera, camera is still,"
            " camera stays still, stationary camera, locked shot",
            "固定机位 固定镜头 静止镜头 镜头固定 镜头静止 定机位 三脚架 镜头不动",
        ),
        Camera.PUSH: Words(
            "push in, pushes in, pushing in, dolly in, dollies in, dolly, dolly shot,"
            " zoom in, zooms in, zooming in, zoom, push forward, moves in,"
            " moves closer, camera moves forward, camera approaches, slow push, push,"
            " fly through, flythrough, fpv",
            "推近 推进 推镜头 推镜 镜头推近 缓慢推进 拉近 放大 向前推 前推 镜头前移 穿越镜头",
        ),
        Camera.PULL: Words(
            "pull back, pulls back, pulling back, pull out, pulls out, zoom out,"
            " zooms out, zooming out, dolly out, dolly back, dollies out,"
            " dollies back, pull away, pulls away, camera retreats, moves back,"
            " pullback",
            "拉远 拉镜头 镜头拉远 后拉 缩小 镜头后退 镜头拉开 向后拉 渐远",
        ),
        Camera.PAN_LEFT: Words(
            "pan left, pans left, panning left, pan to the left, pans to the left,"
            " pan from right to left, pans from right to left, truck left,"
            " slides left, camera moves left",
            "左摇 向左摇 向左平移 镜头左移 向左横摇 向左移动 从右向左 从右到左 镜头向左",
        ),
        Camera.PAN_RIGHT: Words(
            "pan right, pans right, panning right, pan to the right,"
            " pans to the right, pan across, pans across, panning, camera pans,"
            " slow pan, pan shot, panning shot, pan from left to right,"
            " pans from left to right, truck right, slides right, camera moves right,"
            " orbit around, orbits around, orbiting, orbit shot, arc shot",
            "横摇 摇镜头 右摇 向右摇 向右平移 横移 平移 镜头右移 向右横摇 从左向右"
            " 从左到右 镜头向右 环绕 摇镜 向右移动",
        ),
        Camera.TILT_UP: Words(
            "tilt up, pans upward, pan upward, tilts upward, camera pans upward,"
            " slowly pans upward, tilts up, tilting up, crane up, cranes up,"
            " crane shot,"
            " camera rises, rising shot, boom up, pedestal up, pan up, pans up,"
            " camera rising",
            "上摇 仰拍 向上摇 镜头上移 升镜头 镜头升起 上升镜头 镜头上升 镜头上摇"
            " 向上移动 升降镜头",
        ),
        Camera.TILT_DOWN: Words(
            "tilt down, pans downward, pan downward, tilts downward, camera pans"
            " downward, tilts down, tilting down, crane down, cranes down,"
            " camera descends, boom down, pan down, pans down, camera lowers,"
            " pedestal down",
            "下摇 向下摇 镜头下移 降镜头 镜头下降 镜头落下 镜头下摇 下降镜头 向下移动",
        ),
        Camera.HANDHELD: Words(
            "handheld, hand held, shaky cam, shaky camera, handheld camera, bodycam,"
            " found footage, camcorder, vlog, shaky",
            "手持 手持镜头 手持摄影 手持拍摄 晃动镜头 镜头晃动 抖动",
        ),
        Camera.TRACKING: Words(
            "tracking, tracking shot, camera tracks, camera follows, follow shot,"
            " following shot, follow cam, camera following, tracks alongside,"
            " steadicam, camera is following, side tracking, camera tracking,"
            " follow the, dolly alongside, camera slowly follows,"
            " camera slowly tracking",
            "跟拍 跟随 跟踪镜头 跟镜头 跟随镜头 追踪镜头 镜头跟随 移动跟拍 跟踪拍摄 镜头跟着",
        ),
    }
)

#: The names in braces are their own; these are for people who write it in plain words.
STYLES: Mapping[Meaning, Words] = MappingProxyType(
    {
        Style.FESTIVE: Words(
            "festive, thanksgiving",
            "节日 喜庆 感恩节 节日气氛",
        ),
        Style.KAKALAKA: Words(
            "kakalaka",
            "卡卡拉卡",
        ),
        Style.NEWS: Words(
            "news, news report, news broadcast, newscast, news footage, breaking news",
            "新闻 新闻报道 新闻联播 新闻播报",
        ),
        Style.SELFIE: Words(
            "selfie, selfie video, selfie stick",
            "自拍 自拍视频",
        ),
        Style.HANDHELD: Words(
            "handheld style, home video, amateur video",
            "手持风格 家庭录像 手持质感",
        ),
        Style.GOLDEN: Words(
            "golden style, golden tones, golden look",
            "金色调 鎏金 金色风格",
        ),
        Style.ANIME: Words(
            "anime, anime style, manga, ghibli, cartoon, cel shaded",
            "动漫 动画 二次元 日漫 吉卜力 新海诚 卡通",
        ),
        Style.RETRO: Words(
            "retro, vintage, vintage film, vhs, old film, 80s, 1980s, 70s, 1970s,"
            " super 8, 8mm, synthwave",
            "复古 老电影 胶片感 录像带 港风 复古风",
        ),
        Style.NOSTALGIC: Words(
            "nostalgic, nostalgia, sepia, old photo, old photograph",
            "怀旧 泛黄 老照片 怀旧风 旧时光",
        ),
        Style.COMIC: Words(
            "comic, comics, comic book, graphic novel, pop art, halftone",
            "漫画 连环画 美漫 波普",
        ),
    }
)
