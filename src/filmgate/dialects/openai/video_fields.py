"""The bodies of `/v1/videos`, and how they become submissions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from filmgate.domain.caller import Caller
from filmgate.domain.character import LONGEST_NAME
from filmgate.domain.request import GenerationRequest, Media, Operation, Role
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import Extras, read_seconds, read_size, with_extras
from filmgate.web.field_types import Image, Prompt, Seconds, SizeText, Video, says
from filmgate.web.references import image_given, video_given

DEFAULT_MODEL = "sora-2"


class VideoCreate(Extras):
    """The body of a create, JSON or form alike."""

    prompt: Prompt
    model: str | None = None
    seconds: Seconds = None
    size: SizeText = None
    input_reference: Image = None


class VideoRemix(Extras):
    prompt: Prompt


class VideoEdit(Extras):
    prompt: Prompt
    video: Video
    model: str | None = None  # of a film that is sent; else that film's own


class VideoExtend(Extras):
    prompt: Prompt
    video: Video
    seconds: Seconds = None  # that are added
    model: str | None = None


class CharacterCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, says(minLength=1, maxLength=LONGEST_NAME, pattern=r"\S")]
    video: Video


class Reader:
    """Turns bodies into submissions. Raises `InvalidRequest` naming the field."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def create(self, body: VideoCreate) -> Submission:
        request = parse(body)
        given: tuple[Given, ...] = ()
        if body.input_reference is not None:
            role = Role.FIRST_FRAME
            given = (image_given(body.input_reference, role=role, param="input_reference"),)
        return self._with_extras(Submission(request=request, given=given), body)

    async def remix(self, body: VideoRemix, video_id: str, caller: Caller) -> Submission:
        source = await self._gateway.get(video_id, caller)
        request = GenerationRequest(
            model=source.request.model,
            media=Media.VIDEO,
            prompt=body.prompt,
            operation=Operation.REMIX,
        )
        given = Given(role=Role.SOURCE, param="video_id", job_id=video_id)
        return self._with_extras(Submission(request=request, given=(given,)), body)

    async def edit(self, body: VideoEdit, caller: Caller) -> Submission:
        given = video_given(body.video, param="video")
        request = GenerationRequest(
            model=await self._model(body.model, given, caller),
            media=Media.VIDEO,
            prompt=body.prompt,
            operation=Operation.EDIT,
        )
        return self._with_extras(Submission(request=request, given=(given,)), body)

    async def extend(self, body: VideoExtend, caller: Caller) -> Submission:
        given = video_given(body.video, param="video")
        request = GenerationRequest(
            model=await self._model(body.model, given, caller),
            media=Media.VIDEO,
            prompt=body.prompt,
            operation=Operation.EXTEND,
            seconds=None if body.seconds is None else read_seconds(body.seconds),
        )
        return self._with_extras(Submission(request=request, given=(given,)), body)

    async def _model(self, asked: str | None, given: Given, caller: Caller) -> str:
        """What makes it: the model that was asked for, or that made the film."""
        if asked is not None:
            return asked
        if given.job_id is None:
            return DEFAULT_MODEL
        return (await self._gateway.get(given.job_id, caller)).request.model

    def _with_extras(self, submission: Submission, body: Extras) -> Submission:
        model, _ = self._gateway.model(submission.request.model)
        return with_extras(submission, body, model)


def parse(body: VideoCreate) -> GenerationRequest:
    """What the contract's own fields ask for."""
    return GenerationRequest(
        model=DEFAULT_MODEL if body.model is None else body.model,
        media=Media.VIDEO,
        prompt=body.prompt,
        size=None if body.size is None else read_size(body.size),
        seconds=None if body.seconds is None else read_seconds(body.seconds),
    )
