"""`init` looks at a project and writes a target file that `run` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.target.default_file import NAME
from chatkit_conformance.target.file import read_target
from tests.survey.projects import PROJECTS, Laid


def lay(laid: Laid, folder: Path) -> Path:
    """The project on disk."""
    for name, text in laid.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PROJECTS)
def test_a_target_file_says_what_the_project_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file that is written is read again as the server that the project holds."""
    laid = PROJECTS[name]
    assert main(["init", str(lay(laid, tmp_path))]) == 0
    text = (tmp_path / NAME).read_text(encoding="utf-8")
    target = read_target(tmp_path / NAME, {})
    assert target.command == laid.command, text
    assert (target.path, target.auth, dict(target.env)) == (laid.path, laid.auth, laid.env), text
    assert Path(target.cwd or tmp_path) == (tmp_path / laid.cwd).resolve()
    assert {key: getattr(target, key) for key in laid.more} == laid.more
    for part in laid.holds:
        assert part in text
    for part in laid.lacks:
        assert part not in text
    assert text in capsys.readouterr().out


def test_a_file_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that its owner wrote is written over, unless they say so; --print writes nothing."""
    lay(PROJECTS["Express"], tmp_path)
    (tmp_path / NAME).write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["init", str(tmp_path), "--print"]) == 0
    assert (tmp_path / NAME).read_text() == "mine"
    assert main(["init", str(tmp_path), "--force"]) == 0
    assert read_target(tmp_path / NAME, {}).path == "/api/chatkit"


def test_a_folder_without_a_server_is_said_to_have_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing starts a server, no file is written; the message says what was looked for and what to type."""
    (tmp_path / "sums.py").write_text("print(1 + 1)\n")
    assert main(["init", str(tmp_path)]) == 2
    assert "chatkit-conformance run -- COMMAND" in capsys.readouterr().err
    assert not (tmp_path / NAME).exists()


def test_no_value_of_an_environment_file_is_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands in .env is secret: neither the file nor the terminal shows it."""
    lay(PROJECTS["a src layout with uv, a factory, and a key that it needs"], tmp_path)
    (tmp_path / ".env").write_text("SHOP_KEY=hush-hush\nLLM_BASE_URL=https://hidden.example\n")
    assert main(["init", str(tmp_path)]) == 0
    shown = (tmp_path / NAME).read_text() + capsys.readouterr().out
    assert "hush" not in shown
    assert "hidden.example" not in shown
