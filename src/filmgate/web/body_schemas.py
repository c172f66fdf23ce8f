"""
A body's schema in JSON, and the same fields as a form writes them.

In a form each value has one flat name, such as `a[b]` or `a[][b]`; nothing is null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from filmgate.web.field_types import FILE

#: JSON Schema, which is as deep as it likes.
Schema = dict[str, Any]
Components = Mapping[str, Schema]

BINARY: Schema = {"type": "string", "format": "binary"}
REFS = "#/components/schemas/"
_NULL = {"type": "null"}


def ref(name: str) -> Schema:
    return {"$ref": f"{REFS}{name}"}


def in_json(schema: Schema) -> Schema | None:
    """A body's component with references in place of files; None if a file must be there."""
    properties = {
        name: {key: value for key, value in plain.items() if (key, value) != ("default", None)}
        for name, one in schema["properties"].items()
        if (plain := _without_files(one)) is not None
    }
    if not set(schema["required"]) <= properties.keys():
        return None
    return schema | {"properties": properties}


def as_form(schema: Schema, components: Components) -> Schema:
    """The same body as `multipart/form-data`."""
    properties: Schema = {}
    patterns: Schema = {}
    required: list[str] = []
    form: Schema = {"type": "object", "additionalProperties": False}
    for name, one in schema["properties"].items():
        fields = dict(_flat(name, one, components))
        patterns |= {at: part for at, part in fields.items() if at.startswith("^")}
        plain = {at: part for at, part in fields.items() if not at.startswith("^")}
        properties |= plain
        if name in schema["required"] and len(plain) > 1:
            form["anyOf"] = [{"required": [at]} for at in plain]
        elif name in schema["required"]:
            required.append(name)
    form |= {"properties": properties, "required": required}
    return form | ({"patternProperties": patterns} if patterns else {})


def _without_files(schema: Schema) -> Schema | None:
    """What JSON has in place of files; None if it has nothing."""
    if FILE in schema:
        if not schema[FILE]:
            return None
        # Exactly one of its fields, which the type's own schema cannot say.
        rest = {name: value for name, value in schema.items() if name != FILE}
        return rest | ref(schema[FILE]) | {"minProperties": 1, "maxProperties": 1}
    if "anyOf" in schema:
        ways = [way for one in schema["anyOf"] if (way := _without_files(one))]
        return schema | {"anyOf": ways} if ways else None
    if "items" in schema:
        items = _without_files(schema["items"])
        return None if items is None else schema | {"items": items}
    return schema


def _flat(name: str, schema: Schema, components: Components) -> Iterator[tuple[str, Schema]]:
    """Every field that a form may have for one of JSON; a pattern begins with ^."""
    match schema:
        case {"type": "null"}:
            return  # a form cannot say it
        case {"x-file": str(instead)}:
            yield name, BINARY
            if instead:
                yield from _flat(name, components[instead], components)
        case {"$ref": str(path)}:
            yield from _flat(name, components[path.removeprefix(REFS)], components)
        case {"anyOf": list(ways)}:
            yield from _any(name, schema, [way for way in ways if way != _NULL], components)
        case {"properties": _} | {"additionalProperties": dict()} | {"items": _}:
            yield from _nested(name, schema, components)
        case _:
            yield name, schema


def _any(
    name: str, schema: Schema, ways: list[Schema], components: Components
) -> Iterator[tuple[str, Schema]]:
    if all(_is_scalar(way) for way in ways):
        kept = {key: part for key, part in schema.items() if key not in ("default", "anyOf")}
        if "enum" in kept:
            kept["enum"] = [word for word in kept["enum"] if word is not None]
        yield name, kept | ({"anyOf": ways} if len(ways) > 1 else ways[0])
        return
    for way in ways:
        yield from _flat(name, way, components)


def _nested(name: str, schema: Schema, components: Components) -> Iterator[tuple[str, Schema]]:
    match schema:
        case {"properties": dict(parts)}:
            for part, one in parts.items():
                yield from _flat(f"{name}[{part}]", one, components)
        case {"additionalProperties": dict(part)}:
            yield rf"^{re.escape(name)}\[[^\[\]]+\]$", part
        case _:
            for at, part in _flat(f"{name}[]", schema["items"], components):
                yield at, {"type": "array", "items": part}


def _is_scalar(schema: Schema) -> bool:
    return not (schema.keys() & {"$ref", "properties", "additionalProperties", "items", FILE})
