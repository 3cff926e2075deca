"""Turns that go well."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from .conftest import Chat, calling, events_of, user_input


def test_an_answer_is_streamed_and_stays(chat: Chat) -> None:
    """What the stream built is what a reload shows, and the deltas add up to the finished text."""
    turn = chat.say("hello", {"text": "A text that comes in more than one piece. " * 4, "gap_s": 0.05})
    updates = [e["update"] for e in turn.events if e["type"] == "thread.item.updated"]
    deltas = [u["delta"] for u in updates if u["type"].endswith("text_delta")]
    assert len(deltas) > 1
    assert "".join(deltas) == turn.text
    assert chat.items(turn.thread) == turn.done()


def test_later_turns_know_what_was_said(chat: Chat) -> None:
    """The third turn's request carries both earlier questions and answers as plain strings."""
    first = chat.say("My dog is Rex.", {"text": "Noted."})
    chat.say("And my cat is Tom.", {"text": "Noted too."}, thread=first.thread)
    third = chat.say("Who is Rex?", {"text": "Your dog."}, thread=first.thread)
    said = [(m["role"], m["content"].split(" (ref")[0]) for m in third.calls()[-1]["body"]["messages"][1:]]
    assert said == [
        ("user", "My dog is Rex."),
        ("assistant", "Noted."),
        ("user", "And my cat is Tom."),
        ("assistant", "Noted too."),
        ("user", "Who is Rex?"),
    ]


def test_the_first_message_names_the_thread(chat: Chat) -> None:
    """A title reaches the stream and the list after the first turn, with no request to the model of its own."""
    turn = chat.say("Plan my week", {"text": "Gladly."})
    updated = [e["thread"]["title"] for e in turn.events if e["type"] == "thread.updated"]
    assert updated
    assert updated[-1].startswith("Plan my week")
    assert chat.ask("threads.list").json()["data"][0]["title"] == updated[-1]
    assert len(turn.calls()) == 1


def test_a_title_given_by_the_user_is_kept(chat: Chat) -> None:
    """A later turn does not rename the thread."""
    turn = chat.say("hello", {"text": "Hi."})
    chat.ask("threads.update", thread_id=turn.thread, title="Mine")
    chat.say("again", {"text": "Hi again."}, thread=turn.thread)
    assert chat.ask("threads.get_by_id", thread_id=turn.thread).json()["title"] == "Mine"


def test_nothing_of_openai_reaches_gemini(chat: Chat) -> None:
    """No organization or project header and no field that Gemini refuses is sent; tokens are asked for."""
    call = chat.say("hello", {"text": "Hi."}).calls()[0]
    assert not {name for name in call["headers"] if name.lower() in ("openai-organization", "openai-project")}
    assert set(call["body"]) <= {"model", "messages", "stream", "stream_options", "tools"}
    assert call["body"]["stream_options"] == {"include_usage": True}
    assert "strict" not in json.dumps(call["body"]["tools"])


def test_two_messages_at_once_are_both_answered_whole(chat: Chat) -> None:
    """A message that comes in the middle of an answer waits: question and answer stay together."""
    first = chat.say("begin", {"text": "Begun."})
    slow = chat.script({"text": "The slow answer.", "hold": {"after": 1, "gate": "two-at-once", "max_s": 10}})
    quick = chat.script({"text": "The quick answer."})
    asked = [
        threading.Thread(
            target=chat.stream,
            args=("threads.add_user_message",),
            kwargs={"thread_id": first.thread, "input": user_input(f"ask (ref {nonce})")},
        )
        for nonce in (slow, quick)
    ]
    asked[0].start()
    chat.http.get(f"{chat.upstream}/_standin/journal", params={"nonce": slow, "calls": 1, "timeout": 5})
    asked[1].start()
    chat.http.post(f"{chat.upstream}/_standin/gates/two-at-once")
    for thread in asked:
        thread.join(60)
    kinds = [item["type"] for item in chat.items(first.thread)]
    assert kinds == ["user_message", "assistant_message"] * 3


def test_a_lost_client_ends_the_call_and_keeps_what_was_seen(chat: Chat) -> None:
    """After the browser leaves, Gemini's stream is given up within a second and the partial answer is stored."""
    first = chat.say("begin", {"text": "Begun."})
    nonce = chat.script(
        {"text": "The first words, then silence.", "chunk_chars": 10, "fault": {"kind": "stall", "after": 2}}
    )
    body = {
        "type": "threads.add_user_message",
        "params": {"thread_id": first.thread, "input": user_input(f"talk (ref {nonce})")},
    }
    with httpx.stream("POST", f"{chat.url}/chatkit", json=body, headers=chat.headers, timeout=60) as answer:
        seen = ""
        for line in answer.iter_lines():
            for event in events_of(line):
                seen += event.get("update", {}).get("delta", "")
            if len(seen) > 9:
                break
    (call,) = chat.calls(nonce)
    assert call["gone_at"] is not None
    items = chat.items(first.thread)
    assert items[-1]["type"] == "assistant_message"
    assert items[-1]["content"][0]["text"].startswith(seen[:10])


def test_retrying_replaces_the_answer(chat: Chat) -> None:
    """After a retry one answer remains."""
    turn = chat.say("hello", {"attempts": [{"text": "First."}, {"text": "Second."}]})
    message = turn.done("user_message")[0]["id"]
    chat.stream("threads.retry_after_item", thread_id=turn.thread, item_id=message)
    assert [i["content"][0]["text"] for i in chat.items(turn.thread) if i["type"] == "assistant_message"] == ["Second."]


@pytest.mark.parametrize("profile", ["gemini-3", "gemini-2.5", "gemini-2.0", "gemini-2.5-pro-2025"])
def test_side_by_side_calls_of_every_dialect(chat: Chat, profile: str) -> None:
    """Two calls to one tool in one answer both run, whether or not Gemini gave them an index or an id."""
    calls = [calling("create_task", title="Milk"), calling("create_task", title="Bread")]
    turn = chat.say("two", {"calls": calls}, {"text": "Both done."}, profile=profile)
    assert {result["task"]["title"] for result in turn.results()} == {"Milk", "Bread"}
    assert [i["type"] for i in turn.done()] == ["user_message", "widget", "widget", "assistant_message"]
    assert not turn.errors


def test_a_conversation_goes_on_when_a_file_of_it_is_deleted(chat: Chat) -> None:
    """The next turn is answered, and the model is told of the file by its name."""
    made = chat.ask("attachments.create", name="ferns.txt", size=5, mime_type="text/plain").json()
    upload = made["upload_descriptor"]
    chat.http.request(upload["method"], upload["url"], content=b"shade", headers={**chat.headers, **upload["headers"]})
    turn = chat.say("look", {"text": "Ferns like shade."}, attachments=[made["id"]])
    assert chat.ask("attachments.delete", attachment_id=made["id"]).status_code == 200
    later = chat.say("And moss?", {"text": "Moss, too."}, thread=turn.thread)
    assert later.text == "Moss, too."
    assert "ferns.txt, text/plain, which was deleted" in str(later.calls()[0]["body"]["messages"])
