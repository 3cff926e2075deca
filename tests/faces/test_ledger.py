"""The requirement ledger, and the pages made of it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.ledger import Requirement, ledger
from chatkit_conformance.ledger import row as row_module
from chatkit_conformance.ledger.pages import main, pages
from chatkit_conformance.stream.tables import LIFE, RULES, TURN
from chatkit_conformance.wire.schema import RELEASE

AGAIN = "python -m chatkit_conformance.ledger.pages"


def rows() -> tuple[Requirement, ...]:
    """The whole ledger."""
    return ledger(checks())


def test_every_row_has_a_source_and_a_check_or_a_reason() -> None:
    """Each requirement names where it stands, and the checks that hold a server to it or why there are none."""
    made = rows()
    assert len({row.id for row in made}) == len(made)
    assert not [row.id for row in made if not (row.source.page or (row.source.file and row.source.lines))]
    assert not [row.id for row in made if bool(row.checks) == bool(row.why_none)]
    assert {row.level for row in made} <= {"MUST", "SHOULD", "MAY"}


def test_every_quote_stands_where_the_ledger_says() -> None:
    """The words quoted from the release stand in the lines that are named."""
    table = row_module.written()
    assert (table["package"], table["version"]) == ("openai-chatkit", RELEASE)
    found = importlib.util.find_spec("chatkit")
    assert found is not None
    assert found.origin is not None
    root = Path(found.origin).parents[1]
    texts: dict[str, list[str]] = {}
    for row in table["requirement"]:
        if "file" in row:
            lines = texts.setdefault(row["file"], (root / row["file"]).read_text().splitlines())
            first, _, last = row["lines"].partition("-")
            part = "\n".join(lines[int(first) - 1 : int(last or first)])
            assert row["quote"] in part, f"{row['id']}: {row['quote']!r} is not in {row['file']} L{row['lines']}"


def test_every_request_event_and_item_of_the_wire_has_a_row() -> None:
    """No request, event, update or item type of the release is missing from the ledger."""
    from chatkit_conformance.wire.schema import known, response_types, streaming_types

    text = "\n".join(
        f"{row.get('quote', '')} {row['requirement']} {row['id']}" for row in row_module.written()["requirement"]
    )
    loose = text.replace("-", "_")
    for name in (*response_types(), *streaming_types(), *known("ThreadStreamEvent"), *known("ThreadItem")):
        short = name.removeprefix("thread.").removeprefix("threads.").replace(".", "_")
        assert name in text or short in loose, name


def test_a_row_without_check_or_reason_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that no check covers must say why; one that names a check that is not there, or says both, is refused."""
    for named, why, said in (
        ([], "", "no check covers it"),
        (["stream.nix"], "", "no check 'stream.nix'"),
        (["stream.nix"], "It cannot be seen.", "no check 'stream.nix'"),
        (["stream.events-valid", "stream.nix-*"], "", "no check 'stream.nix-"),
        (["stream.events-valid"], "It cannot be seen.", "stream.events-valid covers it"),
    ):
        made = {"id": "a.b", "requirement": "R.", "level": "MUST", "page": "p", "checks": named, "why_none": why}
        monkeypatch.setattr(row_module, "written", lambda made=made: {"requirement": [made]})
        with pytest.raises(ValueError, match=said):
            ledger(checks())


def test_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/catalogue.md and docs/requirements.md are what the checks and the ledger make."""
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check ends 1 and says what to type; writing makes it current."""
    (tmp_path / "catalogue.md").write_text("old")
    assert main(["--check", "--docs", str(tmp_path)]) == 1
    assert AGAIN in capsys.readouterr().err
    assert main(["--docs", str(tmp_path)]) == 0
    assert main(["--check", "--docs", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(pages())


def test_the_grammar_is_drawn_from_the_tables_that_judge() -> None:
    """The page of the grammar has every transition of both machines, with its rule, and every rule."""
    page = pages()["stream-grammar.md"]
    assert "message_expected --> answering: answer item ✗ user-message-first (MUST)" in page
    assert page.count(" --> ") == len(TURN) + len(LIFE)
    assert "| **absent** | open | ✗ `item-known` | done |" in page
    assert all(f"| `{name}` | {rule.level} | {rule.says} |" in page for name, rule in RULES.items())
