"""An agent that is a tool, and one that answers in JSON: what becomes of what they say."""

from __future__ import annotations

import json

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import GEMINI_CALLING, SPEC_FAULTS, agents_sdk
from ..evidence import (
    answer_schema,
    answer_text,
    answered,
    answers,
    asks_json,
    calls_of,
    items_in,
    led_to,
    note,
    reply,
    result_of,
    said_errors,
    shorten,
    text_of,
    turn,
)
from ..exchanges.other_agents import INNER, OUTER, PLAN, STOP
from ..invariants.answers import shown_in
from ..invariants.faults import reported
from ..persistence.answered import answered_with

AS_TOOLS = agents_sdk("Tools") + ", Agents as tools: its final output is the call's result"
OUTPUT = agents_sdk("Agents") + ", Output types: the answer is an object that fits the schema"


def _inner(t: Transcript) -> list[Call]:
    """What the agent that is a tool asked the model."""
    return [c for c in led_to(t, reply(t, "nested")) if note(t, "tool") not in {x.get("name") for x in c.tools}]


@check(
    "tools.nested-agent-result",
    level=MUST,
    needs=("model",),
    on=("nested_agent",),
    clause=AS_TOOLS + "; " + GEMINI_CALLING,
    cause="The inner agent's answer is lost: another field of the result is returned, or its error is swallowed.",
    fix="Return the inner run's final_output: agent.as_tool() does.",
    capability="nested_agents",
)
def nested_agent_result(t: Transcript) -> Findings:
    """What an agent that is a tool answers goes back to the model as the call's result."""
    got = result_of(calls_of(t, "nested"), str(note(t, "tool")))
    if not _inner(t) and got:
        raise Untestable("The agent that is a tool asked the model without what it was called with.")
    if INNER not in (got or ""):
        yield Finding(expected=f"a result with {shorten(INNER)}", got=shorten(got or "no result"), reply="nested")


@check(
    "tools.nested-agent-answered",
    level=MUST,
    on=("nested_agent",),
    clause=AS_TOOLS + ", and the agent that called it goes on",
    cause="The inner agent's end is taken for the end of the turn, or its words for the answer.",
    fix="Let the inner run speak to nobody, and go on with the outer one.",
    capability="nested_agents",
)
def nested_agent_answered(t: Transcript) -> Findings:
    """After an agent that is a tool, the answer of the agent that called it is shown."""
    yield from answered_with(t, "nested", OUTER)


@check(
    "tools.structured-answer-shown",
    level=MUST,
    on=("structured_answer",),
    clause=OUTPUT + "; user specification, features: chat completions",
    cause="The object goes to code that shows nothing of it.",
    fix="Show what the object says: as text, or as a widget.",
    capability="structured_output",
)
def structured_answer_shown(t: Transcript) -> Findings:
    """What an answer in JSON says is shown to the user, in whatever form."""
    made = turn(t, "fit")
    shown = [item for item, _ in items_in(made) if item.get("type") != "user_message"]
    if PLAN not in json.dumps(shown, ensure_ascii=False):
        got = f"{answered(made)}, {said_errors(made)}, answer {shorten(answer_text(made))}"
        yield Finding(expected=f"an item with {shorten(PLAN)}", got=got, reply="fit")


@check(
    "tools.structured-answer-readable",
    level=SHOULD,
    on=("structured_answer",),
    clause="openai-chatkit 1.6.5 chatkit/types.py L658-662: an assistant message is text for the user",
    cause="The model's JSON is streamed to the user as it comes.",
    fix="Do not stream an agent that has an output_type; show its object in words or as a widget.",
    capability="structured_output",
)
def structured_answer_readable(t: Transcript) -> Findings:
    """No answer that the user reads is JSON."""
    for made in (turn(t, "fit"), reply(t, STOP)):
        for item in answers(made):
            if _is_json(text_of(item)):
                yield Finding(expected="words", got=f"answer {shorten(text_of(item))}", reply=made.label)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


@check(
    "gemini.answer-schema-sent",
    level=SHOULD,
    needs=("model",),
    on=("structured_answer",),
    clause="Gemini docs, Structured output: response_format with a JSON Schema has the model keep to it",
    cause="The schema stands in the instructions only, or the model's adapter drops the output_type.",
    fix="Send response_format of type json_schema: OpenAIChatCompletionsModel does for an output_type.",
    capability="structured_output",
)
def answer_schema_sent(t: Transcript) -> Findings:
    """A request for an answer in JSON carries the schema that the answer has to fit."""
    made = led_to(t, reply(t, "fit"))
    if not made:
        raise Untestable("The model was not asked.")
    if not any(asks_json(c) and answer_schema(c) for c in made):
        got = "no response_format" if not any(map(asks_json, made)) else "JSON, without a schema"
        yield Finding(expected="response_format of type json_schema, with a schema", got=got, call=made[-1].n)


@check(
    "errors.unfit-answer-told",
    level=MUST,
    needs=("model",),
    on=("structured_answer",),
    clause=SPEC_FAULTS + "; " + OUTPUT + ", else ModelBehaviorError",
    cause="The error of the model's answer is swallowed, or the answer is shown as it came.",
    fix="Catch ModelBehaviorError with the other errors of a run, and yield an `error` event.",
    capability="structured_output",
    criteria=("SC-008",),
)
def unfit_answer_told(t: Transcript) -> Findings:
    """An answer that does not fit the schema ends in an error, a notice or words of the server's own."""
    made = next((x for x in turns_in(t) if x.stopped), None)
    if made is None or not any((answer_schema(c) or {}).get("required") for c in (*made.calls, *made.side)):
        raise Untestable("The server sent no schema that this answer cannot fit.")
    if not reported(t, made):
        got = f"the user saw {shorten(shown_in(t)[made.asked.n])}; {answered(made.asked.reply)}"
        yield Finding(expected="an `error` event, a notice, or words of the server's own", got=got, reply=STOP)


def _declare_next(exchange: str, capability: str, what: str) -> None:
    """Declare that the turn after one of these is answered."""

    def works(t: Transcript) -> Findings:
        yield from answered_with(t, "after", "You are welcome.")

    works.__doc__ = f"The turn after {what} is answered."
    check(
        f"tools.turn-after-{exchange.replace('_', '-')}-works",
        level=MUST,
        on=(exchange,),
        clause=agents_sdk("Running agents") + ", conversations; user specification, features: multi-turn conversation",
        cause="What is kept of the other agent's run breaks the next request.",
        fix="Build the history from the thread's items.",
        capability=capability,
    )(works)


_declare_next("nested_agent", "nested_agents", "one in which an agent was called as a tool")
_declare_next("structured_answer", "structured_output", "answers in JSON, one of which did not fit,")
