import time

from servers import Server


def finished(server: Server, video_id: str, within: float = 30) -> dict[str, object]:
    until = time.monotonic() + within
    while True:
        video = dict(server.call("GET", f"/v1/videos/{video_id}").json())
        if video["status"] not in ("queued", "in_progress") or time.monotonic() > until:
            return video
        time.sleep(0.05)


def test_a_prompt_becomes_a_film(server: Server) -> None:
    video = server.call("POST", "/v1/videos", {"prompt": "a kite"}).json()

    done = finished(server, video["id"])

    assert done["status"] == "completed"
    assert server.call("GET", f"/v1/videos/{video['id']}/content").body[4:8] == b"ftyp"
