"""What the author of an enhancer needs: `Enhancer`, and the types that it names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from filmgate.domain.account import Account
from filmgate.domain.enhancement import Enhancement
from filmgate.ports.calls import Call, Explain, Upstreams


class Streams(Upstreams, Protocol):
    """The way out, for answers that come little by little."""

    def events(
        self, call: Call, *, explain: Explain, within: float | None = None
    ) -> AsyncGenerator[str]:
        """
        The data of each server-sent event, as it comes; whoever stops early closes it.

        Errors are those of `ask`. *within* seconds the answer must begin; after that no
        pause may be longer than a minute. Whether it came to its own end is not known here.
        """
        ...


class Enhancer(Protocol):
    """
    Something that writes a better prompt: a chat model, as a rule. No job, no ticket.

    As with an `Engine` a method raises nothing but a `FilmgateError`, chosen by who is to
    blame, and choosing accounts is the caller's. It is built with a `Streams`.
    """

    name: str

    async def discover(self, account: Account) -> Sequence[str]:
        """
        The names of the models that *account* may use, asked without paying.

        What it raises says why the account is of no use.
        """
        ...

    def enhance(self, wish: Enhancement, account: Account) -> AsyncGenerator[str]:
        """
        The better prompt, piece by piece; whoever stops early closes it.

        At least one piece that is not blank, or an error; an error may come after pieces.
        """
        ...
