"""
`/v1/videos`: everything that can be asked of films, and the links that show them.

Wire format: https://platform.openai.com/docs/api-reference/videos, with the
sizes and seconds that its guide of March 2026 adds. `cancel`, `events`, `models` and
`revoke_links` are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.dialects.openai.video_characters import with_players
from filmgate.dialects.openai.video_events import (
    VideoChanged,
    VideoEnded,
    VideoGone,
    events,
    read_last,
)
from filmgate.dialects.openai.video_fields import (
    VideoCreate,
    VideoEdit,
    VideoExtend,
    VideoRemix,
)
from filmgate.dialects.openai.video_objects import (
    Queue,
    Video,
    VideoModel,
    capabilities,
    detail,
    render,
)
from filmgate.dialects.openai.video_reader import Reader, read_cast
from filmgate.dialects.openai.video_routes import VideoRoute, shown_route
from filmgate.dialects.openai.video_rules import Entrance, words_of
from filmgate.domain.asset import Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.job import Job
from filmgate.domain.request import Media
from filmgate.gateway.characters import Casting
from filmgate.gateway.choosing import Place
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.links import extension
from filmgate.gateway.submission import Submission
from filmgate.ports import Blobs
from filmgate.web.answers import Deleted, Page, Whole
from filmgate.web.auth import Door
from filmgate.web.edge import SORA, came_by
from filmgate.web.endpoint import (
    AFTER,
    ID,
    LIMIT,
    ORDER,
    RANGE,
    Parameter,
    endpoint,
)
from filmgate.web.failures import renamed
from filmgate.web.files import file_answer
from filmgate.web.idempotency import identified
from filmgate.web.paging import limit_of, newest_first, page
from filmgate.web.reading import read
from filmgate.web.streaming import EventStream

#: Milliseconds after which the SDKs' poll helpers ask again.
POLL_AFTER = 1000
#: Says who made a film, beside `engine` in the object: no engine passes for another.
ENGINE = "x-filmgate-engine"

_FILTER = re.compile(r"metadata\[(.+)\]")
GENERATIONS = "/v1/videos/generations"
VIDEO = "video_id"  #: what a video's id is called in paths
FILMS = ("video/mp4", "image/webp", "image/jpeg")
STILLS = ("image/png",)
METADATA = Parameter(
    name="metadata",
    schema={"type": "object", "additionalProperties": {"type": "string"}},
    style={"style": "deepObject", "explode": True},
)
VARIANT = Parameter(
    name="variant",
    schema={
        "type": "string",
        "enum": ["video", "thumbnail", "spritesheet"],
        "default": "video",
    },
)
_FLAG = {"type": "string", "enum": ["true", "false"], "default": "false"}
DRY_RUN = Parameter(name="dry_run", schema=_FLAG)
DETAIL = Parameter(name="detail", schema=_FLAG)
LAST_EVENT_ID = Parameter(
    name="Last-Event-ID",
    place="header",
    schema={"type": "string", "pattern": "^[0-9]{0,9}$"},
)
EXPIRES = Parameter(name="expires", schema={"type": "string"})
SIGNATURE = Parameter(name="signature", schema={"type": "string"})

_VARIANTS = {"mp4": Variant.VIDEO, "webp": Variant.THUMBNAIL, "jpg": Variant.SPRITESHEET}


class Videos:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(
        self,
        gateway: Gateway,
        casting: Casting,
        door: Door,
        blobs: Blobs,
        *,
        new_id: Callable[[str], str],
    ) -> None:
        self._gateway = gateway
        self._casting = casting
        self._door = door
        self._blobs = blobs
        self._reader = Reader(gateway, new_id)

    def routes(self) -> list[Route]:
        one = "/v1/videos/{video_id}"
        return [
            Route("/v1/videos", self.create, methods=["POST"]),
            Route("/v1/videos", self.list, methods=["GET"]),
            Route(GENERATIONS, self.generate, methods=["POST"]),
            Route("/v1/videos/edits", self.edit, methods=["POST"]),
            Route("/v1/videos/extensions", self.extend, methods=["POST"]),
            Route("/v1/videos/models", self.models, methods=["GET"]),
            Route(one, self.retrieve, methods=["GET"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/remix", self.remix, methods=["POST"]),
            Route(f"{one}/content", self.content, methods=["GET"]),
            Route(f"{one}/events", self.events, methods=["GET"]),
            Route(f"{one}/cancel", self.cancel, methods=["POST"]),
            Route(f"{one}/revoke_links", self.revoke_links, methods=["POST"]),
            Route("/films/{name}", self.film, methods=["GET"]),
        ]

    @endpoint(
        "Create a video",
        body=VideoCreate,
        answer=Video,
        instead=(VideoRoute,),
        query=(DRY_RUN,),
        errors=(503,),
        makes=VIDEO,
        takes={
            "file_id": {"input_reference": {"file_id": ID}},
            "id": {"characters": [{"id": ID}]},
        },
    )
    async def create(self, request: Request) -> Response:
        return await self._create(request, guide=False)

    @endpoint(
        "Create a video, by the rules of the guides that say `duration`",
        body=VideoCreate,
        answer=Video,
        instead=(VideoRoute,),
        query=(DRY_RUN,),
        errors=(404, 503),
        makes=VIDEO,
        ours=True,
    )
    async def generate(self, request: Request) -> Response:
        return await self._create(request, guide=True)

    async def _create(self, request: Request, *, guide: bool) -> Response:
        caller = await self._door.caller(request)
        dry_run = _flag(request.query_params, "dry_run")
        entrance = Entrance(sora=came_by(request.scope) == SORA, guide=guide)
        async with read(request, VideoCreate) as body:
            with renamed(words_of(body)):
                submission = self._reader.create(body, entrance)
                cast = read_cast(body)
                body.input_reference = None  # perhaps 20 MB of text, of no more use
                if dry_run:
                    choice = await self._gateway.explain(submission, caller)
                    model = submission.request.name
                    return answer(shown_route(model, choice, admin=caller.admin))
                submission = await with_players(
                    submission, cast, self._casting, request, caller
                )
                return await self._submit(request, submission, caller)

    @endpoint(
        "Remix a video: the same film, with what the prompt changes",
        body=VideoRemix,
        answer=Video,
        errors=(503,),
        makes=VIDEO,
    )
    async def remix(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        video_id = request.path_params["video_id"]
        entrance = Entrance(sora=came_by(request.scope) == SORA)
        async with read(request, VideoRemix) as body:
            with renamed({"video": VIDEO}):
                submission = await self._reader.remix(body, video_id, caller, entrance)
                submission = await with_players(
                    submission, read_cast(body), self._casting, request, caller
                )
                return await self._submit(request, submission, caller)

    @endpoint(
        "Edit a video",
        body=VideoEdit,
        answer=Video,
        errors=(503,),
        makes=VIDEO,
        takes={VIDEO: {"video": {"id": ID}}},
    )
    async def edit(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, VideoEdit) as body:
            submission = await self._reader.edit(body, caller)
            return await self._submit(request, submission, caller)

    @endpoint(
        "Extend a video: the same shot goes on",
        body=VideoExtend,
        answer=Video,
        errors=(503,),
        makes=VIDEO,
        takes={VIDEO: {"video": {"id": ID}}},
    )
    async def extend(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, VideoExtend) as body:
            submission = await self._reader.extend(body, caller)
            return await self._submit(request, submission, caller)

    @endpoint("Get a video", answer=Video, query=(DETAIL,))
    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        detailed = _flag(request.query_params, "detail")
        job = await self._gateway.get(request.path_params["video_id"], caller)
        return self._answer(job, await self._gateway.queue(job), detailed=detailed)

    @endpoint("List videos", answer=Page[Video], query=(LIMIT, AFTER, ORDER, METADATA))
    async def list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        query = request.query_params
        jobs, more = await self._gateway.list(
            caller,
            metadata=_filters(query),
            after=query.get("after"),
            limit=limit_of(query),
            newest_first=newest_first(query),
        )
        return answer(page(jobs, more=more, render=self.render, id_of=lambda job: job.id))

    @endpoint("Delete a video", answer=Deleted)
    async def delete(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        video_id = request.path_params["video_id"]
        await self._gateway.delete(video_id, caller)
        return answer(Deleted(id=video_id, object="video.deleted"))

    @endpoint("Cancel a video that is not finished", answer=Video, ours=True)
    async def cancel(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        job = await self._gateway.cancel(request.path_params["video_id"], caller)
        return self._answer(job)

    @endpoint("Revoke the links to a video", answer=Video, ours=True)
    async def revoke_links(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        job = await self._gateway.revoke_links(request.path_params["video_id"], caller)
        return self._answer(job)

    @endpoint(
        "Download a video, its thumbnail or its spritesheet",
        media=FILMS,
        query=(VARIANT, RANGE),
        statuses=(200, 206, 302),
    )
    async def content(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        video_id = request.path_params["video_id"]
        variant = _variant(request.query_params)
        job, asset = await self._gateway.output(video_id, variant, caller)
        filename = f"{video_id}.{extension(job, variant)}"
        response = await file_answer(request, asset, self._blobs, filename=filename)
        response.headers[ENGINE] = job.take.engine
        return response

    @endpoint(
        "Show what a signed link leads to",
        media=(*FILMS, *STILLS),
        query=(EXPIRES, SIGNATURE, RANGE),
        statuses=(200, 206, 302),
        errors=(403,),
        ours=True,
        open=True,
    )
    async def film(self, request: Request) -> Response:
        """What a signed link shows; whoever has it needs no key."""
        name, query = request.path_params["name"], request.query_params
        job_id, _, ending = name.rpartition(".")
        still = job_id.startswith("image_")
        variant = Variant.IMAGE if still else _VARIANTS.get(ending, Variant.VIDEO)
        _, asset = await self._gateway.linked(
            job_id,
            variant,
            expires=query.get("expires", ""),
            signature=query.get("signature", ""),
        )
        return await file_answer(request, asset, self._blobs, filename=name)

    @endpoint(
        "Watch a video: server-sent events until it has ended",
        streams=(VideoChanged, VideoEnded, VideoGone),
        query=(LAST_EVENT_ID,),
        ours=True,
    )
    async def events(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        job = await self._gateway.get(request.path_params["video_id"], caller)
        after = read_last(request.headers.get("last-event-id"))
        stream = events(self._gateway, job.id, caller, after=after, render=self.render)
        return EventStream(stream, headers={ENGINE: job.take.engine})

    @endpoint(
        "List the video models, with what can be asked of each",
        answer=Whole[VideoModel],
        ours=True,
    )
    async def models(self, request: Request) -> Response:
        await self._door.caller(request)
        found = [pair for pair in self._gateway.models() if pair[0].media is Media.VIDEO]
        return answer(Whole(data=[capabilities(*pair) for pair in found]))

    def render(self, job: Job) -> Video:
        return render(job, self._gateway.link(job))

    async def _submit(
        self, request: Request, submission: Submission, caller: Caller
    ) -> Response:
        job = await self._gateway.submit(identified(request, submission, caller), caller)
        return self._answer(job)

    def _answer(
        self, job: Job, place: Place | None = None, *, detailed: bool = False
    ) -> Response:
        headers = {ENGINE: job.take.engine}
        if not job.status.ended:
            headers["openai-poll-after-ms"] = str(POLL_AFTER)
        video = self.render(job)
        if place is not None:
            video.filmgate.queue = Queue(place=place.place, estimated_seconds=place.seconds)
        if detailed:
            video.detail = detail(job)
        return answer(video, headers=headers)


def _filters(query: QueryParams) -> Mapping[str, str]:
    """`?metadata[project]=spring`: videos that have the pair."""
    found = [(_FILTER.fullmatch(name), value) for name, value in query.items()]
    return {match[1]: value for match, value in found if match}


def _flag(query: Mapping[str, str], name: str) -> bool:
    text = query.get(name, "false")
    if text not in ("true", "false"):
        message = f"Invalid value: '{text[:80]}'. Supported values are: 'true' and 'false'."
        raise InvalidRequest(message, param=name)
    return text == "true"


def _variant(query: Mapping[str, str]) -> Variant:
    text = query.get("variant", "video")
    if text not in ("video", "thumbnail", "spritesheet"):
        message = (
            f"Invalid value: '{text[:80]}'. Supported values are: 'video', "
            "'thumbnail', and 'spritesheet'."
        )
        raise InvalidRequest(message, param="variant")
    return Variant(text)
