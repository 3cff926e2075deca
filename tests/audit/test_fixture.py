"""A move of the usual size, from a WebSocket chat in Python and TypeScript to ChatKit, audited from end to end."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chatkit_conformance.audit import Audit
from chatkit_conformance.audit.page import audit_page
from chatkit_conformance.audit.rules import RULES
from chatkit_conformance.cli import main

from .trees import TODAY, judged

FIXTURE = Path(__file__).with_name("fixture")
BEFORE, AFTER = FIXTURE / "before", FIXTURE / "after"

LEFT_BEFORE = {
    "backend/app/config.py",
    "backend/app/main.py",
    "backend/app/ws_manager/manager.py",
    "backend/pyproject.toml",
    "deploy/compose.yaml",
    "deploy/nginx.conf",
    "frontend/.env.example",
    "frontend/package.json",
    "frontend/src/hooks/useWebSocket.ts",
    "frontend/vite.config.ts",
}


@pytest.fixture(scope="module")
def moved() -> Audit:
    """The audit of both trees."""
    return judged(BEFORE, AFTER)


def test_the_new_tree_meets_all_three(moved: Audit) -> None:
    """No WebSocket, nothing of OpenAI's, more than 600 lines fewer, and no warning; the test of its absence is told."""
    assert {c.id: (c.outcome, c.figure) for c in moved.criteria} == {
        "SC-003": ("met", 0),
        "SC-004": ("met", 0),
        "SC-006": ("met", 711),
    }
    assert moved.exit_code(strict=True) == 0
    assert {hit.weight for hit in moved.hits} == {"note"}


def test_the_old_tree_is_named_file_by_file() -> None:
    """Each file that has WebSocket in it is named, and no other."""
    old = judged(BEFORE)
    assert {hit.spot.path for hit in old.of("SC-004")} == LEFT_BEFORE
    assert old.criteria[0].outcome == "met"
    assert old.criteria[2].outcome == "not_measured"
    assert old.exit_code() == 1


def test_the_way_back_is_missed() -> None:
    """From new to old, lines are more, and WebSocket is left."""
    back = judged(AFTER, BEFORE)
    assert [c.outcome for c in back.criteria] == ["met", "missed", "missed"]
    assert back.criteria[2].figure == -711


def test_every_form_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text, JSON, SARIF and HTML name the same places."""
    forms = {form: tmp_path / f"audit.{form}" for form in ("json", "sarif", "html")}
    words = [word for form, path in forms.items() for word in (f"--{form}", str(path))]
    assert main(["audit", str(BEFORE), "--as-of", TODAY.isoformat(), *words]) == 1
    text = capsys.readouterr().out
    made = json.loads(forms["json"].read_text())
    log = json.loads(forms["sarif"].read_text())
    page = forms["html"].read_text()
    assert len(made["hits"]) == len(log["runs"][0]["results"]) == 23
    for hit in made["hits"]:
        place = f"{hit['path']}:{hit['line']}"
        assert place in text
        assert place in page
    assert {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]} == set(RULES)
    assert main(["audit", str(BEFORE), "--as-of", TODAY.isoformat(), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == made


def test_a_form_that_cannot_be_written_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is not there is one line and exit code 2."""
    assert main(["audit", str(AFTER), "--html", str(tmp_path / "no" / "a.html")]) == 2
    assert "a.html" in capsys.readouterr().err


def test_the_page_fetches_nothing_and_escapes_everything(tmp_path: Path) -> None:
    """A path with markup in it is text; no element has a source from elsewhere."""
    odd = tmp_path / "<img src=x onerror=alert(1)>.py"
    odd.write_text("from fastapi import WebSocket\n")
    page = audit_page(judged(tmp_path))
    assert "<img" not in page

    class Sources(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found += [v for name, v in attrs if name in ("src", "href") and v and not v.startswith("#")]

    parser = Sources()
    parser.feed(page)
    assert parser.found == []


def test_no_secret_of_a_setting_is_told(tmp_path: Path) -> None:
    """Names are told, values are not; of a URL neither its password nor its query."""
    (tmp_path / ".env").write_text("WS_TOKEN=s3cret\nWS_URL=wss://me:s3cret@h/ws?token=s3cret\n")
    (tmp_path / "Procfile").write_text("w: wscat -H 'x: s3cret' ws://h\n")
    made = judged(tmp_path)
    assert len({hit.spot for hit in made.of("SC-004")}) == 3
    assert "s3cret" not in json.dumps(made.to_json()) + audit_page(made)
