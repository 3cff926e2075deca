"""A client tool: the call that waits, the browser's output, and what becomes of a call that is never answered."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING, HTTP_4XX, SPEC_OWNER, SPEC_SURVIVES, server, types
from ..evidence import (
    answer_text,
    answered,
    calls_of,
    content_text,
    note,
    outcome,
    refused_as_wrong,
    reloaded,
    reply,
    rounds,
    shorten,
    turn,
)

ITEM = types("665-673") + ": a client_tool_call item, pending until the client answers"
OUTPUT = types("97-108") + ": threads.add_client_tool_output records the output and the turn goes on"
CAPABILITY = "client_tools"


def pending(t: Transcript, label: str, type: str) -> dict[str, object]:
    """The item of this type that the turn finished. Raises Untestable where there is none."""
    item = next((e.item for e in turn(t, label).items_done(type)), None)
    if item is None:
        raise Untestable(f"{label} of {t.exchange} finished no {type}.")
    return item


def stored(t: Transcript, label: str) -> dict[str, object] | None:
    """The waiting item as a reload shows it."""
    return next((item for item in reloaded(t, label) if item.get("id") == note(t, "item")), None)


@check(
    "client-tools.call-shown",
    level=MUST,
    on=("client_tool",),
    clause=ITEM,
    cause="The tool runs on the server, or its call is shown as text.",
    fix="Set ctx.context.client_tool_call in the tool, with StopAtTools on the agent.",
    capability=CAPABILITY,
)
def call_shown(t: Transcript) -> Findings:
    """A client tool call is sent as a pending client_tool_call item with name, id and arguments."""
    item = next((e.item for e in turn(t, "call").items_done("client_tool_call")), {})
    if item.get("status", "pending") != "pending" or not item.get("call_id") or not item.get("name"):
        yield Finding(
            expected="a pending client_tool_call", got=shorten(item or answered(reply(t, "call"))), reply="call"
        )
    elif not isinstance(item.get("arguments"), dict):
        yield Finding(expected="arguments as an object", got=shorten(item.get("arguments")), reply="call")


@check(
    "client-tools.call-ends-turn",
    level=MUST,
    needs=("model",),
    on=("client_tool",),
    clause=ITEM + "; server.py L585-622: the turn goes on when the output comes",
    cause="The agent loop continues with a placeholder result instead of waiting for the browser.",
    fix="Stop the run at the tool: tool_use_behavior=StopAtTools(stop_at_tool_names=[...]).",
    capability=CAPABILITY,
)
def call_ends_turn(t: Transcript) -> Findings:
    """The turn ends with the call: the model is not called again before the browser has answered."""
    pending(t, "call", "client_tool_call")
    said = answer_text(turn(t, "call"))
    early = [c for c in calls_of(t, "call") if c.position and c.at < (reply(t, "call").ended_at or 0)]
    if said or early:
        got = f"answer {shorten(said)}, {len(early)} more requests to the model"
        yield Finding(expected="no answer and no model request after the call", got=got, reply="call")


@check(
    "client-tools.call-pending-after-reload",
    level=MUST,
    on=("client_tool",),
    clause=SPEC_SURVIVES + "; " + ITEM,
    cause="The call is sent but not stored, so nothing waits for its output.",
    fix="Yield the item as thread.item.done, and let the SDK store it.",
    capability=CAPABILITY,
    criteria=("SC-005",),
)
def call_pending_after_reload(t: Transcript) -> Findings:
    """A reload before the browser answers shows the pending call."""
    there = stored(t, "pending")
    if there is None or there.get("status", "pending") != "pending":
        yield Finding(expected=f"item {note(t, 'item')} pending", got=shorten(there), reply="pending")


@check(
    "client-tools.call-id-from-model",
    level=SHOULD,
    needs=("model",),
    on=("client_tool",),
    clause="openai/chatkit-python#36 and #89: the call id is the model's, by which call and output are paired again",
    cause="The item gets a generated call_id, so the output cannot be paired with the model's call.",
    fix="Use the tool call's own id as call_id.",
    capability=CAPABILITY,
)
def call_id_from_model(t: Transcript) -> Findings:
    """The item's call_id is the id of the model's call."""
    id = str(pending(t, "call", "client_tool_call").get("call_id"))
    sent = "".join(s.data for c in calls_of(t, "call") for s in c.sent)
    if '"id":""' in sent:
        raise Untestable("The model's call has no id.")
    if f'"{id}"' not in sent:
        yield Finding(expected="the id of the model's call", got=f"call_id {id!r}", reply="call")


@check(
    "client-tools.output-continues",
    level=MUST,
    on=("client_tool",),
    clause=OUTPUT,
    cause="The pending call is not found, or the model rejects a history with a call without its result.",
    fix="Convert the completed call to a call and its output, then answer.",
    capability=CAPABILITY,
)
def output_continues(t: Transcript) -> Findings:
    """After the browser's output the turn continues, and the model's answer is shown."""
    pending(t, "call", "client_tool_call")
    r = reply(t, "output")
    if str(note(t, "said")) not in answer_text(r):
        yield Finding(expected=f"answer {shorten(note(t, 'said'))}", got=outcome(r), reply="output")


@check(
    "client-tools.output-reaches-model",
    level=MUST,
    needs=("model",),
    on=("client_tool",),
    clause=GEMINI_CALLING,
    cause="The output is stored but left out of the request to the model.",
    fix="Send the output as the result of the call, under the call's id.",
    capability=CAPABILITY,
)
def output_reaches_model(t: Transcript) -> Findings:
    """The browser's output is in the next request to the model, under the call's id if the call is in it too."""
    value = str(note(t, "output")["color"])
    began = reply(t, "output").sent_at
    later = [c for c in calls_of(t, "call") if c.at >= began]
    if not later:
        yield Finding(expected="the model called again", got=answered(reply(t, "output")), reply="output")
        return
    c = later[0]
    if not any(value in content_text(m.get("content")) for m in c.messages):
        yield Finding(expected=f"{value!r} in a message", got=f"{len(c.messages)} messages without it", call=c.n)
    for made in rounds(c):
        if {id for id, _, _ in made.calls} != {id for id, _ in made.results}:
            got = f"calls {[id for id, _, _ in made.calls]}, results {[id for id, _ in made.results]}"
            yield Finding(expected="a result for each call", got=got, call=c.n)


@check(
    "client-tools.output-kept",
    level=MUST,
    on=("client_tool",),
    clause=SPEC_SURVIVES + "; " + types("665-673") + ": status completed, output",
    cause="The output goes to the model but is not stored.",
    fix="Save the item with status completed and its output before the turn continues.",
    capability=CAPABILITY,
    criteria=("SC-005",),
)
def output_kept(t: Transcript) -> Findings:
    """A reload shows the call as completed, with the browser's output."""
    pending(t, "call", "client_tool_call")
    there = stored(t, "completed") or {}
    if there.get("status") != "completed" or there.get("output") != note(t, "output"):
        expected = f"completed, output {shorten(note(t, 'output'))}"
        got = f"{there.get('status', 'no such item')}, output {shorten(there.get('output'))}"
        yield Finding(expected=expected, got=got, reply="completed")


