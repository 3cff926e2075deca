"""Which button of a list stands beside which task: by where it is, whatever it sends."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.wire.actions import action_beside


def row(title: str, n: int) -> dict[str, Any]:
    """A row of a list: a title, and a button that sends its place alone."""
    button = {"type": "Button", "label": "Done", "onClickAction": {"type": "done", "payload": {"row": n}}}
    return {
        "type": "ListViewItem",
        "children": [{"type": "Row", "children": [{"type": "Text", "value": title}, button]}],
    }


LIST = {"type": "ListView", "children": [row(title, n) for n, title in enumerate(("Ferns", "Moss", "Bark"))]}


def test_the_button_of_a_row_is_found_by_the_words_beside_it() -> None:
    """The smallest part with these words and none of the others holds it."""
    found = action_beside(LIST, "Moss", ("Ferns", "Bark"))
    assert found is not None
    assert found["payload"] == {"row": 1}


def test_a_button_for_all_is_beside_none() -> None:
    """A card that tells several tasks over one button has no button of one of them."""
    texts = [{"type": "Text", "value": title} for title in ("Ferns", "Moss")]
    card = {"type": "Card", "children": [*texts, {"type": "Button", "onClickAction": {"type": "clear"}}]}
    assert action_beside(card, "Moss", ("Ferns",)) is None
