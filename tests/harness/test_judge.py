"""The judge's rules, on hand-made transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS, EVERYWHERE, MUST, SHOULD, Check, Figure, Finding, Level, Untestable
from chatkit_conformance.exchange import EXCHANGES
from chatkit_conformance.judged_run.check_result import check_result
from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.judging.criteria import CRITERIA, criteria_met
from chatkit_conformance.judging.judge import ABSENT, SUITE_ERROR, Result, judge, unseen_in_part
from chatkit_conformance.judging.verdict import verdict_of
from chatkit_conformance.results.model import CheckResult, RunResults, Selected
from chatkit_conformance.results.outcome import Outcome
from chatkit_conformance.running.kept_calls import KeptCalls
from chatkit_conformance.running.whole_run import gemini_share
from chatkit_conformance.target.target import Target
from chatkit_conformance.transcript import NOT_KEPT, Call, Reply, Transcript

load_suites()


def breach(t: Transcript) -> Iterable[Finding]:
    """One finding."""
    yield Finding(expected="one", got="two", reply="turn-1", event=3)


def fine(t: Transcript) -> Iterable[Finding]:
    """None."""
    return ()


def blind(t: Transcript) -> Iterable[Finding]:
    """Nothing to judge."""
    raise Untestable("it never spoke")


def broken(t: Transcript) -> Iterable[Finding]:
    """A fault of ours."""
    raise KeyError("oops")


Judging = Callable[[Transcript], Iterable[Finding]]


def made(judging: Judging, level: Level = MUST, capability: str | None = None) -> Check:
    """A check."""
    return Check(
        id="stream.x",
        level=level,
        requirement="r",
        clause="c",
        judge=judging,
        on=("e",),
        cause="c",
        fix="f",
        capability=capability,
        criteria=("SC-001",),
        figure="took_s",
    )


def _reply(label: str, trouble: str | None = None) -> Reply:
    return Reply(label=label, ended="left" if trouble else "closed", trouble=trouble)


HELD = Transcript(exchange="e", dialect="gemini-3", notes={"took_s": 0.25})
UNHELD = Transcript(exchange="e", dialect="gemini-2.5", untestable="no tool of that role")
NOT_THERE = Transcript(exchange="e", notes={ABSENT: "tools"}, untestable="declared absent")
RAISED = Transcript(exchange="e", notes={SUITE_ERROR: "Traceback"})


@pytest.mark.parametrize(
    ("check", "transcripts", "declared", "outcome"),
    [
        (made(fine), [HELD], {}, "passed"),
        (made(breach), [HELD], {}, "failed"),
        (made(breach, SHOULD), [HELD], {}, "warned"),
        (made(blind), [HELD], {}, "untestable"),
        (made(fine), [UNHELD], {}, "untestable"),
        (made(fine), [], {}, "untestable"),
        (made(fine), [HELD, UNHELD], {}, "passed"),
        (made(breach), [HELD, UNHELD], {}, "failed"),
        (made(broken), [HELD], {}, "error"),
        (made(fine), [RAISED], {}, "error"),
        (made(fine), [NOT_THERE], {}, "not_applicable"),
        (made(breach, capability="widgets"), [HELD], {"widgets": False}, "not_applicable"),
        (made(breach, capability="widgets"), [HELD], {"widgets": True}, "failed"),
        (made(blind, capability="widgets"), [HELD], {"widgets": True}, "untestable"),
        (made(blind, capability="widgets"), [HELD], {}, "not_applicable"),
        (made(breach, capability="widgets"), [HELD], {}, "not_applicable"),
        (made(fine, capability="widgets"), [HELD], {}, "passed"),
    ],
)
def test_outcome_follows_the_rules(
    check: Check, transcripts: list[Transcript], declared: dict[str, bool], outcome: str
) -> None:
    """A check never passes for lack of evidence, and is skipped only for a capability that was declared absent or is
    not declared and does not show."""
    assert judge(check, transcripts, declared).outcome == outcome


def test_what_was_found_before_the_evidence_ran_out_is_found() -> None:
    """A check that finds a breach and then has nothing more to judge has found it."""

    def both(t: Transcript) -> Iterable[Finding]:
        yield Finding(expected="one", got="two")
        raise Untestable("the rest was cut off")

    result = judge(made(both), [HELD])
    assert (result.outcome, len(result.findings), result.judged) == ("failed", 1, (("e", "gemini-3"),))


def test_no_single_conversation_gives_the_reason_of_an_invariant() -> None:
    """Where nothing could be judged, what most conversations lacked is said, of any of them, and not of the first."""

    def lacking(t: Transcript) -> Iterable[Finding]:
        raise Untestable(f"Nothing of {t.exchange} was read back.")

    invariant = replace(made(lacking), on=EVERYWHERE)
    spoken = [Transcript(exchange=f"talk-{n}", dialect="gemini-3") for n in range(4)]
    unheld = [Transcript(exchange=f"tool-{n}", dialect="gemini-3", untestable="no such tool") for n in range(3)]
    result = judge(invariant, [*unheld, *spoken])
    assert (result.outcome, result.reason) == ("untestable", "Nothing of any conversation was read back.")
    assert judge(made(lacking), spoken[:1]).reason == "Nothing of talk-0 was read back."


def test_what_only_a_thorough_run_holds_does_not_apply_to_a_usual_one() -> None:
    """A check of conversations that take minutes is no more open in a usual run than one of a missing capability."""
    alone = CHECKS["errors.silence-ended"]
    assert [EXCHANGES[name].thorough for name in alone.on] == [True]
    result = judge(alone, [])
    assert result.outcome == "not_applicable"
    assert "--thorough" in result.reason
    assert judge(made(fine), []).outcome == "untestable"


def test_findings_of_all_dialects_are_kept() -> None:
    """A breach in each of two dialects is two findings, each with its dialect."""
    other = Transcript(exchange="e", dialect="gemini-2.5")
    result = judge(made(breach), [HELD, other])
    assert [findings.dialect for findings in result.findings] == ["gemini-3", "gemini-2.5"]
    assert result.figure == 0.25


def test_result_row_has_what_reports_need() -> None:
    """A row of results.json names the finding, where it was seen, and the line that reproduces it."""
    row = check_result(judge(made(breach), [HELD]), Target(command=("node", "my server.js")))
    assert row.got == "two"
    assert (row.event, row.reply, row.transcript) == (3, "turn-1", "transcripts/e--gemini-3.json")
    assert row.repro == ("chatkit-conformance run --select stream.x --dialect gemini-3 -- node 'my server.js'")


@pytest.mark.parametrize(
    ("outcomes", "complete", "code", "word"),
    [
        (["passed", "warned", "not_applicable"], True, 0, "conforms"),
        (["passed", "expected_failure"], True, 0, "known_failures"),
        (["not_applicable"], True, 0, "nothing_judged"),
        (["passed", "failed"], True, 1, "findings"),
        (["passed", "untestable"], True, 1, "findings"),
        (["unexpected_pass"], True, 1, "findings"),
        (["failed", "error"], True, 4, "suite_failed"),
        (["passed"], False, 1, "incomplete"),
    ],
)
def test_exit_code_tells_the_verdict(outcomes: list[Outcome], complete: bool, code: int, word: str) -> None:
    """What could not be tested is red, a fault of ours is not the target's, and a cut run does not conform."""
    rows = tuple(CheckResult(id=f"stream.{n}", outcome=outcome) for n, outcome in enumerate(outcomes))
    all_of_it: dict[Level, Selected] = {
        "MUST": Selected(selected=len(rows), of=len(rows)),
        "SHOULD": Selected(),
        "MAY": Selected(),
    }
    found = verdict_of(RunResults(results=rows, complete=complete, selection=all_of_it))
    assert (found.exit, found.word) == (code, word)


