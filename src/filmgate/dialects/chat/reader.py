"""From what a conversation says to what is to be made."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

from filmgate.dialects.chat.fields import Asked, ChatCreate, extras_of
from filmgate.domain.caller import Caller
from filmgate.domain.enhancement import Detail, Enhancement
from filmgate.domain.errors import InvalidRequest, NotFound, Unsupported
from filmgate.domain.imported import not_here
from filmgate.domain.job import Job
from filmgate.domain.request import Fit, GenerationRequest, Media, Operation, Role, Size
from filmgate.gateway.characters import Casting
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import with_extras
from filmgate.web.failures import renamed
from filmgate.web.playing import playing
from filmgate.web.sora_models import FILMS, Makes, SoraModel, meaning, target_of
from filmgate.web.sora_words import in_shots

SAME = "A remix has the size and the length of its film, whatever the model's name says."


@dataclass(frozen=True, kw_only=True)
class Cast:
    """A character that is to be made."""

    given: Given
    name: str | None = None  #: None: any


@dataclass(frozen=True, kw_only=True)
class Making:
    """A film or a still that is to be made."""

    submission: Submission
    cast: Cast | None = None  #: made before, to be in it
    notes: Sequence[str] = ()  #: what the caller may not expect


Wanted = Enhancement | Cast | Making


class Reader:
    """Turns bodies into what is wanted. Raises `InvalidRequest` naming the field."""

    def __init__(self, gateway: Gateway, casting: Casting) -> None:
        self._gateway = gateway
        self._casting = casting

    async def read(self, asked: Asked, body: ChatCreate, caller: Caller) -> Wanted:
        """What *asked*, which *body* says, comes to."""
        model = self._meaning(asked.model)
        with chat_params(asked):
            match model.makes:
                case Makes.PROMPT:
                    return _prompt(asked, model, body)
                case Makes.CHARACTER:
                    source = await self._source(asked, caller) if asked.source_id else None
                    return _character(asked, body, source)
                case Makes.STILL:
                    return self._still(asked, model, body)
                case Makes.EXTENSION:
                    return await self._extension(asked, model, body, caller)
                case Makes.FILM:  # pragma: no branch
                    return await self._film(asked, model, body, caller)

    def _meaning(self, name: str) -> SoraModel:
        """What *name* says; one that the operator has pointed at something goes there."""
        known = meaning(name.partition("|")[0])
        if known is not None:
            return target_of(known, name, self._gateway.model)
        promise, _ = self._gateway.model(name)
        makes = Makes.FILM if promise.media is Media.VIDEO else Makes.STILL
        return SoraModel(name=name, makes=makes, routes_to=name)

    def _still(self, asked: Asked, model: SoraModel, body: ChatCreate) -> Making:
        if asked.source_id is not None or asked.clip is not None:
            param = asked.clip.param if asked.clip else asked.source_param
            message = f"'{asked.model}' makes stills, and of images alone. Ask a film's model."
            raise Unsupported(message, param=param)
        request = GenerationRequest(
            model=model.routes_to or model.name,
            media=Media.IMAGE,
            prompt=asked.wish.prompt,
            operation=Operation.EDIT if asked.images else Operation.CREATE,
            size=self._size(asked, model),
            seconds=asked.seconds,
            storyboard=asked.wish.storyboard,
        )
        return self._making(request, _pictures(asked, Role.SOURCE), body)

    async def _film(
        self, asked: Asked, model: SoraModel, body: ChatCreate, caller: Caller
    ) -> Wanted:
        if asked.clip is not None and not asked.text and not asked.images:
            return _character(asked, body)
        cast = None if asked.clip is None else Cast(given=asked.given(asked.clip, Role.SOURCE))
        given = _pictures(asked, Role.FIRST_FRAME)
        target = model.routes_to or model.name
        known = meaning(model.name) is not None
        request = GenerationRequest(
            model=target,
            media=Media.VIDEO,
            prompt=asked.wish.prompt,
            storyboard=asked.wish.storyboard,
            promised=not known,
            called=asked.model if known else None,
        )
        notes: tuple[str, ...] = ()
        if asked.source_id is None:
            request = replace(
                request, size=self._size(asked, model), seconds=_seconds(asked, model)
            )
            request = in_shots(request) if model.split else request
        else:
            source = await self._source(asked, caller)
            _check_same(source, target, asked)
            request = replace(
                request, model=source.request.model, operation=Operation.REMIX, size=asked.size
            )
            given.append(_of(source, asked))
            notes = (SAME,)
        request, characters = await self._with_characters(request, caller)
        making = self._making(request, [*given, *characters], body)
        return replace(making, cast=cast, notes=notes)

    async def _extension(
        self, asked: Asked, model: SoraModel, body: ChatCreate, caller: Caller
    ) -> Making:
        given = _pictures(asked, Role.SUBJECT)
        target = model.routes_to or FILMS
        if asked.source_id is not None:
            source = await self._source(asked, caller)
            target = source.request.model
            given.append(_of(source, asked))
        elif asked.clip is not None:
            given.append(asked.given(asked.clip, Role.SOURCE))
        else:
            message = (
                f"'{asked.model}' goes on with a film. Write its id into the message, such as "
                "video_…, or send the film as a video_url."
            )
            raise InvalidRequest(message, param=asked.param)
        request = GenerationRequest(
            model=target,
            media=Media.VIDEO,
            prompt=asked.wish.prompt,
            operation=Operation.EXTEND,
            size=asked.size,
            seconds=_seconds(asked, model),
            storyboard=asked.wish.storyboard,
            promised=False,
        )
        return self._making(request, given, body)

    def _making(
        self, request: GenerationRequest, given: Sequence[Given], body: ChatCreate
    ) -> Making:
        promise, _ = self._gateway.model(request.model)
        fit = None if request.called is None else Fit.CROP
        submission = Submission(request=request, given=given, fit=fit)
        return Making(submission=with_extras(submission, body, promise))

    def _size(self, asked: Asked, model: SoraModel) -> Size | None:
        """The first of the name's that its model has; none is a reason to say which it has."""
        if not model.sizes:
            return asked.size
        if asked.size is not None:
            raise _says(asked.model, "size")
        promise, _ = self._gateway.model(model.routes_to or model.name)
        return next((size for size in model.sizes if size in promise.sizes), model.sizes[0])

    async def _source(self, asked: Asked, caller: Caller) -> Job:
        """The caller's film that is named."""
        named = asked.source_id or ""
        # What other APIs call gen_… is a film of ours, or one that was brought along.
        for job_id in dict.fromkeys((named, named.replace("gen_", "video_", 1))):
            with suppress(NotFound):
                return await self._gateway.get(job_id, caller)
        if not named.startswith("video_"):
            raise not_here(named, param=asked.source_param)
        message = (
            f"There is no film '{named}' of yours here. Films that are made here have ids "
            "such as video_…, which stand in every answer. One that you have downloaded from "
            "elsewhere is sent as a file, to POST /v1/videos/edits."
        )
        raise NotFound(message, param=asked.source_param)

    async def _with_characters(
        self, request: GenerationRequest, caller: Caller
    ) -> tuple[GenerationRequest, list[Given]]:
        """*request* with the names of those who play, whom its prompt names; and them."""
        return await playing(request, self._casting, caller)


