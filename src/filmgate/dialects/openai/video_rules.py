"""
Whose rules a create goes by, and what those make of it.

| what the request says | whose rules |
| --- | --- |
| a name of FakeOAI's or sora2api's (`sora_video2-…`, `sy_8`), or the prefix /sora | FakeOAI's |
| `duration`, `resolution` or `aspect_ratio`, or the path /v1/videos/generations | the guide's |
| anything else | the contract's |

FakeOAI's films are 10 s in portrait, its sizes say a shape, and its references are fitted. The
guide's are 10 s of 1920x1080. The contract's are what the OpenAI Videos API has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from filmgate.dialects.openai.video_fields import (
    DEFAULT_MODEL,
    FITS,
    QUALITIES,
    RESOLUTIONS,
    SHAPES,
    FilmExtras,
    VideoCreate,
    VideoRemix,
)
from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.request import Dialect, Fit, GenerationRequest, Media, Size
from filmgate.web.extras import read_bool, read_seconds, read_size
from filmgate.web.sora_models import (
    FILMS,
    PRO_FILMS,
    WITH_PARAMETERS,
    Makes,
    SoraModel,
    meaning,
    target_of,
    with_parameters,
)
from filmgate.web.sora_requests import ModelOf, leading
from filmgate.web.sora_words import STYLES, in_shots, read_styles, read_wish, styled

#: What FakeOAI had under other names, in its own.
_OWN = {
    FILMS: WITH_PARAMETERS,
    PRO_FILMS: f"{WITH_PARAMETERS}-pro",
    "sora_video": WITH_PARAMETERS,
    "sy_8": WITH_PARAMETERS,
    "sy_ore": f"{WITH_PARAMETERS}-pro",
}
#: What only its rules know: elsewhere they are models of the operator's, or none.
_NAMES = ("sy_8", "sy_ore")
GUIDED = ("duration", "resolution", "aspect_ratio")
_GUIDE_SECONDS = 10.0
#: As the guide has them for 1080p, and the same shapes with fewer lines.
_GUIDE_SIZES: Mapping[str, Mapping[str, Size]] = {
    "1080p": {
        "16:9": Size(1920, 1080),
        "9:16": Size(1080, 1920),
        "1:1": Size(1080, 1080),
        "21:9": Size(2560, 1080),
    },
    "720p": {
        "16:9": Size(1280, 720),
        "9:16": Size(720, 1280),
        "1:1": Size(720, 720),
        "21:9": Size(1680, 720),
    },
    "480p": {
        "16:9": Size(854, 480),
        "9:16": Size(480, 854),
        "1:1": Size(480, 480),
        "21:9": Size(1120, 480),
    },
}


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """Where a create came in, as far as that decides whose rules hold."""

    sora: bool = False  #: below the prefix /sora
    guide: bool = False  #: at /v1/videos/generations


PLAIN = Entrance()


def dialect_of(body: VideoCreate, entrance: Entrance) -> Dialect:
    if speaks_fakeoai(body.model, entrance):
        return Dialect.FAKEOAI
    if entrance.guide or any(getattr(body, field) is not None for field in GUIDED):
        return Dialect.GUIDE
    return Dialect.CONTRACT


def speaks_fakeoai(model: str | None, entrance: Entrance) -> bool:
    name = (model or "").partition("|")[0]
    return entrance.sora or name in _NAMES or meaning(name) is not None


def words_of(body: VideoCreate) -> Mapping[str, str]:
    """The fields in which *body* says what the gateway calls seconds and size."""
    words = {}
    if body.duration is not None:
        words["seconds"] = "duration"
    if body.size is None and (body.resolution or body.aspect_ratio):
        words["size"] = "resolution" if body.resolution else "aspect_ratio"
    return words


def read_remix(body: VideoRemix, entrance: Entrance) -> str:
    """The prompt with its styles in words."""
    styles = styles_of(body)
    if not speaks_fakeoai(body.model, entrance):
        return styled(body.prompt, styles)
    text, written = read_styles(body.prompt)
    return styled(text, tuple(dict.fromkeys((*styles, *written))))


def read_create(
    body: VideoCreate, model_of: ModelOf, entrance: Entrance = PLAIN
) -> tuple[GenerationRequest, Fit | None]:
    """
    What *body* asks for, but for what every dialect has.

    Raises `InvalidRequest`, `Unsupported` or `NotFound`, naming the field.
    """
    dialect = dialect_of(body, entrance)
    match dialect:
        case Dialect.FAKEOAI:
            request = _fakeoai(body, model_of)
        case Dialect.GUIDE:
            request = _guide(body)
        case Dialect.CONTRACT:  # pragma: no branch
            request = contract(body)
    request = replace(request, dialect=dialect)
    if dialect is not Dialect.FAKEOAI:
        request = _with_words(request, body, model_of)
    return request, _fit(body, dialect)


def contract(body: VideoCreate) -> GenerationRequest:
    """What the contract's own fields ask for."""
    _check_no_hd(body)
    if _quality(body) == "hd":
        message = "'quality' belongs to 'resolution'. Ask for a 'size', such as 1920x1080."
        raise Unsupported(message, param="quality")
    return GenerationRequest(
        model=DEFAULT_MODEL if body.model is None else body.model,
        media=Media.VIDEO,
        prompt=body.prompt,
        size=None if body.size is None else read_size(body.size),
        seconds=None if body.seconds is None else read_seconds(body.seconds),
    )


