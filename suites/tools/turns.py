"""What every tool turn has in common: the result goes to the model, the user sees the tool, the answer follows."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, TOOL_ROLES, WITHOUT, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING, SPEC_TOOLS, spec
from ..evidence import (
    answer_text,
    called_tools,
    calls_of,
    last_rounds,
    note,
    rounds,
    said_errors,
    says,
    shorten,
    times,
    turn,
    turns,
)
from ..exchanges.tool_steps import LAYOUTS
from ..groups import TASKS
from ..tool_signs import tool_shown
from .roles import found_in, listed, name_of, results


def _labels(t: Transcript) -> list[str]:
    """The labels of the turns in which the model called tools."""
    labels = [r.label for r in t.replies if any(c.label == r.label for c in t.turns()) and _called(t, r.label)]
    if not labels:
        raise Untestable(f"The model called no tool in {t.exchange}.")
    return labels


def _called(t: Transcript, label: str) -> bool:
    try:
        return any(called_tools(c) for c in calls_of(t, label))
    except Untestable:
        return False


@check(
    "tools.declared",
    level=MUST,
    on=("bulk_tools", "tool_update", "tool_delete", "tool_complete"),
    clause=SPEC_TOOLS,
    cause="The server is not meant to have some of the seven tools, or its agent was built without them, or they are "
    "declared only for some requests. ChatKit's client asks for none of them.",
    fix="For a tool that the server is not meant to have, write its role without a name under [tools] in the target "
    'file: bulk-delete = "". Name there those that have unusual names, and pass all others to the Agent.',
    criteria=("SC-007",),
)
def declared(t: Transcript) -> Findings:
    """Every request declares all seven tools to the model, but for those that the owner says are not there."""
    names, without = note(t, "names"), t.notes.get(WITHOUT, ())
    if lost := [role for role in TOOL_ROLES if role not in names and role not in without]:
        wanted = f"tools for all {'seven ' * (not without)}roles" + f" but {', '.join(without)}" * bool(without)
        typed = " and ".join(f'{role} = ""' for role in lost)
        none = f"; where the server is to have none, write {typed} under [tools] in the target file"
        yield Finding(expected=wanted + none, got=f"none for {', '.join(lost)}; has {sorted(names.values())}")
        return
    for c in t.calls:
        has = {tool.get("name") for tool in c.tools}
        if not c.side and (gone := [n for n in names.values() if n not in has]):
            yield Finding(expected=f"{gone[0]!r} among the tools", got=f"{sorted(map(str, has))}", call=c.n)


@check(
    "tools.result-reaches-model",
    level=MUST,
    needs=("model",),
    on=(*TASKS, "bulk_tools"),
    clause=GEMINI_CALLING,
    cause="The tool ran, but the model was not called again, or the call was left out of that request.",
    fix="Let the agent loop continue after a tool: send the call and its result, and stream the answer.",
    criteria=("SC-007",),
)
def result_reaches_model(t: Transcript) -> Findings:
    """After each tool call the model is called again, with a non-empty result for that call."""
    for label in _labels(t):
        calls = calls_of(t, label)
        for c in calls:
            if c.attempt or not called_tools(c):
                continue
            after = [d for d in calls if d.position > c.position]
            if not after:
                got = f"no request after the one with the call; the turn made {len(calls)}"
                yield Finding(expected="the model called again", got=got, reply=label, call=c.n)
            elif not any(text.strip() for made in rounds(after[0])[-1:] for _, text in made.results):
                got = f"results {[made.results for made in rounds(after[0])[-1:]]}"
                yield Finding(expected="a result that is not empty", got=got, reply=label, call=after[0].n)


@check(
    "tools.visible",
    level=MUST,
    needs=("model",),
    on=(*TASKS, "bulk_tools", "two_calls"),
    clause=spec("SC-002: a tool's execution is visible"),
    cause="Nothing is streamed to the client while a server tool runs unless the tool streams it.",
    fix="In each tool, await ctx.context.stream(ProgressUpdateEvent(...)), or stream a workflow task or a widget.",
    criteria=("SC-002",),
)
def visible(t: Transcript) -> Findings:
    """A turn in which a tool runs shows it: how is the server's choice, for SC-002 asks only that it is visible.

    Progress, a workflow, a task, a widget, a client tool call, an effect on the page and a notice do, and so do words
    of the server's own. Words count as its own where no model said them, they come before the model's next ones, and
    what the model said is shown as it was said. The model's words are no sign: it speaks whether a tool runs or not.
    """
    for label in _labels(t):
        r = turn(t, label)
        yield from tool_shown(r, times(t, r))


@check(
    "tools.answer-follows",
    level=MUST,
    on=(*TASKS, "listed_tasks"),
    clause=SPEC_TOOLS,
    cause="The run stops at the tool's result (tool_use_behavior), or the text after it is not streamed.",
    fix="Keep streaming after the tool: the model's next message is the answer to the user.",
    criteria=("SC-007",),
)
def answer_follows(t: Transcript) -> Findings:
    """The model's text after its tool calls reaches the user in the same turn."""
    r, said = turn(t, "create"), str(t.notes.get("answer", ""))
    if not says(t, r, said):
        got = f"answer {shorten(answer_text(r))}, {len(r.errors)} errors"
        yield Finding(expected=f"answer {shorten(said)}", got=got, reply="create")


