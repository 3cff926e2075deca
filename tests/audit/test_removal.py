"""SC-006: one ruler for both trees, and nothing that is only renamed, moved or hidden counts as removed."""

from __future__ import annotations

from pathlib import Path

from chatkit_conformance.audit.code_lines import code_lines
from chatkit_conformance.audit.removal import Removal
from chatkit_conformance.audit.source import SourceFile

from .trees import two


def functions(count: int, name: str = "step") -> str:
    """A Python file of two lines of code a function, each of its own."""
    return "".join(f"def {name}_{n}(value):\n    return value * {n} + 1\n\n\n" for n in range(count))


def measured(root: Path, before: dict[str, str], after: dict[str, str]) -> Removal:
    """The lines removed between trees of these files."""
    removed = two(root, before, {"keep.py": "KEPT = True\n", **after}).removed
    assert removed is not None
    return removed


def test_what_is_code_and_what_is_not() -> None:
    """Blank lines, comments and docstrings are no code; a text of several lines is."""
    python = '"""Doc.\n\nMore."""\nimport os  # why\n\n# alone\nX = """\na\n\nb\n"""\n\n\n'
    python += 'def f():\n    """Doc."""\n    return (\n        1\n    )\n'
    assert len(code_lines(SourceFile("a.py", python))) == 9
    script = "/* a\n b */\nconst x = 1 // y\n\n// z\nconst u = 'http://x' /* w */\nreturn <p>{/* hidden */}</p>\n"
    assert code_lines(SourceFile("a.jsx", script)) == ["const x = 1", "const u = 'http://x'", "return <p>{ }</p>"]
    assert code_lines(
        SourceFile("a.vue", "<template>\n <!-- a\n b -->\n <p/>\n</template>\n<script>\n// c\nlet a\n</script>\n")
    )[2:] == [
        "</template>",
        "<script>",
        "let a",
        "</script>",
    ]
    assert code_lines(SourceFile("a.json", "{}\n")) == []


def test_a_removed_file_is_counted_by_its_lines_of_code(tmp_path: Path) -> None:
    """The figure is what is gone less what is new, by language and folder."""
    removed = measured(
        tmp_path, {"app/old.py": functions(400), "app/b.ts": "const a = 1\n"}, {"app/new.py": functions(5, "new")}
    )
    assert (removed.fewer, removed.gone, removed.new) == (801 - 11, 796, 6)
    assert removed.languages["Python"].before == 800
    assert removed.folders["app"].after == 10
    assert removed.files[0].path == "app/old.py"


def test_renamed_moved_and_reindented_is_not_removed(tmp_path: Path) -> None:
    """A file under another name, in another folder, or split in two: nothing is fewer."""
    text = functions(400)
    half = len(text) // 2 + text[len(text) // 2 :].index("def ")
    after = {"app/live/one.py": text[:half], "app/live/two.py": "if True:\n    " + text[half:].replace("\n", "\n    ")}
    removed = measured(tmp_path, {"app/chat.py": text}, after)
    assert removed.fewer <= 0
    assert removed.gone == 0


def test_what_only_left_the_count_is_not_removed(tmp_path: Path) -> None:
    """Moved to a test, to a vendored folder, to a generated file, or commented out: none of it is fewer."""
    text = functions(400)
    commented = "".join(f"# {line}\n" for line in text.splitlines() if line)
    for n, after in enumerate(
        (
            {"tests/chat.py": text},
            {"vendor/chat/chat.py": text},
            {"app/api.py": f"# @generated\n{text}"},
            {"app/chat.py.bak": text},
        )
    ):
        removed = measured(tmp_path / str(n), {"app/chat.py": text}, after)
        assert removed.fewer < 10, after.keys()
        assert removed.files[0].fate == "moved out of the count"
    assert measured(tmp_path / "c", {"app/chat.py": text}, {"app/chat.py": commented}).gone == 800


def test_what_never_counted_is_not_removed(tmp_path: Path) -> None:
    """Generated, vendored and minified files, tests, lock files and configuration are on neither side."""
    before = {
        "node_modules/a/index.js": "let a = 1\n" * 900,
        "dist/app.js": "let a = 1\n" * 900,
        "src/generated/a.ts": "let a = 1\n" * 900,
        "tests/test_a.py": functions(400),
        "package-lock.json": '{"packages": {}}\n' * 1,
        "static/a.min.js": "let a=1;" * 900,
        "big.yaml": "a: 1\n" * 900,
    }
    assert measured(tmp_path, before, {}).fewer <= 0


def test_six_hundred_lines_meet_the_criterion(tmp_path: Path) -> None:
    """At 600 fewer it is met, at one less it is missed; the ruler and the counts stand beside the figure."""
    for count, outcome in ((600, "met"), (599, "missed")):
        lines = "".join(f"X{n} = {n}\n" for n in range(count))
        row = two(tmp_path / outcome, {"a.py": lines, "b.py": "B = 1\n"}, {"b.py": "B = 1\n"}).criteria[2]
        assert (row.figure, row.outcome) == (count, outcome)
        assert "renamed" in row.how
        assert "gone" in row.evidence[0]
