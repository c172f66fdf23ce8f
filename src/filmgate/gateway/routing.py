"""Which engine a model's name means, and which account of it runs a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from filmgate.domain.deadlines import Deadlines
from filmgate.domain.errors import CannotStart, NotFound
from filmgate.domain.model import Alias, Model
from filmgate.domain.request import Size
from filmgate.ports import Engine

#: What the names of the OpenAI Videos API promise, whatever engine makes the film.
#: The guide of March 2026 adds 16 and 20 s to the specification's 4, 8 and 12. Its larger
#: sizes were sora-2-pro's alone; here every name has them, which breaks no client.
_SORA_SECONDS = (4.0, 8.0, 12.0, 16.0, 20.0)
_SORA_SIZES = (
    Size(720, 1280),
    Size(1280, 720),
    Size(1024, 1792),
    Size(1792, 1024),
    Size(1080, 1920),
    Size(1920, 1080),
)
SORA_NAMES: Mapping[str, tuple[str, ...]] = {
    "sora-2": ("sora-2-2025-10-06", "sora-2-2025-12-08"),
    "sora-2-pro": ("sora-2-pro-2025-10-06",),
}


#: Names of the OpenAI Images API, all of which come along with the first.
IMAGE_NAMES: Mapping[str, tuple[str, ...]] = {
    "gpt-image-2": (
        "gpt-image-1",
        "gpt-image-1-mini",
        "gpt-image-1.5",
        "chatgpt-image-latest",
        "dall-e-2",
        "dall-e-3",
    ),
}
FAMILIES = {**SORA_NAMES, **IMAGE_NAMES}


def sora(name: str, model: Model) -> Model:
    """
    What a name of the Sora family promises: https://platform.openai.com/docs/api-reference/videos.

    Sizes and seconds are the contract's, and so is what is left out, if the *model* has it;
    what else can be asked for is the model's.
    """
    size, seconds = Size(720, 1280), 4.0
    if size not in model.sizes:
        size = model.default_size
    return replace(
        model,
        name=name,
        sizes=tuple(dict.fromkeys((*_SORA_SIZES, size))),
        seconds=_SORA_SECONDS,
        default_size=size,
        default_seconds=seconds if seconds in model.seconds else model.default_seconds,
        exact_references=True,
    )


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a request goes: what its name promises, and what keeps the promise."""

    promise: Model
    engine: Engine
    model: Model
    deadlines: Deadlines
    settings: Mapping[str, Any] = field(default_factory=dict)


class Routes:
    """Every name that callers may use. An engine's own model names are among them."""

    def __init__(
        self,
        engines: Iterable[Engine],
        aliases: Iterable[Alias],
        deadlines: Mapping[str, Deadlines] = MappingProxyType({}),
    ) -> None:
        self._deadlines = deadlines  #: by name; `*` stands for the others
        self.engines: dict[str, Engine] = {}
        self._given = {alias.promise.name: alias for alias in aliases}
        self._aliases = self._given
        self._models: dict[str, tuple[Engine, Model]] = {}  #: by engine and name
        self._plain: dict[str, tuple[Engine, Model]] = {}
        for engine in engines:
            self.add(engine)

    def add(self, engine: Engine) -> None:
        """Have jobs made by one more engine."""
        self.engines[engine.name] = engine
        for model in engine.models():
            self._models[f"{engine.name}/{model.name}"] = (engine, model)
            self._plain.setdefault(model.name, (engine, model))

    def point(self, aliases: Iterable[Alias]) -> None:
        """Let names mean these models, whatever was given at first; others as they were."""
        self._aliases = self._given | {alias.promise.name: alias for alias in aliases}

    def known(self, engine: str, model: str) -> Model | None:
        """What the engine says of its own model without being asked over the wire."""
        found = self._models.get(f"{engine}/{model}")
        return found[1] if found else None

    def resolve(self, name: str) -> Route:
        """Raise `NotFound` when nothing here answers to *name*."""
        alias = self._aliases.get(name)
        found = self._plain.get(name) or self._models.get(name)
        if alias is not None:
            found = self._named(alias)
        if found is None:
            raise _unknown(name)
        engine, model = found
        return Route(
            promise=alias.promise if alias else model,
            engine=engine,
            model=model,
            deadlines=self._deadlines.get(name) or self._deadlines.get("*", Deadlines()),
            settings=alias.settings if alias else {},
        )

    def models(self) -> Iterable[tuple[Model, Engine]]:
        """Every name with the engine behind it, by name."""
        aliases = {name for name, alias in self._aliases.items() if self._named(alias)}
        for route in map(self.resolve, sorted(aliases | self._plain.keys() - self._aliases)):
            yield route.promise, route.engine

    def _named(self, alias: Alias) -> tuple[Engine, Model] | None:
        engine = self.engines.get(alias.engine)
        return (engine, alias.model) if engine else None


def read_aliases(pointers: Mapping[str, str], engines: Iterable[Engine]) -> list[Alias]:
    """
    Aliases from `{name: "engine/model"}`; a Sora name brings its dated names along.

    Raises `CannotStart` when the engine or its model is not there. Only what is
    named is made: once a name points elsewhere, previs is no silent stand-in.
    """
    models = {f"{e.name}/{m.name}": (e, m) for e in engines for m in e.models()}
    aliases = []
    for name, pointer in pointers.items():
        if pointer not in models:
            known = ", ".join(sorted(models))
            message = f"{name} points at {pointer}, which is not here. There is: {known}."
            raise CannotStart(message)
        engine, model = models[pointer]
        aliases += aliases_of(name, engine.name, model)
    return aliases


def aliases_of(
    name: str,
    engine: str,
    model: Model,
    settings: Mapping[str, Any] | None = None,
) -> list[Alias]:
    """*name*, and the names that come along with it, for one model."""
    named = sora if name in SORA_NAMES else _renamed
    return [
        Alias(promise=named(one, model), engine=engine, model=model, settings=settings or {})
        for one in (name, *FAMILIES.get(name, ()))
    ]


def _unknown(name: str) -> NotFound:
    message = f"The model `{name}` does not exist or you do not have access to it."
    if any(name == family or name in names for family, names in FAMILIES.items()):
        message = (
            f"The model `{name}` points at no engine here. Its operator points it at one: "
            "filmgate connect ENGINE"
        )
    return NotFound(message, param="model", code="model_not_found")


def _renamed(name: str, model: Model) -> Model:
    return replace(model, name=name)
