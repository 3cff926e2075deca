"""A reload shows an answer's words where they had been shown: before the tools that they announced."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.event_kinds import shows_tool
from chatkit_conformance.stream.reread import rereads
from chatkit_conformance.transcript import Event, Reply, Transcript

from ..clauses import SPEC_SURVIVES

WORDS = "assistant_message"
"""Type of the items that tell words."""


@check(
    "persistence.words-stay-before-tools",
    level=SHOULD,
    clause=SPEC_SURVIVES + "; SC-005: what is shown in mid-stream and after a reload is one conversation",
    cause="Words before a tool's call are finished only with the next words, and stored behind what shows the tool.",
    fix="Finish the message when the model calls a tool, or store items in the order in which they began.",
    criteria=("SC-005",),
)
def words_stay_before_tools(t: Transcript) -> Findings:
    """Words that an answer began before it showed a tool stand before that tool after a reload, too."""
    if not (reads := [read for read in rereads(t) if read.complete and read.quiet]):
        raise Untestable(f"No thread of {t.exchange} was read back whole.")
    pairs = [pair for r in t.replies if r.ended == "closed" for pair in _in_turn(r)]
    for read in reads:
        place = {id: n for n, id in enumerate(read.ids)}
        for words, tool in pairs:
            if words in place and tool in place and place[words] > place[tool]:
                got = f"{tool!r}, which came after it, first"
                yield Finding(expected=f"message {words!r} before the tool's item", got=got, reply=read.label)
                break


def _in_turn(r: Reply) -> list[tuple[str, str]]:
    """Messages of one stream, each beside the items of tools that appeared after it."""
    seen: dict[str, Event] = {}
    for e in r.of("thread.item.added", "thread.item.done"):
        seen.setdefault(e.item_id, e)
    ids = list(seen)
    words = ((n, id) for n, id in enumerate(ids) if seen[id].item.get("type") == WORDS)
    return [(id, tool) for n, id in words for tool in ids[n + 1 :] if shows_tool(seen[tool])]
