"""`drift --propose`: what a model list changes about the table of models, as a patch that applies."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.drift.propose import LOOK_UP, NAME, TABLE, patch, proposed
from gemini_standin.models import MODELS

DAY = date(2027, 1, 2)
TEXT = TABLE.read_text(encoding="utf-8")
LISTED = [
    {"id": f"models/{id}", "object": "model"} for id, model in MODELS.items() if model.served and not model.retires
]


def rows(listed: list[dict[str, Any]], answered: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """The table after this list, by id."""
    return {row["id"]: row for row in json.loads(proposed(TEXT, listed, DAY, answered or {}))["models"]}


def test_a_list_as_the_table_has_it_proposes_nothing() -> None:
    """Where nothing changed, the text stays byte for byte, and there is no patch."""
    assert proposed(TEXT, LISTED, DAY, {}) == TEXT
    assert proposed(TEXT, [], DAY, {}) == TEXT
    assert patch(TEXT, TEXT) == ""


def test_a_new_model_gets_a_row_that_says_what_to_look_up() -> None:
    """Its name is the list's, its dialect that of the newest model which is not newer."""
    new = {"id": "models/gemini-5-argon", "display_name": "Gemini 5 Argon"}
    row = rows([*LISTED, new, {"id": "models/gemini-3.9-flash"}, {"id": "models/gemini-embedding-9"}])
    argon = {"id": "gemini-5-argon", "display_name": "Gemini 5 Argon", "dialect": "gemini-4", "note": LOOK_UP}
    assert row["gemini-5-argon"] == argon
    assert row["gemini-3.9-flash"]["dialect"] == MODELS["gemini-3.8-flash"].dialect
    assert row["gemini-3.9-flash"]["display_name"] == "Gemini 3.9 Flash"
    assert list(row)[:2] == ["gemini-5-argon", "gemini-3.9-flash"]
    assert "gemini-embedding-9" not in row


def test_a_model_that_is_gone_is_proposed_as_retired_and_one_that_is_back_as_served() -> None:
    """A model that the list lacks retires on the day of the list; one whose retirement was known stays as it is."""
    gone = [row for row in LISTED if row["id"] != "models/gemini-3.6-flash"]
    back = {"id": "models/gemini-2.0-flash"}
    row = rows([*gone, back])
    assert (row["gemini-3.6-flash"]["served"], row["gemini-3.6-flash"]["retires"]) == (False, "2027-01-02")
    assert "served" not in row["gemini-2.0-flash"]
    assert "retires" not in row["gemini-2.0-flash"]
    before = {one["id"]: one for one in json.loads(TEXT)["models"]}
    assert row["gemini-2.5-pro"] == before["gemini-2.5-pro"]


def test_a_model_that_speaks_another_dialect_is_proposed_with_it() -> None:
    """What a probed model's answers are nearest to becomes its dialect."""
    assert rows([], {"gemini-3.8-flash": "gemini-2.5"})["gemini-3.8-flash"]["dialect"] == "gemini-2.5"


def test_the_patch_shows_the_change_alone_and_applies(tmp_path: Path) -> None:
    """Three lines change for one new row (it, and the day of reading), and git takes the patch."""
    text = patch(TEXT, proposed(TEXT, [*LISTED, {"id": "models/gemini-5-argon"}], DAY, {}))
    changed = [line for line in text.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line[:8] for line in changed] == ['- "read"', '+ "read"', '+  {"id"']
    (tmp_path / NAME).parent.mkdir(parents=True)
    (tmp_path / NAME).write_text(TEXT, encoding="utf-8")
    (tmp_path / "models.patch").write_text(text, encoding="utf-8")
    subprocess.run(["git", "apply", "models.patch"], cwd=tmp_path, check=True, timeout=60)
    assert "gemini-5-argon" in (tmp_path / NAME).read_text(encoding="utf-8")


def test_the_command_writes_the_patch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recorded model list is enough; what is written is named with what to type, and no change is told as such."""
    monkeypatch.chdir(tmp_path)
    listed = tmp_path / "models.json"
    listed.write_text(json.dumps({"object": "list", "data": [*LISTED, {"id": "models/gemini-5-argon"}]}))
    assert main(["drift", "models.json", "--propose", "--as-of", str(DAY)]) == 1
    told = capsys.readouterr()
    assert "gemini-5-argon is new" in told.out
    assert "git apply models.patch" in told.err
    assert '+  {"id": "gemini-5-argon"' in (tmp_path / "models.patch").read_text()
    listed.write_text(json.dumps({"object": "list", "data": LISTED}))
    main(["drift", "models.json", "--propose", "again.patch", "--as-of", str(DAY)])
    assert "nothing to propose" in capsys.readouterr().err
    assert not (tmp_path / "again.patch").exists()


def test_a_patch_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit 2 where the file cannot be made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.json").write_text(json.dumps({"data": [*LISTED, {"id": "models/gemini-5-argon"}]}))
    assert main(["drift", "models.json", "--propose", "no-folder/models.patch"]) == 2
    assert "--propose no-folder/models.patch" in capsys.readouterr().err
