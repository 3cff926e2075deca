"""The transcripts that a page carries: those of its findings and of its example turns, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from ..transcript import Reply, Transcript
from .excerpt import ExcerptRow, call_heading, highlight, reply_anchor, reply_heading, row_of
from .plain import plain, pretty, slug

ROOM = 900_000
"""Characters of events, bodies and requests in all; together with the findings a page stays under about 3 MB."""

HEAD, TAIL = 30, 20
"""Events shown from the beginning and from the end of a long reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One reply or one request to the model. `skipped` events lie after the first `head` rows."""

    anchor: str
    heading: str
    rows: tuple[ExcerptRow, ...] = ()
    head: int = 0
    skipped: int = 0
    body: Markup | None = None

    @property
    def size(self) -> int:
        """About how many characters it takes."""
        return sum(len(row.text) + 170 for row in self.rows) + len(self.body or "") + 400


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIndex:
    """One transcript. `untestable` says why the exchange could not be held."""

    anchor: str
    name: str
    untestable: str
    replies: tuple[Record, ...]
    calls: tuple[Record, ...]


def transcript_indexes(transcripts: Iterable[Transcript]) -> tuple[list[RecordIndex], list[str]]:
    """The transcripts as records, and the names of those for which there was no room."""
    made: list[RecordIndex] = []
    left: list[str] = []
    room = ROOM
    for transcript in transcripts:
        index = _transcript_index(transcript)
        size = sum(record.size for record in (*index.replies, *index.calls))
        if size > room:
            left.append(index.name)
            continue
        room -= size
        made.append(index)
    return made, left


def _transcript_index(transcript: Transcript) -> RecordIndex:
    name = f"{transcript.exchange}--{transcript.dialect}" if transcript.dialect else transcript.exchange
    calls = [
        Record(
            anchor=slug("c", name, str(call.n)),
            heading=call_heading(call),
            body=highlight(pretty(_asked(call.body), 1800)),
        )
        for call in transcript.calls[:24]
    ]
    return RecordIndex(
        anchor=slug("x", name),
        name=plain(name, 120),
        untestable=plain(transcript.untestable, 400),
        replies=tuple(_record(transcript, reply) for reply in transcript.replies[:40]),
        calls=tuple(calls),
    )


def _record(transcript: Transcript, reply: Reply) -> Record:
    anchor = reply_anchor(transcript, reply)
    heading = f"{plain(reply.label, 60)}: {reply_heading(reply)}"
    if not reply.events:
        body = (
            pretty(reply.body, 1500)
            if reply.body is not None
            else plain(reply.text or reply.trouble or "(nothing)", 1200)
        )
        return Record(anchor=anchor, heading=heading, body=highlight(body))
    events = reply.events
    skipped = max(0, len(events) - HEAD - TAIL)
    shown = [*events[:HEAD], *events[len(events) - TAIL :]] if skipped else events
    rows = tuple(row_of(reply, event, limit=200) for event in shown)
    return Record(anchor=anchor, heading=heading, rows=rows, head=HEAD if skipped else len(rows), skipped=skipped)


def _asked(body: object) -> object:
    """A request to the model with the last of its messages, and its tools by name alone."""
    if not isinstance(body, dict):
        return body
    shown = dict(body)
    tools, messages = shown.get("tools"), shown.get("messages")
    if isinstance(tools, list):
        shown["tools"] = [
            t["function"].get("name") if isinstance(t, dict) and isinstance(t.get("function"), dict) else t
            for t in tools
        ]
    if isinstance(messages, list) and len(messages) > 4:
        shown["messages"] = [f"… {len(messages) - 4} earlier messages", *messages[-4:]]
    return shown
