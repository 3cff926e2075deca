"""How much a run proves: counts over its transcripts, and a warning where a green run would say little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..check import WHOLE_RUN
from ..results.outcome import UNASKED
from ..stream.model_chunks import tools_called
from ..transcript import Transcript

if TYPE_CHECKING:
    from ..results.model import CheckResult

MOSTLY = 0.5
"""Share of one refusing status, or of untestable checks, from which on the rest proves little."""

FEWEST = 4
"""Answers below which a share says nothing."""


class Proof:
    """Counts what a run saw. `add` is called with each transcript as it is made."""

    def __init__(self) -> None:
        self.transcripts = 0
        self.replies = 0
        self.calls = 0
        self.tool_calls = 0
        self._statuses: Counter[int] = Counter()

    def add(self, transcript: Transcript) -> None:
        """Count one transcript in."""
        if transcript.exchange == WHOLE_RUN:
            return
        self.transcripts += 1
        self.replies += len(transcript.replies)
        # What is sent with no user's credentials is refused by every good server.
        self._statuses.update(reply.status for reply in transcript.replies if reply.user)
        self.calls += len(transcript.calls)
        self.tool_calls += sum(any(tools_called(sent.data) for sent in call.sent) for call in transcript.calls)

    def warnings(self, rows: Sequence[CheckResult], *, directed: bool) -> Iterator[str]:
        """What to know before the verdict is believed. `directed`: whether the model was our stand-in."""
        if not self.transcripts:
            return
        if not self.replies:
            yield "no request was answered: the run says nothing about this server."
            return
        if directed and not self.calls:
            yield "no conversation reached the stand-in: the answers came from somewhere else than the scripted model."
        asked = any(row.area == "tools" and row.outcome not in UNASKED for row in rows)
        if directed and asked and self.calls and not self.tool_calls:
            yield "no tool was ever called: the results of the tools checks prove nothing."
        yield from self._refusals()
        untestable = sum(row.outcome == "untestable" for row in rows)
        if rows and untestable / len(rows) > MOSTLY:
            yield f"{untestable} of {len(rows)} checks could not be tested: the rest says little about this server."
        if rows and all(row.outcome in UNASKED for row in rows):
            why = "not applicable" if all(row.outcome == "not_applicable" for row in rows) else "not judged in this run"
            yield f"every selected check was {why}: nothing was tested."

    def _refusals(self) -> Iterator[str]:
        answers = sum(self._statuses.values())
        if answers < FEWEST:
            return
        for status, times in self._statuses.most_common(1):
            if not 200 <= status < 300 and times / answers > MOSTLY:
                word = f"were {status}" if status else "never came"
                why = ": the credentials of [users.a] were not accepted" if status in (401, 403) else ""
                yield f"{100 * times / answers:.0f} % of answers {word}{why}."
