"""What a run says beside outcomes: levels, verdicts, roots, warnings, and how to see a finding again."""

from __future__ import annotations

import fnmatch
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.check import MUST, SHOULD, Check, Level
from chatkit_conformance.judging.cascade import DEPENDS, LATER_TURNS, ROOTS, roots
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.levels import LEVELS, levels_of, levels_reached
from chatkit_conformance.judging.proof import Proof
from chatkit_conformance.results.model import CheckResult, SavedFinding
from chatkit_conformance.results.outcome import Outcome
from chatkit_conformance.results.repro import curl_line, run_line
from chatkit_conformance.target.target import CAPABILITIES, Target, User
from chatkit_conformance.transcript import Call, Reply, Sent, Transcript

TINY = (sys.executable, str(Path(__file__).parent / "tiny_server.py"))
Cli = Callable[..., Any]


def a_check(id: str, level: Level = MUST, capability: str | None = None) -> Check:
    """A check that judges nothing."""
    return Check(
        id=id,
        level=level,
        requirement="r",
        clause="c",
        judge=lambda _: (),
        on=("x",),
        cause="c",
        fix="f",
        capability=capability,
    )


KNOWN = (a_check("tools.a"), a_check("tools.b"), a_check("tools.c", SHOULD), a_check("stream.w", capability="widgets"))


@pytest.mark.parametrize(
    ("outcomes", "reached"),
    [
        ({"tools.a": "passed", "tools.b": "passed", "tools.c": "passed"}, "strict"),
        ({"tools.a": "passed", "tools.b": "passed", "tools.c": "warned"}, "reached"),
        ({"tools.a": "passed", "tools.b": "failed", "tools.c": "passed"}, "missed"),
        ({"tools.a": "passed", "tools.b": "expected_failure", "tools.c": "passed"}, "missed"),
        ({"tools.a": "untestable", "tools.b": "passed"}, "not_shown"),
        ({"tools.a": "passed"}, "partial"),
        ({"tools.a": "not_applicable", "tools.b": "not_applicable"}, "absent"),
    ],
)
def test_a_level_is_reached_by_its_musts(outcomes: dict[str, Outcome], reached: str) -> None:
    """A level is reached when all its MUST checks hold, strictly when its SHOULD checks hold too, never by a part."""
    levels = levels_reached([CheckResult(id=id, outcome=outcome) for id, outcome in outcomes.items()], KNOWN)
    assert levels["tools"].outcome == reached
    assert "widgets" not in levels


def test_a_capability_is_a_level_of_its_own() -> None:
    """A check that needs a capability counts for that level alone."""
    assert levels_of(KNOWN[3]) == ("widgets",)
    assert levels_of(replace(KNOWN[3], criteria=("SC-005",))) == ("widgets", "persistence")
    levels = levels_reached([CheckResult(id="stream.w", outcome="failed", capability="widgets")], KNOWN)
    assert levels["widgets"].blocking == ("stream.w",)
    assert "streaming" not in levels


def test_tables_speak_of_checks_that_there_are() -> None:
    """Each pattern of the levels fits a check of the catalogue, but for areas to come, and each root is one."""
    ids = [check.id for check in checks()]
    globs = {glob for level in LEVELS for glob in level.checks} - {"migration.*"}
    assert {glob for glob in globs if not fnmatch.filter(ids, glob)} == set()
    assert {*ROOTS, *DEPENDS, *LATER_TURNS} <= set(ids)
    named = {level.name for level in LEVELS} | set(CAPABILITIES)
    assert {name for check in checks() for name in levels_of(check)} <= named


def row(id: str, outcome: Outcome, *places: tuple[str, str, str]) -> CheckResult:
    """A result with findings at these places."""
    findings = tuple(SavedFinding(exchange=e, dialect=d, reply=r) for e, d, r in places)
    return CheckResult(id=id, outcome=outcome, area=id.split(".")[0], findings=findings)


def test_what_is_lost_by_a_restart_or_asked_of_nobody_has_one_root() -> None:
    """Findings after a restart come from what the restart lost, those of tokens from a server that asks for none."""
    after, forged, plain = (
        ("restart", "gemini-3", "reload-2"),
        ("no_credentials", "", "forged-token"),
        ("x", "", "turn"),
    )
    found = roots(
        [
            row("persistence.restart-keeps-thread", "failed", after),
            row(
                "stream.turn-works", "failed", ("killed_at_done", "gemini-3", "next"), ("restart", "gemini-3", "turn-2")
            ),
            row("persistence.reload-answers", "failed", after, plain),
            row("security.no-token-refused", "failed", ("no_credentials", "", "nobody-lists")),
            row("security.forged-token-refused", "failed", forged),
            row("security.no-internals", "failed", forged),
        ]
    )
    assert found == {
        "stream.turn-works": "persistence.restart-keeps-thread",
        "security.forged-token-refused": "security.no-token-refused",
    }
    assert roots([row("security.forged-token-refused", "failed", forged)]) == {}


