"""What the pages about previs say of its styles and limits, and their example prompts."""

from __future__ import annotations

from docs.pages import Language
from filmgate.engines.previs.scene import Style

STYLES: dict[Style, dict[Language, str]] = {
    Style.FESTIVE: {
        "en": "Warm colours, strings of coloured bulbs, lights out of focus.",
        "zh": "暖色，一串串彩灯，虚化的光点。",
    },
    Style.KAKALAKA: {
        "en": "Loud colours, pink and blue light from the corners.",
        "zh": "浓烈的色彩，角落里透进粉色和蓝色的光。",
    },
    Style.NEWS: {
        "en": "A banner with NEWS and a red lamp; the camera stands still.",
        "zh": "带 NEWS 字样的横幅和红灯；镜头不动。",
    },
    Style.SELFIE: {
        "en": "Close and bright, held in the hand.",
        "zh": "近而明亮，手持拍摄。",
    },
    Style.HANDHELD: {
        "en": "Pale colours, a viewfinder with its red lamp, a hand's unrest.",
        "zh": "色彩偏淡，取景框和红灯，手的晃动。",
    },
    Style.GOLDEN: {
        "en": "Golden light over everything.",
        "zh": "一切都笼罩在金色的光里。",
    },
    Style.ANIME: {
        "en": "Vivid colours; bright things glow.",
        "zh": "鲜艳的色彩；明亮处泛起柔光。",
    },
    Style.RETRO: {
        "en": "Brown tones, film grain and scratches, dark edges.",
        "zh": "棕褐色调，胶片颗粒与划痕，暗角。",
    },
    Style.NOSTALGIC: {
        "en": "Faded colours inside the margin of an old print.",
        "zh": "褪色的画面，四周是老照片的白边。",
    },
    Style.COMIC: {
        "en": "Few flat colours, black lines, a printer's dots.",
        "zh": "少量平涂色块，黑色轮廓线，印刷网点。",
    },
}

LIMITS: dict[str, dict[Language, str]] = {
    "size": {"en": "Width and height", "zh": "宽和高"},
    "default_size": {"en": "Size if left out", "zh": "省略尺寸时"},
    "seconds": {"en": "Seconds", "zh": "秒数"},
    "default_seconds": {"en": "Seconds if left out", "zh": "省略秒数时"},
    "shots": {"en": "Shots in a storyboard, at most", "zh": "分镜里的镜头，最多"},
    "subjects": {"en": "Subjects in a shot, at most", "zh": "一个镜头里的主体，最多"},
}

FILMS: dict[str, dict[Language, str]] = {
    "container": {"en": "File", "zh": "文件"},
    "picture": {"en": "Picture", "zh": "画面"},
    "sound": {"en": "Sound", "zh": "声音"},
}

PROMPTS: tuple[dict[Language, str], ...] = (
    {
        "en": "A red sailboat near a lighthouse at sunset, the camera slowly pushes in",
        "zh": "日落时分，一艘红帆船驶过灯塔，镜头缓慢推近",
    },
    {
        "en": "An old man walks his dog through a snowy village at night",
        "zh": "夜晚，老人牵着狗走过飘雪的村庄",
    },
    {
        "en": "Tokyo street in the rain, neon signs, tracking shot",
        "zh": "雨中的东京街头，霓虹闪烁，跟拍",
    },
    {
        "en": "A whale",
        "zh": "一头鲸",
    },
    {
        "en": "A harbour, no boats, no people, just fog",
        "zh": "港口，没有船，没有人，只有雾",
    },
    {
        "en": "{retro} a train crosses a bridge in the mountains in autumn",
        "zh": "{复古} 秋天，火车驶过山间的大桥",
    },
)

#: The how-to page shows the same text in a block; a test compares them.
STORYBOARD: dict[Language, str] = {
    "en": (
        "{golden} A fishing village at dawn.\n"
        "[3s] A boat leaves the harbour, pan left.\n"
        "[3s] A child waves from the bridge.\n"
        "[2s] The open sea, gulls, pull back.\n"
    ),
    "zh": (
        "{golden} 黎明的渔村。\n"
        "[3s] 一艘船离开港口，左摇。\n"
        "[3s] 桥上的孩子挥手。\n"
        "[2s] 辽阔的大海，海鸥，拉远。\n"
    ),
}
