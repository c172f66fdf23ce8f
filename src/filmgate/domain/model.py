"""What an engine can make, declared as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.request import GenerationRequest, Media, Operation, Role, Shot, Size

PROMPT_LIMIT = 32_000  #: characters; the OpenAI Videos API's own limit
MOST_SHOTS = 24  #: of a storyboard
SHORTEST_SHOT = 0.1  #: seconds


@dataclass(frozen=True, kw_only=True)
class SizeRange:
    """Every even width and height between *least* and *most* pixels."""

    least: int
    most: int

    def __contains__(self, size: Size) -> bool:
        sides = (size.width, size.height)
        return all(self.least <= n <= self.most and n % 2 == 0 for n in sides)

    def __str__(self) -> str:
        return f"WIDTHxHEIGHT with even sides from {self.least} to {self.most}"


@dataclass(frozen=True, kw_only=True)
class SecondsRange:
    """Every length between *least* and *most* seconds."""

    least: float
    most: float

    def __contains__(self, seconds: float) -> bool:
        return self.least <= seconds <= self.most

    def __str__(self) -> str:
        return f"from {self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class Option:
    """One engine option that a model declares: its type, and what it is for."""

    kind: type[str | int | float | bool]
    about: str
    choices: tuple[str | int | float, ...] = ()  #: empty: any value of that type


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a second of certain films costs, or a still."""

    rate: int  #: micro-dollars
    sizes: tuple[Size, ...] = ()  #: empty: of any size
    audio: bool | None = None  #: if sound is asked for, or silence; None: whatever is
    operations: frozenset[Operation] = frozenset()  #: empty: however it is made


def prices_by_size(
    rates: Mapping[Size, int], *, audio: bool | None = None
) -> tuple[Price, ...]:
    """A `Price` for every rate among *rates*: micro-dollars by size."""
    return tuple(
        Price(
            rate=rate,
            sizes=tuple(size for size, same in rates.items() if same == rate),
            audio=audio,
        )
        for rate in dict.fromkeys(rates.values())
    )


