"""What a transcript is read for: which requests were in place, what a thread was read back as, which ids clash."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import pytest

from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.clashes import clashes
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.reread import rereads
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import CUT_EARLY, Call, Reply, Transcript

NOW = "2026-01-31T12:00:00Z"
SSE = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}
Data = dict[str, Any]


def item(id: str, text: str, kind: str = "assistant_message", thread: str = "t1") -> Data:
    """A message."""
    part = {"type": "input_text" if kind == "user_message" else "output_text", "text": text}
    return {"id": id, "thread_id": thread, "created_at": NOW, "type": kind, "content": [part]}


def thread(id: str = "t1", **more: Any) -> Data:
    """A thread without its items."""
    return {"id": id, "created_at": NOW, "status": {"type": "active"}, **more}


def stream(label: str, kind: str, params: Data, *events: Data, at: float, ended: float, **more: Any) -> Reply:
    """A stream whose events came a tenth of a second apart, from `at` on."""
    from chatkit_conformance.transcript import Event

    made = tuple(Event(index=n, at=at + n / 10, raw="", data=data) for n, data in enumerate(events))
    fields = {"status": 200, "headers": SSE, "events": made, "sent_at": at, "ended_at": ended, **more}
    return Reply(label=label, request={"type": kind, "params": params}, **fields)


def message(text: str, **more: Any) -> Data:
    """The user's input."""
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}, **more}


def ask(label: str, kind: str, params: Data, body: Any = None, *, at: float, status: int = 200, **more: Any) -> Reply:
    """A request that was answered with JSON."""
    fields = {"status": status, "headers": JSON, "body": body, "sent_at": at, "ended_at": at + 0.01, **more}
    return Reply(label=label, request={"type": kind, "params": params}, **fields)


def done(what: Data) -> Data:
    """thread.item.done."""
    return {"type": "thread.item.done", "item": what}


CREATED = {"type": "thread.created", "thread": thread()}
ASKED, SAID = item("u1", "Hello (ref zq0000000001)", "user_message"), item("a1", "Hi.")
FIRST = stream(
    "first",
    "threads.create",
    {"input": message("Hello (ref zq0000000001)")},
    CREATED,
    done(ASKED),
    done(SAID),
    at=1.0,
    ended=2.0,
)


def read(*items: Data, at: float = 3.0, **more: Any) -> Reply:
    """The thread, read back."""
    return ask(
        "read",
        "threads.get_by_id",
        {"thread_id": "t1"},
        {**thread(), "items": {"data": list(items), "has_more": False}, **more},
        at=at,
    )


def held(*replies: Reply, **notes: Any) -> Transcript:
    """A transcript."""
    return Transcript(exchange="x", replies=replies, notes=notes, ended_at=30.0)


GET = {"thread_id": "t1"}
WRONG = {
    "no request of ChatKit's": ask("x", "threads.get_by_id", {}, at=5.0),
    "as no client sends it": ask("x", "threads.get_by_id", GET, at=5.0, raw=True),
    "no user's credentials": ask("x", "threads.get_by_id", GET, at=5.0, user=""),
    "another user's": ask("x", "threads.get_by_id", GET, at=5.0, user="b"),
    "nothing is known": ask("x", "threads.get_by_id", {"thread_id": "t9"}, at=5.0, status=404),
    "a page of 500": ask("x", "items.list", {**GET, "limit": 500}, at=5.0, status=422),
    "title has 200": ask("x", "threads.update", {**GET, "title": "x" * 200}, at=5.0, status=400),
    "message has 5,000": ask(
        "x", "threads.add_user_message", {**GET, "input": message("x" * 5000)}, at=5.0, status=413
    ),
    "was sent before": ask(
        "x",
        "threads.add_user_message",
        {**GET, "input": message("Hello (ref zq0000000001)")},
        at=5.0,
        status=409,
    ),
    "a page of 0": ask("x", "items.list", {**GET, "limit": 0}, at=5.0),
    "named the cursor": ask("x", "items.list", {**GET, "after": "a1"}, at=5.0),
    "no message of the user's": ask("x", "threads.retry_after_item", {**GET, "item_id": "a1"}, at=5.0),
    "no call of a client tool": ask("x", "threads.add_client_tool_output", {**GET, "result": {}}, at=5.0),
    "asks nothing": ask(
        "x",
        "threads.add_structured_input",
        {**GET, "item_id": "a1", "input": {"status": "answered", "answers": {}}},
        at=5.0,
    ),
    "offers the action": ask("x", "threads.custom_action", {**GET, "item_id": "a1", "action": {"type": "x"}}, at=5.0),
    "none of the user's": ask("x", "threads.create", {"input": message("?", attachments=["f"])}, at=5.0),
    "none of Gemini's": ask("x", "threads.create", {"input": message("?", inference_options={"model": "gpt"})}, at=5.0),
}


@pytest.mark.parametrize("why", WRONG)
def test_what_no_right_client_sends_is_told(why: str) -> None:
    """A request that is out of place is told with its reason; the one before it is in place."""
    first, second = asked_in(held(FIRST, WRONG[why]))
    assert not first.wrong
    assert why in second.wrong


