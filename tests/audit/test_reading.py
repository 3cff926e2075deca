"""Folders and git refs are read alike, and what cannot be read is one clear line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chatkit_conformance.audit import audit
from chatkit_conformance.cli import main
from chatkit_conformance.target.config_error import ConfigError

from .trees import TODAY, judged, lay, one

OLD = {"app/main.py": "from fastapi import WebSocket\n", "app/tasks.py": "X = 1\n"}


def git(root: Path, *words: str) -> None:
    """Run git in a folder, as nobody in particular."""
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", *words],
        cwd=root,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the old chat in v1, and without it at its head."""
    root = lay(tmp_path / "repository", OLD)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "old")
    git(root, "tag", "v1")
    (root / "app/main.py").write_text("X = 2\n")
    git(root, "commit", "-qam", "new")
    return root


def test_git_refs_are_read_like_folders(repository: Path) -> None:
    """A tag, a branch, a folder of a commit and a working folder: the same places."""
    for name in ("v1", "HEAD~1", "main~1"):
        made = audit([name], as_of=TODAY, repository=repository)
        assert [str(hit.spot) for hit in made.hits] == ["app/main.py:1"]
    assert [str(h.spot) for h in audit(["v1:app"], as_of=TODAY, repository=repository).hits] == ["main.py:1"]
    both = audit(["v1", "HEAD"], as_of=TODAY, repository=repository)
    assert both.removed is not None
    assert (both.hits, both.removed.gone, both.removed.new) == ((), 1, 1)
    mixed = audit(["v1", str(repository)], as_of=TODAY, repository=repository)
    assert (mixed.hits, mixed.criteria[1].outcome) == ((), "met")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "neither a folder nor a git ref"),
        ("v9", "neither a folder nor a git ref"),
        ("HEAD:app/main.py", "is a file"),
        ("--help", "neither a folder nor a git ref"),
        ("", "neither a folder nor a git ref"),
    ],
)
def test_what_is_no_tree_is_one_line(repository: Path, name: str, said: str) -> None:
    """The message says what was given, what it is not, and what to give."""
    with pytest.raises(ConfigError, match=said) as caught:
        audit([name], as_of=TODAY, repository=repository)
    assert "\n" not in str(caught.value)
    assert "ive a" in str(caught.value)


def test_files_and_empty_folders_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file, an empty folder, a folder outside any repository: exit code 2 and one line."""
    (tmp_path / "a.py").write_text("X = 1\n")
    (tmp_path / "empty").mkdir()
    for name in (str(tmp_path / "a.py"), str(tmp_path / "empty"), str(tmp_path / "nothing")):
        assert main(["audit", name, "--repository", str(tmp_path)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["audit", "a", "b", "c"]) == 2


def test_odd_files_do_not_stop_an_audit(tmp_path: Path) -> None:
    """Binary files, broken texts, loops of links, a file that is too large: the rest is judged."""
    root = lay(tmp_path / "tree", {"app/main.py": "from fastapi import WebSocket\n", "a.py": "x = (\n"})
    (root / "b.py").write_bytes(b"import websockets\0\xff\xfe")
    (root / "c.py").write_bytes(b"X = '\xff\xfe'\n")
    (root / "big.js").write_text("let a = 1\n" * 300_000)
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "app" / "self").symlink_to(root / "app", target_is_directory=True)
    (root / "gone.py").symlink_to(root / "nowhere.py")
    (root / "package.json").write_text("[1, 2")
    (root / "pyproject.toml").write_text("[project\n")
    (root / "compose.yaml").write_text("a: &a\n  b: *a\nc: [\n")
    (root / "yarn.lock").write_text("::::\n  x\n")
    (root / "deep.py").write_text("x = " + "(" * 3000 + ")" * 3000 + "\n")
    (root / "deep.ts").write_text("x = " + "[" * 3000 + "]" * 3000 + "\n")
    made = judged(root)
    assert [str(hit.spot) for hit in made.hits] == ["app/main.py:1"]
    assert any("big.js" in note for note in made.notes)
    assert any("a.py:1" in note for note in made.notes)


def test_a_file_that_does_not_parse_leaves_its_criterion_open(tmp_path: Path) -> None:
    """What names WebSocket and cannot be read is no evidence that there is none; what names nothing is."""
    made = one(tmp_path / "a", {"old.py": "import websockets\nprint 'x'\n"})
    assert (made.criteria[1].outcome, made.exit_code()) == ("untestable", 1)
    assert "old.py:2" in made.criteria[1].evidence[1]
    assert one(tmp_path / "b", {"old.py": "print 'x'\n"}).criteria[1].outcome == "met"


def test_a_broken_script_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Code before and after a mistake is still found."""
    made = one(tmp_path, {"a.ts": "const = ;\nconst s = new WebSocket('/ws')\n"})
    assert [str(hit.spot) for hit in made.of("SC-004")] == ["a.ts:2"]
    assert made.notes
