"""Forms as they leave: whatever is in them comes out again, and nothing more."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from filmgate.ports.calls import FormFile, form


def read(kind: str, body: bytes) -> list[tuple[str, str | None, str, bytes]]:
    """The name, the file's name, the media type and the content of each part."""
    whole = message_from_bytes(
        f"content-type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP
    )
    found = []
    for part in whole.iter_parts():
        assert isinstance(part, EmailMessage)
        said = part["content-disposition"].params
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((said["name"], said.get("filename"), part.get_content_type(), content))
    return found


def test_texts_and_files_come_out_as_they_went_in() -> None:
    picture = FormFile("image", "1.png", "image/png", b"\r\n--\x00\xff\r\n")
    kind, body = form({"prompt": "a kite, 风筝", "seed": 7, "loop": True, "more": [1]}, picture)
    assert read(kind, body) == [
        ("prompt", None, "text/plain", "a kite, 风筝".encode()),
        ("seed", None, "text/plain", b"7"),
        ("loop", None, "text/plain", b"true"),
        ("more", None, "text/plain", b"[1]"),
        ("image", "1.png", "image/png", b"\r\n--\x00\xff\r\n"),
    ]


def test_the_same_is_always_the_same_and_something_else_is_not() -> None:
    file = FormFile("a", "a.png", "image/png", b"x")
    assert form({"a": "b"}, file) == form({"a": "b"}, file)
    kinds = {form({"a": "b"})[0], form({"a": "c"})[0], form({"a": "b"}, file)[0]}
    assert len(kinds) == 3


def test_nobody_adds_a_field_from_inside_another() -> None:
    """Neither by guessing what divides them, nor through a name."""
    kind, body = form({"prompt": "a kite"})
    divider = kind.partition("=")[2]
    more = (
        f'--{divider}\r\ncontent-disposition: form-data; name="model"\r\n\r\nx\r\n--{divider}--'
    )
    kind, body = form({"prompt": f"a kite\r\n{more}"})
    assert [part[0] for part in read(kind, body)] == ["prompt"]
    kind, body = form({'a"\r\n\r\nb': "c"})
    assert [part[0] for part in read(kind, body)] == ["a%22%0D%0A%0D%0Ab"]
