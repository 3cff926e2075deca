"""What a talk is held with besides HTTP: a server that can be restarted, and a model, directed or real."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, Self

from .script import Step
from .transcript import Call, Event, Transcript


class Server(Protocol):
    """The server under test, as far as an exchange may touch it."""

    @property
    def can_restart(self) -> bool:
        """Whether this run started it."""

    async def restart(self, *, kill: bool = False) -> tuple[float, float]:
        """Stop it (with SIGKILL if `kill`) and start it again on the same data; from when to when (monotonic)."""

    async def before_restart(self) -> None:
        """Wait until the conversations that share a restart with this one wait for it."""


class ReplyUnderWay(Protocol):
    """A reply that is still coming."""

    async def wait_for(self, predicate: Callable[[Event], bool], timeout_s: float) -> Event | None:
        """The first event that the predicate accepts; None where the reply ends or `timeout_s` passes without one."""


class NotSent(Exception):
    """A request was not sent, because each one of its type ended the server. The message says so."""


class ModelDirector(Protocol):
    """What has the model behind the server do what a turn wants: the stand-in plays it, InWords asks for it."""

    async def put_script(self, nonce: str, turn: Iterable[Step], profile: str | None, side: Step | None = None) -> None:
        """Register the steps of a turn under a nonce; `side` answers a request beside it, such as for a title."""

    def wish(self, role: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """A call of the tool of that role, where the tool's own name need not be known; else None."""

    def words(self, nonce: str) -> str:
        """What the user's message of this nonce has to say, so that the model does it; "" where it needs no words."""

    def missing(self, nonce: str, t: Transcript) -> str:
        """What the newest reply of a conversation lacks of what its turn wanted, or "".

        Args:
            nonce: that of its message.
        """

    def may_ask_again(self) -> bool:
        """Whether the model may be asked once more for what is missing; counts it."""

    async def open_gate(self, name: str) -> None:
        """Let go whoever waits at the gate, now or later."""

    async def journal(
        self, nonces: Iterable[str] = (), *, at_least: int = 0, finished: bool = False, timeout_s: float = 0.0
    ) -> tuple[Call, ...]:
        """The calls of these nonces, or all; waits until there are `at_least`, `timeout_s` seconds at most."""


class RealModel(Protocol):
    """The real Gemini, to which the stand-in passes on what it is asked: it keeps the key and counts what is spent."""

    @property
    def model(self) -> str:
        """The model that a started server is told to use."""

    @property
    def base_url(self) -> str:
        """Where it is asked, once it was entered."""

    @property
    def refusal(self) -> str:
        """Why nothing more is asked of it (a key that it refuses, a budget that is used up), or ""."""

    @property
    def refused(self) -> bool:
        """Whether that is because it refuses every request."""

    def announced(self) -> str:
        """What it may cost, before anything is sent."""

    def spent(self) -> str:
        """What was spent, at the end."""

    async def __aenter__(self) -> Self:
        """Take requests."""

    async def __aexit__(self, *error: object) -> None:
        """Take no more."""
