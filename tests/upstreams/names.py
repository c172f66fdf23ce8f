"""A DNS of our own: what a name resolves to, without asking anybody."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

_REAL: Callable[..., Any] = socket.getaddrinfo


@dataclass
class Names:
    """Names and the answers of each look-up, the last one for good. Others are not found."""

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)

    def look_up(self, host: bytes | str | None, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not name.endswith((".example", ".example.")):
            return _REAL(host, port, *args, **kwargs)
        self.asked.append(name)
        answers = self.answers.get(name)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for address in answer for entry in _REAL(address, port, *args, **kwargs)]
