"""Bad input: each is refused with the field's name, in OpenAI's envelope, and never a 5xx."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from dialects.refusals import bad, refusal
from dialects.wire import (
    BOUNDARY,
    MULTIPART,
    Sent,
    body,
    create,
    file,
    form,
    get,
    new_key,
    part,
    png_bomb,
    text,
    urlencoded,
)
from films import image
from servers import Server

PNG = image((1280, 720))
SMALL = image((640, 360))
JPEG, WEBP = image((1280, 720), "JPEG"), image((1280, 720), "WEBP")
HD = text("size", "1280x720")
HUGE_HEADER = part(f'form-data; name="a"; b="{"b" * 9000}"', b"")
END = f"--{BOUNDARY}--\r\n".encode()
NO_IMAGE = ("invalid_image", "input_reference")
NO_LINK = ("invalid_value", "input_reference", "neither a link")


def reference(value: Any) -> Sent:
    return create(size="1280x720", input_reference=value)


def link(content: bytes) -> dict[str, str]:
    return {"image_url": "data:image/png;base64," + base64.b64encode(content).decode()}


def upload(content: bytes) -> Sent:
    return form(HD, file("input_reference", content))


def only(*parts: bytes) -> Sent:
    """A form without the prompt that others have."""
    return body(b"".join([*parts, END]), MULTIPART)


WRONG_TYPES = [
    bad(f"{field} {kind}", create(**{field: value}), "invalid_type", field, said)
    for field in ("prompt", "model", "size", "seconds", "input_reference")
    for kind, value, said in (
        ("true", True, "got a boolean instead"),
        ("an integer", 5, "got an integer instead"),
        ("a float", 1.5, "got a number instead"),
        ("a list", ["x"], "got an array instead"),
        ("an object", {"a": 1}, "got an object instead"),
    )
    if not (field == "seconds" and kind in ("an integer", "a float"))
    if not (field == "input_reference" and kind in ("a list", "an object"))
]

PROMPTS = [
    bad("no prompt", body(b"{}"), "missing_required_parameter", "prompt"),
    bad("no prompt in a form", only(HD), "missing_required_parameter", "prompt"),
    bad("null prompt", create(prompt=None), "invalid_type", "prompt", "got null"),
    bad("empty prompt", create(prompt=""), "invalid_value", "prompt", "say what to film"),
    bad("blank prompt", create(prompt=" \n\u3000"), "invalid_value", "prompt", "is empty"),
    bad("NUL in the prompt", create(prompt="a\0b"), "invalid_value", "prompt", "NUL"),
    bad("NUL in a form", only(text("prompt", "a\0b")), "invalid_value", "prompt", "NUL"),
    bad(
        *("32,001 characters", create(prompt="é" * 32_001)),
        *("string_above_max_length", "prompt", "32001 characters; the most is 32000"),
    ),
    bad("a file as prompt", only(file("prompt", PNG)), "invalid_type", "prompt", "got a file"),
]

BODIES = [
    *(
        bad(f"JSON {said}", body(content), "invalid_type", None, f"got {said} instead")
        for content, said in (
            (b"[]", "an array"),
            (b'"a kite"', "a string"),
            (b"5", "an integer"),
            (b"null", "null"),
        )
    ),
    bad("empty body", body(b""), "invalid_json", None, "empty"),
    bad("truncated JSON", body(b'{"prompt": "a ki'), "invalid_json", None, "truncated"),
    bad("half a JSON", body(b"{"), "invalid_json"),
    bad("two JSONs", body(b'{"prompt": "a"} {}'), "invalid_json", None, "trailing"),
    bad("NaN", body(b'{"prompt": "a", "seconds": NaN}'), "invalid_json"),
    bad("lone surrogate", body(rb'{"prompt": "a \ud800 kite"}'), "invalid_json"),
    bad("lone low surrogate", body(rb'{"prompt": "\udc00 kite"}'), "invalid_json"),
    bad("no UTF-8 in JSON", body(b'{"prompt": "\xff"}'), "invalid_json", None, "UTF-8"),
    bad("UTF-16", body('{"prompt": "a"}'.encode("utf-16")), "invalid_json"),
    bad("deep arrays", body(b"[" * 100_000), "invalid_json", None, "too deeply"),
    bad("deep objects", body(b'{"a":' * 100_000), "invalid_json", None, "too deeply"),
    bad("huge float", body(b'{"prompt":"a","seconds":1e400}'), "invalid_json"),
    *(
        bad(f"type {kind}", body(b"{}", kind), "unsupported_content_type", None, kind)
        for kind in ("text/plain", "video/mp4", "multipart/mixed")
    ),
    bad("long type", body(b"{}", "a" * 3000), "unsupported_content_type"),
    bad("no form", urlencoded(b"prompt=%ff"), "invalid_form", None, "UTF-8"),
    bad("raw form", urlencoded("prompt=é".encode()), "invalid_form"),
    bad("empty form", urlencoded(b""), "missing_required_parameter", "prompt"),
    bad("201 pairs", urlencoded(b"a=b" + b"&a=b" * 200), "too_many_fields", None, "200"),
]

FORMS = [
    bad("no boundary", form(kind="multipart/form-data"), "invalid_multipart", None, "boundary"),
    bad(
        "long boundary", form(kind=f"{MULTIPART}{'x' * 300}"), "invalid_multipart", None, "256"
    ),
    bad("another boundary", form(kind=f"{MULTIPART}x"), "invalid_multipart"),
    bad(
        *("broken off in a file", form(file("input_reference", PNG)[:-99], end=b"")),
        *("invalid_multipart", "input_reference", "in or after the field 'input_reference'"),
    ),
    bad("no final boundary", form(HD, end=b""), "invalid_multipart", "size"),
    bad("no multipart at all", body(b"a kite", MULTIPART), "invalid_multipart"),
    bad("an empty multipart", body(b"", MULTIPART), "invalid_multipart"),
    bad("a part without a name", form(part("form-data", b"x")), "invalid_multipart"),
    bad("a part without headers", form(b"--the-boundary\r\n\r\nx\r\n"), "invalid_multipart"),
    bad("huge part header", form(HUGE_HEADER), "invalid_multipart", None, "4096 bytes"),
    bad("201 fields", form(*[text(f"f{n}", "") for n in range(200)]), "too_many_fields"),
    bad("no UTF-8", form(text("size", b"\xff")), "invalid_value", "size", "UTF-8"),
    bad("surrogate", form(text("size", b"\xed\xa0\x80")), "invalid_value", "size", "UTF-8"),
    bad("a field twice", form(HD, HD), "invalid_value", "size", "more than once"),
    bad("a and a[b]", form(HD, text("size[b]", "x")), "invalid_value", "size", "two ways"),
    bad("ab and a[b]", form(text("size", "ab"), text("size[b]", "")), "invalid_value", "size"),
    bad("a[b] and a", form(text("size[b]", "x"), HD), "invalid_value", "size"),
    bad("a[] and a[b]", form(text("a[]", ""), text("a[b]", "")), "invalid_value", "a"),
    bad("a[b] and a[][c]", form(text("a[b]", ""), text("a[][c]", "")), "invalid_value", "a"),
    bad("a[b] twice", form(text("a[b]", ""), text("a[b]", "")), "invalid_value", "a[b]"),
    *(
        bad(f"name {name}", form(text(name, "")), "unknown_parameter", name, "name[part]")
        for name in ("a[", "a]", "[a]", "a[b]c", "a[b][c][d]", "a[[b]]")
    ),
    bad("empty name", form(text("", "x")), "unknown_parameter", None, "''"),
]

UNKNOWN = [
    bad("unknown", create(zoom=2), "unknown_parameter", "zoom", "'zoom'"),
    bad("unknown in a form", form(text("zoom", "2")), "unknown_parameter", "zoom"),
    bad("unknown with a backtick", create(**{"a`b": 2}), "unknown_parameter", "a`b"),
    bad("unknown and long", create(**{"a" * 9999: 2}), "unknown_parameter", "a" * 80),
    bad(
        *("unknown within", reference({"image_url": "x", "zoom": 2})),
        *("unknown_parameter", "input_reference.zoom"),
    ),
    bad(
        *("unknown within, in a form", form(text("input_reference[zoom]", "2"))),
        *("unknown_parameter", "input_reference.zoom"),
    ),
]

SIZES_AND_SECONDS = [
    *(
        bad(f"size {size}", create(size=size), "invalid_value", "size", f"'{size[:80]}'")
        for size in (
            *("1280", "x", "1280×720", "1280x721", "0x0", "-1x5", "99999x99999"),
            *("1280x720x3", "", "1280x720 ", "１２８０x720", "9" * 999),
        )
    ),
    *(
        bad(
            *(f"previs size {size}", create(size=size, model="previs-1")),
            *("invalid_value", "size", "even sides from 64 to 2560"),
        )
        for size in ("1281x720", "62x62", "2562x720")
    ),
    *(
        bad(f"seconds {s!r}"[:20], create(seconds=s), "invalid_value", "seconds", f"'{s}'"[:80])
        for s in (
            *("0", "-4", "5", "abc", "1e9", "nan", "4.0001", "", "٤", 0, -4, 5),
            *(4.0001, 4.0000001, 10**400),
        )
    ),
    *(
        bad(
            *(f"previs seconds {seconds!r}", create(seconds=seconds, model="previs-1")),
            *("invalid_value", "seconds", "from 1 to 120"),
        )
        for seconds in (0, "121", 120.5)
    ),
]

MODELS = [
    bad(
        *(f"model {model!r}"[:30], create(model=model), "model_not_found", "model"),
        status=404,
    )
    for model in ("no-such", "", "a/b/c", "standin/none", "../sora-2", "a\0b", "m" * 99_999)
]

IMAGES = [
    bad("text for an image", upload(b"a kite"), *NO_IMAGE, "not a JPEG, PNG or WebP"),
    bad("mp4 for an image", upload(b"\0\0\0\x18ftypisom" + bytes(99)), *NO_IMAGE),
    bad("svg for an image", upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), *NO_IMAGE),
    bad("gif for an image", upload(image((1280, 720), "GIF")), *NO_IMAGE),
    bad("empty file", upload(b""), *NO_IMAGE, "is empty"),
    bad("truncated PNG", upload(PNG[:-2000]), *NO_IMAGE, "cut off"),
    bad("truncated JPEG", upload(JPEG[:-2000]), *NO_IMAGE, "cut off"),
    bad("truncated WebP", upload(WEBP[:-50]), *NO_IMAGE, "cut off"),
    bad(
        *("a bomb", upload(png_bomb()), "image_too_large", "input_reference"),
        "20000x20000",
    ),
    bad(
        *("another size", upload(SMALL), "invalid_value", "input_reference"),
        "the image is 640x360, the film 1280x720",
    ),
    bad("text for an image", reference("x"), *NO_LINK),
    bad("the same in a form", form(text("input_reference", "x")), *NO_LINK),
    *(
        bad(
            *(f"link {url[:20]}", reference({"image_url": url})),
            *("invalid_value", "input_reference.image_url", "base64"),
        )
        for url in (
            *("file:///etc/passwd", "ftp://127.0.0.1/a.png", "data:image/png,a", ""),
            *("data:image/png;base64,$$$", "data:image/png;base64,abc"),
        )
    ),
    bad(
        *(
            "link to this machine",
            reference({"image_url": "http://127.0.0.1:1/a.png?key=s3cret"}),
        ),
        *("refused_url", "input_reference.image_url", "FILMGATE_PRIVATE_ADDRESSES"),
    ),
    bad("link to text", reference(link(b"a")), "invalid_image", "input_reference.image_url"),
    bad(
        *("link to a bomb", reference(link(png_bomb()))),
        *("image_too_large", "input_reference.image_url"),
    ),
    bad(
        *("integer link", reference({"image_url": 5})),
        *("invalid_type", "input_reference.image_url"),
    ),
    bad(
        *("link and id", reference(link(PNG) | {"file_id": "file_x"})),
        *("invalid_value", "input_reference", "exactly one"),
    ),
    bad("neither", reference({}), "invalid_value", "input_reference", "exactly one"),
    bad(
        *("unknown file", reference({"file_id": "file_x"})),
        *("file_not_found", "input_reference.file_id", "'file_x'"),
        status=404,
    ),
]

EVERYTHING = [
    *(*WRONG_TYPES, *PROMPTS, *BODIES, *FORMS, *UNKNOWN, *SIZES_AND_SECONDS, *MODELS),
    *IMAGES,
]


@pytest.mark.parametrize(("sent", "refused", "says"), EVERYTHING)
def test_bad_input_is_refused_by_name(
    server: Server, sent: Sent, refused: tuple[int, str, str | None], says: str
) -> None:
    answer = sent.to(server)

    error = refusal(server, answer)
    assert (answer.status, error["code"], error["param"]) == refused
    assert says in error["message"]


def test_no_bad_input_became_a_film_or_a_trace_in_the_log(server: Server) -> None:
    key, log = new_key(server), server.data / "serve.log"
    traces = log.read_text().count("Traceback")

    for case in EVERYTHING:
        sent: Sent = case.values[0]
        Sent(**{**vars(sent), "key": sent.key and key}).to(server)

    assert get("/v1/videos").to(server).status == 200
    assert server.call("GET", "/v1/videos", key=key).json()["data"] == []
    assert log.read_text().count("Traceback") == traces


@pytest.mark.parametrize("metadata", [b"MM\0*\0", b"\xff" * 20], ids=["short", "garbage"])
def test_a_picture_with_broken_metadata_is_a_picture(server: Server, metadata: bytes) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (1280, 720)).save(picture, "PNG", exif=b"Exif\0\0" + metadata)

    answer = upload(picture.getvalue()).to(server)

    assert answer.status == 200
    server.call("DELETE", f"/v1/videos/{answer.json()['id']}")
