"""`/admin/keys`: made, shown once, listed, revoked."""

from servers import KEY, Server


def test_a_key_is_shown_once_and_works_until_it_is_revoked(server: Server) -> None:
    made = server.call("POST", "/admin/keys", {"name": "ada"}).json()

    assert server.call("GET", "/v1/videos", key=made["key"]).status == 200
    listed = server.call("GET", "/admin/keys").json()["data"]
    (shown,) = [key for key in listed if key["id"] == made["id"]]
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert made["hint"] == f"…{made['key'][-4:]}"
    assert (made["name"], made["admin"], made["revoked_at"]) == ("ada", False, None)

    revoked = server.call("DELETE", f"/admin/keys/{made['id']}")

    assert revoked.json() == {"id": made["id"], "revoked": True}
    assert server.call("GET", "/v1/videos", key=made["key"]).status == 401


def test_a_key_may_be_brought_along_and_may_manage_keys(server: Server) -> None:
    body = {"name": "grace", "value": "sk-brought-along", "admin": True}
    made = server.call("POST", "/admin/keys", body).json()

    assert made["key"] == "sk-brought-along"
    assert server.call("GET", "/admin/keys", key="sk-brought-along").status == 200


def test_no_list_of_keys_holds_a_key(server: Server) -> None:
    assert KEY not in server.call("GET", "/admin/keys").body.decode()
