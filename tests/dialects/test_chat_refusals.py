"""What a conversation cannot have, and every name that it can be had under."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.conversation import (
    CHAT,
    CLIP,
    FILM,
    IMAGE,
    a_film,
    answered,
    content,
    jobs,
    parts,
    pieces,
    refused,
    said,
    soon,
    talking,
    told,
)
from dialects.in_process import Place
from fakes import busy
from filmgate import EngineUnavailable, GenerationFailed, Media, Size
from filmgate.dialects.chat.answers import ChatMade, Head, refusal
from filmgate.dialects.chat.fields import ChatCreate, parse
from filmgate.dialects.chat.stream import text as told_text
from filmgate.dialects.openai import envelope
from filmgate.domain import errors
from filmgate.domain.errors import FilmgateError, InvalidRequest, Unsupported
from filmgate.domain.events import EventKind
from filmgate.gateway.routing import aliases_of
from filmgate.web.reading import shaped
from filmgate.web.sora_models import MODELS, Makes

LONG = "prompt-enhance-long-15s"
NEW = "video_" + "a" * 32
OLD = "s_" + "0123456789abcdef" * 2
TEXT = "messages[0].content"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with talking(tmp_path) as place:
        yield place


def user(*contents: Any) -> dict[str, Any]:
    return {"model": "sora-2", "messages": [{"role": "user", "content": c} for c in contents]}


REFUSED: list[tuple[dict[str, Any], str, str | None, str]] = [
    ({"messages": []}, "missing_required_parameter", "model", ""),
    ({"model": "sora-2", "messages": []}, "invalid_value", "messages", "role 'user'"),
    (user(None), "invalid_value", TEXT, "no content"),
    (user(" "), "invalid_value", TEXT, "empty"),
    (user(["a"]), "invalid_type", f"{TEXT}[0]", "an object"),
    (user([{"text": "a"}]), "missing_required_parameter", f"{TEXT}[0].type", ""),
    (user([{"type": "file", "file": {}}]), "unsupported", f"{TEXT}[0].type", "video_url"),
    (user([{"type": "text"}]), "missing_required_parameter", f"{TEXT}[0].text", ""),
    (user([{"type": "text", "text": "a"}] * 41), "array_above_max_length", TEXT, "40"),
    (user(parts("a", CLIP, CLIP)), "invalid_value", f"{TEXT}[2].video_url", "two films"),
    (user("[0s]a"), "invalid_value", TEXT, "no length"),
    (said("a", tools=[{"type": "function"}]), "unsupported", "tools", "Leave it out"),
    (said("a", tool_choice="auto"), "unsupported", "tool_choice", ""),
    (said("a", n=2), "invalid_value", "n", "/v1/videos"),
    (said("a", frames=2), "unknown_parameter", "frames", ""),
    (said("a", stream="perhaps"), "invalid_value", "stream", ""),
    (said("a", seconds=5), "invalid_value", "seconds", "says the seconds"),
    (said("a", size="640x360"), "invalid_value", "size", "says the size"),
    (said("a", "sora-2", seconds="long"), "invalid_value", "seconds", "such as 10"),
    (said("a", "sora-2", size="big"), "invalid_value", "size", "1280x720"),
    (said("a", "sora-2", seconds=99), "invalid_value", "seconds", ""),
    (said("a", "sora2-landscape-11s"), "model_not_found", "model", ""),
    (said("a", "sora_video2-30s"), "invalid_value", "model", "参数 '30s' 不存在"),
    (said("a", "short-1", size="100x1"), "invalid_value", "size", ""),
    (said("[5s]a [5s]b", "short-1"), "unsupported", TEXT, "Leave the times"),
    (said("[50s]a [50s]b"), "invalid_value", "model", "from 1 to 60"),
    (said("[5s]a", "sora-2", seconds=4), "invalid_value", TEXT, "Both must be the same"),
    (said(f"{OLD} a"), "not_found", TEXT, f"films import FILE --as {OLD}"),
    (said("a gen_0123456789abcdef0123456789"), "not_found", TEXT, "import FILE --as gen_0"),
    (said("a", remix_target_id=OLD), "not_found", "remix_target_id", "films import FILE"),
    (said(f"a {NEW}"), "not_found", TEXT, "/v1/videos/edits"),
    (said("a", remix_target_id="that one"), "invalid_value", "remix_target_id", "id"),
    (said(f"{OLD} a", remix_target_id=NEW), "invalid_value", "remix_target_id", OLD),
    (said(f"{OLD} {OLD[:-1]}a b"), "invalid_value", TEXT, "two films"),
    (said("a char_0123456789abcdef0123456789"), "character_not_found", TEXT, ""),
    (said(parts("a", IMAGE), "short-1"), "unsupported", f"{TEXT}[1].image_url", ""),
    (said(parts("a", "data:image/png;base64,!")), "invalid_value", f"{TEXT}[1].image_url", ""),
    (said("a", image="?"), "invalid_value", "image", "base64"),
    (said("a", "sora2-extension-10s"), "invalid_value", TEXT, "video_…"),
    (said("a", "avatar-create"), "invalid_value", TEXT, "video_url"),
    (said(parts("a", CLIP, IMAGE), "avatar-create"), "unsupported", f"{TEXT}[2].image_url", ""),
    (said("a" * 81, "avatar-create", video=CLIP), "invalid_value", TEXT, "80"),
    (said("a", "avatar-create", video=CLIP, seed=1), "unsupported", "seed", "Leave it out"),
    (said(parts("a", CLIP), "gpt-image"), "unsupported", f"{TEXT}[1].video_url", "stills"),
    (said(f"a {OLD}", "gpt-image"), "unsupported", TEXT, "stills"),
    (said("[5s]a", "gpt-image"), "unsupported", TEXT, "Leave the times"),
    (said(parts("a", IMAGE), LONG), "unsupported", f"{TEXT}[1].image_url", ""),
    (said(parts("a", CLIP), LONG), "unsupported", f"{TEXT}[1].video_url", ""),
    (said(" ", LONG), "invalid_value", TEXT, "empty"),
    (said("a", LONG, seconds=3), "unsupported", "seconds", ""),
    (said("a", "sora2-landscape-10s|[gold]"), "no_account_for_this", "model", "gold"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "param", "says"), REFUSED)
async def test_what_cannot_be_had_is_refused_by_its_name(
    place: Place, body: dict[str, Any], code: str, param: str | None, says: str
) -> None:
    status, error = await refused(place, body)
    assert (status, error["code"], error["param"]) == (status, code, param), error
    assert status in (400, 404, 503)
    assert says in error["message"]
    assert await jobs(place) == []


async def test_a_remix_by_another_model_is_refused(place: Place) -> None:
    job = await a_film(place)
    status, error = await refused(place, said(f"{job.id} a", "sora2pro-landscape-10s"))
    assert (status, error["param"]) == (400, "model")
    assert "ask for 'sora-2'" in error["message"]


IGNORED: dict[str, Any] = {
    "temperature": 0.5, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0,
    "max_tokens": 4000, "max_completion_tokens": 4000, "user": "u", "n": 1, "tools": [],
    "stream_options": {"include_usage": False}, "tool_choice": "none", "stream": False,
}  # fmt: skip


async def test_what_clients_send_with_everything_says_nothing(place: Place) -> None:
    assert await answered(place, said("a kite", **IGNORED))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.sampled_from([OLD, CLIP]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "url", "image_url", "role"]), inner)
    ),
    max_leaves=6,
)
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image_url", "video_url", "file"])},
    optional={"text": VALUES, "image_url": VALUES, "video_url": VALUES},
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "system"]), "content": VALUES | st.lists(PARTS)}
)


@given(
    st.fixed_dictionaries(
        {"model": st.text(max_size=5), "messages": VALUES | st.lists(MESSAGES)},
        optional={
            name: VALUES
            for name in ChatCreate.__struct_fields__
            if name not in ("model", "messages")
        },
    )
)
def test_any_body_is_read_or_refused(body: dict[str, Any]) -> None:
    try:
        parse(shaped(body, ChatCreate)).close()
    except (InvalidRequest, Unsupported) as error:
        named = error.param
    else:
        named = "nothing"
    assert named


@pytest.mark.parametrize("name", MODELS)
async def test_every_name_of_old_means_what_it_says(place: Place, name: str) -> None:
    model = MODELS[name]
    text, more = "a kite", {}
    if model.makes is Makes.CHARACTER:
        more = {"video": CLIP}
    if model.makes is Makes.EXTENSION:
        text = f"{(await a_film(place)).id} it lands"
    stream = await told(place, said(text, name, **more))
    assert {piece["model"] for piece in pieces(stream)[:-1]} == {name}
    assert content(stream)
    if model.makes is Makes.PROMPT:
        assert content(stream).startswith("PRIMARY: A kite.")
        assert f"-{model.seconds:g}s]" in content(stream)
    elif model.makes in (Makes.FILM, Makes.STILL):
        media = Media.IMAGE if model.makes is Makes.STILL else Media.VIDEO
        [job] = await jobs(place, media)
        request = job.take.request
        assert (job.request.model, request.size) == (model.routes_to, model.sizes[0])
        assert request.seconds == model.seconds


async def test_a_name_of_old_that_points_somewhere_goes_there(place: Place) -> None:
    place.house.routes.point(aliases_of("sora2-portrait-10s", "scripted", FILM), {})
    job = await a_film(place, model="sora2-portrait-10s")
    assert job.request.model == "sora2-portrait-10s"
    assert (job.take.request.size, job.take.request.seconds) == (Size(720, 1280), 10)


async def test_the_contracts_own_names_keep_what_they_promise(place: Place) -> None:
    status, error = await refused(place, said("a kite", "sora-2", seconds=10))
    assert (status, error["param"]) == (400, "seconds")
    assert (await a_film(place, model="sora2-landscape-10s")).take.request.seconds == 10


async def test_a_kept_key_means_the_same_character(place: Place) -> None:
    body = said(parts(CLIP))
    first = await answered(place, body, idempotency_key="k")
    assert first["filmgate"] == (await answered(place, body, idempotency_key="k"))["filmgate"]


async def test_a_character_of_a_link_is_named_too(place: Place) -> None:
    status, error = await refused(place, said("", video="https://example.com/a.mp4"))
    assert (status, error["code"], error["param"]) == (400, "unreachable_url", "video")


async def test_a_stream_says_that_it_starts_again(place: Place) -> None:
    house = place.house
    house.engine.steps = [busy(10), busy(52), GenerationFailed("Not now.")]
    going = asyncio.create_task(place.client.post(CHAT, json=said("a kite", stream=True)))
    await soon(lambda: not house.engine.steps)
    [job] = await jobs(place)
    for _ in range(100):
        await asyncio.sleep(0.005)
        if EventKind.RETRIED in [news.kind for news in await house.jobs.events(job.id)]:
            break
    await house.gateway.cancel(job.id, house.caller)
    assert "A try has failed. There is another." in (await going).text


async def test_an_error_while_a_prompt_is_written_is_told() -> None:
    async def broken() -> Any:
        yield "PRIMARY"
        raise EngineUnavailable("Gone.", retry_after=timedelta(seconds=1))

    head = Head(id="chatcmpl-1", created=1, model="x")
    stream = told_text(head, broken(), ChatMade(object="prompt"), usage=True)
    text = b"".join([piece async for piece in stream]).decode()
    *_, said_so_far, error, end = pieces(text)
    assert said_so_far["choices"][0]["delta"]["content"] == "PRIMARY"
    assert (error["error"]["type"], end) == ("server_error", "[DONE]")


@pytest.mark.parametrize(
    "kind",
    [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, FilmgateError)],
)
def test_an_error_reads_as_everywhere_else(kind: type[FilmgateError]) -> None:
    import msgspec  # noqa: PLC0415

    error = kind("x" * 1001, param="p")
    assert msgspec.json.encode(refusal(error)) == envelope.render(error).body
    assert CHAT.endswith("completions")
