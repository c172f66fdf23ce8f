"""What the names of `sora_models` make of a request, whatever dialect it was said in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from filmgate.domain.errors import Unsupported
from filmgate.domain.model import Model
from filmgate.domain.request import Dialect, Fit, GenerationRequest, Media, Operation
from filmgate.web.sora_models import Makes, SoraModel, meaning, target_of
from filmgate.web.sora_words import in_shots, read_wish

ModelOf = Callable[[str], Model]  #: raises `NotFound`

_ELSEWHERE = {
    Makes.EXTENSION: "goes on with a film: ask POST /v1/videos/extensions",
    Makes.CHARACTER: "makes characters: ask POST /v1/characters",
    Makes.PROMPT: "writes prompts: ask POST /v1/chat/completions",
}


@dataclass(frozen=True, kw_only=True)
class Called:
    """What somebody asks for by a name."""

    name: str
    target: str  #: the name that it leads to
    promise: Model  #: of that
    sora: SoraModel | None = None

    @property
    def fit(self) -> Fit | None:
        """Of first and last frames."""
        return None if self.sora is None else Fit.CROP

    def told(
        self, request: GenerationRequest, *, styles: Sequence[str] = ()
    ) -> GenerationRequest:
        """
        *request* with what the name says, where the request leaves it open.

        By such names prompts have shots and styles in them.
        """
        request = replace(request, model=self.target)
        if self.sora is None:
            return request
        request = replace(request, promised=False, dialect=Dialect.FAKEOAI, called=self.name)
        film = request.media is Media.VIDEO
        if film and request.operation is not Operation.CREATE:  # it is as large as its source
            return request
        sizes = self.sora.sizes
        size = next((one for one in sizes if one in self.promise.sizes), sizes[0])
        request = replace(request, size=request.size or size)
        if not film:
            return request
        wish = read_wish(request.prompt, param="prompt", styles=styles, sources=False)
        seconds = wish.seconds if wish.storyboard else self.sora.seconds
        request = replace(
            request,
            prompt=wish.prompt,
            storyboard=wish.storyboard,
            seconds=seconds if request.seconds is None else request.seconds,
        )
        return in_shots(request) if self.sora.split else request


def called(name: str, model_of: ModelOf) -> Called:
    """
    Who is meant by *name*, with its groups or without.

    Raises `NotFound`, `InvalidRequest` for parameters that do not go together, or
    `Unsupported` for what makes neither films nor stills.
    """
    sora = meaning(name.partition("|")[0])
    if sora is None:
        return Called(name=name, target=name, promise=model_of(name))
    return leading(target_of(sora, name, model_of), name, model_of)


def leading(sora: SoraModel, name: str, model_of: ModelOf) -> Called:
    """The same, once it is known where the name leads."""
    if sora.makes in _ELSEWHERE:
        raise Unsupported(f"'{name}' {_ELSEWHERE[sora.makes]}.", param="model")
    target = sora.routes_to or sora.name
    return Called(name=name, target=target, promise=model_of(target), sora=sora)