@dataclass(frozen=True, kw_only=True)
class Model:
    """
    One thing an engine can run, or a name that callers know and what it promises.

    On purpose, `check` is the only place where a capability is refused, so that
    every dialect and every form says no in the same words.
    """

    name: str
    media: Media
    sizes: tuple[Size, ...] | SizeRange
    default_size: Size
    seconds: tuple[float, ...] | SecondsRange = ()  #: of a still: none
    default_seconds: float | None = None
    longest: float = 120.0  #: seconds of a film with everything that extends it
    longest_prompt: int | None = None  #: UTF-16 code units; None: as long as ours may be
    operations: frozenset[Operation] = frozenset({Operation.CREATE})
    roles: Mapping[Role, int] = field(default_factory=dict)  #: and how many of each
    exact_references: bool = False  #: a first or last frame must have the film's size
    negative_prompts: bool = False
    default_seed: int | None = None  #: when left open; None: the engine's own choice
    seeds: bool = False
    audio: frozenset[bool] = frozenset()  #: what may be asked for: with sound, without
    storyboards: bool = False  #: shot by shot, each for the seconds that it is given
    watermarks: bool = False  #: its engine itself marks what it makes, or does not, as asked
    formats: tuple[str, ...] = ()  #: of a still; the first is the default
    options: Mapping[str, Option] = field(default_factory=dict)
    price: int = 0  #: micro-dollars a second, or a still; 0: free, or not known
    prices: tuple[Price, ...] = ()  #: instead of it, where one fits; the first that does

    def check(self, request: GenerationRequest) -> None:
        """Raise `InvalidRequest` or `Unsupported`, naming the field, if we cannot."""
        if request.media is not self.media:
            message = f"{self.name} makes {_MADE[self.media]}, not {_MADE[request.media]}."
            raise Unsupported(message, param="model")
        if request.operation not in self.operations:
            message = f"{self.name} cannot {request.operation} a film."
            raise Unsupported(message, param="model")
        self._check_prompt(request.prompt)
        self._check_size(request)
        self._check_seconds(request)
        self._check_storyboard(request)
        self._check_knobs(request)
        self.check_roles(reference.role for reference in request.references)
        if self.exact_references:
            _check_frames(request, request.size or self.default_size)

    def check_roles(self, roles: Iterable[Role]) -> None:
        """Raise `Unsupported`, naming the field, if there are more of one than we take."""
        for role, count in Counter(roles).items():
            most = self.roles.get(role, 0)
            if count > most:
                what = role.replace("_", " ")
                message = f"{self.name} takes {f'at most {most}' if most else 'no'} {what}."
                raise Unsupported(message, param=PARAMS[role])

    def fill(self, request: GenerationRequest) -> GenerationRequest:
        """*request* with this model's defaults in place of what was left open."""
        return replace(
            request,
            size=request.size or self.default_size,
            seconds=(self.default_seconds if request.seconds is None else request.seconds),
            seed=self.default_seed if request.seed is None else request.seed,
            format=request.format or next(iter(self.formats), None),
        )

    def costs(self, request: GenerationRequest) -> int:
        """Micro-dollars for a filled *request*."""
        rate = self.rate(request.size, audio=request.audio, operation=request.operation)
        return round(rate * (request.seconds or 1))

    def rate(
        self,
        size: Size | None = None,
        *,
        audio: bool | None = None,
        operation: Operation = Operation.CREATE,
    ) -> int:
        """Micro-dollars a second, or a still; of the default size unless one is given."""
        size = size or self.default_size
        fit = (
            price.rate
            for price in self.prices
            if (not price.sizes or size in price.sizes)
            and price.audio in (None, audio)
            and (not price.operations or operation in price.operations)
        )
        return next(fit, self.price)

    def _check_prompt(self, prompt: str) -> None:
        if not prompt.strip():
            raise InvalidRequest("The prompt is empty: say what to film.", param="prompt")
        length, most, unit = len(prompt), PROMPT_LIMIT, "characters"
        if length <= most and self.longest_prompt is not None:
            length += sum(letter > "\uffff" for letter in prompt)
            most, unit = self.longest_prompt, "UTF-16 code units"
        if length > most:
            message = f"The prompt has {length} {unit}; the most is {most}."
            raise InvalidRequest(message, param="prompt", code="string_above_max_length")
        if "\0" in prompt:
            raise InvalidRequest("The prompt contains a NUL character.", param="prompt")

    def _check_size(self, request: GenerationRequest) -> None:
        size = request.size or self.default_size
        # What is made of a film has its size, be it one that could be asked for or not.
        inherited = request.source is not None and request.source.size == size
        if size not in self.sizes and (not inherited or isinstance(self.sizes, SizeRange)):
            raise _not_one_of(str(size), self.sizes, param="size")

    def _check_seconds(self, request: GenerationRequest) -> None:
        seconds = request.seconds
        if seconds is None:
            return
        if not self.seconds:
            raise Unsupported(f"{self.name} makes stills: leave seconds out.", param="seconds")
        inherited = request.operation in _OF_THE_SAME_LENGTH and request.source is not None
        if seconds not in self.seconds and not inherited:
            raise _not_one_of(f"{seconds:g}", self.seconds, param="seconds")
        total = request.total_seconds or 0
        if total > self.longest:
            message = f"The film would have {total:g} s; the most is {self.longest:g} s."
            raise InvalidRequest(message, param="seconds")

    def _check_storyboard(self, request: GenerationRequest) -> None:
        shots = request.storyboard
        if not shots:
            return
        if not self.storyboards:
            message = (
                f"{self.name} makes no storyboards. Leave the times of the shots out to have "
                "it all as one prompt, or make a film of each shot, the later ones as "
                "extensions of the first."
            )
            raise Unsupported(message, param="storyboard")
        _check_shots(shots)
        total = sum(shot.seconds for shot in shots)
        if request.seconds is not None and abs(total - request.seconds) > SAME_LENGTH:
            message = (
                f"The shots have {total:g} s together, and the film {request.seconds:g} s. "
                "Both must be the same."
            )
            raise InvalidRequest(message, param="storyboard")

    def _check_knobs(self, request: GenerationRequest) -> None:
        if request.negative_prompt is not None and not self.negative_prompts:
            raise self._takes_no("negative_prompt")
        if request.seed is not None and not self.seeds:
            raise self._takes_no("seed")
        if request.audio is not None and request.audio not in self.audio:
            message = f"{self.name} cannot make a film {'with' if request.audio else 'without'}"
            raise Unsupported(f"{message} sound.", param="audio")
        if request.format is not None and request.format not in self.formats:
            raise _not_one_of(request.format, self.formats, param="output_format")
        for name, value in request.engine_options.items():
            self._check_option(name, value)

    def _check_option(self, name: str, value: object) -> None:
        param = f"engine_options.{name}"
        option = self.options.get(name)
        if option is None:
            known = ", ".join(sorted(self.options)) or "none"
            message = f"{self.name} has no option '{name[:80]}'. It has: {known}."
            raise Unsupported(message, param=param)
        if option.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not option.kind:
            message = f"Invalid type for '{param}': expected {_KINDS[option.kind]}."
            raise InvalidRequest(message, param=param, code="invalid_type")
        if option.choices and value not in option.choices:
            raise _not_one_of(str(value), option.choices, param=param)

    def _takes_no(self, param: str) -> Unsupported:
        return Unsupported(f"{self.name} takes no {param}.", param=param)


