"""What films look like, and how their cameras move. Data only."""

from __future__ import annotations

from filmgate.domain.composer.cues import Kind, cue

LOOKS = (
    cue(
        Kind.STYLE,
        "*",
        "",
        "",
        "Photographic and true to life, with restrained colours|Fine grain, natural skin and"
        " materials|Highlights roll off softly",
        "写实的摄影质感，色彩克制|细腻颗粒，皮肤和材质自然|高光过渡柔和",
    ),
    cue(
        Kind.STYLE,
        "*",
        "",
        "",
        "A feature film's picture, with deep but clear shadows|Two or three colours carry it"
        "|Contrast is gentle, and nothing is oversharpened",
        "电影级画面，阴影深而通透|两三种颜色撑起全片|反差柔和，不过度锐化",
    ),
    cue(
        Kind.STYLE,
        "anime",
        "anime, manga, ghibli, cartoon",
        "动漫 动画 二次元 日漫 吉卜力 新海诚 卡通",
        "Anime, drawn by hand, with clean lines|Painted backgrounds and flat, bright colours"
        "|Few drawings a second where it suits",
        "手绘动漫风格，线条干净|手绘背景，色块明亮|适当的地方减少张数",
    ),
    cue(
        Kind.STYLE,
        "comic",
        "comic, comics, comic book, graphic novel",
        "漫画 连环画 美漫",
        "A comic come to life, with black outlines|Halftone dots and few flat colours|Poses"
        " are held a moment longer",
        "活过来的漫画，黑色描边|网点和几种平涂色|姿势多停留一瞬",
    ),
    cue(
        Kind.STYLE,
        "retro",
        "retro, vintage, vhs, super 8, 8mm, old film, nostalgic, sepia, 1980s, 80s",
        "复古 怀旧 老电影 胶片 录像带 老照片 港风",
        "Retro, as if shot on old film stock|Grain, soft edges and a slight flicker|Colours"
        " have faded towards brown",
        "复古，像用旧胶片拍成|颗粒、柔边和轻微闪烁|颜色褪向棕黄",
    ),
    cue(
        Kind.STYLE,
        "noir",
        "noir, black and white, monochrome",
        "黑白 黑色电影",
        "Black and white, with hard contrast|Silver greys and deep blacks|Smoke and shadows"
        " shape the picture",
        "黑白影像，反差强烈|银灰与深黑|烟雾和阴影塑造画面",
    ),
    cue(
        Kind.STYLE,
        "documentary",
        "documentary, realistic, photorealistic, news",
        "纪录片 写实 真实 新闻",
        "A documentary's plain, honest picture|Colours as they are, nothing arranged|Small"
        " imperfections stay in",
        "纪录片般朴素真实的画面|颜色如实，不刻意布置|保留小小的不完美",
    ),
    cue(
        Kind.STYLE,
        "painted",
        "watercolor, watercolour, oil painting, ink wash, ink painting, painting",
        "水彩 油画 水墨 水墨画 国画 工笔",
        "A painting that moves, its brushwork visible|Pigment runs and dries at the edges"
        "|Empty paper is part of the picture",
        "会动的画，笔触可见|颜料在边缘晕开、变干|留白也是画面的一部分",
    ),
    cue(
        Kind.STYLE,
        "modelled",
        "claymation, clay, stop motion, lego, 3d, pixar, cgi, miniature",
        "黏土 粘土 定格 定格动画 乐高 积木 皮克斯 三维 微缩",
        "Modelled by hand at a small scale|Rounded forms, and materials that one wants to"
        " touch|Depth of field is very thin",
        "小尺度手工制作的质感|造型圆润，材质诱人触摸|景深极浅",
    ),
    cue(
        Kind.STYLE,
        "cyberpunk",
        "cyberpunk, futuristic, sci-fi, science fiction",
        "赛博朋克 未来 科幻",
        "Science fiction, dense and lived in|Magenta and cyan against black|Glass, haze and"
        " wet ground repeat every lamp",
        "科幻风格，密集而有生活气息|洋红与青色衬着黑|玻璃、雾气和湿地面映出每一盏灯",
        light="neon",
    ),
    cue(
        Kind.CAMERA,
        "*",
        "",
        "",
        "A 35 mm lens at eye level|Moves are slow and have a reason|Focus follows the subject"
        "/The camera pushes in slowly|The camera drifts to the right|The camera holds still"
        "|The camera rises a little",
        "35 毫米镜头，视线高度|运动缓慢而有理由|焦点跟随主体/镜头缓慢推进|镜头缓缓右移"
        "|镜头静止不动|镜头微微升起",
    ),
    cue(
        Kind.CAMERA,
        "*",
        "",
        "",
        "A 50 mm lens, slightly below eye level|Cuts follow movement|Focus is shallow/The"
        " camera follows at the same pace|The camera pushes in gently|The camera holds still"
        "|The camera pulls back slowly",
        "50 毫米镜头，略低于视线|剪接顺着动作|景深较浅/镜头以同样速度跟随|镜头轻轻推近"
        "|镜头静止不动|镜头缓慢拉远",
    ),
    cue(
        Kind.CAMERA,
        "static",
        "static, static shot, static camera, locked off, tripod",
        "固定镜头 静止镜头 定镜",
        "The camera stands on a tripod and does not move|The framing is exact|All movement is"
        " in the picture/The camera holds still",
        "机位固定，镜头不动|构图严谨|所有运动都在画面之内/镜头静止不动",
    ),
    cue(
        Kind.CAMERA,
        "push",
        "push in, pushes in, dolly in, zoom in",
        "推近 推进 推镜头",
        "The camera pushes in, slowly and straight|A 40 mm lens|Focus stays on the subject/The"
        " camera pushes in slowly",
        "镜头沿直线缓慢推进|40 毫米镜头|焦点始终在主体上/镜头缓慢推进",
    ),
    cue(
        Kind.CAMERA,
        "pull",
        "pull back, pulls back, dolly out, zoom out",
        "拉远 拉镜头 拉开",
        "The camera pulls back and shows more and more|A wide lens|The subject stays in the"
        " middle/The camera pulls back slowly",
        "镜头后退，展现越来越多|广角镜头|主体保持居中/镜头缓慢拉远",
    ),
    cue(
        Kind.CAMERA,
        "pan",
        "pan left, pan right, pans left, pans right, camera pans, panning shot",
        "摇镜头 横摇 左摇 右摇",
        "The camera pans from one place, evenly|A 35 mm lens|It ends on the subject/The camera"
        " pans slowly",
        "镜头原地匀速横摇|35 毫米镜头|最后停在主体上/镜头缓缓横摇",
    ),
    cue(
        Kind.CAMERA,
        "handheld",
        "handheld, hand-held, shaky, pov, first person, selfie",
        "手持 手持镜头 晃动 第一视角 主观镜头 自拍",
        "Handheld, close and a little unsteady|It reacts a moment late|Focus has to be found"
        "/The handheld camera comes closer",
        "手持拍摄，贴近，略有晃动|反应慢半拍|焦点需要寻找/手持镜头靠近",
    ),
    cue(
        Kind.CAMERA,
        "tracking",
        "tracking, tracking shot, camera follows, following shot, steadicam",
        "跟拍 跟随 跟镜头 移动镜头",
        "A tracking shot beside the subject, smooth and level|A 35 mm lens|Things in front"
        " pass close by/The camera follows at the same pace",
        "镜头在主体旁平稳跟拍|35 毫米镜头|前景贴着镜头掠过/镜头以同样速度跟随",
    ),
    cue(
        Kind.CAMERA,
        "aerial",
        "drone, aerial, bird's eye, from above, overhead, orbit",
        "航拍 无人机 俯拍 俯视 鸟瞰 环绕",
        "Seen from the air, gliding|A wide lens|Height makes patterns visible/The camera"
        " glides forward from above",
        "从空中滑行俯瞰|广角镜头|高度让图案显现/镜头从高处向前滑行",
    ),
    cue(
        Kind.CAMERA,
        "close",
        "close-up, close up, macro, extreme close-up",
        "特写 微距 近景",
        "Very close, with a macro lens|Only a finger's breadth is in focus|The slightest"
        " movement counts/The camera moves by a hair",
        "微距镜头，极近|焦点只有一指宽|最细微的动作都算数/镜头只移动一丝",
    ),
    cue(
        Kind.CAMERA,
        "slow",
        "slow motion, slow-motion, slo-mo",
        "慢动作 慢镜头 升格",
        "Slow motion, as from a high-speed camera|Each instant can be looked at|Moves are long"
        " and even/The camera drifts in slow motion",
        "高速摄影的慢动作|每个瞬间都看得清|运镜绵长均匀/镜头在慢动作中漂移",
    ),
)
