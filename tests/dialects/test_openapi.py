"""`/openapi.json` and `/docs`: what they say is what is there."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Any

import jsonschema_rs
import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dialects import openapi_snapshot
from dialects.wire import get
from filmgate.dialects.openai.video_fields import VideoCreate
from filmgate.dialects.openai.video_objects import Video
from filmgate.web.body_schemas import as_form, in_json
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import File, Files, Image, Images, NotHere, one_of_or_null
from filmgate.web.openapi import document
from filmgate.web.openapi_page import STYLE, page
from servers import Server

DOCUMENT = openapi_snapshot.fresh()
SCHEMAS = DOCUMENT["components"]["schemas"]


class Choice(msgspec.Struct):
    word: Annotated[str | None, one_of_or_null("a", "b")] = None


class Everything(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    one: Image
    many: Images = None
    files: Files = None
    choice: Choice | None = None
    choices: list[Choice] | None = None
    words: list[str] | None = None
    pairs: dict[str, int] | None = None
    gone: NotHere = None


class OnlyFile(msgspec.Struct):
    file: File


def schema_of(kind: type) -> tuple[dict[str, Any], dict[str, Any]]:
    _, found = msgspec.json.schema_components(
        [kind], ref_template="#/components/schemas/{name}"
    )
    _, given = msgspec.json.schema_components(
        [VideoCreate], ref_template="#/components/schemas/{name}"
    )
    images = {"ImageReference": SCHEMAS["ImageReference"]}
    return found[kind.__name__], {**given, **found, **images}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, said)
        for path, methods in DOCUMENT["paths"].items()
        for method, said in methods.items()
    ]


def test_the_document_is_the_one_that_was_agreed_on() -> None:
    assert openapi_snapshot.SNAPSHOT.read_text(encoding="utf-8") == openapi_snapshot.text(), (
        "run tests/dialects/openapi_snapshot.py --write, and tell of it in the changelog"
    )


def test_a_server_describes_all_of_its_routes(server: Server) -> None:
    said = get("/openapi.json").to(server).json()

    assert said["paths"].keys() == DOCUMENT["paths"].keys()
    assert said["info"]["version"] != "0"


def test_neither_the_document_nor_its_page_needs_a_key(server: Server) -> None:
    for path in ("/openapi.json", "/docs"):
        assert server.call("GET", path, key=None).status == 200


def test_a_route_that_is_not_described_is_a_mistake() -> None:
    async def bare(_: Request) -> Response:
        return Response()

    with pytest.raises(LookupError, match="GET /bare has no @endpoint"):
        document([Route("/bare", bare, methods=["GET"])], version="0")


def test_what_is_described_is_still_the_handler() -> None:
    async def handler() -> Response:
        return Response()

    assert endpoint("Do it")(handler) is handler


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [said["operationId"] for _, _, said in operations()]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", [VideoCreate, Video])
def test_every_field_of_a_struct_is_described(kind: type[msgspec.Struct]) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}

    assert SCHEMAS[kind.__name__]["properties"].keys() == fields


def test_every_field_of_a_form_is_one_of_json() -> None:
    names = {re.split(r"[\[\\^]", name)[0] for name in SCHEMAS["VideoCreateForm"]["properties"]}
    patterns = SCHEMAS["VideoCreateForm"]["patternProperties"]

    assert names | {"metadata", "engine_options"} == SCHEMAS["VideoCreate"]["properties"].keys()
    assert set(patterns) == {r"^metadata\[[^\[\]]+\]$", r"^engine_options\[[^\[\]]+\]$"}


def events(transcript: Path) -> list[dict[str, str]]:
    """The fields of each event in a transcript of a stream."""
    text = transcript.read_text(encoding="utf-8")
    stream = text.partition("\n200 text/event-stream; charset=utf-8\n\n")[2] or text
    return [
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in stream.strip().split("\n\n")
    ]


@pytest.mark.parametrize(
    ("path", "transcript"),
    [
        ("/v1/chat/completions", "chat_transcripts/prompt"),
        ("/v1/chat/completions", "chat_transcripts/failure"),
        ("/v1/messages", "transcripts/message-film-stream"),
        ("/v1/messages", "transcripts/message-failure-stream"),
        ("/v1beta/models/{model}:streamGenerateContent", "transcripts/gemini-film-stream"),
        ("/v1beta/models/{model}:streamGenerateContent", "transcripts/gemini-failure-stream"),
    ],
)
def test_an_event_has_what_the_document_says(path: str, transcript: str) -> None:
    content = DOCUMENT["paths"][path]["post"]["responses"]["200"]["content"]
    said = content["text/event-stream"]["schema"]
    data, *last = said["properties"]["data"].get("anyOf", [said["properties"]["data"]])
    holds = {**data["contentSchema"], "components": {"schemas": SCHEMAS}}

    heard = events(Path(__file__).parent / f"{transcript}.txt")
    assert all(event.keys() == set(said["required"]) for event in heard)
    ends = [heard.pop()["data"]] if last else []
    assert ends == [end["const"] for end in last]
    for event in heard:
        jsonschema_rs.validate(holds, json.loads(event["data"]))


def test_every_reference_in_the_document_leads_somewhere() -> None:
    for path in set(re.findall(r'"\$ref": "#/([^"]+)"', openapi_snapshot.text())):
        found: Any = DOCUMENT
        for name in path.split("/"):
            found = found[name]


def test_every_schema_is_json_schema() -> None:
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate(schema)


def test_links_lead_from_what_is_made_to_what_can_be_done_with_it() -> None:
    made = DOCUMENT["paths"]["/v1/videos"]["post"]["responses"]["200"]["links"]

    assert made["videos.retrieve"]["parameters"] == {"video_id": "$response.body#/id"}
    assert made["videos.edit"]["requestBody"] == {"video": {"id": "$response.body#/id"}}
    assert made.keys() >= {"videos.content", "videos.delete", "videos.remix", "videos.events"}


def test_what_is_a_file_in_a_form_is_a_reference_in_json() -> None:
    schema, _ = schema_of(Everything)
    said = in_json(schema)

    assert said is not None
    reference = {"$ref": "#/components/schemas/ImageReference"}
    one = [
        {"type": "string", "minLength": 1},
        {**reference, "minProperties": 1, "maxProperties": 1},
    ]
    assert said["properties"]["one"] == {"anyOf": one}
    assert "files" not in said["properties"]


def test_what_must_be_a_file_cannot_be_said_in_json() -> None:
    assert in_json(schema_of(OnlyFile)[0]) is None


def test_a_form_has_one_flat_name_for_each_value() -> None:
    schema, components = schema_of(Everything)
    form = as_form(schema, components)

    assert sorted(form["properties"]) == [
        "choice[word]",
        "choices[][word]",
        "files",
        "files[]",
        "many",
        "many[]",
        "many[][file_id]",
        "many[][image_url]",
        "many[file_id]",
        "many[image_url]",
        "name",
        "one",
        "one[file_id]",
        "one[image_url]",
        "words[]",
    ]
    assert form["properties"]["choice[word]"] == {"enum": ["a", "b"], "type": "string"}
    assert form["patternProperties"] == {r"^pairs\[[^\[\]]+\]$": {"type": "integer"}}
    assert form["required"] == ["name"]
    assert form["anyOf"] == [
        {"required": [name]} for name in ("one", "one[image_url]", "one[file_id]")
    ]


class Reader(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.tags.add(tag)
        self.attributes |= said.keys()
        if identity := said.get("id"):
            self.ids.append(identity)
        if href := said.get("href"):
            self.links.add(href)


@pytest.fixture(scope="module")
def reader() -> Reader:
    read = Reader()
    read.feed(page(DOCUMENT))
    return read


def test_the_page_has_every_operation_and_every_schema(reader: Reader) -> None:
    for _, _, said in operations():
        assert said["operationId"] in reader.ids
    assert set(SCHEMAS) < set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))


def test_every_link_of_the_page_leads_somewhere(reader: Reader) -> None:
    assert {link.removeprefix("#") for link in reader.links} <= {*reader.ids, "/openapi.json"}


def test_the_page_runs_nothing_and_loads_nothing(server: Server, reader: Reader) -> None:
    answer = server.call("GET", "/docs", key=None)

    assert not reader.tags & {"script", "link", "img", "iframe", "form"}
    assert not reader.attributes & {"src", "style", "onclick"}
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<style>{STYLE}</style>" in answer.body.decode()


def test_the_page_escapes_what_it_shows() -> None:
    evil = json.loads(json.dumps(DOCUMENT))
    evil["paths"]["/v1/videos"]["post"]["summary"] = "<script>"

    assert "<script>" not in page(evil)
