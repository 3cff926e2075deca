"""The forms in which the SDK calls a store's methods."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

CALLS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("load_thread", ("thread_id",), ("context",)),
    ("save_thread", ("thread",), ("context",)),
    ("load_threads", (), ("limit", "after", "order", "context")),
    ("delete_thread", ("thread_id",), ("context",)),
    ("load_thread_items", ("thread_id", "after", "limit", "order", "context"), ()),
    ("load_thread_items", ("thread_id",), ("limit", "order", "after", "context")),
    ("add_thread_item", ("thread_id", "item", "context"), ()),
    ("add_thread_item", ("thread_id", "item"), ("context",)),
    ("save_item", ("thread_id", "item"), ("context",)),
    ("load_item", ("thread_id", "item_id"), ("context",)),
    ("delete_thread_item", ("thread_id", "item_id"), ("context",)),
    ("save_attachment", ("attachment",), ("context",)),
    ("load_attachment", ("attachment_id", "context"), ()),
    ("delete_attachment", ("attachment_id",), ("context",)),
)
"""Method, what is passed by position, what by name: every form in server.py and agents.py of openai-chatkit 1.6.5."""


def sdk_style_calls(store: type) -> Iterator[tuple[str, str | None]]:
    """Each form of call as text, with what is wrong with the store's method for it, or None."""
    for method, by_position, by_name in CALLS:
        described = f"{method}({', '.join([*by_position, *(f'{name}={name}' for name in by_name)])})"
        yield described, _problem(store, method, by_position, by_name)


def _problem(store: type, method: str, by_position: tuple[str, ...], by_name: tuple[str, ...]) -> str | None:
    signature = inspect.signature(getattr(store, method))
    try:
        bound = signature.bind("self", *by_position, **{name: name for name in by_name})
    except TypeError as error:
        return f"{error}; its signature is {method}{signature}."
    swapped = {name: value for name, value in bound.arguments.items() if name in by_position and value != name}
    return f"by position {swapped} are mixed up; its signature is {method}{signature}." if swapped else None
