"""What each endpoint and field of `/v1/videos` is for. A test finds those without words."""

from __future__ import annotations

from docs.pages import Language

ENDPOINTS: dict[str, dict[Language, str]] = {
    "POST /v1/videos": {
        "en": "Create a job; answers at once with the queued video.",
        "zh": "创建任务，立即返回排队中的视频对象。",
    },
    "GET /v1/videos": {
        "en": "List your videos, page by page.",
        "zh": "分页列出你的视频。",
    },
    "GET /v1/videos/{video_id}": {
        "en": "Retrieve one video.",
        "zh": "查询一个视频。",
    },
    "DELETE /v1/videos/{video_id}": {
        "en": "Delete a video: stop its job if it still runs, and remove its files.",
        "zh": "删除视频：任务还在运行就停下，并删除文件。",
    },
    "GET /v1/videos/{video_id}/content": {
        "en": "Download the film, its thumbnail or its sprite sheet.",
        "zh": "下载影片、缩略图或雪碧图。",
    },
    "GET /v1/models": {
        "en": "List the model names that may be used.",
        "zh": "列出可用的模型名。",
    },
    "GET /v1/models/{name}": {
        "en": "Retrieve one model name.",
        "zh": "查询一个模型名。",
    },
    "GET /admin/keys": {
        "en": "List the API keys, without their values. Admin keys only.",
        "zh": "列出 API key，不含 key 本身。仅限管理 key。",
    },
    "POST /admin/keys": {
        "en": "Make an API key: `name`, and if wanted `value` and `admin`. Admin keys only.",
        "zh": "创建 API key：`name`，以及可选的 `value` 和 `admin`。仅限管理 key。",
    },
    "DELETE /admin/keys/{key_id}": {
        "en": "Revoke an API key. Admin keys only.",
        "zh": "吊销 API key。仅限管理 key。",
    },
    "GET /health": {
        "en": "200 while new jobs are taken, 503 once the process is stopping. Needs no key.",
        "zh": "接受新任务时返回 200，进程停止过程中返回 503。不需要 key。",
    },
}

PARAMETERS: dict[str, dict[Language, str]] = {
    "prompt": {
        "en": "What to film, within the [limits](#limits).",
        "zh": "要拍什么，长度见[限制](#限制)。",
    },
    "model": {
        "en": "A name from `GET /v1/models`; `sora-2` if left out.",
        "zh": "`GET /v1/models` 中的名字，省略时为 `sora-2`。",
    },
    "seconds": {
        "en": 'The length, as a string or a number: `"8"` or `8`.',
        "zh": '时长，字符串或数字均可：`"8"` 或 `8`。',
    },
    "size": {
        "en": "Width and height in pixels, such as `1280x720`.",
        "zh": "宽和高（像素），例如 `1280x720`。",
    },
    "input_reference": {
        "en": "An image to start from: a file in a form, or in JSON an object whose "
        "`image_url` is a base64 data URL. JPEG, PNG or WebP. Links are not fetched.",
        "zh": "作为首帧的图片：表单里是文件，JSON 里是对象，其 `image_url` 为 base64 data URL。"
        "支持 JPEG、PNG、WebP。不会去抓取链接。",
    },
}

FIELDS: dict[str, dict[Language, str]] = {
    "id": {
        "en": "`video_…`; sorts by time.",
        "zh": "`video_…`，按时间排序。",
    },
    "model": {
        "en": "The name that was asked for.",
        "zh": "请求时使用的名字。",
    },
    "status": {
        "en": "`queued`, `in_progress`, `completed` or `failed`.",
        "zh": "`queued`、`in_progress`、`completed` 或 `failed`。",
    },
    "progress": {
        "en": "Percent; 100 only when completed, 0 again when an attempt starts over.",
        "zh": "百分比；完成时才是 100，重新尝试时回到 0。",
    },
    "created_at": {
        "en": "Seconds since 1970.",
        "zh": "1970 年以来的秒数。",
    },
    "completed_at": {
        "en": "The same, once completed.",
        "zh": "同上，完成后才有。",
    },
    "expires_at": {
        "en": "The same, once completed: see [below](#how-long-a-film-is-kept).",
        "zh": "同上，完成后才有，见[下文](#影片保留多久)。",
    },
    "prompt": {
        "en": "The prompt as it was sent.",
        "zh": "原样的提示词。",
    },
    "size": {
        "en": "The film's size.",
        "zh": "影片尺寸。",
    },
    "seconds": {
        "en": 'The film\'s length, a string such as `"8"`.',
        "zh": '影片时长，字符串，例如 `"8"`。',
    },
    "remixed_from_video_id": {
        "en": "Always null: there is no remix yet.",
        "zh": "恒为 null：目前没有 remix。",
    },
    "error": {
        "en": "`code` and `message` of a failed video: see [Errors](errors.md).",
        "zh": "失败视频的 `code` 和 `message`，见[错误](errors.md)。",
    },
    "engine": {
        "en": "Who makes the film, such as `previs`. filmgate's own field.",
        "zh": "由谁制作，例如 `previs`。filmgate 增加的字段。",
    },
    "object": {
        "en": "`video`.",
        "zh": "`video`。",
    },
}

LIMITS: dict[str, dict[Language, str]] = {
    "prompt": {"en": "Prompt", "zh": "提示词"},
    "json": {"en": "Body without files", "zh": "不含文件的请求体"},
    "file": {"en": "One file in a form", "zh": "表单里的单个文件"},
    "body": {"en": "Any body", "zh": "任何请求体"},
    "pixels": {"en": "Pixels of a reference", "zh": "参考图的像素"},
    "fields": {"en": "Fields in a form", "zh": "表单字段数"},
}
