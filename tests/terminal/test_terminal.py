"""What stands on the terminal: colours where they are wanted, lines that fit, causes with what was expected and got."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.cli.findings_table import findings_table
from chatkit_conformance.cli.printer import Printer, coloured
from chatkit_conformance.cli.time_left import left
from chatkit_conformance.results.model import RunResults
from tests.report import runs


class Screen(io.StringIO):
    """A terminal: a stream that says it is one."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return True


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("terminal", "environment", "when", "wanted"),
    [
        (True, {}, "auto", True),
        (False, {}, "auto", False),
        (True, {"NO_COLOR": "1"}, "auto", False),
        (True, {"NO_COLOR": ""}, "auto", True),
        (True, {"TERM": "dumb"}, "auto", False),
        (False, {"FORCE_COLOR": "1"}, "auto", True),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        (False, {"NO_COLOR": "1"}, "yes", True),
        (True, {}, "no", False),
    ],
)
def test_colours_come_where_they_are_wanted(
    terminal: bool, environment: dict[str, str], when: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal has colours and a pipe has none, unless NO_COLOR, FORCE_COLOR or --color says otherwise."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = Screen() if terminal else io.StringIO()
    assert coloured(out, when) is wanted  # type: ignore[arg-type]  # a literal of the table
    Printer(out, when).line(("bad", "FAILED"), " x")  # type: ignore[arg-type]  # likewise
    assert ("\033[31m" in out.getvalue()) is wanted


def test_a_line_ends_where_the_terminal_does() -> None:
    """A line that may be cut has at most as many columns as the terminal; in a pipe it is whole."""
    out, pipe = Screen(), io.StringIO()
    for stream in (out, pipe):
        Printer(stream, "yes").line("  ", ("bad", "FAILED"), " " + "x" * 300, cut=True)
    assert len(re.sub(r"\033\[\d*m", "", out.getvalue()).rstrip("\n")) == 80
    assert out.getvalue().rstrip("\n").endswith("…")
    assert len(re.sub(r"\033\[\d*m", "", pipe.getvalue()).rstrip("\n")) == 2 + 6 + 301


def test_a_servers_control_characters_are_shown_and_never_sent() -> None:
    """What clears a terminal or names its window is printed as its number, in colour, too."""
    out = Screen()
    printer = Printer(out, "yes")
    printer.line(("bad", "\033]0;owned\007"), "\033[2J", cut=True)
    printer.stand("\033[2J standing")
    assert "⟨U+001B⟩]0;owned⟨U+0007⟩" in out.getvalue()
    assert set(re.findall(r"\033\[[^mK]*[A-Za-z]", out.getvalue())) <= {"\033[31m", "\033[0m", "\033[K"}


def test_a_line_that_stands_is_there_again_after_each_other_line() -> None:
    """The line of progress is wiped before a line is printed, and stands below it again; in a pipe there is none."""
    out, pipe = Screen(), io.StringIO()
    for stream in (out, pipe):
        printer = Printer(stream, "no")
        printer.stand("1 of 2")
        printer.line("a result")
        printer.stand("")
    assert out.getvalue() == "1 of 2\r\033[Ka result\n1 of 2\r\033[K"
    assert pipe.getvalue() == "a result\n"


def test_the_table_begins_with_what_explains_most_and_says_what_was_expected() -> None:
    """A failure that others follow from is first; each has requirement, expected, got, fix and the line to type."""
    rows = [
        runs.result("protocol.items-limit", "failed", findings=[runs.finding("2 items", "6 items")]),
        runs.result(
            "stream.ids-unique", "failed", findings=[runs.finding("each id once", "__fake_id__ twice")], cause="A name."
        ),
        *(
            runs.result(
                f"tools.n-{n}", "failed", findings=[runs.finding("a result", f"none {n}")], root="stream.ids-unique"
            )
            for n in range(3)
        ),
    ]
    out = io.StringIO()
    findings_table(RunResults.model_validate(runs.run_json(rows)), Printer(out), most=1)
    shown = out.getvalue()
    assert shown.index("stream.ids-unique, and 3 other findings with it") < shown.index("expected  each id once")
    assert "got       __fake_id__ twice" in shown
    assert "again     chatkit-conformance run --select stream.ids-unique" in shown
    assert "protocol.items-limit" not in shown
    assert "and 1 more" in shown


def test_the_time_that_is_left_is_told_when_something_is_known() -> None:
    """Nothing is told at the beginning; then what is left, at the pace so far."""
    assert left(1.0, 1, 100) == ""
    assert left(10.0, 50, 100) == ", about 10 s left"
    assert left(10.0, 99, 100) == ", nearly done"
    assert left(10.0, 0, 0) == ""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The folder of a run with findings."""
    rows = [
        runs.result(
            "stream.ids-unique",
            "failed",
            findings=[runs.finding("each id once", "twice")],
            curl="curl -iN x",
            transcript="transcripts/a.json",
        ),
        runs.result("errors.one-error", "warned", level="SHOULD", findings=[runs.finding("one", "two")], cause="B"),
        runs.result("stream.incremental"),
    ]
    return runs.lay(tmp_path, runs.run_json(rows))


def test_an_agent_gets_one_finding_with_all_that_it_takes(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first to mend, with request, expected, got, source, fix and what checks it; --nth gives the next."""
    assert main(["findings", str(report), "--for-agent"]) == 1
    said = capsys.readouterr().out
    wanted = ("1 of 2: stream.ids-unique (MUST)", "request: curl -iN x", "expected: each id once", "got: twice")
    for part in (
        *wanted,
        str(report / "transcripts" / "a.json"),
        "source: openai-chatkit",
        "fix: ",
        "check: chatkit-conformance run --select stream.ids",
    ):
        assert part in said
    assert main(["findings", str(report), "--for-agent", "--nth", "2"]) == 1
    assert "errors.one-error (SHOULD)" in capsys.readouterr().out
    assert main(["findings", str(report), "--for-agent", "--nth", "3"]) == 2
    assert "there are 2" in capsys.readouterr().err


def test_findings_are_listed_and_nothing_is_said_plainly(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each cause; without any, and without a run, a sentence."""
    assert main(["findings", str(report)]) == 1
    assert "MUST   stream.ids-unique: expected each id once; got twice" in capsys.readouterr().out
    clean = runs.lay(report.parent / "clean", runs.run_json(runs.passing_results()))
    assert main(["findings", str(clean)]) == 0
    assert main(["findings", str(report.parent / "none")]) == 2
    assert "chatkit-conformance run" in capsys.readouterr().err


def test_completion_knows_every_command_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    """The script for a shell has each command, and the options of the release that made it."""
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    for word in ("findings", "--failed-first", "--for-agent", "--select"):
        assert word in script
    assert os.environ["COLUMNS"] == "80"
