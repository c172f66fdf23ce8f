"""What a handler says of itself beside its code: `@endpoint(…)`, which `openapi.py` reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.routing import Route

from filmgate.web.answers import Refused
from filmgate.web.idempotency import LONGEST_KEY
from filmgate.web.paging import DEFAULT_PAGE, LARGEST_PAGE

Schema = Mapping[str, object]
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Response]])

USUAL = ("api-key",)  #: the header, as Azure's clients send it

#: In `takes`: where the id of what was made before belongs.
ID = "$response.body#/id"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One value beside the body. Every one may be left out."""

    name: str
    schema: Schema
    place: str = "query"
    style: Schema = field(default_factory=dict)  #: how OpenAPI says that it is written


@dataclass(frozen=True)
class Endpoint:
    """
    One operation. As a decorator it describes a handler, which stays what it is.

    *answer* is None if there is no JSON; *errors* are those that its path, its body and its
    method do not imply.
    """

    summary: str
    _: KW_ONLY
    body: type | None = None
    optional: bool = False  #: the body
    answer: Any = None  #: the type of it
    instead: tuple[type, ...] = ()  #: what its query may ask for in the place of that
    streams: tuple[type, ...] = ()  #: what the events hold that it may answer with
    named: bool = True  #: each of these events says what it is, beside what it holds
    last: str | None = None  #: what the last of them holds in the place of JSON
    media: tuple[str, ...] = ()  #: what else it may answer with
    query: tuple[Parameter, ...] = ()
    statuses: tuple[int, ...] = (200,)  #: of answers
    errors: tuple[int, ...] = ()
    makes: str | None = None  #: the path parameter that its answer's id can be put into
    takes: Schema = field(default_factory=dict)  #: by such a parameter: a body with the `ID`
    ours: bool = False  #: the API that is spoken has no such endpoint
    open: bool = False  #: no key is needed
    keyed: bool = True  #: an Idempotency-Key counts
    forms: bool = True  #: the body may be one, as well as JSON
    refused: type = Refused  #: every error of it
    keys: tuple[str, ...] = USUAL  #: where a key may be beside `Authorization`

    def __call__(self, handler: Handler) -> Handler:
        vars(handler)["endpoint"] = self
        return handler


endpoint = Endpoint


def described(route: Route) -> Endpoint | None:
    """What the handler of *route* says of itself; None if it says nothing."""
    found = getattr(route.endpoint, "endpoint", None)
    return found if isinstance(found, Endpoint) else None


LIMIT = Parameter(
    name="limit",
    schema={"type": "integer", "minimum": 0, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE},
)
AFTER = Parameter(name="after", schema={"type": "string"})
ORDER = Parameter(
    name="order", schema={"type": "string", "enum": ["asc", "desc"], "default": "desc"}
)
RANGE = Parameter(name="Range", place="header", schema={"type": "string"})
IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    place="header",
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
)