def test_criteria_are_met_only_by_evidence() -> None:
    """A criterion is met when all that bears on it passed, missed by one failure, and not measured without a check."""
    check, other = made(fine), replace(made(fine), id="stream.y")
    passed = check_result(judge(check, [HELD]), Target())
    rows = {row.id: row for row in criteria_met([passed], [check])}
    assert (rows["SC-001"].outcome, rows["SC-001"].figure) == ("met", 0.25)
    assert rows["SC-004"].outcome == "not_measured"
    assert len(rows) == len(CRITERIA) == 9
    failed = passed.model_copy(update={"id": "stream.y", "outcome": "failed"})
    assert criteria_met([passed, failed], [check, other])[0].outcome == "missed"
    should = replace(other, level=SHOULD)
    warned = failed.model_copy(update={"level": SHOULD, "outcome": "warned"})
    assert criteria_met([passed, warned], [check, should])[0].outcome == "met"
    assert criteria_met([passed], [check, other])[0].outcome == "partial"
    figureless = passed.model_copy(update={"figure": None})
    assert criteria_met([figureless], [check])[0].outcome == "untestable"


@pytest.mark.parametrize(
    ("models", "hosts", "share"),
    [
        (["gemini-3.8-flash", "models/gemini-2.5-pro"], [], 100.0),
        (["gemini-3.8-flash"], ["api.openai.com"], 50.0),
        (["gemini-3.8-flash"], ["example.org", "notopenai.com"], 100.0),
        (["gpt-4o"], [], 0.0),
        ([], [], None),
    ],
)
def test_the_share_of_gemini_counts_requests_and_strays(
    models: list[str], hosts: list[str], share: float | None
) -> None:
    """SC-003's figure counts every model request and every connection to an OpenAI host, and no other host."""
    calls = [Call(n=n, body={"model": model}) for n, model in enumerate(models)]
    assert gemini_share(calls, hosts) == share


