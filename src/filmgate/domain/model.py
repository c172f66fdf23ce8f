"""What an engine can make, declared as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.request import GenerationRequest, Media, Operation, Role, Size

PROMPT_LIMIT = 32_000  #: characters; the OpenAI Videos API's own limit


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
    seconds: tuple[float, ...] | SecondsRange
    default_size: Size
    default_seconds: float
    operations: frozenset[Operation] = frozenset({Operation.CREATE})
    roles: frozenset[Role] = frozenset()
    exact_references: bool = False  #: a first frame must have the film's size

    def check(self, request: GenerationRequest) -> None:
        """Raise `InvalidRequest` or `Unsupported`, naming the field, if we cannot."""
        if request.operation not in self.operations:
            message = f"{self.name} cannot {request.operation} a film."
            raise Unsupported(message, param="model")
        _check_prompt(request.prompt)
        size = request.size or self.default_size
        if size not in self.sizes:
            raise _not_one_of(str(size), self.sizes, param="size")
        if request.seconds is not None and request.seconds not in self.seconds:
            raise _not_one_of(f"{request.seconds:g}", self.seconds, param="seconds")
        for reference in request.references:
            self._check_reference(reference.role, reference.size, size)

    def fill(self, request: GenerationRequest) -> GenerationRequest:
        """*request* with this model's defaults in place of what was left open."""
        return replace(
            request,
            size=request.size or self.default_size,
            seconds=(self.default_seconds if request.seconds is None else request.seconds),
        )

    def _check_reference(self, role: Role, size: Size | None, wanted: Size | None) -> None:
        if role not in self.roles:
            message = f"{self.name} takes no {role.replace('_', ' ')}."
            raise Unsupported(message, param="input_reference")
        if self.exact_references and size != wanted:
            raise InvalidRequest(
                "Inpaint image must match the requested width and height: "
                f"the image is {size}, the film {wanted}.",
                param="input_reference",
            )


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name that callers know, pointed by the operator at an engine's model."""

    promise: Model  #: what callers of the name may ask for
    engine: str
    model: str


def _check_prompt(prompt: str) -> None:
    if not prompt.strip():
        raise InvalidRequest("The prompt is empty: say what to film.", param="prompt")
    if len(prompt) > PROMPT_LIMIT:
        message = f"The prompt has {len(prompt)} characters; the most is {PROMPT_LIMIT}."
        raise InvalidRequest(message, param="prompt", code="string_above_max_length")
    if "\0" in prompt:
        raise InvalidRequest("The prompt contains a NUL character.", param="prompt")


def _not_one_of(
    value: str,
    allowed: Sequence[object] | SizeRange | SecondsRange,
    *,
    param: str,
) -> InvalidRequest:
    if isinstance(allowed, SizeRange | SecondsRange):
        message = f"Invalid value: '{value}'. Supported values are: {allowed}."
        return InvalidRequest(message, param=param)
    names = [f"'{_said(item)}'" for item in allowed]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, and {names[-1]}"
    message = f"Invalid value: '{value}'. Supported values are: {listed}."
    return InvalidRequest(message, param=param)


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
