"""`POST /v1/videos?dry_run=true`, and a video's place in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openai
import pytest

from dialects.in_process import OpenDoor, Place, opened
from dialects.wire import create, file, form, new_key, text
from fakes import A_KITE, Scripted
from filmgate import Operation, Role
from filmgate.dialects.openai.video_routes import shown_route
from filmgate.dialects.openai.videos import Videos
from filmgate.domain.caller import Caller
from filmgate.domain.model import Pick
from filmgate.gateway.submission import Given, Submission
from filmgate.storage.database.accounts import AccountRows
from films import image
from house import House, open_house
from servers import KEY, Server
from unit.switchboard import NAME, join, means, seat

BODY_OF_ONE = {"model": "kite-1", "prompt": "a kite"}
BODY = {"model": NAME, "prompt": "a kite", "seconds": 4, "size": "1280x720"}


class Whoever(OpenDoor):
    """Everybody is the house's caller, as an admin or not."""

    rights = False  #: of an admin

    async def caller(self, request: object, **said: Any) -> Caller:
        del request, said
        return replace(self._only, admin=self.rights)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await open_house(tmp_path, Scripted())


@pytest.fixture
def door(house: House) -> Whoever:
    return Whoever(house.caller)


@pytest.fixture
async def place(house: House, door: Whoever) -> AsyncIterator[Place]:
    videos = Videos(house.gateway, house.casting, door, house.shelf, new_id=house.new_id)
    async with opened(house, videos.routes()) as found:
        yield found


async def route(place: Place, **fields: object) -> dict[str, Any]:
    made = await place.client.post("/v1/videos?dry_run=true", json=BODY | fields)
    assert made.status_code == 200, made.text
    return dict(made.json())


async def test_a_dry_run_says_which_engine_and_why(place: Place) -> None:
    await join(place.house, "second", price=20_000)
    await join(place.house, "third", price=30_000, plan="free")
    means(
        place.house,
        *("scripted", "third", "second"),
        pick=Pick.CHEAPEST,
        plans=((), ("pro",), ()),
    )
    assert await route(place) == {
        "object": "video.route",
        "model": NAME,
        "pick": "cheapest",
        "candidates": [
            {
                "engine": "second",
                "model": "kite-1",
                "chosen": True,
                "place": 1,
                "reason": "It is the cheapest that can make this now.",
                "code": None,
                "price_usd": 0.08,
            },
            {
                "engine": "scripted",
                "model": "kite-1",
                "chosen": False,
                "place": 2,
                "reason": "It is tried if those before it cannot, as long as nothing is paid.",
                "code": None,
                "price_usd": 0.4,
            },
            {
                "engine": "third",
                "model": "kite-1",
                "chosen": False,
                "place": None,
                "reason": "No account of the engine 'third' may make this. "
                "Its plan is free, not pro.",
                "code": "no_account_for_this",
                "price_usd": 0.12,
            },
        ],
        "error": None,
    }
    assert (await place.client.get("/v1/videos")).json()["data"] == []


async def test_an_admin_sees_every_account(place: Place, door: Whoever) -> None:
    house, now = place.house, place.house.clock.now()
    rows, soon = AccountRows(house.database), now + timedelta(minutes=2)
    await seat(house, "scripted", 2)
    await rows.rest("scripted_2", at=now, until=soon, reason="account_exhausted")
    await seat(house, "scripted", 3)
    await rows.reject("scripted_3", at=now, reason="account_rejected")
    await seat(house, "scripted", 4, disabled=True)
    await seat(house, "scripted", 5, expires_at=now)
    await seat(house, "scripted", 6, models=("swallow",))
    house.accounts._forget()
    means(house, "scripted")
    door.rights = True
    (one,) = (await route(place))["candidates"]
    assert (one["cost_usd"], one["waiting"], one["usable_accounts"]) == (0.4, 0, 1)
    assert one["account_states"] == {
        "active": 2,
        "resting": 1,
        "rejected": 1,
        "disabled": 1,
        "expired": 1,
    }
    assert [(seen["id"], seen["state"], seen["reason"]) for seen in one["accounts"]] == [
        ("account_1", "active", None),
        ("scripted_2", "resting", "It rests until 2026-11-21 00:02:00 UTC: account_exhausted."),
        (
            "scripted_3",
            "rejected",
            "Its engine does not let it in: account_rejected. It is asked again.",
        ),
        ("scripted_4", "disabled", "It is disabled."),
        ("scripted_5", "expired", "Its secret has expired: 2026-11-21 00:00:00 UTC."),
        ("scripted_6", "active", "It may not run kite-1."),
    ]


async def test_of_many_accounts_some_are_shown(place: Place, door: Whoever) -> None:
    for number in range(2, 26):
        await seat(place.house, "scripted", number)
    means(place.house, "scripted")
    door.rights = True
    (one,) = (await route(place))["candidates"]
    assert (len(one["accounts"]), one["account_states"]) == (20, {"active": 25})


@pytest.mark.parametrize(
    ("pick", "why"),
    [
        (Pick.FIRST, "It is the first that can make this now."),
        (Pick.WEIGHTED, "It is its turn, by the weights."),
        (Pick.LEAST_BUSY, "It has the fewest unfinished jobs for each seat."),
    ],
)
async def test_the_reason_is_that_of_the_pick(place: Place, pick: Pick, why: str) -> None:
    await join(place.house, "second")
    means(place.house, "scripted", "second", pick=pick)
    assert (await route(place))["candidates"][0]["reason"] == why


