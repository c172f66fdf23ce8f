"""The Chinese of sentences that stand in the code: its settings and its command line."""

from __future__ import annotations

import re

#: An English line and its Chinese one, with an empty line between the pairs.
_PAIRS = """
Folder for the database and the films.
存放数据库和影片的目录。

`postgresql://user:password@host/name` for several nodes. Without it the rows are in an \
SQLite file of the data folder.
`postgresql://user:password@host/name`，供多个节点共用。不设置时，\
数据放在数据目录的 SQLite 文件里。

`s3://bucket/prefix`, `gs://…` or `az://…`: where films are kept when several nodes share \
them. Without it they are in the data folder.
`s3://bucket/prefix`、`gs://…` 或 `az://…`：多个节点共用影片时存放的地方。不设置时放在数据目录里。

How films of a FILMGATE_STORAGE_URL reach clients: `stream` sends them through the gateway, \
`redirect` sends clients to a link of the store.
FILMGATE_STORAGE_URL 里的影片怎样送到客户端：`stream` 经网关转发，\
`redirect` 让客户端转到对象存储的链接。

What this node does: `api` answers requests, `worker` makes films, `all` both.
这个节点做什么：`api` 应答请求，`worker` 制作影片，`all` 两者都做。

Address to listen on.
监听地址。

Port to listen on; 0 takes a free one.
监听端口；0 表示取一个空闲端口。

An API key that may manage keys. Without it the first start makes one and shows it once.
可以管理 key 的 API key。不设置时，首次启动会生成一个，只显示一次。

What callers' model names mean: `name=engine/model, …`. A name that is left out is refused, \
never made by another engine. What `filmgate connect` and `filmgate models` say comes first.
调用方使用的模型名各指什么：`name=engine/model, …`。没有列出的名字会被拒绝，\
绝不由别的引擎顶替。`filmgate connect` 和 `filmgate models` 的设定优先。

`off` lets no name mean the embedded engine: one that points nowhere else is refused.
`off` 表示没有名称指向内嵌引擎：未指向别处的名称会被拒绝。

Films made at once by an engine on this machine; 0 means one per core.
本机引擎同时制作的影片数；0 表示每个核心一部。

When a job is given up, by model: `name=24h/1h/48h, …` for waiting in the queue, for no \
progress, and in total. `*` stands for every other model.
任务多久之后放弃，按模型设置：`name=24h/1h/48h, …`，依次是排队、没有进展、\
总时间。`*` 表示其余所有模型。

Seconds that an engine may take to accept a job. A server that stops waits so long for the \
answer, because it may be the only proof of what was paid for.
引擎接受任务最多花多少秒。正在停止的服务会等这个回答，最多这么久，因为它可能是付过钱的唯一凭证。

Megabytes that stay free on the films' disk: below, creates are refused and what is under \
way finishes.
存放影片的磁盘至少留出多少 MB：低于此值时拒绝创建请求，进行中的任务会做完。

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

Proxy for what leaves the gateway, such as http://host:port or \
socks5://user:password@host:port.
网关向外请求所用的代理，例如 http://host:port 或 socks5://用户名:密码@host:port。

POST requests that a caller may send in a minute; 0 means any number.
每个调用方每分钟可发的 POST 请求数；0 表示不限。

Frames a second; 24 when left out.
每秒帧数；省略时为 24。

Whether the prompt is written into the picture.
是否把提示词写进画面。

Seconds that a stopping server waits for films to be handed back, and again for downloads.
停止服务时等待交还影片的秒数，之后再等同样长的时间让下载结束。

Megabytes of the largest request.
单个请求的上限（MB）。

Port on 127.0.0.1 where programs on this machine report secrets of accounts; 0 takes a free \
one. Without it there is none.
127.0.0.1 上的端口，本机程序在这里上报账号密钥；0 表示取一个空闲端口。不设置时没有这个入口。

What a report brings along, so that it is believed.
上报时要带上的 key，带了才会被接受。

The engine whose accounts the reports make and change.
上报会添加或修改哪个引擎的账号。

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

api, worker or all (all)
api、worker 或 all（all）

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

Add, import, list, change and remove accounts at engines.
添加、导入、列出、修改、移除引擎的账号。

let an engine be used
添加账号，让引擎可用

add or change many accounts, or none of them
一次添加或修改多个账号，有一个不行就都不做

a JSON list, or CSV with a header; -: standard input
JSON 列表，或带表头的 CSV；- 表示标准输入

every account, without its secret
列出所有账号，不含密钥

change what is given
只修改给出的各项

give an account no new work
不再给账号派新任务

the engine's name, such as openai_videos
引擎名，例如 openai_videos

account_…, as `accounts list` shows it
account_…，即 `accounts list` 显示的 id

what you call it, such as whose it is
你给它的名字，例如它是谁的

what its requests go through, such as socks5://host:port; none; or where that is written: \
env:NAME or file:PATH
它的请求所走的代理，例如 socks5://host:port；none；或写着它的地方：env:NAME 或 file:PATH

where the engine is, such as http://gpu.lan:8000/v1
引擎的地址，例如 http://gpu.lan:8000/v1

films that it makes at once
同时制作的影片数

fail, or wait until the machine is on again
fail 表示失败，wait 表示等机器重新开机

where its secret is: env:NAME or file:PATH
密钥所在：env:NAME 或 file:PATH

read its secret from standard input
从标准输入读取密钥

Let an engine make the films: check a key, choose a model.
让一个引擎制作影片：检查密钥，选定模型。

the engine's name, such as fal or comfyui
引擎名，例如 fal 或 comfyui

what you call the account
你给账号起的名字

the engine's model that is to make the films
用引擎的哪个模型制作影片

a name that is to mean the model; repeatable. Otherwise sora-2 and sora-2-pro
指向该模型的名称，可重复给出；省略时为 sora-2 和 sora-2-pro

List, point and remove the names that callers use.
列出、指定、移除调用方使用的模型名。

every name that is pointed at a model
每个已指向模型的名称

what an account may use, asked without paying
账号可用的模型；查询不产生费用

let a name mean a model
让一个名称指向某个模型

what callers say, such as sora-2 or wan-fast
调用方使用的名称，例如 sora-2 或 wan-fast

the engine's own name for it
引擎自己的模型名

account_…, which is asked whether it may use it
account_…，会向引擎查询它能否使用该模型

an engine that knows the model without being asked
无须查询就知道该模型的引擎

a file of JSON that the engine is given
交给引擎的 JSON 文件

let a name mean what FILMGATE_MODELS says
让名称恢复为 FILMGATE_MODELS 所指

as `models list` shows it
即 `models list` 显示的名称

Import what an engine's users have, such as ComfyUI's workflows.
导入引擎用户已有的文件，例如 ComfyUI 的工作流。

the engine's name, such as comfyui
引擎名，例如 comfyui

let a name mean a file that says how it is made
让一个名称指向说明怎样制作的文件

for comfyui a workflow in its API format
comfyui 的是 API 格式的工作流

what callers say, such as wan-fast
调用方使用的名称，例如 wan-fast

account_…, which is asked whether it lacks anything
account_…，会向它询问缺少什么

where a wish goes, such as prompt=6.inputs.text; fixed=PLACE leaves one alone
一项要求放到哪里，例如 prompt=6.inputs.text；fixed=PLACE 表示那里保持不变

one that callers may ask for; repeatable, the first is the default
调用方可以要求的尺寸，可重复给出；第一个是默认值

a length that callers may ask for; repeatable, the first is the default
调用方可以要求的秒数，可重复给出；第一个是默认值

another setting of the engine, such as steps=4
引擎的其他设置，例如 steps=4

even if the account lacks a node or a file
即使账号缺少节点或文件也照样指定

Write rows and films to one file, while the server runs or not.
把数据库和影片写进一个文件，服务运行与否都可以。

Make a backup the content of a new data folder.
把备份恢复为一个新数据目录的内容。

Copy a data folder to PostgreSQL and an object store.
把数据目录复制到 PostgreSQL 和对象存储。

file to write, such as films.tar or films.tar.gz
要写的文件，例如 films.tar 或 films.tar.gz

put the secret key in, too: then whoever has the file can read every secret
把密钥也放进去：这样拿到文件的人就能读到所有密钥

what `filmgate backup` has written
`filmgate backup` 写的文件

make unfinished jobs, even if they were made and paid for since the backup
继续制作未完成的任务，即使备份之后已经制作并付过款

variable that holds the URL of an empty PostgreSQL
存有空 PostgreSQL 的 URL 的变量名

the same URL, if it has no password
同一个 URL，如果里面没有密码

where the films go, such as s3://bucket/prefix
影片存到哪里，例如 s3://bucket/prefix
"""

CHINESE: dict[str, str] = dict(re.findall(r"^(.+)\n(.+)$", _PAIRS, re.MULTILINE))
