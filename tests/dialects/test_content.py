"""A film's files: whole, in ranges, and gone when the film is deleted."""

from __future__ import annotations

import email
import email.policy
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dialects.wire import Sent, get, new_film, wait
from servers import Answer, Server

#: What an answer carries that is about itself, not about the file.
OF_THE_ANSWER = {"x-request-id", "openai-processing-ms", "date"}


def content(video_id: str, method: str = "GET", *, query: str = "", **headers: str) -> Sent:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/v1/videos/{video_id}/content{query}"
    return replace(get(path), method=method, headers=asked)


@pytest.fixture
def whole(server: Server, finished: str) -> Answer:
    return content(finished).to(server)


def about_the_file(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_THE_ANSWER}


@pytest.mark.parametrize(
    ("variant", "kind", "magic"),
    [
        ("video", ("video/mp4", "mp4"), b"ftypisom"),
        ("thumbnail", ("image/webp", "webp"), b"WEBP"),
        ("spritesheet", ("image/jpeg", "jpg"), b"JFIF"),
    ],
)
def test_each_variant_comes_with_its_type_its_name_and_its_length(
    server: Server, finished: str, variant: str, kind: tuple[str, str], magic: bytes
) -> None:
    answer = content(finished, query=f"?variant={variant}").to(server)

    media_type, ending = kind
    assert answer.status == 200
    assert magic in answer.body[:16]
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["content-disposition"] == f'inline; filename="{finished}.{ending}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-filmgate-engine"] == "standin"
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'


def test_the_video_is_what_comes_without_a_variant(
    server: Server, finished: str, whole: Answer
) -> None:
    assert content(finished, query="?variant=video").to(server).body == whole.body


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("0-99", slice(0, 100)),
        ("0-0", slice(0, 1)),
        ("100-199", slice(100, 200)),
        ("500-", slice(500, None)),
        ("-100", slice(-100, None)),
        ("100-99999999999", slice(100, None)),
        ("-99999999999", slice(0, None)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_range_is_that_part_of_the_file(
    server: Server, finished: str, whole: Answer, asked: str, meant: slice
) -> None:
    part = content(finished, range=f"bytes={asked}").to(server)

    first, last, _ = meant.indices(len(whole.body))
    assert part.status == 206
    assert part.body == whole.body[meant]
    assert part.headers["content-range"] == f"bytes {first}-{last - 1}/{len(whole.body)}"
    assert part.headers["content-length"] == str(len(part.body))
    assert part.headers["etag"] == whole.headers["etag"]


def test_several_ranges_come_as_parts_of_one_answer(
    server: Server, finished: str, whole: Answer
) -> None:
    answer = content(finished, range="bytes=0-9,50-99,-10").to(server)

    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + answer.body, policy=email.policy.HTTP)
    parts = list(message.iter_parts())
    assert answer.status == 206
    assert answer.headers["content-length"] == str(len(answer.body))
    assert message.get_content_type() == "multipart/byteranges"
    assert [part.get_content() for part in parts] == [
        whole.body[0:10],
        whole.body[50:100],
        whole.body[-10:],
    ]
    assert parts[1]["content-range"] == f"bytes 50-99/{len(whole.body)}"
    assert {part.get_content_type() for part in parts} == {"video/mp4"}


def test_a_range_beyond_the_end_cannot_be_had(
    server: Server, finished: str, whole: Answer
) -> None:
    answer = content(finished, range=f"bytes={len(whole.body)}-").to(server)

    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (416, "range_not_satisfiable")
    assert error["type"] == "invalid_request_error"
    assert str(len(whole.body)) in error["message"]
    assert answer.headers["content-range"] == f"bytes */{len(whole.body)}"


def test_of_several_ranges_those_that_can_be_had_come(
    server: Server, finished: str, whole: Answer
) -> None:
    far = len(whole.body)

    one = content(finished, range=f"bytes=3-9,{far}-").to(server)
    none = content(finished, range=f"bytes={far}-,{far + 5}-").to(server)

    assert (one.status, one.body) == (206, whole.body[3:10])
    assert none.status == 416


def test_ranges_asked_for_at_once_are_the_whole_file(
    server: Server, finished: str, whole: Answer
) -> None:
    size, step = len(whole.body), len(whole.body) // 40 + 1
    ranges = [f"bytes={start}-{start + step - 1}" for start in range(0, size, step)]

    with ThreadPoolExecutor(16) as pool:
        parts = pool.map(lambda one: content(finished, range=one).to(server).body, ranges)

    assert b"".join(parts) == whole.body


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=10-19"}], ids=["whole", "range"])
def test_head_has_the_headers_of_get_and_no_body(
    server: Server, finished: str, headers: dict[str, str]
) -> None:
    got = content(finished, **headers).to(server)

    head = content(finished, "HEAD", **headers).to(server)

    assert head.status == got.status
    assert head.body == b""
    assert about_the_file(head) == about_the_file(got)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("known", ["{}", 'W/"old", {}', "W/{}"])
def test_a_known_file_is_not_sent_again(
    server: Server, finished: str, whole: Answer, method: str, known: str
) -> None:
    etag = whole.headers["etag"]

    answer = content(finished, method, if_none_match=known.format(etag)).to(server)

    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == whole.headers["cache-control"]


def test_another_etag_gets_the_file(server: Server, finished: str, whole: Answer) -> None:
    answer = content(finished, if_none_match='"another"').to(server)

    assert (answer.status, answer.body) == (200, whole.body)


def test_a_range_of_the_file_that_was_meant_is_sent(
    server: Server, finished: str, whole: Answer
) -> None:
    etag = whole.headers["etag"]

    answer = content(finished, range="bytes=0-9", if_range=etag).to(server)

    assert (answer.status, answer.body) == (206, whole.body[:10])


@pytest.mark.parametrize("meant", ['"another"', 'W/"weak"'])
def test_instead_of_a_range_of_another_file_comes_the_whole(
    server: Server, finished: str, whole: Answer, meant: str
) -> None:
    answer = content(finished, range="bytes=0-9", if_range=meant).to(server)

    assert (answer.status, answer.body) == (200, whole.body)


def test_a_deleted_films_files_are_gone(server: Server) -> None:
    video_id = new_film(server)
    folder = server.data / "films" / video_id
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3

    assert server.call("DELETE", f"/v1/videos/{video_id}").status == 200

    assert content(video_id).to(server).status == 404
    assert get(f"/v1/videos/{video_id}").to(server).status == 404
    wait(lambda: not folder.exists(), seconds=10)


def test_a_file_that_somebody_removed_is_said_to_be_missing(server: Server) -> None:
    video_id = new_film(server)
    for path in (server.data / "films" / video_id).rglob("video"):
        path.unlink()

    answer = content(video_id).to(server)

    assert (answer.status, answer.json()["error"]["code"]) == (404, "file_missing")
    assert content(video_id, query="?variant=thumbnail").to(server).status == 200


@pytest.mark.parametrize(
    "ranges", ["bytes=5-2", "items=0-5", "bytes=a-b", "bytes=", "bytes=0-1" + ",2-3" * 20]
)
def test_a_range_that_says_nothing_is_ignored(
    server: Server, finished: str, whole: Answer, ranges: str
) -> None:
    answer = content(finished, range=ranges).to(server)

    assert (answer.status, answer.body) == (200, whole.body)


def test_any_version_that_one_has_is_good_enough(server: Server, finished: str) -> None:
    assert content(finished, if_none_match="*").to(server).status == 304
