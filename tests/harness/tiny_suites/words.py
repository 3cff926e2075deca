"""Two exchanges and a few checks, for the tests of the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import calls, reply
from chatkit_conformance.transcript import Transcript

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk


@exchange(dialects=("gemini-3", "gemini-2.5"))
async def hello(talk: Talk) -> None:
    """A new thread, one answer, a reload."""
    turn = await talk.create("Say hello.", reply("Hello there."), label="turn-1")
    talk.note("answer", "Hello there.")
    talk.note("first_s", turn.deltas[0].at - turn.sent_at if turn.deltas else None)
    await talk.reload(turn.thread_id, label="reload-1")


@exchange(roles=("create", "read"))
async def tool_turn(talk: Talk) -> None:
    """The model creates a task and answers."""
    await talk.create(
        "Add it.", calls(talk.tool_call("create", title="Ferns", confirm=True)), reply("Added."), label="tool"
    )


@exchange(capability="widgets")
async def widgets(talk: Talk) -> None:
    """Nothing is said."""
    talk.require(False, "no widget was seen")


@exchange(alone=True)
async def restarted(talk: Talk) -> None:
    """The server is restarted, then answers."""
    talk.require(talk.can_restart, "the server was not started by this run.")
    await talk.restart(kill=True)
    await talk.create("Say it again.", reply("Again."), label="again")


@check(
    "stream.answers",
    level=MUST,
    on=["hello"],
    clause="tiny",
    cause="none",
    fix="none",
    criteria=["SC-001"],
    figure="first_s",
)
def answers(t: Transcript) -> Findings:
    """The answer reaches the browser."""
    got = "".join(e.update.get("delta", "") for e in t.reply("turn-1").deltas)
    if got != t.notes["answer"]:
        yield Finding(expected=t.notes["answer"], got=f"it sent {got!r}", reply="turn-1", event=0)


@check("stream.shouts", level=SHOULD, on=["hello"], clause="tiny", cause="none", fix="none")
def shouts(t: Transcript) -> Findings:
    """The answer is in capitals."""
    yield Finding(expected="capitals", got="small letters", reply="turn-1")


@check("tools.executes", level=MUST, on=["tool_turn"], clause="tiny", cause="none", fix="none")
def executes(t: Transcript) -> Findings:
    """The tool's result goes back to the model."""
    if not any(call.position == 1 for call in t.calls):
        yield Finding(expected="a second request to the model", got=f"{len(t.calls)} request(s)")


@check("widgets.seen", level=MUST, on=["widgets"], clause="tiny", cause="none", fix="none", capability="widgets")
def seen(t: Transcript) -> Findings:
    """Widgets are seen."""
    yield from ()


@check("persistence.restart", level=MUST, on=["restarted"], clause="tiny", cause="none", fix="none")
def restart(t: Transcript) -> Findings:
    """It answers after a restart."""
    if not t.reply("again").deltas:
        yield Finding(expected="an answer", got=f"HTTP {t.reply('again').status}", reply="again")


@check("gemini.only", level=MUST, on=["whole_run"], clause="tiny", cause="none", fix="none", criteria=["SC-003"])
def only_gemini(t: Transcript) -> Findings:
    """Nothing but the stand-in is asked."""
    if not t.notes["egress_watched"]:
        raise Untestable("the target was not started with an egress proxy.")
    for attempt in t.notes["egress"]:
        yield Finding(expected="no other connection", got=f"{attempt['method']} {attempt['host']}")


@check("stream.speaks", level=SHOULD, clause="tiny", cause="none", fix="none")
def speaks(t: Transcript) -> Findings:
    """Every stream has an event: an invariant, judged on every conversation."""
    turns = list(t.turns())
    if not turns:
        raise Untestable("nothing was streamed.")
    for turn in turns:
        if not turn.events:
            yield Finding(expected="an event", got="none", reply=turn.label)