AFTER = {"tool_create": ("after", "You are welcome."), "listed_tasks": ("delete", "Deleted.")}
"""By exchange, the turn after the first one with a tool, and what the model says in it."""


@check(
    "tools.turn-after-works",
    level=MUST,
    on=("tool_create", "listed_tasks"),
    clause=SPEC_TOOLS + "; also required: context reaches the model",
    cause="The stored tool calls, workflow or widget of the previous turn cannot be converted to model input.",
    fix="Convert every item type that you store; leave out what the model does not need.",
    criteria=("SC-005", "SC-007"),
)
def turn_after_works(t: Transcript) -> Findings:
    """The turn after a turn with tools is answered."""
    label, said = AFTER[t.exchange]
    r = turn(t, label)
    if not says(t, r, said) or r.errors:
        got = f"answer {shorten(answer_text(r))}, {said_errors(r)}"
        yield Finding(expected=f"answer {shorten(said)}", got=got, reply=label)


def _two(t: Transcript, layout: str) -> Findings:
    """Judge one layout of two calls: both run, and both are in the list."""
    titles = [str(title) for title in t.notes.get(layout, ())]
    made = next(iter(last_rounds(calls_of(t, layout))), None)
    name = name_of(t, "create")
    if made is None or len(made.calls) != 2:
        got = f"{len(made.calls) if made else 0} calls sent back: {shorten(made.calls if made else ())}"
        yield Finding(expected=f"two calls of {name!r}, replayed to the model", got=got, reply=layout)
        return
    text = listed(t, layout)
    for title in titles:
        if found_in(t, text, title) is None:
            yield Finding(expected=f"{title!r} in the list", got=f"the list {shorten(text)}", reply=layout)


MERGED = "Calls without `index` are treated as fragments of one call and concatenated (openai-agents on Gemini)."
APART = "Give each complete call of a delta its own index before the SDK sees the chunk."


@check(
    "tools.two-calls-in-one-delta",
    level=MUST,
    needs=("model",),
    on=("two_calls",),
    clause="Gemini docs, Function calling: parallel calls; user specification: several tools may run at once",
    cause=MERGED,
    fix=APART,
    criteria=("SC-007",),
)
def two_calls_in_one_delta(t: Transcript) -> Findings:
    """Two calls in one delta both run."""
    yield from _two(t, LAYOUTS[0])


@check(
    "tools.two-calls-in-two-deltas",
    level=MUST,
    needs=("model",),
    on=("two_calls",),
    clause="Gemini docs, Function calling: parallel calls; user specification: several tools may run at once",
    cause=MERGED,
    fix=APART,
    criteria=("SC-007",),
)
def two_calls_in_two_deltas(t: Transcript) -> Findings:
    """Two calls in separate deltas both run."""
    yield from _two(t, LAYOUTS[1])


