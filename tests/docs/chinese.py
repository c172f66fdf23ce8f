"""The Chinese of sentences that stand in the code: its settings and its command line."""

from __future__ import annotations

import re

#: An English line and its Chinese one, with an empty line between the pairs.
_PAIRS = """
Folder for the database and the films.
存放数据库和影片的目录。

Address to listen on.
监听地址。

Port to listen on; 0 takes a free one.
监听端口；0 表示取一个空闲端口。

An API key that may manage keys. Without it the first start makes one and shows it once.
可以管理 key 的 API key。不设置时，首次启动会生成一个，只显示一次。

What callers' model names mean: `name=engine/model, …`. A name that is left out is refused, \
never made by another engine.
调用方使用的模型名各指什么：`name=engine/model, …`。没有列出的名字会被拒绝，绝不由别的引擎顶替。

Films made at once by an engine on this machine; 0 means one per core.
本机引擎同时制作的影片数；0 表示每个核心一部。

Days until a film expires.
影片多少天后过期。

Where browsers reach this gateway, such as https://films.example.com: links to films begin \
with it. Without it they begin with the address listened on.
浏览器访问网关的地址，例如 https://films.example.com：影片链接以它开头。不设置时用监听地址。

Hours that a link to a film works, at least.
影片链接至少有效多少小时。

What secrets in the database are encrypted, and links signed, with. Without it the first \
start makes one, in the file secret.key of the data folder.
用来加密数据库里的密钥、给链接签名。不设置时，首次启动会在数据目录的 secret.key 文件里生成一个。

`allow` lets callers' webhooks and image links reach this machine and its private network; \
they are refused otherwise.
`allow` 允许调用方的回调和图片链接访问本机及内网；否则一律拒绝。

HTTP proxy for what leaves the gateway: http://host:port.
网关向外请求所用的 HTTP 代理：http://host:port。

POST requests that a caller may send in a minute; 0 means any number.
每个调用方每分钟可发的 POST 请求数；0 表示不限。

Frames a second; 24 when left out.
每秒帧数；省略时为 24。

Whether the prompt is written into the picture.
是否把提示词写进画面。

Seconds that a stopping server takes at most.
停止服务时最多花费的秒数。

Megabytes of the largest request.
单个请求的上限（MB）。

Start the gateway.
启动网关。

Make a film from a prompt.
用提示词制作影片。

Make a film over HTTP with a gateway started for it.
临时启动一个网关，经 HTTP 制作一部影片。

Create, list and revoke API keys.
创建、列出、吊销 API key。

Say what works here and what is missing.
检查本机：哪些可用，还缺什么。

address to listen on (127.0.0.1)
监听地址（127.0.0.1）

port to listen on (8000); 0: a free one
监听端口（8000）；0：空闲端口

folder for the database and the films
存放数据库和影片的目录

what to film
要拍什么

sora-2 by default
默认 sora-2

such as 1280x720
例如 1280x720

such as 8
例如 8

an image for the first frame
首帧图片

where the film goes
影片保存在哪里

make a key and show it once
创建 key，只显示一次

every key, without its value
列出所有 key，不含 key 本身

refuse a key from now on
从现在起拒绝某个 key

whose key it is; a caller may have several
key 属于谁；一个调用方可以有多个 key

bring a key along that clients already use
带入客户端已在使用的 key

it may manage keys
可以管理 key

key_…, as `keys list` shows it
key_…，即 `keys list` 显示的 id
"""

CHINESE: dict[str, str] = dict(re.findall(r"^(.+)\n(.+)$", _PAIRS, re.MULTILINE))