def test_what_asks_for_no_words_has_no_share() -> None:
    """Vectors, counts and lists of models are Gemini's by their path, whatever their body says."""
    paths = ("/v1beta/openai/embeddings", "/v1beta/models/text-embedding-004:embedContent", "/v1beta/openai/models")
    beside = [Call(n=n, path=path, body={"content": "x"}) for n, path in enumerate(paths)]
    asked = Call(n=9, path="/v1beta/openai/chat/completions", body={"model": "gpt-4o"})
    assert gemini_share(beside, []) is None
    assert gemini_share([*beside, asked], []) == 0.0


def unknown(_t: Transcript) -> float | None:
    """A figure that lacks its evidence."""
    raise Untestable("the model was not called.")


def crashed(_t: Transcript) -> float | None:
    """A figure that is our own fault."""
    raise ZeroDivisionError("a figure")


@pytest.mark.parametrize(
    ("figure", "outcome", "measured"),
    [
        ("took_s", "passed", 0.25),
        (lambda t: 2 * float(t.notes["took_s"]), "passed", 0.5),
        (lambda _t: None, "passed", None),
        (unknown, "passed", None),
        (crashed, "error", None),
        (None, "passed", None),
    ],
    ids=["note", "function", "nothing", "untestable", "crashed", "none"],
)
def test_a_figure_is_a_note_or_is_computed_from_the_transcript(
    figure: Figure | str | None, outcome: str, measured: float | None
) -> None:
    """What a check measures is read anew from each transcript, so that a saved one gives the same figure."""
    result = judge(replace(made(fine), figure=figure), [Transcript.from_json(HELD.to_json())])
    assert (result.outcome, result.figure) == (outcome, measured)


def test_a_request_to_the_model_that_was_not_kept_accuses_nobody() -> None:
    """Of a request beyond the run's memory only the beginning is known, so nothing is missing in it."""
    kept = KeptCalls(0.001)
    told = {"at": 0.0, "method": "POST", "path": "/x", "headers": {}, "body": ["x" * 9_000], "status": 200, "sent": []}
    _, call = (kept.call({**told, "n": n}) for n in (1, 2))
    result = judge(made(breach), [replace(HELD, replies=(_reply("turn-1"),), calls=(call,))])
    assert (result.outcome, "no memory left for request 2" in result.reason) == ("untestable", True)


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ((_reply("turn-1"),), "failed"),
        ((_reply("turn-1"), _reply("reload", f"{NOT_KEPT} 160 MB")), "failed"),
        ((_reply("turn-1", f"{NOT_KEPT} 160 MB"),), "untestable"),
        ((_reply("turn-0", f"{NOT_KEPT} 160 MB"), _reply("turn-1")), "untestable"),
        ((_reply("turn-1", "the harness disconnected: more than 20000 events in one stream"),), "failed"),
    ],
)
def test_what_the_run_had_no_memory_for_accuses_nobody(replies: tuple[Reply, ...], outcome: Outcome) -> None:
    """A reply that the run's own bound cut, and what was asked after it, is no evidence; one itself too long is."""
    result = judge(made(breach), [replace(HELD, replies=replies)])
    assert result.outcome == outcome
    assert ("Hold fewer conversations in one run: --exchange NAME" in result.reason) is (outcome == "untestable")


def test_what_the_chosen_conversations_do_not_show_is_open() -> None:
    """Where only some conversations are held, an invariant without evidence is not judged; a failure stays one."""
    everywhere = replace(made(fine), on=EVERYWHERE)
    bare = Result(check=everywhere, outcome="untestable", reason="No thread was renamed.")
    assert unseen_in_part(bare).outcome == "not_judged"
    assert "No thread was renamed." in unseen_in_part(bare).reason
    for same in (replace(bare, outcome="failed"), replace(bare, check=made(fine))):
        assert unseen_in_part(same) == same
