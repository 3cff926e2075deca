"""What a button leaves as it was: the task that was changed meanwhile, and the other rows of its list."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.reread import rereads
from chatkit_conformance.transcript import JSON, Transcript
from chatkit_conformance.wire.actions import sent_by, server_actions

from ..clauses import SPEC_TOOLS, types
from ..evidence import shorten
from .claimed import first_results
from .expected import expected_if_held
from .expected_tasks import readings
from .neighbours import ACTIONS

BUTTON = types("144-163") + ": threads.custom_action, an action of one widget"


@check(
    "widgets.button-keeps-edits",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS + "; " + BUTTON,
    cause="The button's payload, or the widget, holds the whole task as it was when it was drawn, and writes it back.",
    fix="Put the task's id alone into the payload, and change only what the button is for in the task as it is now.",
    capability="actions",
)
def button_keeps_edits(t: Transcript) -> Findings:
    """A button of a list from before a task was renamed does not put its old title back."""
    judged = False
    for r, what in expected_if_held(t, "renamed"):
        old, new = what["renamed"]
        for text in first_results(t, r.label):
            judged = True
            if old in text and new not in text:
                yield Finding(expected=f"title {new!r}, or no such task", got=shorten(text), reply=r.label)
    if not judged:
        raise NotJudged("No button was pressed whose task was renamed meanwhile, and the tasks listed then.")


@check(
    "widgets.list-keeps-rows",
    level=SHOULD,
    clause=BUTTON + "; a list shows its tasks",
    cause="The widget is built anew from the one task that the button changed, or from all that there are.",
    fix="Build the list from the tasks that it showed: keep the filter with which it was asked for in the payload.",
    capability="actions",
)
def list_keeps_rows(t: Transcript) -> Findings:
    """A list whose button changes one task still shows the others, and none that it had left out."""
    shown = {read.label: {str(item.get("id")): item for item in read.items} for read in rereads(t)}
    judged = False
    for r, what in expected_if_held(t, "pressed_list"):
        place = what["pressed_list"]
        before, after = (shown.get(place[key], {}).get(place["item"]) for key in ("before", "after"))
        if not r.accepted or r.errors or before is None or after is None:
            continue
        rows = [title for title in place["others"] if title in json.dumps(before, ensure_ascii=False)]
        judged = judged or bool(rows)
        told = json.dumps(after.get("widget"), ensure_ascii=False)
        if (more := place.get("absent")) and more not in json.dumps(before, ensure_ascii=False):
            judged = True
            if more in told:
                yield Finding(expected=f"a list without {more!r}", got=shorten(told), reply=place["after"])
        for title in rows:
            if title not in told:
                yield Finding(expected=f"a list that still has {title!r}", got=shorten(told), reply=place["after"])
    if not judged:
        raise NotJudged("No button was pressed in a list that showed other tasks as well.")


@check(
    "tools.list-knows-buttons",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; " + BUTTON,
    cause="The list of tasks is kept in a cache, which tools renew and buttons do not.",
    fix="Renew or drop what is kept of the tasks wherever they are changed.",
    capability="actions",
)
def list_knows_buttons(t: Transcript) -> Findings:
    """Where a button has changed its task on the page, and is gone itself, the list that the model gets has changed."""
    told = {reading.reply.label: reading for reading in readings(t)}
    shown = {read.label: {str(item.get("id")): item for item in read.items} for read in rereads(t)}
    for r, what in expected_if_held(t, "pressed_list"):
        place = what["pressed_list"]
        first, then = (told.get(place.get(key, "")) for key in ("made", "read"))
        before, after = (shown.get(place[key], {}).get(place["item"], {}) for key in ("before", "after"))
        action = r.params.get("action")
        if not (first and then and r.accepted and not r.errors and _offers(before, action)):
            continue
        was, now = first.told(place["task"]), then.told(place["task"])
        if was is not None and was == now and not _offers(after, action):
            got = f"{shorten(now)} in {place['read']}, as before"
            yield Finding(expected=f"{place['task']!r} as its button left it", got=got, reply=place["read"])


def _offers(item: Mapping[str, JSON], action: JSON) -> bool:
    """Whether a widget has a button that sends this."""
    return action in map(sent_by, server_actions(item.get("widget")))


@check(
    "widgets.pressed-one-updated",
    level=SHOULD,
    clause=BUTTON + ": item_id says of which",
    cause="The handler redraws the newest widget of the thread, or the one that it finds first.",
    fix="Redraw the widget whose id the request names; others beside it, if you like.",
    capability="actions",
)
def pressed_one_updated(t: Transcript) -> Findings:
    """Where a button redraws widgets that were there before, the one that it was pressed in is among them."""
    pressed = [r for r in t.replies if r.type in ACTIONS and r.params.get("item_id") and not r.raw]
    if not pressed:
        raise Untestable(f"No button of a widget was pressed in {t.exchange}.")
    drawn = {str(item.get("id")) for read in rereads(t) for item in read.items if item.get("type") == "widget"}
    drawn |= {e.item_id for r in t.replies for e in r.items_done("widget")}
    for r in pressed:
        body = r.body.get("updated_item") if isinstance(r.body, dict) else None
        told = {e.item_id for e in r.of("thread.item.replaced", "thread.item.updated")}
        redrawn = (told | ({str(body.get("id"))} if isinstance(body, dict) else set())) & drawn
        id = str(r.params["item_id"])
        if redrawn and id in drawn and id not in redrawn:
            yield Finding(expected=f"widget {id!r} redrawn", got=f"{', '.join(sorted(redrawn))} alone", reply=r.label)