def chat_params(asked: Asked) -> AbstractContextManager[None]:
    """Let errors name the fields that a conversation has."""
    params = {
        "prompt": asked.param,
        "storyboard": asked.param,
        "character_id": asked.param,
        "name": asked.param,
        "input_reference": asked.images[0].param if asked.images else asked.param,
        "video": asked.clip.param if asked.clip else asked.source_param or asked.param,
    }
    params |= {} if asked.seconds is not None else {"seconds": "model"}
    params |= {} if asked.size is not None else {"size": "model"}
    return renamed(params)


def _prompt(asked: Asked, model: SoraModel, body: ChatCreate) -> Enhancement:
    pictures = (*asked.images, *((asked.clip,) if asked.clip else ()))
    if pictures:
        message = f"'{asked.model}' writes a prompt, and reads text alone."
        raise Unsupported(message, param=pictures[0].param)
    _check_bare(asked, body)
    return Enhancement(
        prompt=asked.text, seconds=model.seconds or 0, detail=model.detail or Detail.MEDIUM
    )


def _character(asked: Asked, body: ChatCreate, source: Job | None = None) -> Cast:
    """Its name is the text, if there is one beside the film's id."""
    _check_bare(asked, body)
    if asked.images:
        message = "A character is made of a film. Send it as a video_url."
        raise Unsupported(message, param=asked.images[0].param)
    name = asked.wish.prompt or None
    if asked.clip is not None:
        return Cast(given=asked.given(asked.clip, Role.SOURCE), name=name)
    if source is None:
        message = (
            "A character is made of a film. Send it as a video_url, or write the id of one of "
            "yours into the message."
        )
        raise InvalidRequest(message, param=asked.param)
    return Cast(given=_of(source, asked), name=name)


def _check_bare(asked: Asked, body: ChatCreate) -> None:
    for param in extras_of(body):
        message = f"'{asked.model}' makes no film here, so '{param}' says nothing to it."
        raise Unsupported(f"{message} Leave it out.", param=param)


def _check_same(source: Job, target: str, asked: Asked) -> None:
    made = source.request.model
    if made.partition("|")[0] != target.partition("|")[0]:
        message = (
            f"'{source.id}' was made by '{made}', and '{asked.model}' stands for "
            f"'{target}'. A remix is made by the same model: ask for '{made}'."
        )
        raise Unsupported(message, param="model")


def _pictures(asked: Asked, first: Role) -> list[Given]:
    """The first is where it begins, or what is changed; the others are seen in it."""
    return [
        asked.given(picture, Role.SUBJECT if number else first)
        for number, picture in enumerate(asked.images)
    ]


def _of(source: Job, asked: Asked) -> Given:
    return Given(role=Role.SOURCE, param=asked.source_param, job_id=source.id)


def _seconds(asked: Asked, model: SoraModel) -> float | None:
    """The shots' time, or what the name or the field says."""
    if model.seconds is not None and asked.seconds is not None:
        raise _says(asked.model, "seconds")
    said = model.seconds if asked.seconds is None else asked.seconds
    return asked.wish.seconds if asked.wish.storyboard and asked.seconds is None else said


def _says(name: str, param: str) -> InvalidRequest:
    message = (
        f"The name '{name}' says the {param} already. Leave '{param}' out, or ask for a model "
        "whose name does not, such as 'sora-2'."
    )
    return InvalidRequest(message, param=param)
