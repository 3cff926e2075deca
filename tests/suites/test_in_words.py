"""What each check needs of the model, held against what it does without: no script, or the browser's side alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS, MODEL_NEEDS, Check, NotJudged
from chatkit_conformance.exchange import EXCHANGES
from chatkit_conformance.transcript import IN_WORDS, Reply, Transcript
from tests.suites.build import answer, recall, say
from tests.suites.conversations import client_leaves, three_turns
from tests.suites.edits import HTML
from tests.suites.in_words import asked_for_tasks, failed_once, forgetful, in_words, unseen
from tests.suites.test_checks import BREAKS, SOUND, judged

ASKED = sorted(name for name, exchange in EXCHANGES.items() if exchange.asks is not None)
TOLD = ("persistence.earlier-fact-known", "tools.created-task-listed-later", "tools.deleted-task-unlisted-later")
"""Checks that look at the model's side where it is seen, and else ask whether the model told a thing."""

BROWSERS = sorted(id for id, check in CHECKS.items() if not {*check.needs} & {*MODEL_NEEDS} and id not in TOLD)


def _sound(check: Check) -> list[Transcript]:
    return [t for name, t in SOUND.items() if check.judges(name)]


@pytest.mark.parametrize("id", BROWSERS)
def test_a_check_that_names_no_need_is_judged_by_the_browsers_side(id: str) -> None:
    """Without the model's side it still passes what is right, and finds at least one of the breaks."""
    check = CHECKS[id]
    assert any(judged(check, unseen(t)) == [] for t in _sound(check))
    assert any(judged(check, unseen(t)) for t in BREAKS[id])


@pytest.mark.parametrize("id", sorted(id for id, check in CHECKS.items() if "model" in check.needs))
def test_a_check_that_needs_the_models_side_cannot_do_without(id: str) -> None:
    """Without it, it passes nothing, or finds none of the breaks: else by URL it would be left out for nothing."""
    check = CHECKS[id]
    passes = any(judged(check, unseen(t)) == [] for t in _sound(check))
    assert not (passes and any(judged(check, unseen(t)) for t in BREAKS[id]))


@pytest.mark.parametrize("id", BROWSERS)
def test_no_verdict_hangs_on_the_words_of_a_model_that_chooses_them(id: str) -> None:
    """In every conversation that is asked in words, the same answers in other words are judged alike."""
    check = CHECKS[id]
    for name in ASKED:
        if check.judges(name) and name in SOUND:
            assert judged(check, in_words(SOUND[name])) == judged(check, unseen(SOUND[name])), name


@pytest.mark.parametrize("id", sorted(id for id, check in CHECKS.items() if "script" in check.needs))
def test_a_check_that_needs_the_script_cannot_do_without(id: str) -> None:
    """Where a model answers in other words, it finds in a sound conversation what is no fault."""
    check = CHECKS[id]
    held = [SOUND[name] for name in ASKED if check.judges(name) and name in SOUND]
    assert any(judged(check, in_words(t)) for t in held)


def test_a_fact_told_in_any_words_is_known() -> None:
    """Each answer that names the fact passes; a model that repeats nothing at all proves nothing."""
    check = CHECKS["persistence.earlier-fact-known"]
    told = {"turn-1": "OK.", "turn-2": "Isn't it called Quillfeather?", "turn-3": "I talk about tasks only."}
    assert judged(check, forgetful(told)) == []
    assert judged(check, forgetful({**told, "turn-2": "I talk about tasks only."})) is None


def test_a_turn_that_failed_once_is_judged_by_the_next_try() -> None:
    """An error that a model unseen may have caused is no finding, unless it comes each time."""
    check = CHECKS["stream.turn-works"]
    whole = three_turns()
    once = replace(whole, replies=tuple(_crashed(r) if r.label == "turn-2" else r for r in whole.replies))
    fine = say("turn-2-again-1", "Please do this once more.", answer("b2", "Her name is Quillfeather."))
    assert judged(check, unseen(failed_once(once, "turn-2", fine))) == []
    assert judged(check, unseen(failed_once(once, "turn-2", _crashed(fine))))
    assert judged(CHECKS["persistence.second-turn-works"], unseen(failed_once(once, "turn-2", fine))) == []


@pytest.mark.parametrize(("finished_at", "told"), [(4.9, False), (6.5, False), (7.5, True)])
def test_a_model_that_ends_by_itself_in_time_leaves_nothing_to_cancel(finished_at: float, told: bool) -> None:
    """A real model may end its answer within the two seconds in which a server has to stop it (it left at 5.0)."""
    check = CHECKS["gemini.call-cancelled-on-disconnect"]
    left = recall(client_leaves(), lambda call: replace(call, gone_at=None, finished_at=finished_at))
    by_a_real_model = replace(left, notes={**left.notes, IN_WORDS: True})
    if told:
        assert judged(check, by_a_real_model)
    else:
        assert judged(check, left) is None
        with pytest.raises(NotJudged):
            list(check.judge(by_a_real_model))


def _crashed(r: Reply) -> Reply:
    return replace(r, status=500, headers=HTML, events=(), text="Internal Server Error")


def test_a_task_that_a_widget_lists_is_told() -> None:
    """A model may well say no more than that the list is shown."""
    check = CHECKS["tools.created-task-listed-later"]
    assert judged(check, asked_for_tasks(listed=True)) == []
    assert judged(check, asked_for_tasks(listed=False)) is None
    assert judged(check, asked_for_tasks(listed=False, made_shown=True))


def test_a_task_that_nobody_deleted_is_no_finding() -> None:
    """Where a model only looked the task up, the server is not to blame; where it says so, nothing is shown."""
    check = CHECKS["tools.deleted-task-unlisted-later"]
    assert judged(check, asked_for_tasks(after=False)) == []
    with pytest.raises(NotJudged):
        list(check.judge(asked_for_tasks(after=True)))
    assert judged(check, asked_for_tasks(after=True, said="I have deleted it.")) is None
    assert judged(check, asked_for_tasks(after=True, said="I have deleted it.", card=True))
