"""The register of faulty stores: each says its lie, where it comes from, and which contract test must catch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatkit.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One faulty store.

    Args:
        store: the class, its docstring the lie.
        killed_by: name of the contract test that must fail.
        seen: where such a store was published, or what invites the mistake.
    """

    store: type[Store[Any]]
    killed_by: str
    seen: str

    @property
    def name(self) -> str:
        return self.store.__name__

    @property
    def lie(self) -> str:
        return (self.store.__doc__ or "").strip()


FAULTS: dict[str, Fault] = {}
"""Name -> fault; filled by importing `mutants.stores.faults`."""

StoreClass = type[Store[Any]]

SDK_SAMPLE = "SQLite store in openai/chatkit-python's tests"
SDK_GUIDE = "PostgreSQL store in openai/chatkit-python's guide"
ADVANCED_SAMPLE = "memory store in openai/openai-chatkit-advanced-samples"
PUBLIC = "a common mistake of application stores"


def fault(killed_by: str, seen: str = PUBLIC) -> Callable[[StoreClass], StoreClass]:
    """Register a faulty store."""

    def registered(store: StoreClass) -> StoreClass:
        FAULTS[store.__name__] = Fault(store=store, killed_by=killed_by, seen=seen)
        return store

    return registered
