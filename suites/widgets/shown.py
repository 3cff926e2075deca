"""Widgets as they are streamed, finished and stored."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.reducer import find_component, reduce
from chatkit_conformance.stream.reload import same
from chatkit_conformance.transcript import Event, Reply, Transcript
from chatkit_conformance.wire.schema import problems_of_item

from ..clauses import SPEC_SURVIVES, server, types
from ..evidence import reloaded, reply, shorten, turn, turns
from ..groups import TASKS

SHOWN = (*TASKS, "widget_written")
DELTA = "widget.streaming_text.value_delta"
ROOT = "widget.root.updated"


def _widgets(t: Transcript) -> Iterator[tuple[Reply, Event]]:
    """Every finished widget."""
    for r in turns(t):
        for e in r.items_done("widget"):
            yield r, e


@check(
    "widgets.finished-valid",
    level=MUST,
    on=SHOWN,
    clause=types("676-681") + ": a widget item has a widget root",
    cause="The widget is built by hand, without fields that the client reads.",
    fix="Build it with chatkit.widgets or a template, and let pydantic dump it.",
    capability="widgets",
)
def finished_valid(t: Transcript) -> Findings:
    """Every finished widget matches the schema: its item and its root."""
    made = list(_widgets(t))
    if not made:
        raise Untestable(f"No widget was finished in {t.exchange}.")
    for r, e in made:
        for problem in problems_of_item(e.item):
            if problem.level == MUST:
                expected = f"{problem.path or 'the widget'}: {problem.expected}"
                yield Finding(expected=expected, got=problem.got, reply=r.label, event=e.index)


@check(
    "widgets.shown-after-reload",
    level=MUST,
    on=SHOWN,
    clause=SPEC_SURVIVES,
    cause="The widget is stored as text or not at all, or some of its fields are lost.",
    fix="Store the item as the JSON that was sent.",
    capability="widgets",
    criteria=("SC-005",),
)
def shown_after_reload(t: Transcript) -> Findings:
    """A reload shows a finished widget unchanged."""
    items = {item.get("id"): item for item in reloaded(t, "reload")}
    thread = reply(t, "reload").params.get("thread_id")
    made = [(r, e) for r, e in _widgets(t) if r.thread_id == thread]
    if not made:
        raise Untestable(f"No widget was finished in the reloaded thread of {t.exchange}.")
    for r, e in made:
        there = items.get(e.item_id)
        if there is None or not same(e.item.get("widget"), there.get("widget")):
            got = shorten(there.get("widget")) if there else f"no item {e.item_id}"
            expected = f"widget {shorten(e.item.get('widget'))}"
            yield Finding(expected=expected, got=got, reply="reload", event=e.index if r.label == "reload" else None)


@check(
    "widgets.copy-text",
    level=SHOULD,
    on=SHOWN,
    clause=types("676-681")
    + ": copy_text is the text that a user copies; it can also stand for the widget in the model's history",
    cause="copy_text is missing.",
    fix="Give each widget a copy_text with the same content as text.",
    capability="widgets",
)
def copy_text(t: Transcript) -> Findings:
    """A finished widget has a text to copy."""
    made = list(_widgets(t))
    if not made:
        raise Untestable(f"No widget was finished in {t.exchange}.")
    for r, e in made:
        if not str(e.item.get("copy_text") or "").strip():
            yield Finding(expected="a copy_text", got="none", reply=r.label, event=e.index)


def _written(t: Transcript, *kinds: str) -> list[Event]:
    """The widget updates of these kinds. Raises Untestable where there is none."""
    found = list(turn(t, "write").updates(*kinds))
    if not found:
        raise Untestable(f"No {' or '.join(kinds)} came.")
    return found


def _before(r: Reply, e: Event) -> object:
    """The widget as it is shown just before an event."""
    view = reduce(x for x in r.events if x.index < e.index)
    return next((item.get("widget") for item in view.items if item.get("id") == e.item_id), None)


@check(
    "widgets.delta-finds-component",
    level=MUST,
    on=("widget_written",),
    clause=types("520-528") + "; server.py L176-180: all nodes with an id persist across all widget updates",
    cause="The component gets a new id in each state, or is not in the first state.",
    fix="Give the Text or Markdown component an id in the first state, and keep it.",
    capability="streaming_widgets",
)
def delta_finds_component(t: Transcript) -> Findings:
    """A widget's text delta names a component that is in the widget and has text."""
    r = turn(t, "write")
    for e in _written(t, DELTA):
        found = find_component(_before(r, e), e.update.get("component_id"))
        if found is None or found.get("type") not in ("Text", "Markdown"):
            got = f"{shorten(e.update.get('component_id'))}: {found.get('type') if found else 'not in the widget'}"
            yield Finding(expected="a Text or Markdown component of the widget", got=got, reply="write", event=e.index)


@check(
    "widgets.updates-equal-finished",
    level=MUST,
    on=("widget_written",),
    clause=types("520-543") + "; server.py L158-200: updates are cumulative",
    cause="The finished widget is not the last state that was streamed.",
    fix="Finish the item with the last state.",
    capability="streaming_widgets",
)
def updates_equal_finished(t: Transcript) -> Findings:
    """A finished widget has the texts that its updates built."""
    r = turn(t, "write")
    ids = {e.item_id for e in _written(t, DELTA, ROOT, "widget.component.updated")}
    for e in r.items_done("widget"):
        if e.item_id in ids:
            built, finished = _texts(_before(r, e)), _texts(e.item.get("widget"))
            if built != finished:
                got = f"finished {shorten(finished)}"
                yield Finding(
                    expected=f"as its updates built it: {shorten(built)}", got=got, reply="write", event=e.index
                )


def _texts(node: object) -> list[str]:
    """The texts in a widget's tree, in order."""
    if isinstance(node, list):
        return [text for inner in node for text in _texts(inner)]
    if not isinstance(node, dict):
        return []
    value = node.get("value")
    return ([value] if isinstance(value, str) and value else []) + _texts(node.get("children"))


@check(
    "widgets.streaming-text-ends",
    level=SHOULD,
    on=("widget_written",),
    clause=server("188-199") + ": done is true in the component's last delta",
    cause="The last state still has streaming=True.",
    fix="Yield a last state with streaming=False.",
    capability="streaming_widgets",
)
def streaming_text_ends(t: Transcript) -> Findings:
    """The last text delta of a component is marked as the last."""
    last = {e.update.get("component_id"): e for e in _written(t, DELTA)}
    ends = max((e.index for e in turn(t, "write").updates(ROOT, "widget.component.updated")), default=-1)
    for id, e in last.items():
        if e.index > ends and e.update.get("done") is not True:
            got = f"done {shorten(e.update.get('done'))}"
            yield Finding(expected=f"done true in the last delta of {id!r}", got=got, reply="write", event=e.index)


@check(
    "widgets.turn-after-works",
    level=MUST,
    on=("widget_written", "widget_actions"),
    clause="user specification, features: multi-turn conversation, tool visualization",
    cause="The stored widget cannot be converted to model input.",
    fix="Send the model the widget's text, or nothing.",
    capability="widgets",
)
def turn_after_works(t: Transcript) -> Findings:
    """The turn after a turn with a widget or an action is answered."""
    from ..evidence import answer_text, said_errors

    label = "next" if t.exchange == "widget_actions" else "after"
    r = turn(t, label)
    if not answer_text(r).strip() or r.errors:
        got = f"answer {shorten(answer_text(r))}, {said_errors(r)}"
        yield Finding(expected="an answer", got=got, reply=label)