def _check_no_hd(body: VideoCreate) -> None:
    if flag(body, "hd"):
        message = (
            f"'hd' belongs to the names '{WITH_PARAMETERS}-pro-…'. Ask for a 'size' instead, "
            "such as 1920x1080."
        )
        raise Unsupported(message, param="hd")


def resolution_of(size: Size) -> tuple[str, str]:
    """How the guide says *size*: its lines, and its shape."""
    for lines, shapes in _GUIDE_SIZES.items():
        for shape, same in shapes.items():
            if same == size:
                return lines, shape
    return f"{min(size.width, size.height)}p", f"{size.width}:{size.height}"


def _guide(body: VideoCreate) -> GenerationRequest:
    if body.size is not None and (body.resolution or body.aspect_ratio):
        message = "Send 'size', or 'resolution' and 'aspect_ratio', not both."
        raise InvalidRequest(message, param="size")
    _check_no_hd(body)
    lines = _one_of(body.resolution or "1080p", RESOLUTIONS, param="resolution")
    shape = _one_of(body.aspect_ratio or "16:9", SHAPES, param="aspect_ratio")
    if _quality(body) == "hd" and lines != "1080p":
        message = f"The quality 'hd' has 1080p, not {lines}. Send one of the two."
        raise InvalidRequest(message, param="quality")
    length = _length(body)
    return GenerationRequest(
        model=body.model or DEFAULT_MODEL,
        media=Media.VIDEO,
        prompt=body.prompt,
        size=_GUIDE_SIZES[lines][shape] if body.size is None else read_size(body.size),
        seconds=_GUIDE_SECONDS if length is None else length,
        promised=False,
    )


def _fakeoai(body: VideoCreate, model_of: ModelOf) -> GenerationRequest:
    for param in ("resolution", "aspect_ratio"):
        if getattr(body, param) is not None:
            name = body.model or WITH_PARAMETERS
            message = f"'{param}' is not for '{name}'. Say the shape with 'size'."
            raise Unsupported(message, param=param)
    name = body.model or WITH_PARAMETERS
    if _quality(body) == "hd":
        message = f"'quality' is not for '{name}'. Send 'hd', which needs '-pro'."
        raise Unsupported(message, param="quality")
    meant = leading(_meant(body, model_of), name, model_of)
    request = GenerationRequest(
        model=name, media=Media.VIDEO, prompt=body.prompt, seconds=_length(body)
    )
    return meant.told(request, styles=styles_of(body))


def same_model(name: str, made: GenerationRequest) -> bool:
    """Whether *name* means the model that *made* says, and nothing else."""
    if name == made.called:
        return True
    plain = name.partition("|")[0]
    own = _OWN.get(plain, plain)
    model = meaning(own) if own in _OWN.values() else None
    return made.model.partition("|")[0] in {plain, model.routes_to if model else None}


