"""What a finding says: fields, scripts that run, seeds that repeat."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chatkit_conformance.store import StoreFinding, samples
from chatkit_conformance.store.compare import differences
from chatkit_conformance.store.finding import shown
from mutants.stores.contracts import contract_for
from mutants.stores.faults_of_calls import OwnNotFound
from mutants.stores.faults_of_items import CacheOutlivesThread

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("saved", "loaded", "words"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]: saved 2, loaded 3"),
        ({"a": None}, {}, "a: saved None, loaded nothing"),
        ({}, {"a": 1}, "a: never saved, loaded 1"),
        ([1], [1, 2], "value: saved 1 entries, loaded 2"),
        ({"a": True}, {"a": 1}, "a: saved True, loaded 1"),
        ({"t": NOON}, {"t": NOON.replace(tzinfo=None)}, "the time zone was lost"),
        ({"t": NOON.replace(tzinfo=None)}, {"t": NOON}, "the time zone was added"),
    ],
)
def test_a_difference_names_the_field_and_both_values(saved: object, loaded: object, words: str) -> None:
    """The first field that differs is named with its path."""
    assert words in differences(saved, loaded)[0].said


@pytest.mark.parametrize(
    ("saved", "loaded"),
    [({"n": 1}, {"n": 1.0}), ({"t": NOON}, {"t": NOON.astimezone(timezone(timedelta(hours=5)))}), ((1, 2), [1, 2])],
)
def test_what_json_cannot_tell_apart_is_equal(saved: object, loaded: object) -> None:
    """1 and 1.0, an instant in two zones and a tuple as a list are no difference."""
    assert differences(saved, loaded) == []


def test_long_values_are_cut() -> None:
    """A megabyte is not printed."""
    assert len(shown("x" * 1_000_000)) < 400


def _finding(store: type, name: str) -> StoreFinding:
    with pytest.raises(StoreFinding) as caught:
        getattr(contract_for(store)(), name)()
    return caught.value


@pytest.mark.parametrize(
    ("saved", "loaded", "said"),
    [
        ("e\u0301", "\u00e9", "it was normalized to NFC"),
        ("ü" * 9, "ü" * 4, "it was cut after 4 characters (8 bytes of UTF-8)"),
        ("a\x00b", "ab", "U+0000 was removed"),
        ("  a", "a", "space at its ends was removed or added"),
    ],
)
def test_what_was_done_to_a_text_is_said(saved: str, loaded: str, said: str) -> None:
    """A text that was normalized, cut or trimmed is told so, not as two texts that look the same."""
    assert said in differences(saved, loaded)[0].said


def test_a_title_that_the_store_made_is_no_difference() -> None:
    """A thread saved without a title may come back with one; a title that was saved may not change."""
    untitled, titled = samples.thread("t"), samples.thread("t", title="Shopping")
    assert differences(untitled, titled) == []
    assert [one.path for one in differences(titled, samples.thread("t", title="Else"))] == ["title"]


def test_an_error_of_the_sdks_name_is_told_from_the_sdks(capsys: pytest.CaptureFixture[str]) -> None:
    """A NotFoundError of another module is named with it, and with the import to write."""
    finding = _finding(OwnNotFound, "test_an_unknown_thread_is_not_found")
    assert "It raised mutants.stores.faults_of_calls.NotFoundError" in str(finding)
    assert "`from chatkit.store import NotFoundError`" in str(finding)


@pytest.mark.store_full
def test_a_generated_failure_shrinks_to_few_calls_and_names_its_seed() -> None:
    """A fault that needs four steps is shown in at most twenty calls, checks included, and with the seed."""
    finding = _finding(CacheOutlivesThread, "test_any_sequence_of_calls_agrees_with_the_model")
    assert "seed 20251006" in str(finding)
    writes = re.findall(r"'(save_thread|add_thread_item|save_item|delete_\w+)'", finding.script)
    assert len(writes) <= 7, finding.script
    assert finding.script.count("await step(") <= 20, finding.script


@pytest.mark.store_full
def test_the_same_seed_finds_the_same_failure() -> None:
    """Two runs with one seed shrink to the same script, ids aside."""
    name = "test_any_sequence_of_calls_agrees_with_the_model"
    runs = [_finding(CacheOutlivesThread, name) for _ in range(2)]
    one, two = (re.sub(r"_[0-9a-f]{7,}|-[0-9a-f]{7,}", "", finding.script) for finding in runs)
    assert one == two
