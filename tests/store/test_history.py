"""Anomalies of concurrent calls are explained by two facts that contradict each other."""

from __future__ import annotations

from chatkit_conformance.store.history import History, StoreEvent, list_anomaly, read_anomaly, value_anomaly


def history(*events: StoreEvent) -> History:
    return History(events=list(events), start=0.0)


def write(name: str, began: float, ended: float, task: int = 1) -> StoreEvent:
    return StoreEvent(task=task, began=began, ended=ended, wrote=name)


def read(began: float, ended: float, *saw: str) -> StoreEvent:
    return StoreEvent(task=9, began=began, ended=ended, saw=saw)


def test_any_order_of_overlapping_writes_is_explained() -> None:
    """Two writes that overlap may be listed either way."""
    made = history(write("a", 0, 2), write("b", 1, 3))
    assert list_anomaly(made, ["a", "b"]) is None
    assert list_anomaly(made, ["b", "a"]) is None


def test_an_order_against_real_time_is_explained_as_a_cycle() -> None:
    """A write acknowledged before another began cannot be listed after it; both are named with their times."""
    told = list_anomaly(history(write("a", 0, 1), write("b", 2, 3, task=5)), ["b", "a"])
    assert told is not None
    assert "write of 'a' by task 1 (0.0 ms to 1000.0 ms) was acknowledged before the write of 'b' by task 5" in told
    assert "no serial run gives both" in told


def test_a_lost_and_a_doubled_item_are_told() -> None:
    """An acknowledged item is listed once, neither less nor more."""
    made = history(write("a", 0, 1))
    assert "listed 0 times" in str(list_anomaly(made, []))
    assert "listed 2 times" in str(list_anomaly(made, ["a", "a"]))


def test_a_read_misses_what_was_acknowledged() -> None:
    """A read that begins after the acknowledgement has the item."""
    assert "does not have it" in str(read_anomaly(history(write("a", 0, 1), read(2, 3))))
    assert read_anomaly(history(write("a", 0, 1), read(0.5, 3))) is None


def test_a_read_neither_foresees_nor_forgets() -> None:
    """A read has nothing that was not begun, and a later one has all that an earlier one had."""
    assert "ended before" in str(read_anomaly(history(read(0, 1, "a"), write("a", 2, 3))))
    forgot = history(write("a", 0, 9), read(1, 2, "a"), read(3, 4))
    assert "forgot ['a']" in str(read_anomaly(forgot))


def test_a_value_that_was_overwritten_does_not_come_back() -> None:
    """A read gives no value that a later acknowledged write replaced: that write would be lost."""
    made = history(write("x", 0, 1), write("y", 2, 3), read(4, 5, "x"))
    assert "older value 'x': that write is lost" in str(value_anomaly(made, "first"))
    assert value_anomaly(history(write("x", 0, 3), write("y", 1, 2), read(4, 5, "x")), "first") is None


def test_a_value_nobody_wrote_is_told() -> None:
    """The first value is fine until a write is acknowledged; a value from nowhere never is."""
    assert value_anomaly(history(read(0, 1, "first"), write("x", 0, 2)), "first") is None
    assert "nobody wrote" in str(value_anomaly(history(read(0, 1, "z")), "first"))
    assert "older value 'first'" in str(value_anomaly(history(write("x", 0, 1), read(2, 3, "first")), "first"))
