"""Where a run's conversations come from: the runner, or somebody who held them otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..check import Check
from ..running.host import RunState
from ..target.secret import Secrets
from ..transcript import Transcript


class TranscriptSource(Protocol):
    """Conversations that are held or were held."""

    live: bool
    """Whether the real Gemini was behind the server, in conversations of `live`."""

    @property
    def state(self) -> RunState:
        """The target, and what is known of it beside transcripts."""

    @property
    def secrets(self) -> Secrets:
        """What may reach no file."""

    def transcripts_of(self, check: Check) -> Sequence[Transcript]:
        """What a check is judged on; waits until it is there. Raises what ended the run before."""

    def find(self, exchange: str, dialect: str) -> Transcript | None:
        """A conversation that was held, or None."""

    def covers(self, check: Check) -> bool:
        """Whether those are all that a run of every check holds for it."""

    def stop(self) -> None:
        """Stop what was started. Returns when that is done."""


class RecordedConversations:
    """Conversations of `live` or `explore` that were held already, each of them evidence for every check.

    Args:
        transcripts: by exchange. state: the target, and what is known of it. secrets: what may reach no file.
        live: whether the real Gemini was behind the server.
    """

    def __init__(
        self, transcripts: Sequence[Transcript], state: RunState, secrets: Secrets, *, live: bool = True
    ) -> None:
        self.live = live
        self.state = state
        self.secrets = secrets
        self._held: Mapping[tuple[str, str], Transcript] = {(t.exchange, t.dialect): t for t in transcripts}

    def transcripts_of(self, check: Check) -> Sequence[Transcript]:
        """All of them: what is asked of real conversations holds in each."""
        return tuple(self._held.values())

    def find(self, exchange: str, dialect: str) -> Transcript | None:
        """A conversation, or None."""
        return self._held.get((exchange, dialect))

    def covers(self, check: Check) -> bool:
        """No: these are other conversations than those of a run."""
        return False

    def stop(self) -> None:
        """Nothing runs."""
