"""A store that hangs is told so by the deadline, whatever it waits for; closing ends too."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.store import StoreFinding, watchdog
from chatkit_conformance.store.finding import StoreHangs
from mutants.stores.contracts import contract_for
from mutants.stores.faults_of_calls import DeletingBlocks, DeletingCannotBeCancelled, DeletingHangs
from mutants.stores.memory import Caller, MemoryStore

LATE_S = 5.0
"""A test may end so long after its deadline."""


class ClosingHangs(MemoryStore):
    """Closing waits for a queue that nobody empties."""

    async def aclose(self) -> None:
        await asyncio.Event().wait()


class ThreadHangs(MemoryStore):
    """A call waits in a thread, for ever."""

    async def load_thread(self, thread_id: str, context: Caller) -> Any:
        return await asyncio.to_thread(threading.Event().wait)


class TasksStay(MemoryStore):
    """A task in the background swallows its cancellation."""

    def __init__(self) -> None:
        super().__init__()
        self.background = asyncio.get_running_loop().create_task(self.flush())

    async def flush(self) -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                continue


class FourthLoadHangs(MemoryStore):
    """The fourth thread that is loaded is never there."""

    loads = 0

    async def load_thread(self, thread_id: str, context: Caller) -> Any:
        self.loads += 1
        if self.loads > 3:
            await asyncio.Event().wait()
        return await super().load_thread(thread_id, context)


def _ends(store: type[Any], test: str, deadline_s: float = 0.5) -> StoreFinding | None:
    contract = contract_for(store)()
    contract.deadline_s = deadline_s  # type: ignore[misc]  # for this instance
    call: Callable[[], None] = getattr(contract, test)
    began = time.monotonic()
    found = None
    try:
        call()
    except StoreFinding as finding:
        found = finding
    assert time.monotonic() - began < deadline_s + LATE_S
    return found


@pytest.mark.parametrize("store", [DeletingHangs, DeletingCannotBeCancelled, DeletingBlocks])
def test_a_call_that_never_ends_is_a_finding(store: type[Any]) -> None:
    """Awaiting, refusing to be cancelled and blocking the loop are told alike, with the call that was under way."""
    finding = _ends(store, "test_deleting_an_item_takes_that_one")
    assert isinstance(finding, StoreHangs)
    assert "The store hangs: no end after 0.5 s" in str(finding)
    assert "Under way: delete_thread_item(" in str(finding)


def test_closing_a_store_ends() -> None:
    """A store that cannot be closed is told so."""
    finding = _ends(ClosingHangs, "test_an_unknown_thread_is_not_found")
    assert finding is not None
    assert "hangs" in str(finding)


def test_a_thread_that_waits_for_ever_keeps_nothing_from_ending() -> None:
    """A hang inside a thread of the loop's pool is a finding, and the pool's threads are daemons."""
    finding = _ends(ThreadHangs, "test_a_saved_thread_is_loaded_in_every_field")
    assert finding is not None
    assert "load_thread(" in str(finding)
    assert [t for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()] == []


def test_a_task_that_refuses_to_end_is_left_behind() -> None:
    """A background task that swallows cancellation does not keep a green test from ending."""
    assert _ends(TasksStay, "test_an_unknown_thread_is_not_found", 20.0) is None


def test_a_hang_in_a_search_is_not_shrunk() -> None:
    """A generated program that hangs is told once, after one deadline."""
    finding = _ends(FourthLoadHangs, "test_any_sequence_of_calls_agrees_with_the_model", 3.0)
    assert isinstance(finding, StoreHangs)
    assert finding.script == ""


def test_what_is_waited_for_is_said_before_the_deadline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A deadline may be minutes away: after a while the call under way is said, while it is still waited for."""
    monkeypatch.setattr(watchdog, "NOTICE_S", 0.2)
    with (tmp_path / "said").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(watchdog, "uncaptured_stderr", lambda: stream)
        _ends(DeletingHangs, "test_deleting_an_item_takes_that_one", 1.0)
    said = (tmp_path / "said").read_text("utf-8")
    assert "Under way: delete_thread_item(" in said
    assert "It is called a hang after 1 s" in said


def test_a_hang_that_another_rule_owns_is_told_there_and_waited_for_once() -> None:
    """Where an unknown item cannot be deleted, deleting is asked for a moment, and tells of the whole wait."""
    kind = contract_for(DeletingHangs)
    kind.deadline_s = 6.0
    began = time.monotonic()
    with pytest.raises(pytest.skip.Exception, match=r"not judged: item\.delete-takes-one failed"):
        kind().test_reading_an_unknown_thread_creates_nothing()
    assert time.monotonic() - began < kind.deadline_s + LATE_S
    with pytest.raises(StoreHangs, match="no end after 6 s"):
        kind().test_deleting_an_item_takes_that_one()