@check(
    "tools.two-calls-paired",
    level=MUST,
    needs=("model",),
    on=("two_calls",),
    clause=GEMINI_CALLING,
    cause="Results are sent back in the order in which the tools finished, or all under the same call id.",
    fix="Give each call its own id, and send each result with the id of its call.",
    criteria=("SC-007",),
)
def two_calls_paired(t: Transcript) -> Findings:
    """Each of two results goes back under the id of its own call."""
    judged = 0
    silent: NotJudged | None = None
    for layout in LAYOUTS:
        made = next((m for m in last_rounds(calls_of(t, layout)) if len(m.calls) == 2), None)
        if made is None:
            continue
        by_id = dict(made.results)
        titles = [str(title) for title in t.notes.get(layout, ())]
        told = [
            text for c in calls_of(t, layout) for one in rounds(c) if one.calls == made.calls for _, text in one.results
        ]
        if told and not any(title in text for text in told for title in titles):  # nor when they were told first
            silent = NotJudged(
                f"The results {shorten(list(by_id.values()))} name no task, so any may be of either call."
            )
            continue
        judged += 1
        for title in titles:
            id = next((id for id, _, arguments in made.calls if title in arguments), None)
            if id is not None and title not in by_id.get(id, ""):
                got = f"under {id!r}: {shorten(by_id.get(id))}"
                yield Finding(expected=f"the result for {title!r}", got=got, reply=layout)
    if not judged:
        raise silent or Untestable("In no turn were two calls sent back to the model.")


@check(
    "tools.several-steps",
    level=MUST,
    needs=("model",),
    on=("text_around_calls",),
    clause=SPEC_TOOLS,
    cause="The agent loop ends after one round of tools, or the second round's request is refused.",
    fix="Let the loop run until the model answers without a call; raise max_turns if it is too low.",
    criteria=("SC-007",),
)
def several_steps(t: Transcript) -> Findings:
    """A turn can have several rounds of tool calls, each with its result, before the answer."""
    made = last_rounds(calls_of(t, "steps"))
    if len(made) < 2 or not results(t, "steps", "read"):
        got = f"{len(made)} rounds, answer {shorten(answer_text(turn(t, 'steps')))}"
        yield Finding(expected="two rounds of tools, then the answer", got=got, reply="steps")


@check(
    "tools.text-around-calls",
    level=MUST,
    on=("text_around_calls",),
    clause="openai-chatkit 1.6.5 chatkit/types.py L658-662: each message of the model is an assistant_message item",
    cause="Messages of one turn share an id (__fake_id__), or text next to a tool call is dropped.",
    fix="Finish each message of the model as its own item with a new id.",
    criteria=("SC-005",),
)
def text_around(t: Transcript) -> Findings:
    """The model's text before, between and after its calls is shown."""
    for r in turns(t):
        got = answer_text(r)
        for said in t.notes.get("words", ()):
            if said not in got:
                yield Finding(expected=f"{said!r} in the turn", got=f"finished text {shorten(got)}", reply=r.label)


@check(
    "tools.call-beside-text-runs",
    level=SHOULD,
    needs=("model",),
    on=("text_beside_call",),
    clause="OpenAI, chat completion chunk: a delta may have both content and tool_calls; Gemma ends its thoughts so",
    cause="A chunk is taken for either text or calls, whichever is looked for first.",
    fix="Read the content and the calls of each chunk.",
    criteria=("SC-007",),
)
def call_beside_text(t: Transcript) -> Findings:
    """A call that comes in one chunk with text is run, and the text is shown."""
    if not results(t, "beside", "create"):
        got = f"no result; answer {shorten(answer_text(turn(t, 'beside')))}"
        yield Finding(expected="the call's result told to the model", got=got, reply="beside")
    elif t.notes["words"][0] not in (got := answer_text(turn(t, "beside"))):
        yield Finding(expected=f"{t.notes['words'][0]!r} in the turn", got=shorten(got), reply="beside")
