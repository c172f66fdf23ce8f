"""Bad requests around the films: queries, paths, methods, keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialects.refusals import bad, refusal
from dialects.wire import Sent, get, new_key
from servers import KEY, Server

KEYS = "/admin/keys"


def keys(**fields: Any) -> Sent:
    content = json.dumps(fields).encode()
    return Sent(path=KEYS, body=content, headers={"content-type": "application/json"})


def authorized(value: str | None) -> Sent:
    headers = {} if value is None else {"authorization": value}
    return Sent(method="GET", path="/v1/videos", key=None, headers=headers)


QUERIES = [
    *(
        bad(f"limit {text}"[:20], get(f"/v1/videos?limit={text}"), "invalid_value", "limit")
        for text in ("abc", "-1", "101", "1.5", "", "%D9%A4", "0000000001000", "0" * 5000)
    ),
    bad("order", get("/v1/videos?order=sideways"), "invalid_value", "order", "'asc', and"),
    *(
        bad(f"{method} {path}", Sent(method=method, path=path), code, param, status=404)
        for method, path, code, param in (
            ("GET", "/v1/videos/video_none", "not_found", "video_id"),
            ("DELETE", "/v1/videos/video_none", "not_found", "video_id"),
            ("GET", "/v1/videos/video_none/content", "not_found", "video_id"),
            ("GET", "/v1/videos/%00%FF", "not_found", "video_id"),
            ("GET", f"/v1/videos/{'v' * 9999}", "not_found", "video_id"),
            ("GET", "/v1/models/no/such", "model_not_found", "model"),
            ("DELETE", f"{KEYS}/key_none", "not_found", "key_id"),
            ("GET", "/v1/nothing", "unknown_url", None),
            ("POST", "/v1/_stainless_unknown_path", "unknown_url", None),
        )
    ),
]

AUTH = [
    bad(name, authorized(value), "invalid_api_key", None, says, status=401)
    for name, value, says in (
        ("no key", None, "Authorization: Bearer"),
        ("a wrong key", "Bearer sk-nobody", "Incorrect API key"),
        ("a wrong key, not ASCII", "Bearer ÿé", "Incorrect API key"),
        ("Basic", "Basic YTpi", "Authorization: Bearer"),
        ("an empty bearer", "Bearer ", "Authorization: Bearer"),
        ("a bare key", KEY, "Authorization: Bearer"),
    )
]

ADMIN = [
    bad("key without a name", keys(), "missing_required_parameter", "name"),
    bad("key with an empty name", keys(name=" "), "invalid_value", "name"),
    bad("key with an integer name", keys(name=5), "invalid_type", "name"),
    bad("a short key", keys(name="x", value="short"), "invalid_value", "value", "8"),
    bad("a key with spaces", keys(name="x", value="a b c d e"), "invalid_value", "value"),
    bad("a key that exists", keys(name="x", value=KEY), "conflict", "value", status=409),
    bad("an unknown setting", keys(name="x", zoom=1), "unknown_parameter", "zoom"),
]


@pytest.mark.parametrize(("sent", "refused", "says"), [*QUERIES, *AUTH, *ADMIN])
def test_a_bad_request_is_refused_by_name(
    server: Server, sent: Sent, refused: tuple[int, str, str | None], says: str
) -> None:
    answer = sent.to(server)

    error = refusal(server, answer)
    assert (answer.status, error["code"], error["param"]) == refused
    assert says in error["message"]


def test_a_film_that_is_not_ready_has_no_content(server: Server, unfinished: str) -> None:
    answer = get(f"/v1/videos/{unfinished}/content").to(server)

    error = refusal(server, answer)
    assert (answer.status, error["code"]) == (404, "video_not_ready")
    assert unfinished in error["message"]


def test_an_unknown_variant_is_refused(server: Server, finished: str) -> None:
    answer = get(f"/v1/videos/{finished}/content?variant=poster").to(server)

    error = refusal(server, answer)
    assert (answer.status, error["code"], error["param"]) == (400, "invalid_value", "variant")
    assert "'video', 'thumbnail', and 'spritesheet'" in error["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/videos", "GET, HEAD, POST"),
        ("PATCH", "/v1/videos/video_x", "DELETE, GET, HEAD"),
        ("POST", "/v1/models", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    server: Server, method: str, path: str, allowed: str
) -> None:
    answer = Sent(method=method, path=path).to(server)

    error = refusal(server, answer)
    assert (answer.status, error["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed
    assert allowed in error["message"]


@pytest.mark.parametrize("sent", [get(KEYS), keys(name="x"), Sent(method="DELETE", path=KEYS)])
def test_only_an_admin_key_manages_keys(server: Server, sent: Sent) -> None:
    path = f"{KEYS}/key_x" if sent.method == "DELETE" else KEYS
    answer = Sent(**{**vars(sent), "path": path, "key": new_key(server)}).to(server)

    error = refusal(server, answer)
    assert (answer.status, error["code"]) == (403, "forbidden")


def test_somebody_elses_film_is_not_found(server: Server, finished: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/content")):
        answer = server.call(method, f"/v1/videos/{finished}{path}", key=new_key(server))

        assert answer.status == 404
        assert refusal(server, answer)["param"] == "video_id"
