"""What a create would do: the answer to `?dry_run=true`, which is ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from filmgate.dialects.openai.video_objects import Failed
from filmgate.domain.account import AccountState
from filmgate.domain.errors import FilmgateError
from filmgate.domain.model import Pick
from filmgate.domain.money import MICROS
from filmgate.gateway.choosing import Choice, Considered, SeenAccount, Way
from filmgate.web.field_types import const, says

MOST_ACCOUNTS = 20  #: that are shown of an engine; all of them are counted


class RouteAccount(msgspec.Struct, kw_only=True):
    """An account of the candidate's engine, and why it gets no such work, if it does not."""

    id: str
    label: str
    state: AccountState
    reason: str | None


class RouteCandidate(msgspec.Struct, kw_only=True):
    """One way to make the film. What follows the price is for admin keys alone."""

    engine: str
    model: str
    chosen: bool
    place: Annotated[int | None, says(minimum=1)]  # in which it is tried; null: it is not
    reason: str
    code: str | None  # of the error, if it cannot make the film
    price_usd: float
    cost_usd: float | UnsetType = UNSET
    waiting: int | UnsetType = UNSET  # jobs of its engine
    usable_accounts: int | UnsetType = UNSET
    account_states: Mapping[str, int] | UnsetType = UNSET
    accounts: Sequence[RouteAccount] | UnsetType = UNSET


class VideoRoute(msgspec.Struct, kw_only=True):
    """What would become of the request now."""

    object: Annotated[str, const("video.route")]
    model: str
    pick: Pick
    candidates: Sequence[RouteCandidate]
    error: Failed | None  # with which it would be refused


def shown_route(model: str, choice: Choice, *, admin: bool) -> VideoRoute:
    """*choice* of a way for *model*; with the accounts for an *admin*."""
    error = choice.error
    candidates = [
        # What stops the request as a whole stops it at the first.
        _candidate(way, why=_why(way, choice), error=error if place == 1 else None, place=place)
        for place, way in enumerate(choice.ways, 1)
    ]
    candidates += [_candidate(one, why="", error=one.error) for one in choice.refused]
    if admin:
        for one, shown in zip((*choice.ways, *choice.refused), candidates, strict=True):
            _add_accounts(shown, one)
    return VideoRoute(
        object="video.route",
        model=model,
        pick=choice.pick,
        candidates=candidates,
        error=None if error is None else Failed(code=error.code, message=error.message),
    )


def _candidate(
    one: Considered, *, why: str, error: FilmgateError | None, place: int | None = None
) -> RouteCandidate:
    return RouteCandidate(
        engine=one.route.engine.name,
        model=one.route.model.name,
        chosen=place == 1 and error is None,
        place=place,
        reason=why if error is None else error.message,
        code=None if error is None else error.code,
        price_usd=one.price / MICROS,
    )


def _add_accounts(shown: RouteCandidate, one: Considered) -> None:
    shown.cost_usd = one.cost / MICROS
    shown.waiting = one.waiting
    shown.usable_accounts = sum(account.usable for account in one.accounts)
    shown.account_states = dict(Counter(str(account.state) for account in one.accounts))
    shown.accounts = [_account(account) for account in one.accounts[:MOST_ACCOUNTS]]


def _account(seen: SeenAccount) -> RouteAccount:
    account = seen.account
    return RouteAccount(
        id=account.id, label=account.label, state=seen.state, reason=seen.lacks or _idle(seen)
    )


def _idle(seen: SeenAccount) -> str | None:
    match seen.state:
        case AccountState.ACTIVE:
            return None
        case AccountState.RESTING:
            return f"It rests until {_moment(seen.account.rests_until)}: {_reason(seen)}."
        case AccountState.REJECTED:
            return f"Its engine does not let it in: {_reason(seen)}. It is asked again."
        case AccountState.DISABLED:
            return "It is disabled."
        case AccountState.EXPIRED:  # pragma: no branch
            return f"Its secret has expired: {_moment(seen.account.expires_at)}."


def _reason(seen: SeenAccount) -> str:
    return seen.account.rest_reason or "nobody wrote down why"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "some time"


def _why(way: Way, choice: Choice) -> str:
    """Why it is tried where it is."""
    if way is not choice.ways[0]:
        if way.now:
            return "It is tried if those before it cannot, as long as nothing is paid."
        return "Its accounts rest, so it comes after those that do not."
    if way.take.account_id is not None:
        return "The account that made the film that this starts from is here."
    if not way.now:
        return "No account may be asked right now. The job waits for one of these."
    if len(choice.ways) == 1:
        return "It is the only one that can make this."
    return _FIRST[choice.pick]


_FIRST = {
    Pick.FIRST: "It is the first that can make this now.",
    Pick.WEIGHTED: "It is its turn, by the weights.",
    Pick.CHEAPEST: "It is the cheapest that can make this now.",
    Pick.LEAST_BUSY: "It has the fewest unfinished jobs for each seat.",
}
