"""
Conversations by the official SDK, against a real server.

Among them one for everything that sora2api's own page shows, in other words.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import APIError, APITimeoutError, BadRequestError, NotFoundError, OpenAI

from dialects.wire import get, new_film, new_key
from films import image
from servers import Server

Told = tuple[str, str, dict[str, Any]]  #: content, reasoning, the structured field


def asked(client: OpenAI, server: Server, method: str, path: str) -> Any:
    """What the server says to the client's key: of films the SDK warns that they are over."""
    return server.call(method, path, key=client.api_key).json()


@pytest.fixture
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.url}/v1", api_key=new_key(server), timeout=60) as client:
        yield client


def told(client: OpenAI, model: str, content: Any, **more: Any) -> Told:
    """What a stream says in the end."""
    spoken, thought = "", ""
    made: dict[str, Any] = {}
    ids, finish = set(), ""
    messages: Any = [{"role": "user", "content": content}]
    for chunk in client.chat.completions.create(
        model=model, messages=messages, stream=True, extra_body=more
    ):
        ids.add(chunk.id)
        assert chunk.model == model
        delta = chunk.choices[0].delta
        spoken += delta.content or ""
        thought += getattr(delta, "reasoning_content", None) or ""
        made = getattr(chunk, "filmgate", None) or made
        finish = chunk.choices[0].finish_reason or finish
    assert (len(ids), finish) == (1, "stop")
    return spoken, thought, made


def test_the_sdk_makes_a_film(client: OpenAI, server: Server) -> None:
    spoken, thought, made = told(client, "sora2-landscape-10s", "a kite over the sea")
    assert made["id"] in thought
    assert spoken == f"```html\n<video src='{made['url']}' controls></video>\n```"
    video = asked(client, server, "GET", f"/v1/videos/{made['id']}")
    assert (video["status"], video["size"], video["seconds"]) == ("completed", "1280x720", "10")
    link = str(made["url"]).removeprefix(server.url)
    assert server.call("GET", link, key=None).headers["content-type"] == "video/mp4"


def test_the_sdk_makes_a_still(client: OpenAI, server: Server) -> None:
    answer = client.chat.completions.create(
        model="gpt-image", messages=[{"role": "user", "content": "a kite"}]
    )
    made: Any = answer.model_extra
    url = made["filmgate"]["url"]
    assert answer.choices[0].message.content == f"![Image]({url})"
    still = server.call("GET", url.removeprefix(server.url), key=None)
    assert still.headers["content-type"] == "image/png"


def test_the_sdk_has_a_prompt_written(client: OpenAI) -> None:
    spoken, _, _ = told(client, "prompt-enhance-medium-10s", "猫猫")
    whole = client.chat.completions.create(
        model="prompt-enhance-medium-10s", messages=[{"role": "user", "content": "猫猫"}]
    )
    assert whole.choices[0].message.content == spoken
    assert all(label in spoken for label in ("PRIMARY", "SETTING", "LOOK", "CAMERA", "LIGHT"))
    film, thought, _ = told(client, "sora2-landscape-15s", spoken)  # which is a storyboard
    assert "10 s" in thought
    assert "<video" in film


def test_the_sdk_raises_what_goes_wrong(client: OpenAI, server: Server) -> None:
    with pytest.raises(BadRequestError, match="calls functions"):
        client.chat.completions.create(
            model="sora2-landscape-10s",
            messages=[{"role": "user", "content": "a kite"}],
            tools=[{"type": "function", "function": {"name": "f"}}],
        )
    with pytest.raises(NotFoundError, match="filmgate films import"):
        told(client, "sora2-landscape-10s", f"s_{'a' * 32} in the rain")
    stream = client.chat.completions.create(
        model="sora2pro-landscape-10s",  # the endless one
        messages=[{"role": "user", "content": "a kite"}],
        stream=True,
    )
    made: Any = next(stream).model_extra
    path = f"/v1/videos/{made['filmgate']['id']}/cancel"
    threading.Timer(0.2, asked, (client, server, "POST", path)).start()
    with pytest.raises(APIError, match="was cancelled"):
        list(stream)


def test_a_client_that_leaves_finds_its_film(client: OpenAI, server: Server) -> None:
    endless: Any = {
        "model": "sora2pro-portrait-10s",
        "messages": [{"role": "user", "content": "a kite"}],
    }
    stream = client.chat.completions.create(**endless, stream=True)
    made: Any = next(stream).model_extra
    stream.close()
    hasty = client.with_options(timeout=0.5, max_retries=0)
    with pytest.raises(APITimeoutError):
        hasty.chat.completions.create(**endless)
    videos = asked(client, server, "GET", "/v1/videos")["data"]
    for video in videos:
        asked(client, server, "DELETE", f"/v1/videos/{video['id']}")
    assert made["filmgate"]["id"] in [video["id"] for video in videos]
    assert [video["status"] in ("queued", "in_progress") for video in videos] == [True, True]


def part(kind: str, data: str) -> dict[str, Any]:
    return {"type": kind, kind: {"url": data}}


def test_everything_that_the_old_page_shows_can_be_had(
    client: OpenAI, film: Path, server: Server
) -> None:
    clip = "data:video/mp4;base64," + base64.b64encode(film.read_bytes()).decode()
    sketch = "data:image/png;base64," + base64.b64encode(image((64, 64))).decode()
    landscape = "sora2-landscape-10s"

    def film_of(content: Any) -> dict[str, Any]:
        spoken, _, made = told(client, landscape, content)
        assert "<video" in spoken
        return made

    assert "![Image]" in told(client, "gpt-image", "一盏纸灯笼")[0]
    text = {"type": "text", "text": "画成水彩"}
    assert "![Image]" in told(client, "gpt-image", [text, part("image_url", sketch)])[0]
    assert "CAMERA" in told(client, "prompt-enhance-medium-10s", "灯笼")[0]
    first = film_of("一盏灯笼随风飘远")
    film_of([{"type": "text", "text": "灯笼亮起来"}, part("image_url", sketch)])
    remix = film_of(f"{server.url}/films/{first['id']}.mp4 变成夜晚")
    assert remix["operation"] == "remix"
    line = "[4.0s]灯笼升起 [3.0s]灯笼落水 [5.5s]河上满是灯笼"
    assert film_of(line)["seconds"] == "12.5"
    assert film_of(line.replace(" ", "\n"))["seconds"] == "12.5"
    film_of("{anime}灯笼")
    film_of("河边的灯笼{retro}")
    assert film_of(f"{{comic}}{first['id']}改成线描")["operation"] == "remix"
    spoken, _, made = told(client, landscape, [part("video_url", clip)])
    assert made["object"] == "character"
    assert made["character"]["id"] in spoken
    dance = {"type": "text", "text": "他提着灯笼走过桥"}
    assert film_of([part("video_url", clip), dance])["character"]["name"]
    extended = told(client, "sora2-extension-10s", f"{first['id']} 灯笼熄灭")[2]
    assert (extended["operation"], extended["seconds"]) == (
        "extend",
        "20",
    )


def test_a_film_of_another_dialect_is_remixed(server: Server) -> None:
    video_id = new_film(server)
    body = {"messages": [{"role": "user", "content": f"{video_id} at night"}]}
    answer = server.call("POST", "/v1/chat/completions", body | {"model": "sora2-portrait-15s"})
    made = answer.json()["filmgate"]
    video = get(f"/v1/videos/{made['id']}").to(server).json()
    assert video["remixed_from_video_id"] == video_id
