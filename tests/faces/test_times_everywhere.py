"""When words and tools were seen is one answer: every kind of event, read by every face of the harness."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS
from chatkit_conformance.judged_run.check_result import check_result
from chatkit_conformance.judging.criteria import criteria_met
from chatkit_conformance.judging.judge import judge
from chatkit_conformance.stream.event_kinds import EVENT_KINDS, ITEM_EVENTS, is_text, kind_of, shows_tool
from chatkit_conformance.stream.model_answers import model_answer
from chatkit_conformance.target.target import Target
from chatkit_conformance.transcript import Event, Transcript
from chatkit_conformance.wire.schema import known
from tests.suites.build import restream, sent
from tests.suites.conversations import tool_create
from tests.suites.timed import quiet_turns

from .events import CASES, Case, delta, message
from .faces import CALLED_S, FACES, SPOKE_S, Timed

BY_NAME = {case.name: case for case in CASES}
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
FACE = pytest.mark.parametrize("face", FACES)
SOON_S, WORDS_S = 0.04, 0.05


@EACH
def test_the_table_says_what_is_expected(case: Case) -> None:
    """An event and its data get the same answer, the one written down by hand."""
    event = Event(index=0, at=0.0, raw="", data=case.data)
    assert (shows_tool(event), is_text(event)) == (case.shows, case.text)
    assert (shows_tool(case.data), is_text(case.data)) == (case.shows, case.text)


def test_every_row_of_the_table_is_asked_for() -> None:
    """No kind of the release is without a row, no row without an event here, and every row says why."""
    events = set(known("ThreadStreamEvent")) - ITEM_EVENTS - {"thread.item.updated"}
    items = {f"item {type}" for type in (*known("ThreadItem"), "hidden_context_item", "sdk_hidden_context")}
    updates = {f"update {type}" for type in known("ThreadItemUpdate")}
    assert events | items | updates == set(EVENT_KINDS)
    assert set(EVENT_KINDS) <= {kind_of(case.data) for case in CASES}
    assert all(row.why for row in EVENT_KINDS.values())


@FACE
@EACH
def test_every_face_sees_the_same_tool(case: Case, face: str) -> None:
    """What comes right after the model's call shows the tool in every face, or in none."""
    answer: list[Timed] = [(SPOKE_S + WORDS_S, delta("These are your tasks."))]
    read = FACES[face]([(CALLED_S + SOON_S, case.data), *answer], True)
    expected = SOON_S if case.shows else None
    assert read.tool_visible_s == (expected if expected is None else pytest.approx(expected, abs=1e-4))


@FACE
@EACH
def test_every_face_reads_the_same_first_words(case: Case, face: str) -> None:
    """What comes right after the model's first words is the first token in every face, or in none."""
    later: Timed = (SPOKE_S + 1.0, delta("These are your tasks."))
    read = FACES[face]([(SPOKE_S + WORDS_S, case.data), later], False)
    waited = WORDS_S if case.text else 1.0
    assert read.first_token_s == pytest.approx(SPOKE_S + waited, abs=1e-4)
    assert read.own_share_s == pytest.approx(0.1 + waited, abs=1e-4)


@FACE
def test_every_face_tells_the_same_share(face: str) -> None:
    """The server's own share is what it took before the model was asked and after the model's first words."""
    words: list[Timed] = [(SPOKE_S - 0.2, message("")), (SPOKE_S + 0.03, delta("These are"))]
    assert FACES[face](words, False).own_share_s == pytest.approx(0.1 + 0.03, abs=1e-4)


@FACE
@pytest.mark.parametrize("name", ["empty delta", "message that is begun empty", "delta that cannot be seen"])
def test_no_face_takes_an_empty_beginning_for_the_first_words(name: str, face: str) -> None:
    """A server that begins its answer at once, with nothing in it, has its first word when that can be read."""
    events: list[Timed] = [(0.02, BY_NAME[name].data), (3.7, delta("At last."))]
    assert FACES[face](events, False).first_token_s == pytest.approx(3.7, abs=1e-4)


@FACE
def test_no_face_takes_words_that_went_away_for_the_answer(face: str) -> None:
    """A placeholder that is removed, or is no part of the finished answer, is not its first words."""
    removed: Timed = (1.0, {"type": "thread.item.removed", "item_id": "i-assistant_message"})
    events: list[Timed] = [(0.02, message("One moment…")), removed, (3.7, message("At last.", "done"))]
    assert FACES[face](events, False).first_token_s == pytest.approx(3.7, abs=1e-4)
    assert FACES[face]([events[0], events[2]], False).first_token_s == pytest.approx(3.7, abs=1e-4)


@FACE
def test_no_face_takes_what_came_before_the_call_for_a_sign_of_it(face: str) -> None:
    """Progress that is sent before the model called its tool does not show that tool."""
    early: list[Timed] = [(CALLED_S - 0.1, {"type": "progress_update", "text": "Working"})]
    assert FACES[face]([*early, (SPOKE_S + 0.1, delta("These are your tasks."))], True).tool_visible_s is None


@EACH
@pytest.mark.parametrize("id", ["tools.visible", "tools.create-visible"])
def test_the_checks_of_tools_judge_by_the_same_table(case: Case, id: str) -> None:
    """A turn in which a tool ran passes where the one sign of it shows it, and fails where it does not."""
    exchange = "each_tool" if id == "tools.create-visible" else "tool_create"
    made = tool_create()
    # As in the cases: no words of the server's own.
    told = {c.n: sent(f"{model_answer(c).text} These are your tasks.") for c in made.calls if not model_answer(c).calls}
    calls = (replace(call, sent=told.get(call.n, call.sent)) for call in made.calls)
    right = replace(made, exchange=exchange, calls=tuple(calls))
    shown = restream(right, "create", lambda old: [*old[:2], case.data, *old[3:]])
    assert bool(list(CHECKS[id].judge(shown))) != case.shows


def test_sc_001_is_missed_by_who_begins_empty_and_speaks_late() -> None:
    """A saved transcript in which an empty delta came at once and the first word after 3.7 seconds is judged so."""
    t = Transcript.from_json(quiet_turns(words_s=3.7, first=[(0.05, message("")), (0.06, delta(""))]).to_json())
    check = CHECKS["latency.first-token"]
    result = judge(check, [t])
    assert (result.outcome, result.figure) == ("failed", 3.7)
    sc_001 = criteria_met([check_result(result, Target())], [check])[0]
    assert (sc_001.id, sc_001.outcome, sc_001.figure) == ("SC-001", "missed", 3.7)
