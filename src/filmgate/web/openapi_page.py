"""
An OpenAPI document as one page: no script, nothing from elsewhere, nothing to install.

Everything is written by `Writer`, which escapes it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from typing import Any

from filmgate.web.body_schemas import REFS

Document = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
details { border-bottom: 1px solid var(--soft); }
summary { cursor: pointer; overflow-wrap: anywhere; padding: .4rem 0; }
code { background: var(--soft); border-radius: .25rem; font-size: .9em; padding: .1em .3em; }
table { border-collapse: collapse; display: block; margin: 0 0 1rem; overflow-x: auto; }
th, td { border-top: 1px solid var(--soft); padding: .25rem .75rem .25rem 0; text-align: left;
  vertical-align: top; }
td:last-child { overflow-wrap: anywhere; }
.method { display: inline-block; font-weight: 600; min-width: 4.5rem; }
.ours { border: 1px solid var(--line); border-radius: 1rem; font-size: .8em; padding: 0 .5em; }
"""
_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_METHODS = ("get", "post", "put", "patch", "delete")
_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern", "default")


def page(document: Document) -> str:
    """The whole page as HTML."""
    info, tags = document["info"], [tag["name"] for tag in document["tags"]]
    schemas = document["components"]["schemas"]
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(info['title'])} API</h1>",
            f"<p>Version {escape(info['version'])}. ",
            '<a href="/openapi.json">The same as OpenAPI</a>. Send your key as ',
            "<code>Authorization: Bearer YOUR_KEY</code>.</p><nav>",
            *(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in [*tags, "schemas"]),
            "</nav>",
            *(part for tag in tags for part in _tag(tag, document)),
            '<h2 id="schemas">schemas</h2>',
            *(part for name in schemas for part in _component(name, schemas[name])),
            "</body></html>",
        ]
    )


def _tag(tag: str, document: Document) -> Iterator[str]:
    yield f'<h2 id="{escape(tag)}">{escape(tag)}</h2>'
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if tag in operations.get(method, {}).get("tags", ()):
                yield from _operation(method, path, operations[method])


def _operation(method: str, path: str, said: Document) -> Iterator[str]:
    ours = ' <span class="ours">filmgate</span>' if said["x-ours"] else ""
    yield f'<details id="{escape(said["operationId"])}"><summary>'
    yield f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code>{ours}<br>'
    yield f"{escape(said['summary'])}</summary>"
    rows = [
        (_code(one["name"]), one["in"], _schema(one["schema"])) for one in said["parameters"]
    ]
    yield from _table("Parameters", rows)
    body = said.get("requestBody", {}).get("content", {})
    yield from _table("Body", [(_code(kind), _schema(body[kind]["schema"])) for kind in body])
    yield from _table("Answers", list(_answers(said["responses"])))
    yield "</details>"


def _answers(responses: Document) -> Iterator[Sequence[str]]:
    for status, one in responses.items():
        if "$ref" in one:
            yield status, "", _schema({"$ref": f"{REFS}Refused"})
            continue
        for kind, content in one.get("content", {"": {"schema": {}}}).items():
            yield status, _code(kind), _schema(content["schema"])


def _component(name: str, schema: Document) -> Iterator[str]:
    yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
    yield f"<p>{escape(schema.get('description', ''))}</p>"
    fields = {**schema.get("properties", {}), **schema.get("patternProperties", {})}
    required = schema.get("required", ())
    rows = [
        (_code(field), "required" if field in required else "", _schema(one))
        for field, one in fields.items()
    ]
    yield from _table("Fields", rows)
    if not fields:
        yield f"<p>{_schema(schema)}</p>"
    yield "</details>"


def _table(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield f"<table><thead><tr><th colspan={len(rows[0])}>{title}</th></tr></thead><tbody>"
        for row in rows:
            yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
        yield "</tbody></table>"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _schema(schema: Document) -> str:
    """A schema in a line: its type, and what it may be."""
    bounds = [f"{name} {_code(str(schema[name]))}" for name in _BOUNDS if name in schema]
    return ", ".join([_kind(schema), *bounds]).removeprefix(", ")


def _kind(schema: Document) -> str:
    match schema:
        case {"$ref": str(path)}:
            name = escape(path.removeprefix(REFS))
            said = f'<a href="#{name}">{name}</a>'
        case {"const": value}:
            said = _code(str(value))
        case {"enum": words}:
            said = " · ".join(_code(str(word)) for word in words)
        case {"anyOf": ways} if "properties" not in schema:
            said = " or ".join(_kind(way) for way in ways)
        case {"items": one}:
            said = f"list of {_kind(one)}"
        case {"additionalProperties": dict(one)}:
            said = f"map to {_kind(one)}"
        case {"format": "binary"}:
            said = "file"
        case _:
            said = escape(str(schema.get("type", "")))
    return said
