"""Each check on conversations made by hand: it fails each that breaks its requirement and passes each that is right."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chatkit_conformance.check import CHECKS, MUST, Check, Finding, Untestable
from chatkit_conformance.exchange import EXCHANGES
from chatkit_conformance.judging.catalogue import PACKAGE, load_suites
from chatkit_conformance.transcript import Transcript
from tests.suites import (
    approvals,
    breaks_again,
    breaks_beside,
    breaks_boundaries,
    breaks_choices,
    breaks_endless,
    breaks_errors,
    breaks_faults,
    breaks_files,
    breaks_filtered,
    breaks_first_thread,
    breaks_gemini,
    breaks_grammar,
    breaks_history,
    breaks_latency,
    breaks_listed,
    breaks_one_order,
    breaks_paged,
    breaks_persistence,
    breaks_pictures,
    breaks_pressed,
    breaks_protocol,
    breaks_requests,
    breaks_rounds,
    breaks_scenes,
    breaks_scope,
    breaks_shows,
    breaks_situations,
    breaks_slips,
    breaks_stream,
    breaks_together,
    breaks_tools,
    breaks_trials,
    breaks_updated,
    breaks_usual,
    breaks_waiting,
    breaks_wrong_asks,
    foreign_requests,
    handoffs_and_guards,
    in_words,
    moved,
    other_agents,
)
from tests.suites.conversations import sound
from tests.suites.conversations_boundaries import boundaries
from tests.suites.conversations_requests import requested
from tests.suites.conversations_restart import older_thread, restart
from tests.suites.conversations_together import together
from tests.suites.harmless import HARMLESS
from tests.suites.harmless_more import HARMLESS_MORE
from tests.suites.near_misses import near_misses
from tests.suites.near_misses_requests import odd_requests
from tests.suites.scope import scopes
from tests.suites.shows import shows
from tests.suites.trials import trials

load_suites()

GENERATED = f"{PACKAGE}.exchanges.moves"
"""Conversations that are drawn, and judged by invariants alone: one by hand stands for them all."""

ALLOWED = {**HARMLESS, **HARMLESS_MORE}

BREAKS: Mapping[str, list[Transcript]] = {
    **approvals.BREAKS,
    **breaks_boundaries.BREAKS,
    **breaks_choices.BREAKS,
    **breaks_endless.BREAKS,
    **breaks_stream.BREAKS,
    **breaks_situations.BREAKS,
    **breaks_slips.BREAKS,
    **breaks_grammar.BREAKS,
    **breaks_history.BREAKS,
    **breaks_paged.BREAKS,
    **breaks_persistence.BREAKS,
    **breaks_pictures.BREAKS,
    **breaks_pressed.BREAKS,
    **breaks_waiting.BREAKS,
    **breaks_protocol.BREAKS,
    **breaks_requests.BREAKS,
    **breaks_rounds.BREAKS,
    **breaks_scope.BREAKS,
    **breaks_shows.BREAKS,
    **breaks_together.BREAKS,
    **breaks_errors.BREAKS,
    **breaks_faults.BREAKS,
    **breaks_files.BREAKS,
    **breaks_filtered.BREAKS,
    **breaks_tools.BREAKS,
    **breaks_updated.BREAKS,
    **breaks_trials.BREAKS,
    **breaks_gemini.BREAKS,
    **moved.BREAKS,
    **other_agents.BREAKS,
    **breaks_latency.BREAKS,
    **breaks_usual.BREAKS,
    **breaks_beside.BREAKS,
    **breaks_listed.BREAKS,
    **breaks_wrong_asks.BREAKS,
    **breaks_one_order.BREAKS,
    **breaks_scenes.BREAKS,
    **breaks_first_thread.BREAKS,
    **breaks_again.BREAKS,
    **foreign_requests.BREAKS,
    **handoffs_and_guards.BREAKS,
    **in_words.BREAKS,
}
SOUND = {
    t.exchange: t
    for t in (
        *sound(),
        restart(),
        older_thread(),
        *breaks_history.sound_histories(),
        *breaks_situations.sound_situations(),
        *breaks_choices.sound_choices(),
        *breaks_endless.sound_ends(),
        *breaks_files.sound_files(),
        *breaks_slips.sound_slips(),
        *requested(),
        *together(),
        *boundaries(),
        *trials(),
        *shows(),
        *scopes(),
        moved.moved(),
        breaks_updated.updated(),
        breaks_usual.usual_turns(),
        breaks_beside.beside_answer(),
        *breaks_wrong_asks.sound_asks(),
        *breaks_paged.sound_lists(),
        *breaks_persistence.sound_restarts(),
        *breaks_pictures.sound_pictures(),
        *breaks_pressed.sound_pressed(),
        *breaks_waiting.sound_waiting(),
        *breaks_rounds.sound_rounds(),
        *breaks_scenes.sound_scenes(),
        breaks_one_order.crowd(),
        breaks_first_thread.first_thread_again(),
        breaks_first_thread.restarted(),
        breaks_first_thread.held_again(),
        *breaks_again.sound_again(),
        *foreign_requests.sound_foreign(),
        *approvals.sound_approvals(),
        *other_agents.sound_agents(),
        *handoffs_and_guards.sound_turns(),
        in_words.listed_tasks(),
    )
}

ODD = (
    *near_misses(),
    *odd_requests(),
    *breaks_history.odd_histories(),
    *breaks_situations.odd_situations(),
    *breaks_choices.odd_choices(),
    *breaks_endless.odd_ends(),
    *breaks_files.odd_files(),
    *breaks_filtered.odd_filters(),
    *breaks_slips.odd_slips(),
    *breaks_updated.odd_updates(),
    *breaks_usual.odd_turns(),
    *breaks_beside.odd_beside(),
    *breaks_listed.odd_lists(),
    *breaks_wrong_asks.odd_asks(),
    *breaks_paged.odd_lists(),
    *breaks_pictures.odd_pictures(),
    *breaks_pressed.odd_pressed(),
    *breaks_waiting.odd_waiting(),
    *breaks_scenes.odd_scenes(),
    *breaks_first_thread.odd_streams(),
    *breaks_again.odd_again(),
    *foreign_requests.odd_foreign(),
    *approvals.odd_approvals(),
    *other_agents.odd_agents(),
    *handoffs_and_guards.odd_turns(),
)


def judged(check: Check, t: Transcript) -> list[Finding] | None:
    """The findings, or None where the check could not be tested."""
    try:
        return list(check.judge(t))
    except Untestable:
        return None


def test_every_check_has_a_conversation_that_it_must_fail() -> None:
    """The table of breaks names every check there is, and no other."""
    assert sorted(CHECKS) == sorted(BREAKS)


@pytest.mark.parametrize("id", sorted(BREAKS))
def test_a_check_fails_what_breaks_its_requirement(id: str) -> None:
    """Each broken conversation gives a finding that says what was expected and what was there."""
    for n, t in enumerate(BREAKS[id]):
        assert CHECKS[id].judges(t.exchange)
        found = judged(CHECKS[id], t)
        assert found, f"break {n} of {id} gave {'nothing' if found == [] else 'untestable'}"
        assert all(f.expected.strip() and f.got.strip() for f in found)


@pytest.mark.parametrize("id", sorted(CHECKS))
def test_a_check_passes_what_is_right(id: str) -> None:
    """No sound conversation gives a finding, and at least one can be judged."""
    results = {name: judged(CHECKS[id], SOUND[name]) for name in SOUND if CHECKS[id].judges(name)}
    assert {name: found for name, found in results.items() if found} == {}
    assert any(found == [] for found in results.values()), f"nothing sound could be judged by {id}: {results}"


@pytest.mark.parametrize("id", sorted(CHECKS))
def test_a_must_allows_what_is_odd_and_right(id: str) -> None:
    """No near miss gives a finding of a MUST."""
    if CHECKS[id].level == MUST:
        for t in ODD:
            if CHECKS[id].judges(t.exchange):
                assert not judged(CHECKS[id], t), t.notes


@pytest.mark.parametrize("what", ALLOWED)
def test_a_must_is_left_alone_by_what_no_client_notices(what: str) -> None:
    """A sound conversation stays without a finding where the wire differs as right servers differ."""
    made = [(name, ALLOWED[what](t)) for name, t in SOUND.items()]
    assert any(t != SOUND[name] for name, t in made), "it changes nothing"
    wrong = {
        f"{check.id} in {name}": found
        for check in CHECKS.values()
        for name, t in made
        if check.level == MUST and check.judges(name) and (found := judged(check, t))
    }
    assert wrong == {}


@pytest.mark.parametrize("id", sorted(CHECKS))
def test_a_check_is_untestable_without_evidence(id: str) -> None:
    """An exchange in which nothing was said is never a pass, and never a crash of the check."""
    check = CHECKS[id]
    empty = Transcript(exchange=check.on[0])
    found = judged(check, empty)
    assert found is None, f"{id} gave {found} for an empty transcript"


def test_a_sound_conversation_exists_for_every_exchange() -> None:
    """Each exchange has a hand-made transcript, or the check's unit tests would miss what it holds."""
    generated = {name for name, exchange in EXCHANGES.items() if exchange.module == GENERATED}
    assert sorted({*EXCHANGES, "whole_run"} - set(SOUND) - generated) == []


def test_a_check_says_where_it_comes_from_and_what_to_do() -> None:
    """Clause, cause and fix are there and are sentences, not words."""
    for check in CHECKS.values():
        for field in (check.clause, check.cause, check.fix, check.requirement):
            assert len(field.split()) >= 3, (check.id, field)