def test_what_a_foreign_page_can_do_has_one_root() -> None:
    """Where nobody looks at the origin, all that a foreign page can do is one cause; a hole alone is its own."""
    open_to_all = row("security.foreign-origin-changes-nothing", "warned", ("cross_site", "", "foreign-origin"))
    by_header = row("security.other-credentials-change-no-origin", "warned", ("cross_site", "", "basic-beside-cookie"))
    assert roots([open_to_all, by_header]) == {by_header.id: open_to_all.id}
    assert roots([by_header]) == {}


def test_a_second_turn_that_dies_is_told_by_what_asks_for_it() -> None:
    """Its fix says what to write; that turns fail in general says only to look into the log."""
    here, there = ("three_turns", "gemini-3", "turn-2"), ("retry", "gemini-3", "turn-2")
    dies, works = row("persistence.second-turn-works", "failed", here), row("stream.turn-works", "failed", here, there)
    assert roots([works, dies]) == {works.id: dies.id}
    assert roots([works]) == {}


@pytest.mark.parametrize("id", ["gemini.signatures-replayed", "gemini.newest-message-sent"])
def test_what_the_model_was_sent_is_the_root_of_a_turn_that_fails_for_it(id: str) -> None:
    """A turn that fails where its request was wrong is told by the request; where it was right, by itself."""
    here, there = ("three_turns", "gemini-3", "turn-2"), ("retry", "gemini-3", "turn-2")
    dies = row("persistence.second-turn-works", "failed", here)
    works = row("stream.turn-works", "failed", here, there)
    assert roots([dies, works, row(id, "failed", here, there)]) == {dies.id: id, works.id: id}
    assert roots([works, row(id, "failed", here)]) == {}


def test_an_id_of_two_items_is_the_root_of_what_a_reload_mixes_up() -> None:
    """A reload that differs only in conversations in which an id came twice comes from that; one elsewhere does not."""
    stream, reload = ("x", "gemini-3", "turn-2"), ("x", "gemini-3", "reload")
    twice = row("stream.ids-unique", "failed", stream)
    mixed = row("persistence.reload-equals-stream", "failed", reload)
    assert roots([twice, mixed]) == {mixed.id: twice.id}
    assert roots([twice, row(mixed.id, "failed", reload, ("y", "gemini-3", "reload"))]) == {}


def test_an_answer_without_its_end_is_the_root_of_a_turn_without_an_answer() -> None:
    """What was begun and never finished is told first: that the turn has no answer follows from it."""
    place = ("three_turns", "gemini-3", "turn-2")
    found = roots(
        row(id, "failed", place)
        for id in ("persistence.second-turn-works", "stream.turn-works", "stream.turn-finished")
    )
    assert found == {
        "persistence.second-turn-works": "stream.turn-finished",
        "stream.turn-works": "stream.turn-finished",
    }


def test_the_root_of_a_root_is_told_of_both() -> None:
    """What depends on a second turn that only an unfinished answer has spoilt comes from that answer."""
    place = ("three_turns", "gemini-3", "turn-2")
    after = row("tools.turn-after-works", "failed", ("tool_create", "gemini-3", "after"))
    second = row("persistence.second-turn-works", "failed", place)
    assert roots([second, after]) == {after.id: second.id}
    assert set(roots([second, after, row("stream.turn-finished", "failed", place)]).values()) == {
        "stream.turn-finished"
    }


def test_a_shadow_names_its_root() -> None:
    """A check that failed only where a root had failed names the deepest; one that failed elsewhere too names none."""
    first, second = ("x", "gemini-3", "turn-1"), ("x", "gemini-3", "turn-2")
    found = roots(
        [
            row("stream.ends-closed", "failed", first),
            row("stream.turn-answered", "failed", first),
            row("stream.deltas-add-up", "failed", first),
            row("stream.done-once", "failed", first, second),
            row("tools.visible", "failed", ("x", "gemini-3", "")),
        ]
    )
    assert found == {"stream.turn-answered": "stream.ends-closed", "stream.deltas-add-up": "stream.ends-closed"}


def transcript(*replies: Reply, calls: tuple[Call, ...] = ()) -> Transcript:
    """A transcript of these."""
    return Transcript(exchange="x", dialect="gemini-3", replies=replies, calls=calls)


CALLED = '{"choices": [{"delta": {"tool_calls": [{"function": {"name": "add_todo", "arguments": "{}"}}]}}]}'


def test_a_run_that_proves_little_says_so() -> None:
    """No call at all, no tool ever called, one refusing status for most answers: each is a warning."""
    rows = [CheckResult(id="tools.a", area="tools", outcome="passed")]
    refused = Proof()
    refused.add(transcript(*(Reply(label=str(n), status=401) for n in range(14)), Reply(label="good", status=200)))
    said = list(refused.warnings(rows, directed=True))
    assert any(warning.startswith("no conversation reached the stand-in") for warning in said)
    assert any(warning.startswith("93 % of answers were 401") for warning in said)
    plain = Proof()
    plain.add(transcript(Reply(label="a", status=200), calls=(Call(n=0, sent=(Sent(at=0, data="{}"),)),)))
    assert [w.split(":")[0] for w in plain.warnings(rows, directed=True)] == ["no tool was ever called"]
    good = Proof()
    good.add(transcript(Reply(label="a", status=200), calls=(Call(n=0, sent=(Sent(at=0, data=CALLED),)),)))
    assert list(good.warnings(rows, directed=True)) == []


