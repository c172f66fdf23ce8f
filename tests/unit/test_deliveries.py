"""A webhook is sent until it arrives, not too often, and not for ever."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.dispatch.embedded import EmbeddedDispatcher
from filmgate.domain.webhook import DeliveryState
from filmgate.gateway.deliveries import AT_ONCE_EACH, FORGET_EVERY, HELD, KEPT, Deliveries
from filmgate.ports import Receipt
from post_office import DOWN, HOOK, Office, a_job, open_office, settled

SECOND = timedelta(seconds=1)
BROKEN = Receipt(status=500)
GONE = Receipt(status=410)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    office = await open_office(tmp_path)
    yield office
    await office.database.close()


async def test_an_event_is_sent_once_to_each_endpoint_that_wants_it(office: Office) -> None:
    first = await office.endpoint(url="https://one.example")
    second = await office.endpoint(url="https://two.example")
    await office.endpoint("video.failed")
    await office.announce("video_1")

    await office.work()
    await office.work()

    assert sorted(letter.url for letter in office.postman.letters) == [first.url, second.url]
    events = [json.loads(letter.body)["id"] for letter in office.postman.letters]
    assert events == ["evt_1", "evt_1"]
    (delivery,) = await office.log(first)
    assert (delivery.state, delivery.tries) == (DeliveryState.DELIVERED, 1)
    assert delivery.ended_at == office.clock.now()


@pytest.mark.parametrize("status", [None, 199, 300, 302, 400, 404, 408, 429, 500, 503])
async def test_whatever_is_not_2xx_is_tried_again(office: Office, status: int | None) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    office.postman.answers = [Receipt(status=status), Receipt(status=204)]

    await office.until_sent(2)

    (delivery,) = await office.log(endpoint)
    assert delivery.state is DeliveryState.DELIVERED
    tries = await office.rows.tries(delivery.id)
    assert [one.status for one in tries] == [status, 204]
    assert len({letter.id for letter in office.postman.letters}) == 1


async def test_the_pauses_double_up_to_six_hours_and_end_after_three_days(
    office: Office,
) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    made = office.clock.now()
    office.postman.answers = [DOWN] * 100
    pauses: list[float] = []
    while True:
        await office.work()
        (delivery,) = await office.log(endpoint)
        if delivery.state is not DeliveryState.PENDING:
            break
        pauses.append((delivery.due_at - office.clock.now()).total_seconds())
        assert office.pokes.kept == [(delivery.id, delivery.due_at)]
        office.pokes.kept.clear()
        office.clock.move(delivery.due_at - office.clock.now())

    hours = 6 * 3600
    assert pauses[:12] == [5 * 2**n for n in range(12)]
    assert set(pauses[13:]) == {hours}
    assert delivery.state is DeliveryState.FAILED
    assert len(office.postman.posted) == len(pauses) + 1 == delivery.tries
    last = office.clock.now() - made
    assert timedelta(hours=66) < last <= timedelta(hours=72)


async def test_chance_shortens_a_pause_by_a_quarter_at_most(office: Office) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    office.postman.answers = [DOWN]
    office.deliveries._jitter = lambda: 1.0

    await office.work()

    (delivery,) = await office.log(endpoint)
    assert delivery.due_at - office.clock.now() == timedelta(seconds=3.75)


async def test_gone_disables_the_endpoint_and_drops_what_was_on_its_way(
    office: Office,
) -> None:
    endpoint = await office.endpoint()
    for number in range(3):
        await office.announce(f"video_{number}")
    office.postman.answers = [BROKEN, GONE, BROKEN]

    await office.work()
    await office.announce("video_3")
    await office.until_sent(3)
    office.clock.move(timedelta(days=1))
    await office.work()

    assert len(office.postman.posted) == 3
    states = {delivery.state for delivery in await office.log(endpoint)}
    assert states == {DeliveryState.FAILED, DeliveryState.DROPPED}
    found = await office.endpoints.get(office.caller, endpoint.id)
    assert found.disabled_at is not None


async def test_gone_ends_a_jobs_own_webhook_and_nothing_else(office: Office) -> None:
    endpoint = await office.endpoint("video.failed")
    office.jobs["video_1"] = a_job(office.clock)
    target = office.cipher.seal(json.dumps({"url": HOOK}))
    await office.announce("video_1", target=target)
    office.postman.answers = [GONE]

    await office.work()
    office.clock.move(timedelta(days=1))
    await office.work()

    assert len(office.postman.posted) == 1
    delivery = await office.rows.get("wh_1")
    assert delivery is not None
    assert delivery.state is DeliveryState.FAILED
    assert (await office.endpoints.get(office.caller, endpoint.id)).disabled_at is None


async def test_a_deleted_jobs_webhook_is_dropped_untried(office: Office) -> None:
    await office.announce("video_1", target="k:{}")

    await office.work()

    delivery = await office.rows.get("wh_1")
    assert delivery is not None
    assert (delivery.state, delivery.tries) == (DeliveryState.DROPPED, 0)
    assert office.postman.posted == []


async def test_a_delivery_to_a_vanished_endpoint_is_dropped(office: Office) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    await office.database.write(
        lambda connection: connection.execute("DELETE FROM webhook_endpoints").rowcount
    )

    await office.work()

    (delivery,) = await office.log(endpoint)
    assert delivery.state is DeliveryState.DROPPED


async def test_a_secret_of_another_key_is_a_failed_try_until_the_key_is_back(
    office: Office,
) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    office.cipher.key = "another"
    await office.work()
    office.cipher.key = "k"
    await office.until_sent(1)

    (delivery,) = await office.log(endpoint)
    first, second = await office.rows.tries(delivery.id)
    assert (first.status, first.error) == (None, "Its secret was sealed with another key.")
    assert second.status == 200


async def test_a_look_at_nothing_that_is_due_does_nothing(office: Office) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    office.postman.answers = [DOWN]
    await office.work()
    (delivery,) = await office.log(endpoint)

    await office.deliveries.look(delivery.id)
    await office.deliveries.look("wh_unknown")
    assert len(office.postman.posted) == 1

    await office.until_sent(2)
    office.clock.move(timedelta(days=1))
    await office.deliveries.look(delivery.id)
    assert len(office.postman.posted) == 2


async def test_a_delivery_under_way_is_not_sent_beside_itself(office: Office) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    (delivery,) = await office.log(endpoint)
    with office.waiting():
        first = asyncio.create_task(office.deliveries.look(delivery.id))
        await settled(lambda: office.postman.under_way == 1)
        await office.deliveries.look(delivery.id)
        await office.deliveries.sweep()
        assert office.pokes.kept == []
    await first
    assert len(office.postman.posted) == 1


async def test_a_process_that_dies_before_the_row_sends_the_same_again(
    office: Office,
) -> None:
    await office.endpoint()
    await office.announce("video_1")
    with office.waiting():
        dying = asyncio.create_task(office.work())
        await settled(lambda: office.postman.under_way == 1)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    office.deliveries = office.new_deliveries()
    office.pokes.kept.clear()

    await office.work()
    assert len(office.postman.letters) == 1  # the dead one may be posting still
    office.clock.move(HELD)
    await office.work()

    first, second = office.postman.letters
    assert (first.id, first.body) == (second.id, second.body)


async def test_a_receiver_is_free_again_after_a_look_that_broke(office: Office) -> None:
    await office.endpoint()
    await office.announce("video_1")

    async def broken(_: object) -> None:
        message = "a bug"
        raise ZeroDivisionError(message)

    peek, office.letters._peek = office.letters._peek, broken
    for _ in range(AT_ONCE_EACH + 1):
        with pytest.raises(ZeroDivisionError):
            await office.work()
        assert office.pokes.kept == []  # or it would break again at once
        office.clock.move(HELD)
    office.letters._peek = peek
    await office.work()
    assert len(office.postman.posted) == 1


async def test_an_endpoint_deleted_while_it_is_sent_to_stays_so(office: Office) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_1")
    with office.waiting():
        running = asyncio.create_task(office.work())
        await settled(lambda: office.postman.under_way == 1)
        await office.endpoints.delete(office.caller, endpoint.id)
    office.postman.answers = [DOWN]
    await running
    office.clock.move(timedelta(days=1))
    await office.work()

    assert len(office.postman.posted) == 1
    (delivery,) = await office.log(endpoint)
    assert (delivery.state, delivery.tries) == (DeliveryState.DROPPED, 1)


async def test_the_log_is_forgotten_after_a_month_as_fast_as_it_can_be(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.gateway.deliveries.FORGET_AT_ONCE", 2)
    endpoint = await office.endpoint()
    for number in range(5):
        await office.announce(f"video_{number}")
    await office.work()
    office.clock.move(KEPT - FORGET_EVERY)
    await office.work()
    assert len(await office.log(endpoint)) == 5

    office.clock.move(FORGET_EVERY)
    left = []
    for _ in range(3):
        await office.work()
        left.append(len(await office.log(endpoint)))
    assert left == [3, 1, 0]


async def test_it_runs_under_a_dispatcher(office: Office) -> None:
    endpoint = await office.endpoint()
    dispatcher = EmbeddedDispatcher(office.clock)
    deliveries = Deliveries(
        rows=office.rows,
        letters=office.letters,
        sender=office.postman,
        dispatcher=dispatcher,
        clock=office.clock,
        jitter=lambda: 0.5,
    )
    office.postman.answers = [DOWN, BROKEN]
    running = asyncio.create_task(dispatcher.run(deliveries.look, deliveries.sweep))
    await asyncio.sleep(0.01)
    await office.announce("video_1")
    deliveries.poke()
    await settled(lambda: len(office.postman.posted) == 3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    first, second, third = (at for _, at in office.postman.posted)
    assert second - first >= timedelta(seconds=4)
    assert third - second >= timedelta(seconds=8)
    async with asyncio.timeout(5):
        while (await office.log(endpoint))[0].state is not DeliveryState.DELIVERED:
            await asyncio.sleep(0.001)
    assert (await office.log(endpoint))[0].tries == 3
