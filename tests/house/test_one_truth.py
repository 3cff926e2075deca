"""What counts as words and what shows a tool is defined once: no other module has a table or a test of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from chatkit_conformance import transcript
from chatkit_conformance.judging import judge
from chatkit_conformance.moves import notes
from chatkit_conformance.running import once_more

NOTING = (transcript, judge, notes, once_more)
"""The modules that name the notes of transcripts."""

ROOT = Path(__file__).parents[2]
ROOMS = ("chatkit_conformance", "suites", "load", "mutants", "cassettes", "examples")
HOME = "chatkit_conformance/stream/"
"""The room that says what a stream means: event_kinds.py, model_chunks.py and timing.py."""

SHOWING = frozenset({"workflow", "task", "widget", "client_tool_call", "generated_image"})
NAMES = frozenset(
    {
        "has_text",
        "has_words",
        "is_text",
        "own_share_s",
        "shows_tool",
        "shows_work",
        "text_in",
        "tool_times",
        "tools_called",
        "words_in",
    }
)


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Every Python file outside the home, by its path from the root."""
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(HOME):
            yield place, ast.parse(path.read_text(), place)


def test_no_other_module_lists_what_shows_a_tool() -> None:
    """A list of item types by which a tool is seen stands in event_kinds.py alone."""
    found = [
        f"{place}:{node.lineno}"
        for place, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and len(SHOWING & {e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)}) > 2
    ]
    assert not found, "use chatkit_conformance.stream.event_kinds.shows_tool"


def test_no_other_module_defines_these_predicates() -> None:
    """Functions of these names are imported, never written anew."""
    found = [
        f"{place}:{node.lineno} {node.name}"
        for place, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.lstrip("_") in NAMES
    ]
    assert not found, "import it from chatkit_conformance.stream"


def test_no_other_module_looks_for_text_deltas_by_name() -> None:
    """The type of a text delta is spelled in the stream's room, and in the transcript that all others read."""
    found = [
        f"{place}:{node.lineno}"
        for place, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str | bytes)
        and node.value[-10:] in ("text_delta", b"text_delta")
    ]
    assert [place for place in found if not place.startswith("chatkit_conformance/transcript.py")] == []


def test_no_other_module_looks_for_tool_calls_in_a_chunks_text() -> None:
    """Whether a chunk of the model calls a tool is read in model_chunks.py; the stand-in stamps its own."""
    found = [
        f"{place}:{node.lineno}"
        for place, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith('"tool_calls"')
    ]
    assert not found, "use chatkit_conformance.stream.model_chunks.tools_called"


def test_no_note_of_a_transcript_has_two_meanings() -> None:
    """Each note is named in one module: the moves' `left_out` was once read as if nobody had held the conversation."""
    homes: dict[str, set[str]] = {}
    for module in NOTING:
        tree = ast.parse(Path(str(module.__file__)).read_text())
        for node in tree.body:
            if isinstance(node, ast.Assign):
                for part in ast.walk(node.value):
                    if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z_]+", str(part.value)):
                        homes.setdefault(str(part.value), set()).add(module.__name__)
    assert "held_up_s" in homes
    assert {note: found for note, found in homes.items() if len(found) > 1} == {}
