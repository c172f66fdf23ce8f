"""Errors that need more than one request: each is provoked, and its answer handed on."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dialects.wire import Sent, body, create, file, form, get, new_film, text, wait
from servers import KEY, Answer, Server

Provoked = Iterator[tuple[str, Answer]]


def post(path: str, **fields: Any) -> Sent:
    return body(json.dumps(fields).encode(), path=path)


def at(path: str, *parts: bytes) -> Sent:
    """A form without a prompt, to that path."""
    sent = form(*parts)
    prompt = text("prompt", "a kite over the sea")
    return replace(sent, path=path, body=(sent.body or b"").replace(prompt, b"", 1))


def provoked(server: Server, film: bytes) -> Provoked:
    yield from keys(server)
    yield from films(server, film)
    yield from files(server)
    yield from uploads(server)
    yield from batches(server)
    yield from webhooks(server)
    yield from stills(server)
    yield from conversations(server)
    yield from characters(server, film)


def keys(server: Server) -> Provoked:
    yield "no such path", get("/v1/fims").to(server)
    yield "no such method", Sent(method="PUT", path="/v1/videos").to(server)
    yield "no key", replace(get("/v1/videos"), key=None).to(server)
    yield "wrong key", replace(get("/v1/videos"), key="fg-nobody-has-this-key").to(server)
    plain = post("/admin/keys", name="somebody plain").to(server).json()["key"]
    yield "no admin", replace(get("/admin/keys"), key=plain).to(server)
    yield "a key twice", post("/admin/keys", name="a", value=KEY).to(server)
    yield "a model deleted", Sent(method="DELETE", path="/v1/models/sora-2").to(server)
    again = {"idempotency-key": "provoked", "content-type": "application/json"}
    replace(create(prompt="one"), headers=again).to(server)
    yield "a key reused", replace(create(prompt="two"), headers=again).to(server)


def films(server: Server, film: bytes) -> Provoked:
    endless = create(model="sora-2-pro").to(server).json()["id"]
    yield "content too early", get(f"/v1/videos/{endless}/content").to(server)
    source = post("/v1/videos/edits", prompt="a", video={"id": endless})
    yield "source too early", source.to(server)
    post(f"/v1/videos/{endless}/cancel").to(server)
    yield "content of a cancelled film", get(f"/v1/videos/{endless}/content").to(server)
    link = get(f"/v1/videos/{new_film(server)}").to(server).json()["url"]
    wrong = link.removeprefix(server.url)[:-4] + "0000"
    yield "a wrong link", replace(get(wrong), key=None).to(server)
    yield "no film", at("/v1/videos/edits", text("prompt", "a"), file("video", b"x")).to(server)
    named = text("name", "\n")
    yield "no name", at("/v1/videos/characters", named, file("video", film)).to(server)


def files(server: Server) -> Provoked:
    yield "no such file", get("/v1/files/file-x").to(server)
    purpose = text("purpose", "fun")
    yield "a purpose", at("/v1/files", purpose, file("file", b"x")).to(server)


def uploads(server: Server) -> Provoked:
    yield "no such upload", at("/v1/uploads/upload_x/parts", file("data", b"x")).to(server)
    fields = {"bytes": 2, "filename": "a", "mime_type": "text/plain", "purpose": "batch"}
    path = f"/v1/uploads/{post('/v1/uploads', **fields).to(server).json()['id']}"
    yield "too large a part", at(f"{path}/parts", file("data", b"abc")).to(server)
    part = at(f"{path}/parts", file("data", b"a")).to(server).json()["id"]
    yield "no such part", post(f"{path}/complete", part_ids=["part_x"]).to(server)
    yield "too few bytes", post(f"{path}/complete", part_ids=[part]).to(server)
    other = at(f"{path}/parts", file("data", b"b")).to(server).json()["id"]
    wrong = post(f"{path}/complete", part_ids=[part, other], md5="0" * 32)
    yield "a wrong md5", wrong.to(server)
    post(f"{path}/cancel").to(server)
    yield "a cancelled upload", post(f"{path}/complete", part_ids=[part, other]).to(server)


def batches(server: Server) -> Provoked:
    wanted = {"endpoint": "/v1/videos", "completion_window": "24h"}
    yield "no such batch", get("/v1/batches/batch_x").to(server)
    yield "no input", post("/v1/batches", input_file_id="file-x", **wanted).to(server)
    line = {"custom_id": "a", "method": "POST", "url": "/v1/videos", "body": {"prompt": "a"}}
    sent = at("/v1/files", text("purpose", "batch"), file("file", json.dumps(line).encode()))
    file_id = sent.to(server).json()["id"]
    wrong = {**wanted, "endpoint": "/v1/answers"}
    yield "no endpoint", post("/v1/batches", input_file_id=file_id, **wrong).to(server)
    batch = post("/v1/batches", input_file_id=file_id, **wanted).to(server).json()["id"]
    wait(lambda: bool(get(f"/v1/batches/{batch}").to(server).json()["status"] == "completed"))
    yield "an ended batch", post(f"/v1/batches/{batch}/cancel").to(server)


def webhooks(server: Server) -> Provoked:
    every = "/v1/webhook_endpoints"
    yield "no such endpoint", get(f"{every}/whe_x").to(server)
    url, kinds = "http://127.0.0.1:9/hook", ["video.completed"]
    yield "no url", post(every, name="a", url="a", event_types=kinds).to(server)
    yield "no event", post(every, name="a", url=url, event_types=["video.sold"]).to(server)
    made = post(every, name="a", url=url, event_types=kinds).to(server).json()["id"]
    sent = post(f"{every}/{made}/test", event_type="video.completed")
    yield "no answer", sent.to(server)
    made = [post(every, name="a", url=url, event_types=kinds).to(server) for _ in range(50)]
    yield "too many endpoints", made[-1]


def stills(server: Server) -> Provoked:
    every = "/v1/images/generations"
    yield "transparent", post(every, prompt="a", background="transparent").to(server)
    yield "too many stills", post(every, prompt="a", n=11).to(server)
    yield "a film's model", post(every, prompt="a", model="sora-2").to(server)
    yield "a still's model", create(model="gpt-image-2").to(server)
    yield "no input to judge", post("/v1/moderations", input=[]).to(server)
    yield "too much to judge", post("/v1/moderations", input=["a"] * 1001).to(server)


def talk(dialect: str, /, **fields: Any) -> Sent:
    """A message that asks for a kite, in one of the dialects of conversations."""
    if dialect == "gemini":
        model = fields.pop("model", "sora-2")
        turns: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "a kite"}]}]}
        return post(f"/v1beta/models/{model}:generateContent", **turns | fields)
    turns = {"model": "sora-2", "messages": [{"role": "user", "content": "a kite"}]}
    if dialect == "messages":
        return post("/v1/messages", **turns | {"max_tokens": 1} | fields)
    return post("/v1/chat/completions", **turns | fields)


def conversations(server: Server) -> Provoked:
    for dialect, turns in (
        ("chat", "messages"),
        ("messages", "messages"),
        ("gemini", "contents"),
    ):
        kite = talk(dialect)
        wrong: dict[str, Sent] = {
            "no key": replace(kite, key=None),
            "wrong key": replace(kite, key="fg-nobody-has-this-key"),
            "no such path": replace(kite, path=f"{kite.path}/x"),
            "no such method": replace(kite, method="PUT"),
            "no JSON": replace(kite, body=b"{"),
            "no such model": talk(dialect, model="no-such"),
            "no such field": talk(dialect, frames=2),
            "a wrong type": talk(dialect, **{turns: "a kite"}),
            "nobody asks": talk(dialect, **{turns: []}),
            "tools": talk(dialect, tools=[{"name": "a"}]),
        }
        for name, sent in wrong.items():
            yield f"{dialect}: {name}", sent.to(server)
    long = talk("gemini", contents=[{"parts": [{"text": "a"}] * 101}])
    yield "gemini: too many parts", long.to(server)
    again = {"idempotency-key": "provoked by a message", "content-type": "application/json"}
    replace(talk("messages", seed=1), headers=again).to(server)
    yield "messages: a key reused", replace(talk("messages", seed=2), headers=again).to(server)
    begin = post("/v1beta/models/sora-2:predictLongRunning", instances=[])
    yield "gemini: no instance", begin.to(server)


def characters(server: Server, film: bytes) -> Provoked:
    clip = base64.b64encode(film).decode()
    for _ in range(2):
        answer = post("/v1/characters", url=clip, username="taken").to(server)
    yield "a name taken", answer
    yield "a window outside", post("/v1/characters", url=clip, timestamps="0,3").to(server)
