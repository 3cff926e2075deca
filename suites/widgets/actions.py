"""What becomes of a widget's action."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.heard import heard_in, words_of
from chatkit_conformance.stream.reload import same
from chatkit_conformance.transcript import Reply, Transcript
from chatkit_conformance.wire.actions import sent_by, server_actions
from chatkit_conformance.wire.schema import problems_of_response

from ..clauses import HTTP_4XX, SPEC_FAULTS, SPEC_HISTORY, SPEC_SURVIVES, store, types
from ..evidence import (
    answer_text,
    answered,
    calls_of,
    reloaded,
    reply,
    said_errors,
    shorten,
    text_of,
    turn,
    turned_away,
)

CUSTOM = (
    types("144-163") + ": threads.custom_action; chatkit/actions.py L27-40: an action has a type and may have a payload"
)
UNHANDLED = "action() assumes that the payload, the thread or the item exists, and raises."


@check(
    "widgets.action-answered",
    level=MUST,
    on=("widget_actions",),
    clause=CUSTOM,
    cause="action() is not implemented, or raises on an action that the server's own widget sends.",
    fix="Implement ChatKitServer.action for every action type that your widgets use.",
    capability="actions",
)
def action_answered(t: Transcript) -> Findings:
    """An action of the server's own widget is answered with a complete stream without an error."""
    r = reply(t, "action")
    if not r.streamed or r.ended != "closed" or r.errors:
        got = f"{answered(r)}, ended {r.ended}, {said_errors(r)}"
        yield Finding(expected="a stream without an error", got=got, reply="action")


@check(
    "widgets.action-shown-after-reload",
    level=MUST,
    on=("widget_actions",),
    clause=SPEC_SURVIVES + "; server.py L875-879: a replaced item is saved",
    cause="The new widget is sent but not stored.",
    fix="Yield ThreadItemReplacedEvent and let the SDK store it, or save the item first.",
    capability="actions",
    criteria=("SC-005",),
)
def action_shown_after_reload(t: Transcript) -> Findings:
    """A reload shows what an action replaced or added."""
    sent = [e for e in turn(t, "action").of("thread.item.replaced", "thread.item.done") if e.item_id]
    items = {item.get("id"): item for item in reloaded(t, "reload-action")}
    last = {e.item_id: e for e in sent}
    for id, e in last.items():
        there = items.get(id)
        if there is None or not same(e.item.get("widget"), there.get("widget")):
            got = shorten(there) if there else f"no item {id}"
            yield Finding(expected=f"item {shorten(e.item)}", got=got, reply="reload-action")


@check(
    "widgets.sync-action-answers",
    level=SHOULD,
    on=("widget_actions",),
    clause=types("151-155") + " and L585-587: threads.sync_custom_action is answered with updated_item",
    cause="sync_action() is not implemented.",
    fix="Implement ChatKitServer.sync_action like action(), and return SyncCustomActionResponse.",
    capability="actions",
)
def sync_action_answers(t: Transcript) -> Findings:
    """A sync action is answered with JSON that holds the updated item, or null."""
    r = reply(t, "sync")
    if not r.accepted or not isinstance(r.body, dict):
        yield Finding(expected="HTTP 200 and a JSON object", got=answered(r), reply="sync")
        return
    for problem in problems_of_response("threads.sync_custom_action", r.body):
        yield Finding(expected=f"{problem.path}: {problem.expected}", got=problem.got, reply="sync")


@check(
    "widgets.sync-action-shown-after-reload",
    level=SHOULD,
    on=("widget_actions",),
    clause=SPEC_SURVIVES,
    cause="The item is returned but not stored: the SDK stores nothing for a sync action.",
    fix="Save the item before returning it.",
    capability="actions",
    criteria=("SC-005",),
)
def sync_action_shown_after_reload(t: Transcript) -> Findings:
    """A reload shows the item that a sync action returned."""
    made = reply(t, "sync").body
    item = made.get("updated_item") if isinstance(made, dict) else None
    if not isinstance(item, dict):
        raise Untestable("The sync action returned no item.")
    there = next((row for row in reloaded(t, "reload-sync") if row.get("id") == item.get("id")), None)
    if there is None or not same(item.get("widget"), there.get("widget")):
        yield Finding(expected=f"item {shorten(item)}", got=shorten(there), reply="reload-sync")


@check(
    "widgets.action-twice-not-undone",
    level=SHOULD,
    on=("widget_actions",),
    clause=CUSTOM + "; a person presses twice, and a second tab shows the button of before",
    cause="The action turns a field over in place of setting it.",
    fix="Set what the button says, whatever it was before; refuse the action of a button that is not shown any more.",
    capability="actions",
)
def action_twice_not_undone(t: Transcript) -> Findings:
    """The action of a button that is not shown any more is answered, and does not undo what it did the first time."""
    if not _unharmed(reply(t, "twice")):
        got = f"{answered(reply(t, 'twice'))}, ended {reply(t, 'twice').ended}"
        yield Finding(expected="an answer or a refusal", got=got, reply="twice")
        return
    pressed = reply(t, "action").params
    began = [r for r in t.replies if r.label in ("create", "create-listed")]
    first = next((found for r in began if (found := _widget_in(r, pressed.get("item_id"))) is not None), None)
    once, twice = (_widget_in(reply(t, label), pressed.get("item_id")) for label in ("action", "twice"))
    if first is None or once is None or same(first, once):
        raise NotJudged("The button did not change the widget that it stands in.")
    if sent_by(pressed["action"]) in map(sent_by, server_actions(once)):
        raise NotJudged("The same button is still shown: it may well turn something over.")
    if twice is not None and same(first, twice):
        yield Finding(expected=f"widget {shorten(once)}", got="the widget as it was at first", reply="twice")


