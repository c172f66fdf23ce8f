"""Which engines' models a name means, and of which accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from filmgate.domain.deadlines import Deadlines
from filmgate.domain.errors import CannotStart, InvalidRequest, NotFound
from filmgate.domain.model import Alias, Model, Pick
from filmgate.domain.request import Size
from filmgate.gateway.account_fields import LONGEST_WORD
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
MOST_GROUPS = 20  #: after a name


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
    weight: int = 1
    plans: tuple[str, ...] = ()  #: of accounts, one of which it needs
    groups: tuple[str, ...] = ()  #: of accounts; those of any of them

    @property
    def name(self) -> str:
        """The engine and its own model."""
        return f"{self.engine.name}/{self.model.name}"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Every way in which a name's requests may be made, in the operator's order."""

    name: str  #: without groups
    routes: Sequence[Route]
    pick: Pick = Pick.FIRST


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
        self._given = _by_name(aliases)
        self._aliases = self._given
        self._picks: Mapping[str, Pick] = {}
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

    def point(self, aliases: Iterable[Alias], picks: Mapping[str, Pick]) -> None:
        """Let names mean these models, whatever was given at first; others as they were."""
        self._aliases = self._given | _by_name(aliases)
        self._picks = picks

    def known(self, engine: str, model: str) -> Model | None:
        """What the engine says of its own model without being asked over the wire."""
        found = self._models.get(f"{engine}/{model}")
        return found[1] if found else None

    def resolve(self, name: str) -> Route:
        """The first of its ways; `NotFound` when nothing here answers to *name*."""
        return self.ways(name).routes[0]

    def ways(self, name: str) -> Ways:
        """
        What *name* may mean, be it a name or one with groups: `sora-2|[pro,plus]`.

        Raises `NotFound` when nothing here answers to it.
        """
        plain, groups = (name, ()) if self._meant(name) else _split(name)
        deadlines = self._deadlines.get(plain) or self._deadlines.get("*", Deadlines())
        routes = [
            Route(
                promise=alias.promise, engine=engine, model=alias.model, deadlines=deadlines,
                settings=alias.settings, weight=alias.weight, plans=alias.plans, groups=groups,
            )
            for alias in self._meant(plain)
            if (engine := self.engines.get(alias.engine))
        ]  # fmt: skip
        if not routes:
            raise _unknown(name)
        return Ways(name=plain, routes=routes, pick=self._picks.get(plain, Pick.FIRST))

    def models(self) -> Iterable[tuple[Model, Engine]]:
        """Every name with the engine behind it, by name."""
        aliases = {name for name, given in self._aliases.items() if self._usable(given)}
        for route in map(self.resolve, sorted(aliases | self._plain.keys() - self._aliases)):
            yield route.promise, route.engine

    def _meant(self, name: str) -> Sequence[Alias]:
        """What *name* points at; an engine's own model's name points at that model."""
        if name in self._aliases:
            return self._aliases[name]
        found = self._plain.get(name) or self._models.get(name)
        if found is None:
            return ()
        engine, model = found
        return (Alias(promise=model, engine=engine.name, model=model),)

    def _usable(self, aliases: Sequence[Alias]) -> bool:
        return any(alias.engine in self.engines for alias in aliases)


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


def aliases_of(  # noqa: PLR0913 (a candidate's fields)
    name: str,
    engine: str,
    model: Model,
    settings: Mapping[str, Any] | None = None,
    *,
    weight: int = 1,
    plans: tuple[str, ...] = (),
) -> list[Alias]:
    """*name*, and the names that come along with it, for one model."""
    named = sora if name in SORA_NAMES else _renamed
    return [
        Alias(
            promise=named(one, model), engine=engine, model=model, settings=settings or {},
            weight=weight, plans=plans,
        )
        for one in family(name)
    ]  # fmt: skip


def family(name: str) -> Sequence[str]:
    """*name* and the names that come along with it."""
    return (name, *FAMILIES.get(name, ()))


def _by_name(aliases: Iterable[Alias]) -> dict[str, tuple[Alias, ...]]:
    found: dict[str, tuple[Alias, ...]] = {}
    for alias in aliases:
        found[alias.promise.name] = (*found.get(alias.promise.name, ()), alias)
    return found


def _split(name: str) -> tuple[str, tuple[str, ...]]:
    """A name, and the groups of accounts that may follow it."""
    plain, bar, rest = name.partition("|")
    if not bar:
        return name, ()
    found = re.fullmatch(r"\[([^\[\]|]+)\]", rest)
    groups = tuple(dict.fromkeys(one.strip() for one in found[1].split(","))) if found else ()
    if not plain or not 1 <= len(groups) <= MOST_GROUPS or not all(map(_is_group, groups)):
        message = (
            f"Invalid value: '{name[:80]}'. Groups of accounts follow a model's name like "
            f"this: `sora-2|[pro,plus]`. They may be 1 to {MOST_GROUPS}, of 1 to "
            f"{LONGEST_WORD} characters each."
        )
        raise InvalidRequest(message, param="model")
    return plain, groups


def _is_group(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_WORD


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