def test_what_comes_after_a_delete_a_lock_or_a_restart_is_out_of_place() -> None:
    """A thread that was deleted or locked takes nothing more; a server that we stopped is not blamed for it."""
    say = stream("say", "threads.add_user_message", {**GET, "input": message("?")}, at=6.0, ended=8.0)
    deleted = ask("delete", "threads.delete", GET, {}, at=5.0)
    locked = read(ASKED, SAID, status={"type": "locked"})
    assert "deleted before" in asked_in(held(FIRST, deleted, say))[-1].wrong
    assert "deleted meanwhile" in asked_in(held(FIRST, say, replace(deleted, sent_at=7.0)))[1].wrong
    assert "is locked" in asked_in(held(FIRST, locked, say))[-1].wrong
    assert "stopped by us" in asked_in(held(FIRST, say, restarts=[{"from": 7.0, "to": 9.0}]))[-1].wrong
    cut = replace(say, ended="left", trouble=f"{CUT_EARLY} 1.5 s")
    assert CUT_EARLY in asked_in(held(FIRST, cut, cut_after_s=20))[-1].wrong
    late = replace(say, ended="deadline", sent_at=15.0, ended_at=30.0)
    assert asked_in(held(FIRST, late, cut_after_s=20))[-1].wrong == ""
    assert not asked_in(held(FIRST, replace(late, sent_at=6.0), cut_after_s=20))[-1].wrong


def test_streams_of_one_thread_that_overlap_are_told() -> None:
    """Both of two streams that were open at the same time overlap; one after the other, neither does."""
    say = stream("say", "threads.add_user_message", {**GET, "input": message("?")}, at=1.5, ended=3.0)
    assert [a.overlaps for a in asked_in(held(FIRST, say))] == [True, True]
    assert [a.overlaps for a in asked_in(held(FIRST, replace(say, sent_at=2.5)))] == [False, False]


def test_a_reload_in_the_middle_of_an_answer_is_held_to_what_had_come() -> None:
    """Of a stream that is still open, a reload must show what was done by then, and may show more."""
    (early,) = rereads(held(FIRST, read(ASKED, at=1.15)))
    assert early.differences == ()
    (lost,) = rereads(held(FIRST, read(at=1.15)))
    assert [d.path for d in lost.differences] == ["items[u1]"]
    (ahead,) = rereads(held(FIRST, read(ASKED, SAID, at=1.15)))
    assert ahead.differences == ()
    (late,) = rereads(held(FIRST, read(ASKED)))
    assert [d.path for d in late.differences] == ["items[a1]"]


def test_pages_are_read_as_one() -> None:
    """The pages that a cursor leads to belong to the reload; without the last, what is missing is not told."""
    first = {"data": [ASKED], "has_more": True, "after": "u1"}
    begun = ask("read", "threads.get_by_id", GET, {**thread(), "items": first}, at=3.0)
    asks = {**GET, "after": "u1", "order": "asc"}
    more = ask("read-page-2", "items.list", asks, {"data": [SAID], "has_more": False}, at=3.1)
    (whole,) = rereads(held(FIRST, begun, more))
    assert (whole.ids, whole.complete, whole.differences) == (["u1", "a1"], True, ())
    (part,) = rereads(held(FIRST, begun))
    assert (part.complete, part.differences) == (False, ())


def test_a_title_that_was_set_is_expected_from_then_on() -> None:
    """After a rename a reload shows the new title; a stream that began before may still tell the old one."""
    rename = ask("rename", "threads.update", {**GET, "title": "Ferns"}, {**thread(), "title": "Ferns"}, at=2.5)
    (right,) = rereads(held(FIRST, rename, read(ASKED, SAID, title="Ferns")))
    (wrong,) = rereads(held(FIRST, rename, read(ASKED, SAID, title="Hello")))
    assert right.differences == ()
    assert [d.path for d in wrong.differences] == ["title"]


def test_a_title_whose_change_had_no_answer_may_be_either() -> None:
    """A rename that is never answered may have been carried out or not; one that was refused was not."""
    ferns = ask("ferns", "threads.update", {**GET, "title": "Ferns"}, {**thread(), "title": "Ferns"}, at=2.5)
    moss = ask("moss", "threads.update", {**GET, "title": "Moss"}, {**thread(), "title": "Moss"}, at=2.7)
    silent = replace(moss, status=0, body=None, ended="deadline")
    refused = replace(moss, status=404, body={"error": "no"})
    for title in ("Moss", "Ferns"):
        (either,) = rereads(held(FIRST, ferns, silent, read(ASKED, SAID, title=title)))
        assert either.differences == ()
    (wrong,) = rereads(held(FIRST, ferns, refused, read(ASKED, SAID, title="Moss")))
    assert [d.path for d in wrong.differences] == ["title"]