def _meant(body: VideoCreate, model_of: ModelOf) -> SoraModel:
    """The name with everything that fields say beside it, and where it leads."""
    asked = body.model or WITH_PARAMETERS
    name = asked.partition("|")[0]
    own = _OWN.get(name, name)
    if own.partition("-")[0] == WITH_PARAMETERS:
        return target_of(_with_fields(own, body), asked, model_of)
    model = meaning(own)
    if model is None:  # the operator's name, with FakeOAI's rules
        return replace(_with_fields(WITH_PARAMETERS, body), routes_to=asked)
    if model.makes is Makes.STILL:
        message = f"'{asked}' makes stills: ask POST /v1/images/generations."
        raise Unsupported(message, param="model")
    if model.makes is not Makes.FILM:
        return model
    for param in ("size", "seconds", "duration", "hd"):
        if getattr(body, param) is not None:
            message = (
                f"The name '{name}' says it already, so '{param}' is too much. Leave it out, "
                f"or ask for '{WITH_PARAMETERS}'."
            )
            raise InvalidRequest(message, param=param)
    model = target_of(model, asked, model_of)
    return replace(model, split=flag(body, "storyboard"))


def _with_fields(name: str, body: VideoCreate) -> SoraModel:
    """What *name* means with the fields as more of its parameters."""
    size = None if body.size is None else read_size(body.size)
    shape = None
    if size is not None and size.width != size.height:
        shape = "landscape" if size.width > size.height else "portrait"
    lasting = "seconds" if body.duration is None else "duration"
    length = _length(body)
    more = {
        "size": shape,
        lasting: None if length is None else f"{length:g}s",
        "hd": "hd" if flag(body, "hd") else None,
        "storyboard": "storyboard" if flag(body, "storyboard") else None,
    }
    first, *given = name.split("-")
    model = with_parameters(first, given)
    for param, parameter in more.items():
        if parameter is None or parameter in given:
            continue
        given.append(parameter)
        try:
            model = with_parameters(first, given, any_length=True)
        except InvalidRequest as error:
            error.param = param
            raise
    return model


def _with_words(
    request: GenerationRequest, body: VideoCreate, model_of: ModelOf
) -> GenerationRequest:
    """*request* with its style in words, and in shots if those are asked for."""
    styles = styles_of(body)
    if not flag(body, "storyboard"):
        return replace(request, prompt=styled(request.prompt, styles))
    wish = read_wish(request.prompt, param="prompt", styles=styles, sources=False)
    promise = model_of(request.model)
    length = promise.default_seconds if request.seconds is None else request.seconds
    if wish.storyboard and request.seconds is None:
        length = wish.seconds
    told = replace(request, prompt=wish.prompt, storyboard=wish.storyboard, seconds=length)
    return in_shots(told)


def styles_of(body: FilmExtras) -> tuple[str, ...]:
    if body.style is None:
        return ()
    name = body.style.strip("{}").lower()
    return (_one_of(name, tuple(STYLES), param="style"),)


def _length(body: VideoCreate) -> float | None:
    """Seconds, by either of their names."""
    if body.seconds is not None and body.duration is not None:
        message = "Send 'seconds' or 'duration', not both: they mean the same."
        raise InvalidRequest(message, param="duration")
    if body.duration is not None:
        return read_seconds(body.duration, param="duration")
    return None if body.seconds is None else read_seconds(body.seconds)


def _fit(body: VideoCreate, dialect: Dialect) -> Fit | None:
    if body.reference_fit is not None:
        return Fit(_one_of(body.reference_fit, FITS, param="reference_fit"))
    return Fit.CROP if dialect is Dialect.FAKEOAI else None


def _quality(body: VideoCreate) -> str:
    return _one_of(body.quality or "standard", QUALITIES, param="quality")


def flag(body: FilmExtras, param: str) -> bool:
    value = getattr(body, param)
    return value is not None and read_bool(value, param=param)


def _one_of(value: str, words: Sequence[str], *, param: str) -> str:
    if value not in words:
        known = ", ".join(f"'{word}'" for word in words)
        message = f"Invalid value: '{value[:80]}'. Supported values are: {known}."
        raise InvalidRequest(message, param=param)
    return value
