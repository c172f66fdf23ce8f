"""From the bodies of `/v1/videos` to submissions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from filmgate.dialects.openai.video_fields import (
    DEFAULT_MODEL,
    RATES,
    FilmExtras,
    VideoCreate,
    VideoEdit,
    VideoExtend,
    VideoRemix,
)
from filmgate.dialects.openai.video_rules import (
    PLAIN,
    Entrance,
    flag,
    read_create,
    read_remix,
    same_model,
    speaks_fakeoai,
)
from filmgate.domain.caller import Caller
from filmgate.domain.character import Window
from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.job import Job
from filmgate.domain.model import Model
from filmgate.domain.request import Dialect, GenerationRequest, Media, Operation, Role
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import Extras, read_bool, read_int, read_seconds, with_extras
from filmgate.web.references import image_given, url_given, video_given
from filmgate.web.sora_words import read_window

MOST_REFERENCES = 20


@dataclass(frozen=True, kw_only=True)
class Cast:
    """A character that is to be made of a clip, and to be in the film."""

    given: Given
    window: Window


class Reader:
    """Raises `InvalidRequest` and its like, naming the field."""

    def __init__(self, gateway: Gateway, new_id: Callable[[str], str]) -> None:
        self._gateway = gateway
        self._new_id = new_id

    def create(self, body: VideoCreate, entrance: Entrance = PLAIN) -> Submission:
        request, fit = read_create(body, self._model_of, entrance)
        given = _images(body.input_reference, first=Role.FIRST_FRAME)
        submission = self._with_extras(Submission(request=request, given=given, fit=fit), body)
        submission = self._with_film_extras(submission, body)
        return submission if body.fps is None else self._with_rate(submission, body.fps)

    async def remix(
        self, body: VideoRemix, video_id: str, caller: Caller, entrance: Entrance = PLAIN
    ) -> Submission:
        source = await self._gateway.get(video_id, caller)
        if body.model is not None:
            _check_same(body.model, source)
        before = source.request
        request = GenerationRequest(
            model=before.model,
            media=Media.VIDEO,
            prompt=read_remix(body, entrance),
            operation=Operation.REMIX,
            promised=before.promised,
            dialect=Dialect.FAKEOAI if speaks_fakeoai(body.model, entrance) else before.dialect,
            called=body.model or before.called,
        )
        given = (
            Given(role=Role.SOURCE, param="video_id", job_id=video_id),
            *_images(body.input_reference, first=Role.SUBJECT),
        )
        submission = Submission(request=request, given=given)
        return self._with_film_extras(self._with_extras(submission, body), body)

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

    def _model_of(self, name: str) -> Model:
        return self._gateway.model(name)[0]

    def _with_extras(self, submission: Submission, body: Extras) -> Submission:
        return with_extras(submission, body, self._model_of(submission.request.model))

    def _with_film_extras(self, submission: Submission, body: FilmExtras) -> Submission:
        casts = None
        if flag(body, "character_create"):
            if submission.count > 1:
                message = "A character is made of one film: leave 'n' or it out."
                raise InvalidRequest(message, param="character_create")
            casts = self._new_id("char_")
        marked = body.watermark
        request = replace(
            submission.request,
            watermark=None if marked is None else read_bool(marked, param="watermark"),
            private=flag(body, "private"),
            casts=casts,
        )
        return replace(submission, request=request)

    def _with_rate(self, submission: Submission, fps: int | str) -> Submission:
        """The frames a second are an option of the model's, if it has any."""
        request = submission.request
        rate = read_int(fps, param="fps", least=RATES[0], most=RATES[-1])
        option = self._model_of(request.model).options.get("fps")
        if option is None or (option.choices and rate not in option.choices):
            rates = " or ".join(map(str, option.choices)) if option else "its own number of"
            message = f"'{request.model}' makes {rates} frames a second: leave 'fps' out."
            raise Unsupported(message, param="fps")
        options = {**request.engine_options, "fps": rate}
        return replace(submission, request=replace(request, engine_options=options))


def read_cast(body: FilmExtras) -> Cast | None:
    """The character that is to be made first and to play; None if there is none."""
    url, task, times = body.character_url, body.character_from_task, body.character_timestamps
    if url is not None and task is not None:
        message = "Send 'character_url' or 'character_from_task', not both."
        raise InvalidRequest(message, param="character_from_task")
    if url is None and task is None:
        if times is not None:
            message = (
                "'character_timestamps' are of the clip in 'character_url', or of the film in "
                "'character_from_task'. Send one of these as well."
            )
            raise InvalidRequest(message, param="character_timestamps")
        return None
    window = Window() if times is None else read_window(times, param="character_timestamps")
    if url is not None:
        given = url_given(url, role=Role.SOURCE, param="character_url")
    else:
        given = Given(role=Role.SOURCE, param="character_from_task", job_id=task)
    return Cast(given=given, window=window)


def _images(value: object, *, first: Role) -> tuple[Given, ...]:
    """One image or several; the others are to be seen in the film."""
    param = "input_reference"
    if value is None:
        return ()
    if not isinstance(value, list):
        return (image_given(value, role=first, param=param),)
    if not 1 <= len(value) <= MOST_REFERENCES:
        message = f"'{param}' has {len(value)} images; send 1 to {MOST_REFERENCES}."
        raise InvalidRequest(message, param=param)
    if len(value) == 1:
        return (image_given(value[0], role=first, param=param),)
    return tuple(
        image_given(one, role=Role.SUBJECT if number else first, param=f"{param}[{number}]")
        for number, one in enumerate(value)
    )


def _check_same(name: str, source: Job) -> None:
    if not same_model(name, source.request):
        made = source.request.name
        message = (
            f"'{source.id}' was made by '{made}'. A remix is made by the same model, and is "
            "as large and as long as its film: leave 'model' out."
        )
        raise Unsupported(message, param="model")