#: The field that callers of the OpenAI API give a reference of each role in.
PARAMS: Mapping[Role, str] = {
    Role.FIRST_FRAME: "input_reference",
    Role.LAST_FRAME: "last_frame",
    Role.SUBJECT: "references",
    Role.SOURCE: "video",
    Role.MASK: "mask",
    Role.SOUNDTRACK: "references",
    Role.CHARACTER: "characters",
}
SAME_LENGTH = 0.001  #: seconds that two lengths may differ by and be one
_OF_THE_SAME_LENGTH = (Operation.REMIX, Operation.EDIT)
FRAMES = (Role.FIRST_FRAME, Role.LAST_FRAME)  #: of a film
_MADE = {Media.VIDEO: "films", Media.IMAGE: "stills"}
_KINDS: Mapping[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
}


class Pick(StrEnum):
    """Which of a name's models is tried first, among those whose engines are well."""

    FIRST = "first"  #: in the order that the operator gave them
    WEIGHTED = "weighted"  #: in turns, as often as the weight of each says
    CHEAPEST = "cheapest"  #: by what its engine takes for this request
    LEAST_BUSY = "least_busy"  #: by the unfinished jobs for each of its engine's seats


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name that callers know, pointed by the operator at an engine's model."""

    promise: Model  #: what callers of the name may ask for
    engine: str
    model: Model  #: the engine's own
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: ^ the operator's, which the engine understands
    weight: int = 1
    plans: tuple[str, ...] = ()  #: of accounts, one of which it needs


def _check_frames(request: GenerationRequest, size: Size) -> None:
    for reference in request.references:
        if reference.role in FRAMES and reference.size != size:
            raise InvalidRequest(
                "Inpaint image must match the requested width and height: "
                f"the image is {reference.size}, the film {size}. "
                "Send one of that size, or `reference_fit`: 'crop' or 'pad'.",
                param=PARAMS[reference.role],
            )


def _check_shots(shots: Sequence[Shot]) -> None:
    if len(shots) > MOST_SHOTS:
        message = f"The storyboard has {len(shots)} shots; the most is {MOST_SHOTS}."
        raise InvalidRequest(message, param="storyboard", code="array_above_max_length")
    for number, shot in enumerate(shots, start=1):
        if not shot.prompt.strip() or "\0" in shot.prompt:
            message = f"Shot {number} of the storyboard says nothing that could be filmed."
            raise InvalidRequest(message, param="storyboard")
        if not shot.seconds >= SHORTEST_SHOT:
            message = (
                f"Shot {number} of the storyboard has {shot.seconds:g} s; the least is "
                f"{SHORTEST_SHOT:g} s."
            )
            raise InvalidRequest(message, param="storyboard")
    if (length := sum(len(shot.prompt) for shot in shots)) > PROMPT_LIMIT:
        message = f"The shots have {length} characters together; the most is {PROMPT_LIMIT}."
        raise InvalidRequest(message, param="storyboard", code="string_above_max_length")


def _not_one_of(
    value: str,
    allowed: Sequence[object] | SizeRange | SecondsRange,
    *,
    param: str,
) -> InvalidRequest:
    if isinstance(allowed, SizeRange | SecondsRange):
        message = f"Invalid value: '{value}'. Supported values are: {allowed}."
        return InvalidRequest(message, param=param)
    names = [f"'{_said(item)}'" for item in allowed] or ["none"]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, and {names[-1]}"
    message = f"Invalid value: '{value}'. Supported values are: {listed}."
    return InvalidRequest(message, param=param)


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
