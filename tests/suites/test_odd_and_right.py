"""What is odd and right is not accused: limits, a thread that goes on without its browser, other languages' words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS, NotJudged, Untestable
from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.judging.judge import judge
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.target.task_reading import claims_success
from chatkit_conformance.transcript import Call, Sent, Transcript
from tests.suites.breaks_situations import PARTIAL, broken_later
from tests.suites.build import (
    ERROR,
    Data,
    added,
    answer,
    called,
    create,
    delta,
    edit,
    events_of,
    nonce_of,
    noted,
    said,
    say,
    transcript,
)
from tests.suites.conversations import bad_requests
from tests.suites.conversations_requests import rate_limit
from tests.suites.conversations_together import two_tabs
from tests.suites.edits import items
from tests.suites.moved import BREAKS as MOVED
from tests.suites.moved import moved


def _left_behind(*, model_until: float) -> Transcript:
    """A browser leaves at 3; the next message, at 30, is refused with 409. `model_until`: when the model was done."""
    replies = [
        create("left", "Talk.", [added(said("a1", "")), delta("a1", "I was sa")], ended="left"),
        say("busy", "Are you there?", ()),
        say("whole", "And now?", answer("a9", "Yes.")),
    ]
    t = transcript("moves_01", replies, [called("left"), called("whole", n=1)])
    t = edit(t, "left", sent_at=1.0, ended_at=3.0)
    t = edit(t, "busy", status=409, headers={}, events=(), sent_at=30.0, ended_at=30.1)
    t = edit(t, "whole", sent_at=39.0, ended_at=41.0)
    return replace(t, calls=(replace(t.calls[0], at=2.0, finished_at=model_until), *t.calls[1:]))


@pytest.mark.parametrize(("model_until", "found"), [(29.0, 0), (3.5, 1)])
def test_a_thread_is_busy_while_the_model_still_answers_what_was_left(model_until: float, found: int) -> None:
    """409 is right while a turn goes on that its browser has left, and wrong long after the model has answered."""
    load_suites()
    assert len(judge(CHECKS["stream.turn-works"], [_left_behind(model_until=model_until)]).findings) == found


def test_what_a_limit_refused_breaches_nothing_else() -> None:
    """A reply of HTTP 429 is held against no promise but those of limits: it could not be tested."""
    load_suites()
    lost = judge(CHECKS["errors.survives-bad-requests"], [_refused(500)])
    limited = judge(CHECKS["errors.survives-bad-requests"], [_refused(429)])
    assert lost.outcome == "failed"
    assert (limited.outcome, "HTTP 429" in limited.reason) == ("untestable", True)


def _refused(status: int) -> Transcript:
    return edit(bad_requests(), "next", status=status, events=(), headers={}, text="")


def test_a_limit_beyond_what_is_sent_is_not_told() -> None:
    """Where more requests are allowed than were sent, in two minutes that meet, that none was refused says nothing."""
    load_suites()
    taken = edit(rate_limit(), "burst-3", status=200, body={"data": [], "has_more": False})
    check = CHECKS["security.rate-limit-429"]
    assert list(check.judge(noted(taken, limit=1)))
    for most in (2, 600):
        with pytest.raises(NotJudged, match=f"{most} are allowed"):
            list(check.judge(noted(taken, limit=most)))


@pytest.mark.parametrize(("after", "found"), [("20", 0), ("Sun, 06 Nov 2094 08:49:37 GMT", 0), ("soon", 1), ("", 1)])
def test_a_limit_may_name_a_date(after: str, found: int) -> None:
    """Retry-After is a number of seconds or a date, as RFC 9110 has it."""
    load_suites()
    t = edit(rate_limit(), "burst-3", headers={"retry-after": after})
    assert len(list(CHECKS["security.rate-limit-retry-after"].judge(t))) == found


@pytest.mark.parametrize(
    "id", ["tools.not-run-again", "gemini.calls-replayed-as-made", "gemini.rounds-kept", "gemini.signatures-replayed"]
)
def test_a_server_that_gives_its_model_no_tools_owes_nothing_of_them(id: str) -> None:
    """Where no request offers a tool, a call may end the turn; where one does, no evidence is no pass."""
    load_suites()
    call = Call(n=0, nonce="zq", at=1.0, body={"messages": [{"role": "user", "content": "Hello."}]})
    offered = replace(call, body={**call.body, "tools": [{"type": "function", "function": {"name": "add_task"}}]})
    for calls, kind in (((call,), NotJudged), ((offered,), Untestable)):
        with pytest.raises(Untestable) as why:
            list(CHECKS[id].judge(Transcript(exchange="three_turns", dialect="gemini-3", calls=calls)))
        assert type(why.value) is kind


def test_an_answer_that_is_given_up_for_a_newer_question_is_told_by_a_notice() -> None:
    """A turn that ends with a notice has told its user; one that ends in half a sentence without a word has not."""
    load_suites()
    check = CHECKS["persistence.concurrent-messages-answered"]
    half = [e for e in two_tabs().reply("first").events if e.type != "thread.item.done" or "u-" in e.raw]
    notice = events_of([{"type": "notice", "level": "info", "message": "I go on with your new question."}])
    assert list(check.judge(edit(two_tabs(), "first", events=tuple(half))))
    assert not list(check.judge(edit(two_tabs(), "first", events=(*half, *notice))))


def _completed(before: Data, after: Data) -> Transcript:
    """The conversation whose third turn completes the task, which the lists tell by a key of their own."""
    t = moved()
    rows = {"2-create-task": before, "3-use-tool": after}
    wanted = t.notes[EXPECTED]["2-create-task"]["tasks"][0]
    expected = dict(t.notes[EXPECTED])
    expected["3-use-tool"] = {**expected["3-use-tool"], "tasks": [{**wanted, "completed": True}]}

    def told(c: Call) -> Call:
        row = next((row for label, row in rows.items() if c.nonce == nonce_of(label)), None)
        messages = json.loads(json.dumps(c.body["messages"]))
        for message in (m for m in messages if m["role"] == "tool" and row is not None):
            message["content"] = json.dumps({"tasks": [{"id": "t1", "title": wanted["title"], **(row or {})}]})
        return replace(c, body={**c.body, "messages": messages})

    return noted(replace(t, calls=tuple(map(told, t.calls))), expected=expected)


@pytest.mark.parametrize(
    ("key", "before", "after", "tells"),
    [
        ("hecha", False, True, True),
        ("Terminée", "non", "oui", True),
        ("offen", True, False, True),
        ("erledigt_am", None, "2026-11-28T10:00:00Z", True),
        ("prioridad", "alta", "media", False),
        ("notas", None, "todo", False),
    ],
)
def test_what_tells_that_a_task_is_done_is_known_in_other_languages(
    key: str, before: object, after: object, tells: bool
) -> None:
    """By its name, as a yes or no, or as a moment; a text that changes is something else."""
    load_suites()
    found = CHECKS["tools.changes-nothing-else"].judge(_completed({key: before}, {key: after}))
    assert (not [f for f in found if f.reply == "3-use-tool"]) is tells


def test_success_is_read_through_what_only_wraps_a_result() -> None:
    """As Gemini's own API carries results: the answer inside counts, and only that of the whole."""
    assert claims_success('{"result": {"ok": true, "task": {"id": 1}}}') is True
    assert claims_success('{"result": {"ok": false, "why": "weg"}}') is False
    assert claims_success('{"id": 1, "step": {"ok": true, "n": 2}}') is None