SECRET = "s3cret-value-that-is-long"


def test_curl_repeats_the_request_without_a_secret() -> None:
    """The curl line holds the body as it was sent and a variable in place of each credential."""
    users = {
        "a": User(name="a", headers={"Authorization": f"Bearer {SECRET}", "X-Key": SECRET}),
        "b": User(name="b", cookies={"access_token": SECRET}),
    }
    target = Target(url="http://h:1/chatkit", users=users)
    body = {"type": "threads.list", "params": {"note": "it's $HOME"}}
    line = curl_line(Reply(label="x", request=body), target)
    words = shlex.split(line)
    assert words[:3] == ["curl", "-iN", "http://h:1/chatkit"]
    assert words[-1] == '{"type": "threads.list", "params": {"note": "it\'s $HOME"}}'
    assert "Authorization: Bearer $TOKEN" in words
    assert "X-Key: $TOKEN" in words
    other = curl_line(Reply(label="x", user="b", request=body), target)
    assert "cookie: access_token=$token_b" in other.lower()
    assert SECRET not in line + other + run_line("a.b", target)
    assert curl_line(Reply(label="x", request="x" * 5000), target) == ""


def test_curl_begins_a_thread_of_its_own_where_the_runs_is_gone(tmp_path: Path) -> None:
    """A request about a thread of the run is pasted with a line in front that begins one; any other is as it was."""
    users = {name: User(name=name, headers={"X-Key": f"key-of-{name}-that-is-long"}) for name in ("a", "b")}
    target = Target(url="http://h:1/chatkit", users=users)
    body = {"type": "threads.get_by_id", "params": {"thread_id": "thr_7"}}
    reply = Reply(label="x", user="b", request=body)
    assert curl_line(reply, target, begun={"thr_8": "a"}).startswith("curl ")
    line = curl_line(reply, target, begun={"thr_7": "a"})
    assert "thr_7" not in line
    assert line.index('"X-Key: $TOKEN"') < line.index("threads.create") < line.index('"X-Key: $TOKEN_B"')
    server = tmp_path / "curl"
    created = {"type": "thread.created", "thread": {"title": None, "id": "thr_new", "items": {"data": [{"id": "u1"}]}}}
    script = (
        '#!/bin/sh\ncase "$*" in *threads.create*) '
        f"echo 'data: {json.dumps(created)}'; echo 'data: {{\"id\": \"no\"}}';; *) "
        'echo "$*";; esac\n'
    )
    server.write_text(script)
    server.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    said = subprocess.run(["sh", "-c", line], env=env, capture_output=True, text=True, check=True, timeout=20).stdout
    assert json.loads(said[said.index("{") :])["params"] == {"thread_id": "thr_new"}


def test_repro_parses_and_names_the_dialect() -> None:
    """The run line selects the check, in the dialect in which it failed, for the same target."""
    assert run_line("a.b", Target(command=("node", "my server.js")), "gemini-2.5") == (
        "chatkit-conformance run --select a.b --dialect gemini-2.5 -- node 'my server.js'"
    )
    assert run_line("a.b", Target(url="http://h/c", standin_port=9)).endswith("--url http://h/c --standin-port 9")


def test_a_finding_of_a_run_can_be_pasted(cli: Cli) -> None:
    """A run's finding carries the run line and a curl line, and levels and warnings are in results and terminal."""
    ran = cli("run", "--select", "stream.*", "--select", "tools.*", "--", *TINY)
    found = next(row for row in ran.results["results"] if row["id"] == "stream.shouts")
    assert found["repro"].startswith("chatkit-conformance run --select stream.shouts --dialect gemini-3 -- ")
    assert found["findings"][0]["curl"].startswith('curl -iN "$URL" -H "content-type: application/json"')
    assert '"Authorization: Bearer $TOKEN"' in found["curl"]
    assert ran.results["levels"]["tools"]["outcome"] == "strict"
    assert ran.results["levels"]["streaming"]["outcome"] == "reached"
    assert "levels  streaming yes, tools yes, strictly" in ran.out


def test_the_newest_item_first_is_the_root_of_what_a_reload_shows_twice() -> None:
    """Pages that follow the newest item repeat it: told by the order, but where the order was right."""
    first, second = ("x", "gemini-3", "reload"), ("y", "gemini-3", "reload")
    order, twice = (
        row("persistence.order-oldest-first", "failed", first),
        row("persistence.no-duplicate-items", "failed"),
    )
    mixed = row("persistence.reload-equals-stream", "failed", first)
    assert roots([mixed, order, row(twice.id, "failed", first)]) == {mixed.id: order.id, twice.id: order.id}
    assert roots([order, row(twice.id, "failed", first, second)]) == {}