@check(
    "client-tools.other-user-cannot-send-output",
    level=MUST,
    on=("client_tool",),
    clause=SPEC_OWNER,
    cause="The thread is looked up by id only.",
    fix="Look threads up by owner and id.",
    capability=CAPABILITY,
    needs=("users",),
)
def other_user_cannot_send_output(t: Transcript) -> Findings:
    """Another user's output for the call is neither stored nor sent to the model."""
    if not any(r.label == "foreign" for r in t.replies):
        raise Untestable("The target file names only one user: add [users.b].")
    there = stored(t, "completed") or {}
    if "stolen" in str(there.get("output")):
        yield Finding(expected="the owner's output", got=shorten(there.get("output")), reply="completed")
    for c in t.calls:
        if any("stolen" in content_text(m.get("content")) for m in c.messages):
            yield Finding(
                expected="nothing of the other user's output", got="it was sent to the model", reply="foreign", call=c.n
            )


@check(
    "client-tools.output-once",
    level=SHOULD,
    on=("client_tool",),
    clause=HTTP_4XX + "; server.py L592-604: an output needs a pending call",
    cause="The pending call is not checked before the stream begins, or the model is called again.",
    fix="Answer 409 if no call is pending.",
    capability=CAPABILITY,
)
def output_once(t: Transcript) -> Findings:
    """A second output for the same call is refused."""
    r = reply(t, "again")
    if not refused_as_wrong(r):
        yield Finding(expected="4xx, or an `error` event", got=f"{answered(r)}, ended {r.ended}", reply="again")


@check(
    "client-tools.turn-after-works",
    level=MUST,
    on=("client_tool",),
    clause=OUTPUT + "; user specification, features: multi-turn conversation",
    cause="The stored call cannot be converted to model input, or lacks its thought signature.",
    fix="Send call and output together, with skip_thought_signature_validator if the signature was not stored.",
    capability=CAPABILITY,
)
def turn_after_works(t: Transcript) -> Findings:
    """The turn after a turn with a client tool is answered."""
    r = reply(t, "after")
    if "You are welcome." not in answer_text(r):
        yield Finding(expected="answer “You are welcome.”", got=outcome(r), reply="after")


@check(
    "client-tools.ignored-call-works",
    level=MUST,
    on=("client_tool_ignored",),
    clause=server("800-815") + ": a pending call that is never answered does not end the conversation",
    cause="The pending call is in the history without a result, and the model rejects the request.",
    fix="Leave pending calls out of the requests to the model.",
    capability=CAPABILITY,
)
def ignored_call_works(t: Transcript) -> Findings:
    """If the browser never answers a call, the user's next message is still answered."""
    pending(t, "call", "client_tool_call")
    r = reply(t, "next")
    if "I am here." not in answer_text(r):
        yield Finding(expected="answer “Yes, I am here.”", got=outcome(r), reply="next")


@check(
    "client-tools.ignored-call-not-sent-unpaired",
    level=MUST,
    needs=("model",),
    on=("client_tool_ignored",),
    clause=GEMINI_CALLING + ": as many results as calls",
    cause="The pending call is in the history without a result.",
    fix="Leave pending calls out of the requests to the model.",
    capability=CAPABILITY,
)
def ignored_call_not_sent_unpaired(t: Transcript) -> Findings:
    """A client tool call without an answer is not sent to the model without a result."""
    c = calls_of(t, "next")[0]
    made = [str(x.get("id")) for m in c.messages for x in m.get("tool_calls") or () if isinstance(x, dict)]
    got = [str(m.get("tool_call_id")) for m in c.messages if m.get("role") == "tool"]
    if alone := [id for id in made if id not in got]:
        yield Finding(expected="a result for each call", got=f"no result for {alone}", reply="next", call=c.n)
