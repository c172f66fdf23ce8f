"""The schemas of bodies and answers, by the types that are read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_origin

import msgspec
from msgspec import inspect

from filmgate.web.body_schemas import REFS, Schema, as_form, in_json, ref
from filmgate.web.references import ImageReference, VideoReference

FORM = "multipart/form-data"
JSON = "application/json"


class Schemas:
    """The components of a document, and where in them each type is."""

    def __init__(
        self, *, bodies: Sequence[type], plain: Sequence[type] = (), answers: Sequence[Any]
    ) -> None:
        """Of *bodies* those in *plain* have no forms."""
        kinds = [*dict.fromkeys([*bodies, *answers]), ImageReference, VideoReference]
        template = f"{REFS}{{name}}"
        places, found = msgspec.json.schema_components(kinds, ref_template=template)
        self._places: list[tuple[Any, Schema]] = list(zip(kinds, places, strict=True))
        self._bodies: dict[str, Schema] = {}
        forms: dict[str, Schema] = {}
        given: dict[str, Schema] = dict(found)
        for body in plain:
            self._bodies[self._name(body)] = {JSON: ref(self._name(body))}
        for name in dict.fromkeys(self._name(body) for body in bodies if body not in plain):
            form = f"{name}Form"
            forms[form] = as_form(given[name], given)
            self._bodies[name] = {FORM: ref(form)}
            if (in_text := in_json(given.pop(name))) is not None:
                forms[name] = in_text
                self._bodies[name] = {JSON: ref(name), FORM: ref(form)}
        omitting = {kind.__name__ for kind in _structs(answers) if _omits(kind)}
        written = {name for kind in answers for name in _reached(self.answer(kind), given)}
        for name in written - omitting:
            given[name] = _all_there(given[name])
        self.components: Schema = dict(sorted((given | forms).items()))

    def body(self, kind: type) -> Schema:
        """Its schema for each content type that it may have."""
        return self._bodies[self._name(kind)]

    def answer(self, kind: Any) -> Schema:
        return next(place for one, place in self._places if one == kind)

    def _name(self, kind: type) -> str:
        return str(self.answer(kind)["$ref"]).removeprefix(REFS)


def _omits(kind: type[msgspec.Struct]) -> bool:
    return kind.__struct_config__.omit_defaults


def _all_there(schema: Schema) -> Schema:
    """An answer has all its fields: a default is only how we fill one in."""
    properties = schema.get("properties", {})
    if not properties:
        return schema  # words, not fields
    required = [
        name
        for name, one in properties.items()
        if name in schema["required"] or "default" in one
    ]
    return schema | {"required": required}


def _reached(schema: object, components: Schema) -> Iterator[str]:
    """The names of all components that *schema* leads to. None of ours leads to itself."""
    match schema:
        case {"$ref": str(path)}:
            name = path.removeprefix(REFS)
            yield name
            yield from _reached(components[name], components)
        case dict():
            for part in schema.values():
                yield from _reached(part, components)
        case list():
            for part in schema:
                yield from _reached(part, components)


def _structs(kinds: Iterable[Any]) -> Iterator[type[msgspec.Struct]]:
    """Every struct in *kinds*, and in their fields."""
    waiting: list[object] = list(inspect.multi_type_info(kinds))
    while waiting:
        one = waiting.pop()
        if isinstance(one, inspect.StructType):
            yield get_origin(one.cls) or one.cls  # of a generic one the struct itself
            waiting += [field.type for field in one.fields]
        for inner in ("type", "item_type", "value_type"):
            waiting += [getattr(one, inner)] if hasattr(one, inner) else []
        for several in ("types", "item_types"):
            waiting += getattr(one, several, ())
