"""Turns that end otherwise than their users hoped."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import httpx

from .conftest import DEADLINE_S, Chat, calling, environment_for, events_of, started, user_input


def test_a_tool_that_the_model_made_up_is_told_to_the_model(chat: Chat) -> None:
    """A call to a tool that there is not gets a result that says so, and the turn goes on to its answer."""
    turn = chat.say("fly", {"calls": [calling("fly_to_the_moon")]}, {"text": "I cannot fly."})
    assert not turn.errors
    assert turn.text == "I cannot fly."
    results = [m["content"] for m in turn.calls()[-1]["body"]["messages"] if m["role"] == "tool"]
    assert len(results) == 1
    assert "fly_to_the_moon" in results[0]


def test_a_turn_that_takes_too_long_leaves_nothing_half_shown(upstream: str, tmp_path: Path) -> None:
    """At the turn's deadline an error comes, and every item that was begun is finished and stays."""
    environment = environment_for(tmp_path, upstream, TURN_TIMEOUT="1", GEMINI_TIMEOUT="20")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        chat = Chat(url=url, upstream=upstream, folder=tmp_path, user="late")
        stalled = {"text": "Some words, then nothing.", "chunk_chars": 6, "fault": {"kind": "stall", "after": 2}}
        turn = chat.say("slow", {"calls": [calling("complete_all_tasks", confirm=True)]}, stalled)
        assert [error["allow_retry"] for error in turn.errors] == [True]
        begun = {e["item"]["id"] for e in turn.events if e["type"] == "thread.item.added"}
        assert begun
        assert begun <= {item["id"] for item in turn.done()}
        assert chat.items(turn.thread) == turn.done()


def test_being_stopped_keeps_what_was_said(upstream: str, tmp_path: Path) -> None:
    """SIGTERM in mid-answer ends the stream with an error, and the next start shows the words that were seen."""
    environment = environment_for(tmp_path, upstream, GEMINI_TIMEOUT="20")
    with started("reference_server", "--port", "0", environment=environment) as (url, process):
        chat = Chat(url=url, upstream=upstream, folder=tmp_path, user="cut short")
        nonce = chat.script(
            {"text": "The first words, then.", "chunk_chars": 10, "fault": {"kind": "stall", "after": 2}}
        )
        body = {"type": "threads.create", "params": {"input": user_input(f"talk (ref {nonce})")}}
        seen: list[dict[str, Any]] = []
        heard = threading.Event()

        def listen() -> None:
            with httpx.stream("POST", f"{url}/chatkit", json=body, headers=chat.headers, timeout=DEADLINE_S) as answer:
                for line in answer.iter_lines():
                    seen.extend(events_of(line))
                    if "The first" in json.dumps(seen):
                        heard.set()

        listening = threading.Thread(target=listen)
        listening.start()
        assert heard.wait(DEADLINE_S)
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
        listening.join(DEADLINE_S)
    assert seen[-1]["type"] == "error"
    thread = next(e["thread"]["id"] for e in seen if e["type"] == "thread.created")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        again = Chat(url=url, upstream=upstream, folder=tmp_path, user="cut short")
        last = again.items(thread)[-1]
    assert last["type"] == "assistant_message"
    assert last["content"][0]["text"].startswith("The first")


def test_a_thread_deleted_in_mid_answer_stays_deleted(chat: Chat) -> None:
    """The running turn ends, its call to Gemini is given up, and nothing brings the thread back."""
    first = chat.say("begin", {"text": "Begun."})
    nonce = chat.script({"text": "Words, then silence.", "chunk_chars": 8, "fault": {"kind": "stall", "after": 1}})
    asked = threading.Thread(
        target=chat.as_user(chat.user).stream,
        args=("threads.add_user_message",),
        kwargs={"thread_id": first.thread, "input": user_input(f"talk (ref {nonce})")},
    )
    asked.start()
    chat.http.get(f"{chat.upstream}/_standin/journal", params={"nonce": nonce, "calls": 1, "timeout": 5})
    assert chat.ask("threads.delete", thread_id=first.thread).status_code == 200
    asked.join(DEADLINE_S)
    assert not asked.is_alive()
    (call,) = chat.calls(nonce)
    assert call["gone_at"] is not None
    assert chat.ask("threads.get_by_id", thread_id=first.thread).status_code == 404
