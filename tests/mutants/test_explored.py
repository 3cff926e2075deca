"""The measure of exploring: which mutants are drawn, which rows are kept, and what the page says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mutants.catalogue import MUTANTS
from mutants.explored import Trail, page, some_drawn, write, written
from mutants.unexplored import WHY, why_not_explored

FOUND = Trail(
    name="ids-fake",
    kind="a stream that is wrong",
    lie="Ids | are made up.",
    by="stream.ids-unique",
    named=True,
    moves=("1. user 0 begins a thread",),
    drawn=9,
    again=True,
    seconds=8.0,
    budget=30.0,
    seed=40,
)
MISSED = Trail(name="path-in-header", kind="paths shown", lie="A path.", seconds=30.2, budget=30.0, seed=40)


def test_the_same_seed_draws_the_same_liars() -> None:
    """A sample is told by its seed, and has no near miss in it."""
    drawn = [one.name for one in some_drawn(40, 40)]
    assert drawn == [one.name for one in some_drawn(40, 40)]
    assert len(set(drawn)) == 40
    assert not any(MUTANTS[name].near_miss for name in drawn)
    assert drawn != [one.name for one in some_drawn(40, 41)]


def test_a_row_stands_for_as_long_a_measurement() -> None:
    """What was found early would be found by a longer look; what was missed in a shorter one is looked for again."""
    assert FOUND.holds(seconds=60.0, seed=40)
    assert not FOUND.holds(seconds=5.0, seed=40)
    assert not FOUND.holds(seconds=30.0, seed=1)
    assert MISSED.holds(seconds=30.0, seed=40)
    assert not MISSED.holds(seconds=60.0, seed=40)


def test_rows_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    """A measurement that was broken off goes on where it was."""
    path = tmp_path / "explored.json"
    write(path, {row.name: row for row in (FOUND, MISSED)}, seconds=30.0, seed=40)
    assert written(path) == {"ids-fake": FOUND, "path-in-header": MISSED}
    assert written(tmp_path / "none.json") == {}


def test_what_exploring_is_not_made_to_find_is_listed_and_counted() -> None:
    """A mutant that is missed for a reason stands on the page with it, and among those that were not found."""
    missed = replace(MISSED, name="limit-for-all", lie="A limit.")
    text = page([FOUND, missed], seconds=30.0, seed=40)
    assert "1 of 2 mutants were found (50%)" in text
    assert f"| `limit-for-all` | A limit. | {WHY['limit-for-all']} |" in text
    assert "not made to find" not in page([FOUND, MISSED], seconds=30.0, seed=40)


def test_a_reason_stands_for_a_liar_that_there_is() -> None:
    """No reason is kept for what is no mutant any more, or is one that breaks nothing."""
    assert set(WHY) <= set(MUTANTS)
    assert not any(MUTANTS[name].near_miss for name in WHY)
    assert why_not_explored(MUTANTS["endless-token"])
    assert why_not_explored(MUTANTS["ids-fake"]) == ""


def test_the_page_counts_what_was_found_and_tells_what_for() -> None:
    """Share and median are of the rows; what the mutant's row does not name is told with what was found."""
    stray = replace(FOUND, name="other", by="errors.one-error", named=False, expected="one", got="two")
    text = page([FOUND, MISSED, stray], seconds=30.0, seed=40)
    assert "2 of 3 mutants were found (67%)" in text
    assert "1 of them were found by an invariant that the mutant's row names" in " ".join(text.split())
    assert "expected one, got two" in text
    assert "Ids \\| are made up." in text
