"""What a user says three times in the same words is said three times: it is taken, and told to the model."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_HISTORY, types
from ..evidence import answered, calls_of, nonce, page, reloaded, reply, shorten

ON = ("equal_words",)
SAYS_IT_AGAIN = "next-"
LAST = "then"


def _taken(t: Transcript) -> list[Reply]:
    """The turns of the repeated message that were taken as messages of their own, each under an id of its own.

    Raises NotJudged where the server takes it once, Untestable where not at all.
    """
    ids: set[str] = set()
    taken = []
    for r in t.replies:
        mine = {e.item_id for e in r.items_done("user_message") if e.item_id} if r.streamed else set()
        if r.label.startswith(SAYS_IT_AGAIN) and mine - ids:
            taken.append(r)
            ids |= mine
    if not taken:
        raise Untestable(f"No message with the same words was taken in {t.exchange}.")
    if len(taken) < 2:
        raise NotJudged("The server takes a message once that is sent again in the same words.")
    return taken


@check(
    "persistence.equal-messages-remembered",
    level=MUST,
    needs=("model",),
    on=ON,
    clause=SPEC_HISTORY,
    cause="The history is made without what was said before in the same words.",
    fix="Tell the model every message of the thread, in its place.",
)
def equal_messages_remembered(t: Transcript) -> Findings:
    """What a user said three times, the model is told three times."""
    mark, taken = nonce(t, f"{SAYS_IT_AGAIN}1"), _taken(t)
    for call in calls_of(t, LAST):
        times = sum(str(message.get("content")).count(mark) for message in call.messages)
        if 0 < times < len(taken):
            yield Finding(
                expected=f"{len(taken)} messages with the mark {mark}", got=f"{times}", reply=LAST, call=call.n
            )


@check(
    "persistence.equal-message-taken",
    level=SHOULD,
    on=ON,
    clause=types("648-655") + ": a message is not known by its words",
    cause="A guard against double clicks goes by the words, and turns away a user who says the same thing again.",
    fix="Know a request that was sent twice by a key of its own, not by its words.",
)
def equal_message_taken(t: Transcript) -> Findings:
    """A message with the words of the one before it is answered, once that one's answer is complete."""
    made = [r for r in t.replies if r.label.startswith(SAYS_IT_AGAIN)]
    if not made or not made[0].streamed or made[0].errors:
        raise Untestable("The message was not answered the first time.")
    for r in made[1:]:
        if not r.streamed or not r.items_done("user_message"):
            yield Finding(expected="an answer, as to the message before", got=answered(r), reply=r.label)


@check(
    "persistence.cursor-outlives-restart",
    level=SHOULD,
    on=ON,
    clause=types("24-29") + ": `after` is where the next page begins, for as long as the thread is there",
    cause="Cursors are names in a table of the process.",
    fix="Make a cursor of what it stands for, as the id of the page's last item.",
)
def cursor_outlives_restart(t: Transcript) -> Findings:
    """A user whose page was read before the server was restarted can read on."""
    if not t.replies:
        raise Untestable("Nothing was asked.")
    if "page-2" not in {r.label for r in t.replies}:
        return  # there was no restart, or no second page: other checks judge that
    ids = [item.get("id") for label in ("page-1", "page-2") for item in _rows(t, label)]
    whole = [item.get("id") for item in reloaded(t, "back")]
    if (second := reply(t, "page-2")) and not second.accepted:
        yield Finding(expected="the items behind the first page", got=answered(second), reply="page-2")
    elif ids[: len(whole)] != whole[: len(ids)]:
        yield Finding(expected=f"the ids {shorten(whole[: len(ids)])}", got=shorten(ids), reply="page-2")


def _rows(t: Transcript, label: str) -> list[dict[str, Any]]:
    r = reply(t, label)
    return page(r.body, label) if r.accepted else []