def test_a_retry_that_broke_before_it_began_may_have_removed_or_not() -> None:
    """What followed the message may be there or gone after a retry that ended in an error alone."""
    error = {"type": "error", "code": "custom", "message": "Busy."}
    retry = stream("retry", "threads.retry_after_item", {**GET, "item_id": "u1"}, error, at=4.0, ended=5.0)
    for items in ((ASKED,), (ASKED, SAID)):
        (found,) = rereads(held(FIRST, retry, read(*items, at=6.0)))
        assert found.differences == ()


def test_a_retry_may_take_along_the_answer_of_a_turn_beside_it() -> None:
    """Of two turns at once the earlier one's answer may stand behind the later one's message, or before it."""
    one, other = item("u2", "One.", "user_message"), item("u3", "Other.", "user_message")
    first = stream("one", "threads.add_user_message", {**GET, "input": message("One.")}, done(one), at=3.0, ended=3.9)
    beside = stream(
        "two", "threads.add_user_message", {**GET, "input": message("Other.")}, done(other), at=3.1, ended=4.0
    )
    answer = item("a2", "The answer to one.")
    first = replace(first, events=(*first.events, replace(first.events[0], index=1, at=3.05, data=done(answer))))
    retry = stream(
        "retry", "threads.retry_after_item", {**GET, "item_id": "u3"}, done(item("a3", "Anew.")), at=5.0, ended=5.5
    )
    kept, gone = (ASKED, SAID, one, answer, other, item("a3", "Anew.")), (ASKED, SAID, one, other, item("a3", "Anew."))
    for items in (kept, gone):
        (found,) = rereads(held(FIRST, first, beside, retry, read(*items, at=6.0)))
        assert found.differences == ()
    (before, _) = rereads(held(FIRST, first, beside, read(ASKED, SAID, one, other, at=4.5), retry, read(*gone, at=6.0)))
    assert [d.path for d in before.differences] == ["items[a2]"]


def test_a_second_retry_does_not_put_back_what_the_first_one_may_have_taken() -> None:
    """Between two retries, and after both, the answer of a turn beside the retried one may be there or gone."""
    one, other = item("u2", "One.", "user_message"), item("u3", "Other.", "user_message")
    first = stream("one", "threads.add_user_message", {**GET, "input": message("One.")}, done(one), at=3.0, ended=3.9)
    answer = replace(first.events[0], index=1, at=3.05, data=done(item("a2", "The answer to one.")))
    first = replace(first, events=(*first.events, answer))
    said = {**GET, "input": message("Other.")}
    beside = stream("two", "threads.add_user_message", said, done(other), at=3.1, ended=4.0)
    again = {**GET, "item_id": "u3"}
    retry = stream("retry", "threads.retry_after_item", again, done(item("a3", "Anew.")), at=5.0, ended=5.5)
    twice = stream("twice", "threads.retry_after_item", again, done(item("a4", "Once more.")), at=7.0, ended=7.5)
    between = read(ASKED, SAID, one, other, item("a3", "Anew."), at=6.0)
    after = read(ASKED, SAID, one, other, item("a4", "Once more."), at=8.0)
    for found in rereads(held(FIRST, first, beside, retry, between, twice, after)):
        assert found.differences == ()


def test_ids_clash_over_conversations_and_kinds_count_by_themselves() -> None:
    """An item's id in two conversations clashes, a thread made twice, too; one thread read twice does not."""
    one, other = held(FIRST, read(ASKED, SAID)), replace(held(FIRST), exchange="y")
    assert clashes([one]) == []
    assert {(row["kind"], row["id"]) for row in clashes([one, other])} == {
        ("item", "u1"),
        ("item", "a1"),
        ("thread", "t1"),
    }
    assert all(row["one_user"] for row in clashes([one, other]))


def test_a_turn_without_the_models_side_is_neither_broken_nor_sound() -> None:
    """Where the model was never asked, nothing is said of it."""
    (turn,) = turns_in(held(FIRST))
    assert (turn.nonce, turn.broken, turn.sound) == ("zq0000000001", "", False)


def test_calls_without_a_nonce_belong_to_the_one_turn_that_was_open() -> None:
    """A real model is given no script: what was asked while one answer alone was under way belongs to it."""
    one = stream("one", "threads.create", {"input": message("Hello.")}, at=1.0, ended=2.0)
    two = stream("two", "threads.create", {"input": message("And you.")}, at=1.8, ended=3.0)
    calls = tuple(Call(n=n, at=at) for n, at in enumerate((0.5, 1.5, 1.9, 2.5, 3.5)))
    made = [[call.at for call in turn.calls] for turn in turns_in(replace(held(one, two), calls=calls))]
    assert made == [[1.5], [2.5]]


def test_a_transcript_is_read_once_and_let_go() -> None:
    """A reader runs once for a transcript, however often it is asked, and keeps nothing of one that is gone."""
    seen: list[str] = []

    @once
    def reader(t: Transcript) -> str:
        seen.append(t.exchange)
        return t.exchange

    t = held(FIRST)
    assert [reader(t), reader(t), reader(held())] == ["x", "x", "x"]
    assert len(seen) == 2
    gone = weakref.ref(t)
    del t
    gc.collect()
    assert gone() is None