@pytest.mark.parametrize(("fault", "found"), [("endless-text", 0), ("cut-in-chunk", 1)])
def test_an_answer_without_an_end_is_the_models_beyond_what_the_journal_kept(fault: str, found: int) -> None:
    """The journal keeps the beginning of endless words: what goes on after it is not invented."""
    load_suites()
    begun = broken_later(ERROR)
    stored = items(begun, "reload", lambda old: [*old, said("a9", f"{PARTIAL} And so on. And so on.")])
    calls = tuple(replace(call, fault=fault) if call.n == 1 else call for call in stored.calls)
    assert len(judge(CHECKS["errors.nothing-invented"], [replace(stored, calls=calls)]).findings) == found


@pytest.mark.parametrize(
    ("content", "shown", "found"), [(7, "7.", 0), (7, "seven.", 1), (True, "true.", 1), ({}, "{}.", 1)]
)
def test_a_number_in_the_place_of_words_is_what_the_model_said(content: object, shown: str, found: int) -> None:
    """Put behind other words it reads as it stands; what has no one spelling does not."""
    load_suites()
    broken = broken_later(ERROR)
    stored = items(broken, "reload", lambda old: [*old, said("a9", shown)])
    chunks = [{"choices": [{"index": 0, "delta": {"content": words}}]} for words in (content, ".")]
    sent = tuple(Sent(at=1.0, data=json.dumps(chunk)) for chunk in chunks)
    calls = tuple(replace(call, sent=(*call.sent, *sent)) if call.n == 1 else call for call in stored.calls)
    assert len(judge(CHECKS["errors.nothing-invented"], [replace(stored, calls=calls)]).findings) == found


def _nested(t: Transcript) -> Transcript:
    """The same, with the facts of each created task one level down in its call."""

    def told(c: Call) -> Call:
        messages = json.loads(json.dumps(c.body["messages"]))
        for made in (made for m in messages for made in m.get("tool_calls") or ()):
            if made["function"]["name"] == "create_task":
                made["function"]["arguments"] = json.dumps({"task": json.loads(made["function"]["arguments"])})
        return replace(c, body={**c.body, "messages": messages})

    return replace(t, calls=tuple(map(told, t.calls)))


def test_a_title_that_stands_deeper_in_a_call_is_found() -> None:
    """A created task is looked for in the list, wherever in the call its title stands."""
    load_suites()
    judged = CHECKS["tools.created-task-listed"].judge
    assert not list(judged(_nested(moved())))
    assert list(judged(_nested(MOVED["tools.created-task-listed"][0])))