@check(
    "widgets.action-without-item",
    level=SHOULD,
    on=("widget_actions",),
    clause=types("158-163") + ": item_id may be null; " + SPEC_FAULTS,
    cause="The widget that sent the action is taken for granted, after the action was carried out.",
    fix="Take an action without a widget, or refuse it before it changes anything.",
    capability="actions",
)
def action_without_item(t: Transcript) -> Findings:
    """An action that names no widget is taken or refused, and is no internal error."""
    if not t.replies:
        raise Untestable("Nothing was asked.")
    for r in t.replies:
        if r.label == "sync-without-item" and r.status >= 500:
            yield Finding(expected="the action taken, or HTTP 4xx", got=answered(r), reply=r.label)


SHOWS_WIDGET = ("thread.item.done", "thread.item.replaced", "thread.item.updated")
"""Events that show what a widget is now: the last one where its update has all of it (widget.root.updated)."""


def _widget_in(r: Reply, id: object) -> object:
    """The widget of that item as a reply shows it at last, or None."""
    shown = [e.update.get("widget", e.item.get("widget")) for e in r.of(*SHOWS_WIDGET) if e.item_id == id]
    return next((widget for widget in reversed(shown) if widget is not None), None)


@check(
    "widgets.action-told-to-model",
    level=SHOULD,
    needs=("model",),
    on=("widget_actions",),
    clause=SPEC_HISTORY + "; " + types("778-785") + ": hidden_context_item, what the model is told and nobody is shown",
    cause="action() changes the data and the widget, and adds nothing to what the model reads.",
    fix="Add a HiddenContextItem that says what the user did, or tell the model the widget as it then is.",
    capability="actions",
)
def action_told_to_model(t: Transcript) -> Findings:
    """After a button has changed something, the next request to the model has words that were not there before."""
    if not turn(t, "action").of(*SHOWS_WIDGET):
        raise NotJudged("The action changed nothing that a user sees.")
    if not any(r.label == "looked-at" for r in t.replies):
        raise NotJudged("A turn before the button, to compare with, was not asked for: each costs its owner money.")
    before, after = (calls_of(t, label)[0] for label in ("looked-at", "next"))
    earlier, now = heard_in(t)[before.n], heard_in(t)[after.n]
    own = text_of(reply(t, "next").params["input"])
    known = words_of(f"{earlier.text} {answer_text(reply(t, 'looked-at'))} {own}")
    if all(words_of(text) in known for _, text in now.messages):
        got = f"{len(now.messages)} messages, all of them known from before the button"
        yield Finding(expected="words about what the button did", got=got, reply="next", call=after.n)


def _unharmed(r: Reply) -> bool:
    """Whether a request was answered at all: no crash, no stream cut off."""
    return 200 <= r.status < 500 and r.ended == "closed"


@check(
    "widgets.payload-may-be-missing",
    level=MUST,
    on=("widget_actions",),
    clause="openai-chatkit 1.6.5 chatkit/actions.py L31-35: payload is None by default; " + SPEC_FAULTS,
    cause=UNHANDLED,
    fix="Check the payload before using it, and refuse the action with a message.",
    capability="actions",
    criteria=("SC-008",),
)
def payload_may_be_missing(t: Transcript) -> Findings:
    """An action with a null or missing payload is accepted or refused, and does not crash the server."""
    for label in ("payload-null", "payload-absent"):
        r = reply(t, label)
        if not _unharmed(r):
            got = f"{answered(r)}, ended {r.ended}"
            yield Finding(expected="an answer or a refusal", got=got, reply=label)


def _refusal(t: Transcript, *labels: str) -> Findings:
    for label in labels:
        r = reply(t, label)
        if not turned_away(r):
            yield Finding(expected="4xx, or an `error` event", got=f"{answered(r)}, ended {r.ended}", reply=label)


@check(
    "widgets.action-unknown-thread",
    level=SHOULD,
    on=("widget_actions",),
    clause=HTTP_4XX,
    cause=UNHANDLED,
    fix="Look the thread up before the stream begins, and answer 404.",
    capability="actions",
)
def action_unknown_thread(t: Transcript) -> Findings:
    """An action in an unknown thread is refused, both streaming and sync."""
    yield from _refusal(t, "unknown-thread", "unknown-thread-sync")


@check(
    "widgets.action-unknown-item",
    level=SHOULD,
    on=("widget_actions",),
    clause=HTTP_4XX,
    cause=UNHANDLED,
    fix="Look the item up before the stream begins, and answer 404 or 422.",
    capability="actions",
)
def action_unknown_item(t: Transcript) -> Findings:
    """An action on an unknown item, or on an item that is not a widget, is refused."""
    yield from _refusal(t, "unknown-item", "not-a-widget")


@check(
    "widgets.action-creates-no-thread",
    level=MUST,
    on=("widget_actions",),
    clause=store("81-86") + ": load_thread raises NotFoundError; threads.create alone makes a thread",
    cause="load_thread creates a thread if it finds none.",
    fix="Raise NotFoundError for an unknown thread.",
    capability="actions",
)
def action_creates_no_thread(t: Transcript) -> Findings:
    """An action in an unknown thread does not create the thread."""
    reply(t, "unknown-thread")
    r = reply(t, "still-unknown")
    if r.accepted and isinstance(r.body, dict) and r.body.get("id") == r.params.get("thread_id"):
        yield Finding(expected="no such thread", got=answered(r), reply="still-unknown")