async def test_whoever_rests_is_waited_for(place: Place) -> None:
    house, now = place.house, place.house.clock.now()
    await join(house, "second")
    rows = AccountRows(house.database)
    for account_id in ("account_1", "second_1"):
        await rows.rest(account_id, at=now, until=now + timedelta(1), reason="account_rejected")
    house.accounts._forget()
    means(house, "scripted", "second")
    reasons = [one["reason"] for one in (await route(place))["candidates"]]
    assert reasons == [
        "No account may be asked right now. The job waits for one of these.",
        "Its accounts rest, so it comes after those that do not.",
    ]


async def test_what_would_be_refused_says_so(place: Place) -> None:
    means(place.house, "scripted")
    found = await route(place, size="64x64")
    (one,) = found["candidates"]
    assert found["error"] == {"code": one["code"], "message": one["reason"]}
    assert (one["chosen"], one["place"], one["price_usd"]) == (False, None, 0)

    place.house.left = 10  # bytes
    found = await route(place)
    (one,) = found["candidates"]
    assert found["error"] == {"code": one["code"], "message": one["reason"]}
    assert (one["chosen"], one["place"], one["price_usd"]) == (False, 1, 0.4)


async def test_a_film_starts_where_its_maker_is(place: Place) -> None:
    house = place.house
    means(house, "scripted")
    source = await house.finished()
    asked = replace(A_KITE, model=NAME, operation=Operation.REMIX)
    given = Given(role=Role.SOURCE, param="video_id", job_id=source.id)
    submission = Submission(request=asked, given=[given])
    shown = shown_route(
        NAME, await house.gateway.explain(submission, house.caller), admin=False
    )
    (one,) = shown.candidates
    assert one.reason == "The account that made the film that this starts from is here."


@pytest.mark.parametrize("value", ["1", "True", "", "yes"])
async def test_a_dry_run_is_true_or_false(place: Place, value: str) -> None:
    made = await place.client.post(f"/v1/videos?dry_run={value}", json=BODY)
    assert (made.status_code, made.json()["error"]["param"]) == (400, "dry_run")
    assert (await place.client.get("/v1/videos")).json()["data"] == []


async def test_no_dry_run_makes_a_film(place: Place) -> None:
    means(place.house, "scripted")
    made = await place.client.post("/v1/videos?dry_run=false", json=BODY)
    assert made.json()["object"] == "video"


async def test_a_name_with_groups_is_echoed(place: Place) -> None:
    await seat(place.house, "scripted", 2, groups=("pro",))
    made = await place.client.post("/v1/videos", json=BODY | {"model": "kite-1|[pro,plus]"})
    assert made.json()["model"] == "kite-1|[pro,plus]"
    for name, code in (("kite-1|[max]", "no_account_for_this"), ("kite-1|pro", None)):
        made = await place.client.post("/v1/videos", json=BODY | {"model": name})
        error = made.json()["error"]
        assert (made.status_code, error["param"]) == (400, "model")
        assert code in (None, error["code"])


async def test_a_queued_video_knows_its_place(place: Place) -> None:
    made = [(await place.client.post("/v1/videos", json=BODY_OF_ONE)).json() for _ in range(3)]
    assert all("queue" not in video["filmgate"] for video in made)

    async def shown(number: int) -> Any:
        found = await place.client.get(f"/v1/videos/{made[number]['id']}")
        return found.json()["filmgate"].get("queue")

    while await shown(0) is not None:
        await asyncio.sleep(0.01)
    assert await shown(1) == {"place": 1, "estimated_seconds": None}
    assert await shown(2) == {"place": 2, "estimated_seconds": None}
    listed = (await place.client.get("/v1/videos")).json()["data"]
    assert all("queue" not in video["filmgate"] for video in listed)


# -- a real server


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_the_sdk_asks_with_an_extra_query(server: Server) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=new_key(server))
    made = client.videos.create(
        model="sora-2", prompt="a kite", extra_query={"dry_run": "true"}
    )
    assert made.object == "video.route"  # type: ignore[comparison-overlap]
    assert made.model == "sora-2"
    assert list(client.videos.list()) == []


def test_a_dry_run_looks_at_what_is_given_and_keeps_nothing(server: Server) -> None:
    path = "/v1/videos?dry_run=true"
    key = new_key(server)
    picture = file("input_reference", image((720, 1280)))
    model = text("model", "previs-demo")
    for part, status in ((picture, 200), (file("input_reference", b"no picture"), 400)):
        sent = replace(form(model, part), path=path, key=key)
        claimed = replace(sent, headers={**sent.headers, "idempotency-key": "one"})
        for _ in range(2):
            assert claimed.to(server).status == status
    # The key is still free for another body.
    other = create(model="sora-2")
    made = replace(other, key=key, headers={**other.headers, "idempotency-key": "one"})
    assert made.to(server).json()["object"] == "video"


def test_an_admin_key_sees_accounts_and_another_does_not(server: Server) -> None:
    path = "/v1/videos?dry_run=true"
    for key, names in ((KEY, True), (new_key(server), False)):
        (one,) = replace(create(), path=path, key=key).to(server).json()["candidates"]
        assert ("accounts" in one, "cost_usd" in one) == (names, names)
