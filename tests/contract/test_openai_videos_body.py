"""Whatever a model of the OpenAI Videos API accepts can be put into a create's body."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from filmgate import FilmgateError, Media, Reference, Role, Size
from filmgate.domain.request import GenerationRequest
from filmgate.engines.openai_videos import SORA_2, SORA_2_PRO
from filmgate.engines.openai_videos.bodies import Picture, body_of


@st.composite
def requests(draw: st.DrawFn) -> GenerationRequest:
    model = draw(st.sampled_from([SORA_2, SORA_2_PRO]))
    size = draw(st.none() | st.sampled_from([Size(16, 16), *SORA_2_PRO.sizes]))  # type: ignore[misc]
    role = st.sampled_from([Role.FIRST_FRAME, Role.LAST_FRAME])
    reference = st.builds(
        Reference,
        asset_id=st.just("file_1"),
        role=role,
        media_type=st.sampled_from(["image/png", "image/jpeg", "image/webp"]),
        size=st.just(size or model.default_size),
    )
    return GenerationRequest(
        model=model.name,
        media=Media.VIDEO,
        prompt=draw(st.text(max_size=60)),
        size=size,
        seconds=draw(st.none() | st.sampled_from([3.0, 4.0, 8.0, 12.0, 16.0, 20.0])),
        references=tuple(draw(st.lists(reference, max_size=2))),
        seed=draw(st.none() | st.integers()),
    )


@given(
    request=requests(),
    content=st.binary(max_size=64),
    filled=st.booleans(),
    form=st.booleans(),
)
def test_what_a_model_accepts_can_be_written_down(
    request: GenerationRequest, content: bytes, filled: bool, form: bool
) -> None:
    model = SORA_2 if request.model == "sora-2" else SORA_2_PRO
    asked = model.fill(request) if filled else request
    try:
        model.check(asked)
    except FilmgateError:
        return
    frame = Picture(asked.references[0], content) if asked.references else None
    kind, body = body_of({"prompt": asked.prompt}, frame, as_form=form)
    if frame is None and not form:
        assert msgspec.json.decode(body)["prompt"] == asked.prompt
    else:
        assert kind.startswith("multipart/form-data; boundary=")
        assert asked.prompt.encode() in body
        assert frame is None or content in body
