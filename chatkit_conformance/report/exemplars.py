"""The turns that stand as examples in a report: a plain one, and one with a tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from ..stream.event_kinds import is_text, shows_tool
from ..stream.model_chunks import has_words, tools_called
from ..transcript import Reply, Transcript
from .moments import calls_of
from .transcript_folder import Pair

Turn = tuple[str, Transcript, Reply]
"""The name of a kind of turn, and where one is."""

Worth = tuple[bool, bool, bool, int, int, str]
"""How well a turn serves as an example, the best the greatest."""

PLAIN, TOOL = "A plain turn", "A turn with a tool"


class Exemplars:
    """The best turn of each kind among transcripts that are seen one at a time, and let go.

    Args:
        plain_in, tool_in: the transcripts to take them from where those have one, because what was measured was
            measured there. Else those that say most are taken.
    """

    def __init__(self, plain_in: Set[Pair] = frozenset(), tool_in: Set[Pair] = frozenset()) -> None:
        self._measured = {PLAIN: plain_in, TOOL: tool_in}
        self._best: dict[str, tuple[Worth, Turn]] = {}

    def watching(self, transcripts: Iterable[Transcript]) -> Iterator[Transcript]:
        """The same transcripts, each seen on its way."""
        for t in transcripts:
            for name, reply, shows in _shown_by(t):
                worth = (shows, *_worth(t, reply, self._measured[name]))
                if name not in self._best or worth > self._best[name][0]:
                    self._best[name] = (worth, (name, t, reply))
            yield t

    def turns(self) -> list[Turn]:
        """A plain turn and a tool turn, each with the name of its kind, if there were any."""
        return [self._best[name][1] for name in (PLAIN, TOOL) if name in self._best]


def _shown_by(t: Transcript) -> Iterator[tuple[str, Reply, bool]]:
    """The turns of a transcript that can serve, each with the name of its kind, and whether it shows its tool."""
    for reply in t.turns():
        if reply.ended != "closed" or reply.errors or not any(map(is_text, reply.events)):
            continue
        if _calls_tools(t, reply):
            yield TOOL, reply, any(map(shows_tool, reply.events))
        elif _opens(t, reply):
            yield PLAIN, reply, True


def _opens(transcript: Transcript, reply: Reply) -> bool:
    """Whether it opens a thread with one request to the model."""
    return reply.type == "threads.create" and len(calls_of(transcript, reply)) == 1


def _calls_tools(transcript: Transcript, reply: Reply) -> bool:
    return any(tools_called(sent.data) for call in calls_of(transcript, reply) for sent in call.sent)


def _worth(transcript: Transcript, reply: Reply, wanted: Set[Pair]) -> tuple[bool, bool, int, int, str]:
    """How well a turn serves as an example: where it was measured, few requests, several deltas but no crowd."""
    calls = calls_of(transcript, reply)
    answered = any(has_words(sent.data) for call in calls for sent in call.sent)
    measured = (transcript.exchange, transcript.dialect) in wanted
    return measured, answered, -abs(len(reply.deltas) - 12), -len(calls), transcript.exchange
