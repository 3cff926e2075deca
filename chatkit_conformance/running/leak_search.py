"""Where secrets of the run were seen: in what the browser was sent, what the model was sent, what was logged.

All of a run is some thirty megabytes of text, and a secret has two dozen spellings. So what was held side by side is
searched while the server starts again, and only the rest at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..target.secret import Secrets
from ..target.split import joined
from ..transcript import Call, Reply, Transcript


class LeakSearch:
    """Looks for secrets, in each transcript and in each call once."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []
        self._transcripts: set[tuple[str, str]] = set()
        self._calls: set[int] = set()

    def search(self, secrets: Secrets, transcripts: Iterable[Transcript]) -> None:
        """Search what was not searched yet. All secrets of these conversations must be known by now."""
        for t in transcripts:
            if (t.exchange, t.dialect) not in self._transcripts:
                self._transcripts.add((t.exchange, t.dialect))
                self._found += _in_replies(secrets, t)
                self._search_calls(secrets, t.calls)

    def found(
        self, secrets: Secrets, transcripts: Iterable[Transcript], calls: Iterable[Call], lines: Iterable[str]
    ) -> Iterator[dict[str, Any]]:
        """All that was found, in these, too. `calls`: all that the model was asked; `lines`: the server's log."""
        self.search(secrets, transcripts)
        self._search_calls(secrets, calls)
        yield from sorted(self._found, key=lambda row: str(row["where"]) != "reply")
        for name in secrets.found_in("\n".join(lines)):
            yield {"secret": name, "where": "log"}

    def _search_calls(self, secrets: Secrets, calls: Iterable[Call]) -> None:
        for call in calls:
            if call.n not in self._calls:
                self._calls.add(call.n)
                self._found += (
                    {"secret": name, "where": "model", "call": call.n}
                    for name in secrets.found_in(json.dumps(call.body))
                )


def _in_replies(secrets: Secrets, t: Transcript) -> Iterator[dict[str, Any]]:
    for reply in t.replies:
        for name in secrets.found_in(_received(reply)):
            yield {
                "secret": name,
                "where": "reply",
                "exchange": t.exchange,
                "dialect": t.dialect,
                "reply": reply.label,
            }


def _received(reply: Reply) -> str:
    """All that a reply carried to the browser, as one text."""
    body = json.dumps(reply.body) if reply.body is not None else reply.text
    told = (*(e.raw for e in reply.events), *joined(reply))
    return "\n".join([body, *(f"{k}: {v}" for k, v in reply.headers.items()), *told])
