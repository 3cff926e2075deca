"""Each of the seven tools by itself: shown to the user, told to the model, and no harm done by arguments cut off."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import GEMINI_CALLING, SPEC_FAULTS, spec
from ..evidence import (
    answer_text,
    answered,
    called_tools,
    calls_of,
    rounds,
    said_errors,
    shorten,
    times,
    turn,
)
from ..in_words import made_as_asked
from ..tool_signs import tool_shown
from .mishaps import stated
from .roles import name_of

BULK = ("bulk-complete", "bulk-delete")
SINGLE = ("create", "read", "update", "complete", "delete")


def _where(role: str, single: str) -> tuple[str, ...]:
    return ("bulk_trials",) if role in BULK else (single,)


def _asked(t: Transcript, role: str) -> list[Call]:
    """The requests of the turn in which only this role's tool is called. Raises Untestable where it was not."""
    made = calls_of(t, role)
    made_as_asked(t, role, name_of(t, role))
    if not called_tools(made[0]):
        raise Untestable(f"The model never called the {role} tool.")
    return made


def _visible(t: Transcript, role: str) -> Findings:
    _asked(t, role)
    r = turn(t, role)
    yield from tool_shown(r, times(t, r))


def _returned(t: Transcript, role: str) -> Findings:
    made = _asked(t, role)
    after = [c for c in made if c.position]
    if not after:
        got = f"no request after the call: {said_errors(turn(t, role))}"
        yield Finding(expected="the model called again", got=got, reply=role, call=made[0].n)
        return
    texts = [text for round in rounds(after[0]) for _, text in round.results]
    if not any(text.strip() for text in texts):
        yield Finding(
            expected="a result that is not empty", got=f"results {shorten(texts)}", reply=role, call=after[0].n
        )


def _wrong(t: Transcript, role: str) -> Findings:
    name_of(t, role)
    r = turn(t, f"wrong-{role}")
    if not stated(r):
        got = f"{answered(r)}, ended {r.ended}, answer {shorten(answer_text(r))}"
        yield Finding(expected="an answer or an `error` event", got=got, reply=r.label)


def _declare(role: str) -> None:
    """Declare the three checks of one role."""

    def shown(t: Transcript) -> Findings:
        yield from _visible(t, role)

    def returned(t: Transcript) -> Findings:
        yield from _returned(t, role)

    def wrong(t: Transcript) -> Findings:
        yield from _wrong(t, role)

    shown.__doc__ = f"A turn in which only the {role} tool runs shows that it runs."
    returned.__doc__ = f"The result of the {role} tool goes back to the model and is not empty."
    wrong.__doc__ = f"A call of the {role} tool with truncated arguments ends in an answer or an error event."
    check(
        f"tools.{role}-visible",
        level=MUST,
        needs=("model",),
        on=_where(role, "each_tool"),
        clause=spec("SC-002: a tool's execution is visible"),
        cause="This tool streams nothing to the client: no progress, no task, no widget.",
        fix="In the tool, await ctx.context.stream(ProgressUpdateEvent(...)), or stream a workflow task or a widget.",
        criteria=("SC-002",),
    )(shown)
    check(
        f"tools.{role}-result-returned",
        level=MUST,
        needs=("model",),
        on=_where(role, "each_tool"),
        clause=GEMINI_CALLING,
        cause="The tool returns None or an empty text, or the run ends at the tool call.",
        fix="Return what was done, with the task's id and title.",
        criteria=("SC-007",),
    )(returned)
    check(
        f"tools.{role}-wrong-arguments",
        level=MUST,
        on=_where(role, "wrong_arguments"),
        clause=SPEC_FAULTS + "; edge cases: malformed answers from the model",
        cause="An exception of the tool's argument parser broke the stream.",
        fix="Return the problem to the model as the tool's result, or yield an `error` event.",
        criteria=("SC-008",),
    )(wrong)


for _role in (*SINGLE, *BULK):
    _declare(_role)
