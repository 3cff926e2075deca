"""A tool that takes the user's yes: it runs after that, once, for its owner alone, and never after a no."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Need, Untestable, check
from chatkit_conformance.target.task_reading import entries
from chatkit_conformance.transcript import Transcript
from chatkit_conformance.wire.actions import server_actions

from ..clauses import SPEC_OWNER, SPEC_TOOLS, agents_sdk
from ..evidence import answered, note, reply, shorten, turn
from ..exchanges.approvals import SAID
from ..persistence.answered import answered_with
from .roles import found_in, listed

PAUSES = agents_sdk("Human-in-the-loop") + ": a call that needs approval pauses the run until it is decided"
ONCE = SPEC_TOOLS + "; one call has its effect once"
RESTARTS = "user specification, also required: history survives reload and restart"


def _runs(t: Transcript, label: str) -> int:
    """How many tasks that list shows of the call: the runs of the tool. Raises Untestable where it cannot be seen."""
    text, title = listed(t, label), str(note(t, "title"))
    return len(entries(text, title)) or int(found_in(t, text, title) is not None)


def _expected(t: Transcript, label: str, runs: int) -> Findings:
    """A finding unless the tool has run so many times by the time of that list."""
    if (seen := _runs(t, label)) != runs:
        got = f"{note(t, 'title')!r} {seen} times in the list {shorten(listed(t, label))}"
        yield Finding(expected=f"{runs} times", got=got, reply=label)


def _waited(t: Transcript) -> None:
    """Raise Untestable where the turn showed nothing to press."""
    if not any(server_actions(e.item.get("widget")) for e in turn(t, "ask").items_done("widget")):
        raise Untestable(f"The turn that calls the tool showed no button: {answered(reply(t, 'ask'))}.")


def _declare(
    name: str,
    on: str,
    label: str,
    runs: int,
    says: str,
    clause: str,
    cause: str,
    fix: str,
    needs: tuple[Need, ...] = ("model",),
) -> None:
    """Declare how often the tool has run by the time of a list."""

    def judge(t: Transcript) -> Findings:
        if label != "list-waiting":
            _waited(t)
        yield from _expected(t, label, runs)

    judge.__doc__ = says
    check(
        f"tools.{name}",
        level=MUST,
        needs=needs,
        on=(on,),
        clause=clause,
        cause=cause,
        fix=fix,
        capability="tool_approval",
        criteria=("SC-007",),
    )(judge)


_declare(
    "approval-waits",
    "approved_call",
    "list-waiting",
    0,
    "A tool that takes the user's yes does not run before it.",
    PAUSES,
    "The tool is called as any other, and the question is asked afterwards.",
    "Declare the tool with needs_approval=True, and end the turn where the result has interruptions.",
)
_declare(
    "approved-call-runs",
    "approved_call",
    "list-approved",
    1,
    "A call that the user approves runs, once.",
    PAUSES + "; " + SPEC_TOOLS,
    "The run that stopped is not found again, or a new run is begun in which the model does not call the tool.",
    "Keep result.to_state(), approve its interruptions, and run the state on.",
)
_declare(
    "approved-call-runs-once",
    "approved_call",
    "list-again",
    1,
    "A call that was approved twice has run once.",
    ONCE,
    "Each press runs the kept state on.",
    "Claim the kept run in one statement of the database, and refuse a second press with 409.",
)
_declare(
    "refused-call-not-run",
    "refused_call",
    "list-refused",
    0,
    "A call that the user refused does not run, not even where it is approved afterwards.",
    PAUSES + ", approved or rejected",
    "Both buttons lead to the same code, or the refusal leaves the run waiting.",
    "Reject the interruption and run the state on: the model is told that the user said no.",
)
_declare(
    "approval-outlives-restart",
    "approved_after_restart",
    "list-approved",
    1,
    "A call that waits for the user's yes runs after a restart of the server, once, when it is approved.",
    RESTARTS + "; " + PAUSES,
    "The run that stopped is kept in the process's memory.",
    "Store the state's JSON in the database, under the thread's owner.",
)
_declare(
    "other-user-cannot-approve",
    "approved_call",
    "list-foreign",
    0,
    "Another user's yes does not let the call run.",
    SPEC_OWNER,
    "The kept run is looked up by its id alone.",
    "Look kept runs up by owner and id.",
    ("model", "users"),
)


@check(
    "tools.approval-asked",
    level=MUST,
    on=("approved_call",),
    clause=PAUSES,
    cause="The run stops, and the turn ends without showing what it waits for.",
    fix="Show a widget with a button for each decision, or ask in words.",
    capability="tool_approval",
)
def approval_asked(t: Transcript) -> Findings:
    """A turn that waits for the user's yes shows that it does: a widget with buttons, or words."""
    made = turn(t, "ask")
    if not made.items_done("widget", "assistant_message", "client_tool_call", "structured_input"):
        yield Finding(expected="something that asks the user", got=answered(made), reply="ask")


@check(
    "tools.decision-answered",
    level=SHOULD,
    on=("approved_call", "refused_call"),
    clause=PAUSES + ", and then goes on",
    cause="The decision is taken, and the run that waited for it is not continued.",
    fix="Run the state on within the action, and stream what the model says.",
    capability="tool_approval",
)
def decision_answered(t: Transcript) -> Findings:
    """After the user's decision the model goes on, and its answer is shown."""
    _waited(t)
    yield from answered_with(t, "approve" if t.exchange == "approved_call" else "refuse", SAID)


@check(
    "tools.turn-after-decision-works",
    level=MUST,
    on=("approved_call", "refused_call"),
    clause=PAUSES + "; user specification, features: multi-turn conversation",
    cause="The call that waited stands in the history without a result, and the model rejects the request.",
    fix="Tell the model of a decided call with its result, and of a waiting one not at all or in words.",
    capability="tool_approval",
)
def turn_after_decision_works(t: Transcript) -> Findings:
    """The turn after a decision is answered."""
    _waited(t)
    yield from answered_with(t, "after", "You are welcome.")
