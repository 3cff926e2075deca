"""What a store's owner declares: what is not claimed, and is not tested."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the store does not claim to do. Everything is claimed unless you say otherwise; what is claimed is tested.

    Args:
        attachments: `save_attachment`, `load_attachment` and `delete_attachment` work.
        nul_text: text may hold U+0000 (PostgreSQL's `text` and `jsonb` refuse it).
        users: the store keeps users apart. False for a store of one user, which must be empty when it is made.
        reuse_of_ids: the id of what was deleted may be used again.
        workers: several processes may use the same data at once (tested where `reopen` is given).
        largest_item: most characters of text in an item that the store takes, None for any.
        largest_page: most entries that a page has: a larger limit is cut to it, or refused. None for any.
    """

    attachments: bool = True
    nul_text: bool = True
    users: bool = True
    reuse_of_ids: bool = True
    workers: bool = True
    largest_item: int | None = None
    largest_page: int | None = None


def refuse_near_names(cls: type, known: Collection[str]) -> None:
    """Refuse an attribute of the class that is nearly one of the contract's: it would be read by nobody.

    Raises:
        TypeError: there is such an attribute; the message has the nearest name.
    """
    for name, value in vars(cls).items():
        if name in known or name.startswith("_") or _is_a_fixture(value):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.85 if name.startswith("test_") else 0.75)
        if near:
            raise TypeError(
                f"{cls.__name__}.{name} is no attribute of StoreContract, and nothing reads it. "
                f"Did you mean {near[0]!r}? If it is your own, give it a name that is less near."
            )


def _is_a_fixture(value: Any) -> bool:
    return "fixture" in type(value).__name__.lower() or hasattr(value, "_pytestfixturefunction")
