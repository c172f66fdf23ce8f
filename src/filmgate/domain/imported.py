"""Films that were made elsewhere, and keep the ids that they had there."""

from __future__ import annotations

import re

from filmgate.domain.errors import InvalidRequest, NotFound

IMPORTED = "imported"  #: in the place of an engine's name

ELSEWHERE = ("s_", "gen_")  #: how ids begin that were not given here

_OLD = re.compile(r"s_[0-9a-f]{32}|(?:video|gen)_[A-Za-z0-9_-]{8,80}")
_SHOWN = 80  #: characters of an id that an error shows


def check_old_id(text: str, *, param: str) -> None:
    """Raise `InvalidRequest`, naming *param*, unless a film may be kept under this id."""
    if _OLD.fullmatch(text) is None:
        message = (
            f"'{text[:_SHOWN]}' is no id of a film. Such are s_ and 32 hex digits, and video_ "
            "or gen_ and 8 to 80 letters, digits, _ or -."
        )
        raise InvalidRequest(message, param=param)


def not_here(film_id: str, *, param: str) -> NotFound:
    """No film has this id; of one that Sora gave, how to keep its film under it."""
    shown = film_id[:_SHOWN]
    if not film_id.startswith(ELSEWHERE):
        return NotFound(f"Video with id '{shown}' not found.", param=param)
    message = (
        f"There is no film '{shown}' here. If you have downloaded it from Sora, keep it under "
        f"that id: filmgate films import FILE --as {shown}"
    )
    return NotFound(message, param=param)
