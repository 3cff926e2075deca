"""Words in a widget: what a component shows as plain text is not written as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.moves.shown import values_in
from chatkit_conformance.transcript import JSON, Transcript
from chatkit_conformance.wire.drawn import widgets_of

from ..clauses import types
from ..evidence import shorten

PLAIN = {
    "Badge": "label",
    "Button": "label",
    "Caption": "value",
    "Label": "value",
    "Text": "value",
    "Title": "value",
}
"""Components that show a text as it is, and the field that has it (SDK, widgets.py). `Markdown` is none of them."""


@check(
    "widgets.words-unescaped",
    level=SHOULD,
    clause=types("676-681") + "; widgets.py: the value of a Text is plain text",
    cause="Titles are escaped for HTML before they are put into a widget.",
    fix="Put texts into a widget as they are; the page escapes them when it draws them.",
    capability="widgets",
)
def words_unescaped(t: Transcript) -> Findings:
    """What a tool was told, such as a task's title, is not shown as HTML in a widget: no `&amp;` for `&`."""
    turns = t.notes.get(TURNS, {}).values()
    told = {text for turn in turns for tool in turn.get("tools", ()) for text in values_in(tool.get("arguments"))}
    spellings = {html.escape(text, quote=quote): text for text in told for quote in (True, False)}
    escaped = {spelling: text for spelling, text in spellings.items() if spelling != text}
    seen = 0
    found: dict[str, Finding] = {}
    for r in t.replies:
        for index, data in ((None, r.body), *((e.index, e.data) for e in r.events)):
            for _, widget, _ in widgets_of(data):
                seen += 1
                for shown in _plain(widget):
                    for spelling, text in escaped.items():
                        if "&" in shown and spelling in shown and text not in shown:
                            finding = Finding(expected=shorten(text), got=shorten(shown), reply=r.label, event=index)
                            found.setdefault(text, finding)
    if not seen:
        raise Untestable(f"No widget was shown in {t.exchange}.")
    yield from found.values()


def _plain(widget: JSON) -> Iterator[str]:
    """The plain texts that a widget shows."""
    if isinstance(widget, dict):
        text = widget.get(PLAIN.get(str(widget.get("type")), ""))
        if isinstance(text, str):
            yield text
        for inner in widget.values():
            yield from _plain(inner)
    elif isinstance(widget, list):
        for inner in widget:
            yield from _plain(inner)
