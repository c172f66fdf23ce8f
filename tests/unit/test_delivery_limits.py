"""No receiver is overwhelmed by webhooks, none holds up another, and a test is sent once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.webhook import DeliveryState, EventType
from filmgate.gateway.deliveries import AT_ONCE, AT_ONCE_EACH
from filmgate.ports import Receipt
from post_office import HOOK, Office, a_job, open_office, settled

SECOND = timedelta(seconds=1)
BROKEN = Receipt(status=500)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    office = await open_office(tmp_path)
    yield office
    await office.database.close()


async def test_a_slow_receiver_gets_four_at_once_and_holds_nobody_up(office: Office) -> None:
    slow = await office.endpoint(url="https://slow.example")
    for number in range(50):
        await office.announce(f"video_{number}")
    quick = await office.endpoint("batch.completed", url="https://quick.example")
    await office.deliveries.sweep()
    assert len(office.pokes.kept) == AT_ONCE_EACH
    with office.waiting():
        running = asyncio.create_task(office.work())
        await settled(lambda: office.postman.under_way == AT_ONCE_EACH)
        for delivery in await office.log(slow):
            await office.deliveries.look(delivery.id)
        office.clock.move(SECOND)
        await office.announce("batch_1", event_type="batch.completed")
        await office.deliveries.sweep()
        assert [letter.url for letter in office.postman.letters] == [slow.url] * 4
        (poked, _) = office.pokes.kept.pop()
        look = asyncio.create_task(office.deliveries.look(poked))
        await settled(lambda: office.postman.under_way == AT_ONCE_EACH + 1)
        assert office.postman.letters[-1].url == quick.url
    await asyncio.gather(running, look)
    await office.work()

    assert office.postman.most == AT_ONCE_EACH + 1
    assert len(office.postman.posted) == 51
    assert len({letter.id for letter in office.postman.letters}) == 51


async def test_a_callers_own_webhooks_count_as_one_receiver(office: Office) -> None:
    target = office.cipher.seal(json.dumps({"url": HOOK}))
    for number in range(10):
        office.jobs[f"video_{number}"] = a_job(office.clock, id=f"video_{number}")
        await office.announce(f"video_{number}", target=target)

    with office.waiting():
        running = asyncio.create_task(office.work())
        await settled(lambda: office.postman.under_way == AT_ONCE_EACH)
    await running

    assert (office.postman.most, len(office.postman.posted)) == (AT_ONCE_EACH, 10)


async def test_no_more_than_so_many_are_sent_at_once_in_all(office: Office) -> None:
    for number in range(AT_ONCE):
        await office.endpoint(url=f"https://{number}.example")
    for number in range(2):
        await office.announce(f"video_{number}")

    with office.waiting():
        running = asyncio.create_task(office.work())
        await settled(lambda: office.postman.under_way == AT_ONCE)
        for delivery in await office.rows.due(at=office.clock.now(), busy=[], limit=100):
            await office.deliveries.look(delivery.id)
    await running

    assert office.postman.most == AT_ONCE
    assert len(office.postman.posted) == 2 * AT_ONCE


async def test_a_test_is_sent_once_whatever_comes_back(office: Office) -> None:
    endpoint = await office.endpoint()
    office.postman.answers = [BROKEN, Receipt(status=201)]
    for status, state in ((500, DeliveryState.FAILED), (201, DeliveryState.DELIVERED)):
        office.clock.move(SECOND)
        answered = await office.endpoints.test(
            office.caller, endpoint.id, event_type="batch.failed", claim=None
        )
        assert answered == status
        delivery = (await office.log(endpoint))[0]
        assert (delivery.state, delivery.tries) == (state, 1)
        assert delivery.event_type is EventType.BATCH_FAILED
        assert delivery.subject_id.startswith("batch_")
    office.clock.move(timedelta(days=1))
    await office.work()
    assert len(office.postman.posted) == 2


async def test_a_test_whose_process_dies_is_not_sent_later(office: Office) -> None:
    endpoint = await office.endpoint()
    testing = office.endpoints.test(
        office.caller, endpoint.id, event_type="video.failed", claim=None
    )
    with office.waiting():
        dying = asyncio.create_task(testing)
        await settled(lambda: office.postman.under_way == 1)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    office.clock.move(timedelta(days=1))
    await office.work()

    assert len(office.postman.posted) == 1
    (delivery,) = await office.log(endpoint)
    assert (delivery.state, delivery.tries) == (DeliveryState.FAILED, 0)
