"""What is asked of a task application decides the run, and never whether ChatKit's client works with the server."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from chatkit_conformance.check import CHECKS, MUST
from chatkit_conformance.judging.application import OF_CHATKIT, OF_TASKS, of_tasks
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.verdict import verdict_of
from chatkit_conformance.results.model import CheckResult, RunResults, Selected
from chatkit_conformance.results.outcome import Outcome
from chatkit_conformance.transcript import Transcript

CHATKIT, TASKS = "stream.turn-finished", "tools.declared"


def run_of(chatkit: Outcome, tasks: Outcome, *, left: int = 0) -> RunResults:
    """A run of one MUST check for each. `left`: how many more there are."""
    rows = tuple(CheckResult(id=id, outcome=outcome) for id, outcome in ((CHATKIT, chatkit), (TASKS, tasks)))
    selection = {"MUST": Selected(selected=2, of=2 + left), "SHOULD": Selected(), "MAY": Selected()}
    return RunResults.model_validate({"complete": True, "results": rows, "selection": selection})


def test_each_check_of_tools_is_in_one_of_the_two_tables() -> None:
    """Whatever names a tool, keeps tasks, or bears on SC-002 and SC-007 is said to be of one, and each row fits one."""
    asked = [
        check.id
        for check in checks()
        if check.level == MUST
        and (check.area == "tools" or check.capability == "tasks" or {"SC-002", "SC-007"} & {*check.criteria})
    ]
    both = (*OF_TASKS, *OF_CHATKIT)
    told = {id: [n for n, glob in enumerate(both) if fnmatchcase(id, glob)] for id in asked}
    tables = {id: {n < len(OF_TASKS) for n in rows} for id, rows in told.items()}
    assert {id: rows for id, rows in tables.items() if len(rows) != 1} == {}
    assert {both[n] for rows in told.values() for n in rows} == {*both}
    assert {id for id in asked if CHECKS[id].role and not of_tasks(id)} == set()


def test_what_chatkit_needs_is_of_no_task() -> None:
    """No check of threads, streams, errors, widgets or access is left out of the answer about ChatKit's client."""
    others = {check.id for check in checks() if of_tasks(check.id) and check.area != "tools"}
    assert others == {
        "latency.tool-visible",
        "persistence.disconnect-anywhere-tool-once",
        "persistence.disconnect-anywhere-tool-kept",
        "persistence.killed-anywhere-tool-once",
        "persistence.killed-anywhere-tool-kept",
        "persistence.restart-keeps-tasks",
    }


@pytest.mark.parametrize(
    ("chatkit", "tasks", "answers", "word", "headline"),
    [
        ("passed", "passed", ("yes", "yes"), "conforms", "Works with ChatKit’s client, strictly"),
        ("passed", "failed", ("yes", "no"), "findings", "Works with ChatKit’s client, but not as a task application"),
        (
            "passed",
            "untestable",
            ("yes", "not shown"),
            "findings",
            "Works with ChatKit’s client; not shown to work as a task",
        ),
        ("failed", "passed", ("no", "yes"), "findings", "Does not work with ChatKit’s client"),
        ("failed", "failed", ("no", "no"), "findings", "Does not work with ChatKit’s client"),
        ("untestable", "failed", ("not shown", "no"), "findings", "Does not work with ChatKit’s client"),
    ],
)
def test_a_failure_of_tasks_is_one_of_tasks(
    chatkit: Outcome, tasks: Outcome, answers: tuple[str, str], word: str, headline: str
) -> None:
    """The two questions are answered apart, and the run is as red as before."""
    found = verdict_of(run_of(chatkit, tasks))
    assert tuple(words.said for _, words in found.answers[:2]) == answers
    assert (found.word, found.exit) == (word, word != "conforms")
    assert found.headline.startswith(headline)


def test_of_a_part_nothing_is_said_of_the_client() -> None:
    """Where tools alone were judged, their failure is told, and no yes about ChatKit's client."""
    found = verdict_of(run_of("passed", "failed", left=9))
    assert found.headline == "Does not work as a task application"
    assert (found.client, found.tasks, found.exit) == ("partial", "findings", 1)


def test_a_check_of_tasks_that_was_not_judged_leaves_the_client_whole() -> None:
    """What was not judged of tasks alone takes nothing from the answer about ChatKit's client."""
    run = run_of("passed", "failed", left=1)
    rows = (*run.results, CheckResult(id="tools.bulk-refused-unless-confirmed", outcome="not_judged"))
    found = verdict_of(run.model_copy(update={"results": rows}))
    assert (found.client, found.headline) == ("conforms", "Works with ChatKit’s client, but not as a task application")
    assert verdict_of(run_of("passed", "passed", left=1)).client == "partial"


def test_what_is_not_asked_is_not_answered() -> None:
    """A server that is to have no tools is asked about ChatKit and strictness alone."""
    found = verdict_of(run_of("passed", "not_applicable"))
    assert [question for question, _ in found.answers] == ["works with ChatKit's client", "strict"]
    assert found.exit == 0


def test_a_missing_tool_is_told_with_what_to_declare() -> None:
    """Each role without a tool is named with the line that says that there is to be none."""
    t = Transcript(exchange="tool_update", dialect="gemini-3", notes={"names": {"create": "add"}})
    (found,) = CHECKS["tools.declared"].judge(t)
    assert 'bulk-complete = "" and bulk-delete = "" under [tools] in the target file' in found.expected
