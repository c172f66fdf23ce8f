"""References as the gateways before us took them: a link, a data URL, or bare base64."""

from __future__ import annotations

from filmgate.domain.request import Role
from filmgate.gateway.submission import Given
from filmgate.web.references import url_given


def inline_given(text: str, *, role: Role, param: str) -> Given:
    """
    What *text* is or leads to. `InvalidRequest` naming *param* if it is nothing of that.

    A file is recognised by its bytes, whatever a data URL says that it is.
    """
    known = text[:8].lower().startswith(("data:", "http://", "https://"))
    return url_given(
        text if known else f"data:;base64,{''.join(text.split())}", role=role, param=param
    )
