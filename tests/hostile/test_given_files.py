"""Files that somebody named and that are none: devices, pipes, circles of links, and texts that no reader takes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import gemini_standin.given_file
from chatkit_conformance.cli import main
from gemini_standin.given_file import MOST_SETTINGS, read_given, read_given_text

COMMANDS = {
    "run --target FILE.toml": "name.toml",
    "run --target FILE.json": "name.json",
    "run --baseline FILE -- true": "name.toml",
    "run --replay FILE -- true": "name.json",
    "lint FILE --select stream.*": "name.sse",
    "lint FILE": "name.har",
    "lint FILE ": "name.json",
    "report FOLDER": "results.json",
    "report --history FOLDER": "results.json",
    "findings FOLDER": "results.json",
    "har FOLDER": "results.json",
    "diff FOLDER FOLDER": "results.json",
    "baseline update FOLDER": "results.json",
}
"""What is typed, and the name of the file that it reads."""

TEXTS = {
    "deep": "[" * 100_000,
    "deep-toml": "a = " + "[" * 100_000,
    "digits": "1" * 6000,
    "digits-toml": "a = " + "1" * 6000,
    "no-text": "\0\ud800",
    "a number": "5",
    "null": "null",
    "an empty list": "[]",
}


def _ends(typed: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [w.replace("FOLDER", str(path.parent)) for w in typed.split()]
    words = [str(path) if w.startswith("FILE") else w for w in words]
    code = main(words)
    told = "".join(capsys.readouterr())
    assert code == 2, told
    assert "Traceback" not in told
    assert told.splitlines()[0].startswith(f"chatkit-conformance {words[0]}: ")


@pytest.mark.parametrize("typed", COMMANDS)
def test_a_pipe_that_nobody_writes_to_stops_no_command(
    typed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command that reads a file ends with 2 and one line where the file is a pipe without an end."""
    monkeypatch.setattr(gemini_standin.given_file, "PATIENCE_S", 0.05)
    path = tmp_path / COMMANDS[typed]
    os.mkfifo(path)
    _ends(typed, path, capsys)


@pytest.mark.parametrize("typed", COMMANDS)
def test_a_device_without_an_end_fills_no_memory(
    typed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command that reads a file ends with 2 and one line where the name leads to /dev/zero."""
    path = tmp_path / COMMANDS[typed]
    path.symlink_to("/dev/zero")
    _ends(typed, path, capsys)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("typed", [t for t in COMMANDS if not t.startswith("lint FILE --select")])
def test_a_text_that_no_reader_takes_is_told(
    typed: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command that reads a file ends with 2 and one line where it is nested, or numbered, beyond a reader."""
    path = tmp_path / COMMANDS[typed]
    path.write_bytes(TEXTS[text].encode("utf-8", "surrogatepass"))
    _ends(typed, path, capsys)


def test_a_pipe_that_is_written_to_is_read(tmp_path: Path) -> None:
    """What the shell's `<(command)` gives is read to its end, over many writes."""
    out, into = os.pipe()
    try:
        os.write(into, b"one ")
        os.write(into, b"two\r\n")
        os.close(into)
        assert read_given_text(Path(f"/dev/fd/{out}")) == "one two\n"
    finally:
        os.close(out)


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    """The limit itself is read; one byte more is refused with the limit's own figure."""
    path = tmp_path / "large"
    path.write_bytes(b"a" * MOST_SETTINGS)
    assert len(read_given(path)) == MOST_SETTINGS
    path.write_bytes(b"a" * (MOST_SETTINGS + 1))
    with pytest.raises(OSError, match="more than 4 MB"):
        read_given(path)


@pytest.mark.parametrize(
    "change",
    [{"people": 10**9}, {"people": "2"}, {"seed": 1e999}, {"moves": [{"kind": "begin", "args": 5}]}],
    ids=str,
)
def test_a_saved_conversation_with_wrong_values_is_refused(
    change: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--replay` of a file that somebody changed ends with 2 and names the value."""
    path = tmp_path / "saved.json"
    path.write_text(json.dumps({"format": 1, "moves": [{"kind": "begin", "args": {}}]} | change))
    _ends("run --replay FILE -- true", path, capsys)


def test_base64_of_other_alphabets_in_a_har_file_is_no_content(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A body whose base64 has letters beyond ASCII counts as a body that was not saved."""
    path = tmp_path / "odd.har"
    content = {"mimeType": "text/event-stream", "encoding": "base64", "text": "\u0661\u0662"}
    request = {"method": "POST", "url": "http://a/chatkit", "postData": {"text": '{"type": "threads.create"}'}}
    entry = {"request": request, "response": {"status": 200, "headers": [], "content": content}}
    path.write_text(json.dumps({"log": {"entries": [entry]}}))
    _ends("lint FILE", path, capsys)
