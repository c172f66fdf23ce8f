"""Azure's older shape: one job with several videos, over the same films."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import OpenDoor, Place, new_house, opened
from fakes import A_KITE, Shelf, Step, busy, done
from filmgate import ContentRejected, Role
from filmgate.dialects.azure import AzureVideos
from filmgate.domain.job import Job
from filmgate.domain.request import Media

VIDEO = "/openai/v1/video/generations"
JOBS = f"{VIDEO}/jobs"
KITE: dict[str, Any] = {"model": "sora", "prompt": "a kite", "width": 1280, "height": 720}
HD = b"1280x720"  # the inspector of the house reads sizes


@dataclass
class OnDisk(Shelf):
    """The same blobs, as files."""

    folder: Path = Path()

    def local_path(self, key: str) -> Path | None:
        path = self.folder / "blob"
        path.write_bytes(self.blobs[key])
        return path


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    house = await new_house(tmp_path)
    blobs = OnDisk(blobs=house.shelf.blobs, folder=tmp_path)
    azure = AzureVideos(house.gateway, OpenDoor(house.caller), blobs)
    async with opened(house, azure.routes()) as here:
        yield here


async def made(place: Place, *steps: Step, **asked: Any) -> Any:
    """A new job, once it has got as far as *steps* lead."""
    place.house.engine.steps = [*steps]
    answer = await place.client.post(f"{JOBS}?api-version=preview", json=KITE | asked)
    assert answer.status_code == 200, answer.text
    for _ in range(100):
        await asyncio.sleep(0.001)
    return answer.json()


async def got(place: Place, path: str) -> Any:
    answer = await place.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def films(place: Place) -> list[Job]:
    """All of them, oldest first."""
    found, _ = await place.house.page(limit=20, newest_first=False)
    return [*found]


async def test_a_job_is_made_in_azures_words(place: Place) -> None:
    answer = await made(place, n_seconds=8)

    [film] = await films(place)
    assert answer == {
        "object": "video.generation.job",
        "id": film.id.replace("video_", "task_"),
        "status": "queued",
        "created_at": int(film.created_at.timestamp()),
        "finished_at": None,
        "expires_at": None,
        "generations": [],
        "prompt": "a kite",
        "model": "sora",
        "n_variants": 1,
        "n_seconds": 8,
        "height": 720,
        "width": 1280,
        "failure_reason": None,
    }
    assert film.request.media is Media.VIDEO


async def test_a_finished_job_has_a_generation_that_can_be_watched(place: Place) -> None:
    job = await made(place, done())

    job = await got(place, f"{JOBS}/{job['id']}")
    assert job["status"] == "succeeded"
    assert job["expires_at"] > job["finished_at"] >= job["created_at"]
    [generation] = job["generations"]
    assert generation == {
        "object": "video.generation",
        "id": job["id"].replace("task_", "gen_"),
        "job_id": job["id"],
        "created_at": job["finished_at"],
        "width": 1280,
        "height": 720,
        "n_seconds": 4,
        "prompt": "a kite",
    }
    one = f"{VIDEO}/{generation['id']}"
    assert await got(place, one) == generation

    film = await place.client.get(f"{one}/content/video?quality=low")
    assert (film.content, film.headers["content-type"]) == (b"film.mp4", "video/mp4")
    assert film.headers["x-filmgate-engine"] == "scripted"
    assert f'"{generation["id"]}.mp4"' in film.headers["content-disposition"]
    head = await place.client.head(f"{one}/content/video")
    assert (head.status_code, head.content) == (200, b"")
    thumbnail = await place.client.get(f"{one}/content/thumbnail")
    assert thumbnail.headers["content-type"] == "image/webp"


async def test_variants_are_generations_of_one_job(place: Place) -> None:
    job = await made(place, done(), done(), n_variants=2)

    job = await got(place, f"{JOBS}/{job['id']}")
    assert (job["n_variants"], len(job["generations"])) == (2, 2)
    assert {one["job_id"] for one in job["generations"]} == {job["id"]}
    first, second = await films(place)
    ids = [one["id"].removeprefix("gen_") for one in job["generations"]]
    assert ids == [first.id.removeprefix("video_"), second.id.removeprefix("video_")]
    alone = await got(place, f"{VIDEO}/gen_{ids[1]}")
    assert alone["job_id"] == f"task_{ids[1]}"


async def test_todays_parameters_are_taken_too(place: Place) -> None:
    await made(place, seed=7, n=2, metadata={"scene": "12"})
    first, second = await films(place)
    assert [film.take.request.seed for film in (first, second)] == [7, 8]
    assert first.metadata == {"scene": "12"}


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ((), "preprocessing"),
        ((busy(40),), "running"),
        ((done(),), "running"),  # the other waits for an engine that does not answer
        ((done(), ContentRejected("No.")), "succeeded"),
        ((ContentRejected("No."), ContentRejected("No.")), "failed"),
    ],
)
async def test_a_job_is_as_far_as_its_films(
    place: Place, steps: tuple[Step, ...], status: str
) -> None:
    made_job = await made(place, *steps, n_variants=2)
    job = await got(place, f"{JOBS}/{made_job['id']}")
    assert job["status"] == status
    assert (job["finished_at"] is not None) == (status in ("succeeded", "failed"))


async def test_a_failed_job_says_why(place: Place) -> None:
    job = await made(place, ContentRejected("No."))
    job = await got(place, f"{JOBS}/{job['id']}")
    assert (job["failure_reason"], job["generations"]) == ("moderation_blocked", [])


async def test_a_cancelled_job_is_called_so(place: Place) -> None:
    job = await made(place)
    [film] = await films(place)
    await place.house.gateway.cancel(film.id, place.house.caller)
    assert (await got(place, f"{JOBS}/{job['id']}"))["status"] == "cancelled"


async def test_seconds_that_are_no_whole_number_stay_as_they_are(place: Place) -> None:
    await place.house.submitted(replace(A_KITE, model="sora", seconds=4.5))
    [film] = await films(place)
    task = film.id.replace("video_", "task_")
    assert (await got(place, f"{JOBS}/{task}"))["n_seconds"] == 4.5


async def test_jobs_are_listed_in_pages(place: Place) -> None:
    ids = [(await made(place))["id"] for _ in range(3)]

    page = await got(place, f"{JOBS}?limit=2")
    assert [job["id"] for job in page["data"]] == ids[:0:-1]
    assert (page["object"], page["has_more"]) == ("list", True)
    assert (page["first_id"], page["last_id"]) == (ids[2], ids[1])
    rest = await got(place, f"{JOBS}?limit=2&after={ids[1]}")
    assert ([job["id"] for job in rest["data"]], rest["has_more"]) == ([ids[0]], False)


async def test_a_deleted_job_takes_its_variants_along(place: Place) -> None:
    job = await made(place, n_variants=3)
    answer = await place.client.delete(f"{JOBS}/{job['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await films(place) == []


async def test_a_job_goes_on_without_a_variant_that_was_deleted(place: Place) -> None:
    job = await made(place, done(), done(), n_variants=2)
    _, second = await films(place)
    await place.house.gateway.delete(second.id, place.house.caller)
    job = await got(place, f"{JOBS}/{job['id']}")
    assert (job["status"], len(job["generations"])) == ("succeeded", 1)


async def test_the_same_key_means_the_same_job(place: Place) -> None:
    headers = {"idempotency-key": "k"}
    first = await place.client.post(JOBS, json=KITE, headers=headers)
    second = await place.client.post(JOBS, json=KITE, headers=headers)
    assert first.json()["id"] == second.json()["id"]
    assert len(await films(place)) == 1


# Files.


def item(**more: Any) -> dict[str, Any]:
    whole = {
        "left_fraction": 0.0,
        "top_fraction": 0.0,
        "right_fraction": 1.0,
        "bottom_fraction": 1.0,
    }
    usual = {"file_name": "a.png", "frame_index": 0, "type": "image", "crop_bounds": whole}
    return usual | more


async def sent(place: Place, items: object, *files: tuple[str, tuple[str, bytes]]) -> Any:
    text = items if isinstance(items, str) else json.dumps(items)
    fields = {name: str(value) for name, value in KITE.items()}
    answer = await place.client.post(
        JOBS, data=fields | {"inpaint_items": text}, files=list(files)
    )
    return answer.json()


async def test_an_image_is_the_films_first_frame(place: Place) -> None:
    made_job = await sent(place, [item()], ("files", ("a.png", HD)))
    assert made_job["status"] == "queued"
    [film] = await films(place)
    assert [reference.role for reference in film.request.references] == [Role.FIRST_FRAME]


async def test_two_images_are_where_it_begins_and_where_it_ends(place: Place) -> None:
    await sent(
        place,
        [item(file_name="b.png", frame_index=-1), item()],
        ("files[]", ("a.png", HD)),
        ("files[]", ("b.png", HD)),
    )
    [film] = await films(place)
    roles = [reference.role for reference in film.request.references]
    assert roles == [Role.LAST_FRAME, Role.FIRST_FRAME]


FILE = ("files", ("a.png", HD))


@pytest.mark.parametrize(
    ("items", "files", "code"),
    [
        ([item()], [], "invalid_value"),
        ([], [FILE], "invalid_value"),
        ([item(file_name="b.png")], [FILE], "invalid_value"),
        ([item(), item()], [FILE], "invalid_value"),
        ([item(type="video")], [FILE], "unsupported"),
        ([item(frame_index=12)], [FILE], "unsupported"),
        ([item(crop_bounds={"left_fraction": 0.5})], [FILE], "unsupported"),
        ([item()], [("files", ("a.png", b"64x64"))], "invalid_value"),
        ("[{", [FILE], "invalid_value"),
        ("[" * 10_001, [FILE], "invalid_value"),
    ],
)
async def test_a_file_that_has_no_place_in_the_film_is_refused(
    place: Place, items: object, files: list[Any], code: str
) -> None:
    error = (await sent(place, items, *files))["error"]
    assert (error["code"], error["param"]) == (code, "inpaint_items")
    assert await films(place) == []


# Refusals.


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"width": 100}, "invalid_value", "width"),
        ({"height": 0}, "invalid_value", "height"),
        ({"n_seconds": 5}, "invalid_value", "n_seconds"),
        ({"n_seconds": 21}, "invalid_value", "n_seconds"),
        ({"n_variants": 5}, "invalid_value", "n_variants"),
        ({"prompt": " "}, "invalid_value", "prompt"),
        ({"colour": "red"}, "unknown_parameter", "colour"),
        ({"inpaint_items": [{}]}, "missing_required_parameter", "inpaint_items[0].file_name"),
    ],
)
async def test_what_cannot_be_had_is_refused_in_azures_words(
    place: Place, asked: dict[str, Any], code: str, param: str
) -> None:
    answer = await place.client.post(JOBS, json=KITE | asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, code, param)
    assert error.keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize("query", ["before=task_1", "statuses=queued"])
async def test_a_filter_that_is_not_here_is_refused(place: Place, query: str) -> None:
    answer = await place.client.get(f"{JOBS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == query.partition("=")[0]


async def test_what_is_not_there_is_not_found(place: Place) -> None:
    job = await made(place)
    generation = job["id"].replace("task_", "gen_")
    for path in (
        f"{JOBS}/task_x",
        f"{JOBS}/{generation}",
        f"{JOBS}?after={generation}",
        f"{VIDEO}/{generation}",
        f"{VIDEO}/{generation}/content/video",
        f"{VIDEO}/{job['id']}/content/thumbnail",
    ):
        answer = await place.client.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["error"]["type"] == "invalid_request_error"
