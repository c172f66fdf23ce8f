"""What each error code means and what to do about it. A test finds codes without words."""

from __future__ import annotations

from docs.pages import Language

MEANINGS: dict[str, dict[Language, str]] = {
    "invalid_value": {
        "en": "A value cannot be used. `param` names the field, the message what would do.",
        "zh": "某个值不可用。`param` 是字段名，消息里写明可用的值。",
    },
    "unsupported": {
        "en": "The request is readable, but the engine behind the model cannot do it.",
        "zh": "请求没有问题，但该模型背后的引擎做不到。",
    },
    "missing_required_parameter": {
        "en": "A required field is missing, such as `prompt`.",
        "zh": "缺少必填字段，例如 `prompt`。",
    },
    "unknown_parameter": {
        "en": "The body has a field that this endpoint does not know. Leave it out.",
        "zh": "请求体里有这个端点不认识的字段，去掉即可。",
    },
    "invalid_type": {
        "en": "A field has the wrong JSON type.",
        "zh": "某个字段的 JSON 类型不对。",
    },
    "string_above_max_length": {
        "en": "The prompt is too long.",
        "zh": "提示词过长。",
    },
    "invalid_json": {
        "en": "The body is not valid JSON, or is nested too deeply.",
        "zh": "请求体不是合法的 JSON，或嵌套过深。",
    },
    "incomplete_body": {
        "en": "The connection broke off before the body had ended. Send it again.",
        "zh": "请求体还没发完，连接就断了。请重新发送。",
    },
    "invalid_form": {
        "en": "The urlencoded form cannot be read.",
        "zh": "无法读取 urlencoded 表单。",
    },
    "invalid_multipart": {
        "en": "The multipart body breaks off, is malformed or has no boundary.",
        "zh": "multipart 请求体不完整、格式错误，或没有 boundary。",
    },
    "too_many_fields": {
        "en": "The form has more fields than are read.",
        "zh": "表单字段过多。",
    },
    "unsupported_content_type": {
        "en": "Send `application/json` or `multipart/form-data`.",
        "zh": "请使用 `application/json` 或 `multipart/form-data`。",
    },
    "invalid_image": {
        "en": "The reference is not a JPEG, PNG or WebP image, or is cut off or damaged.",
        "zh": "参考图不是 JPEG、PNG 或 WebP，或者不完整、已损坏。",
    },
    "image_too_large": {
        "en": "The reference has too many pixels: more than an 8K frame.",
        "zh": "参考图像素过多，超过一帧 8K 画面。",
    },
    "file_not_found": {
        "en": "No such file is here. There is no `/v1/files` yet: send the image itself.",
        "zh": "这里没有 `file_id` 所指的文件。目前没有 `/v1/files`，请直接发送图片。",
    },
    "moderation_blocked": {
        "en": "A policy refused the content. previs has none, so today this does not happen.",
        "zh": "内容被审核策略拒绝。previs 没有审核，所以目前不会出现。",
    },
    "invalid_api_key": {
        "en": "No API key was sent, or it is unknown or revoked.",
        "zh": "没有发送 API key，或它不存在、已吊销。",
    },
    "forbidden": {
        "en": "The key is good, but may not manage keys.",
        "zh": "key 有效，但无权管理 key。",
    },
    "not_found": {
        "en": "There is no such video, key or variant, or it is another caller's.",
        "zh": "没有这个视频、key 或 variant，或者它属于别的调用方。",
    },
    "unknown_url": {
        "en": "There is no such path. Endpoints that are not there yet answer so too.",
        "zh": "没有这个路径。尚未实现的端点也这样回答。",
    },
    "model_not_found": {
        "en": "Nothing here answers to that model name. `GET /v1/models` lists the names.",
        "zh": "没有模型使用这个名字。`GET /v1/models` 列出所有名字。",
    },
    "video_not_ready": {
        "en": "The film is not finished. Ask again once `status` is `completed`.",
        "zh": "影片还没有完成。等 `status` 变为 `completed` 再来取。",
    },
    "video_failed": {
        "en": "The job failed, so there is nothing to download. Its `error` says why.",
        "zh": "任务失败，没有内容可下载。原因见它的 `error`。",
    },
    "file_missing": {
        "en": "The film was finished, but its file is gone from the data folder.",
        "zh": "影片曾经完成，但数据目录里的文件已经不在了。",
    },
    "method_not_allowed": {
        "en": "The path exists, but not with that method. The header `allow` lists them.",
        "zh": "路径存在，但不支持这个方法。响应头 `allow` 列出支持的方法。",
    },
    "conflict": {
        "en": "The key that you bring along exists already.",
        "zh": "要带入的 key 已经存在。",
    },
    "request_too_large": {
        "en": "The body, or a field of it, is larger than what is taken.",
        "zh": "请求体或其中某个字段超过上限。",
    },
    "internal_error": {
        "en": "A mistake in filmgate. Send its operator the request id; the log has the trace.",
        "zh": "filmgate 自身的错误。请把请求 id 交给运维者，日志里有堆栈。",
    },
    "shutting_down": {
        "en": "The server is stopping; nothing was kept. Try again after `retry-after` s.",
        "zh": "服务正在停止。请在 `retry-after` 秒后重试；这次请求没有留下任何东西。",
    },
    "generation_failed": {
        "en": "The engine tried and gave up. With previs this is seen after three attempts.",
        "zh": "引擎尝试后放弃。使用 previs 时，这出现在三次尝试之后。",
    },
    "engine_unavailable": {
        "en": "The engine could not be reached. previs runs on this machine, so today this "
        "does not happen.",
        "zh": "无法连接引擎。previs 就在本机运行，所以目前不会出现。",
    },
    "engine_misbehaved": {
        "en": "The engine broke its own contract, for example with a file that is no film.",
        "zh": "引擎的回答违反了它自己的约定，例如交出的文件不是影片。",
    },
    "ticket_lost": {
        "en": "The engine forgot an attempt that it had accepted. A film of previs is simply "
        "drawn again.",
        "zh": "引擎忘记了它已经接受的尝试。previs 的影片会直接重画。",
    },
    "submission_interrupted": {
        "en": "It is not known whether the engine has the request. Whoever pays decides "
        "whether to send it again. Cannot happen with previs.",
        "zh": "不知道引擎是否收到了请求。是否重发由付费的人决定。previs 不会出现这种情况。",
    },
    "interrupted_too_often": {
        "en": "Ten attempts died with their process, so the job was stopped.",
        "zh": "有十次尝试随进程中断，任务因此停止。",
    },
    "cancelled": {
        "en": "The job was cancelled. Only deleting a video cancels it, and then it is not "
        "found, so today nobody meets this code.",
        "zh": "任务已取消。目前只有删除视频才会取消，删除后就查不到了，所以现在遇不到。",
    },
    "ownership_lost": {
        "en": "Another worker looks after the job now. The stale one stops and writes nothing.",
        "zh": "任务已归另一个 worker。原来的 worker 停手，不再写入。",
    },
}
