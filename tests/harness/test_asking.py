"""What a run asks of a model that plays no script: within a budget, told before, and of nobody else's by mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatkit_conformance.check import NotJudged
from chatkit_conformance.judging.catalogue import checks, exchanges
from chatkit_conformance.running.asking import ALL_TASKS, FIRST_LOOK, ONE_USER, Asking, affordable
from chatkit_conformance.running.in_words import InWords, in_words
from chatkit_conformance.running.settings import Settings, target_of
from chatkit_conformance.script import calls, fault, reply
from chatkit_conformance.target.config_error import ConfigError
from chatkit_conformance.target.own_machine import strange_host
from chatkit_conformance.transcript import Event, Reply, Transcript

URL = "http://127.0.0.1:9/chatkit"


@pytest.mark.parametrize("most", [4, 10, 30, 60, 500])
def test_what_is_planned_is_within_the_budget(most: int) -> None:
    """Whatever the budget, the conversations that are held fit into it, and the others say why they are left out."""
    planned, left_out = affordable(exchanges(), checks(), lacking=("script", "model"), most=most, two_users=True)
    held = [exchange for name, exchange in exchanges().items() if name not in left_out]
    assert planned == FIRST_LOOK + sum(exchange.asks or 0 for exchange in held) <= most
    assert all(exchange.asks is not None for exchange in held)
    assert all(left_out.values())


def test_with_one_user_what_needs_two_costs_nothing() -> None:
    """Conversations of two users are left out, for one and the same reason."""
    _, left_out = affordable(exchanges(), checks(), lacking=("script", "model"), most=60, two_users=False)
    assert {name for name, why in left_out.items() if why == ONE_USER} >= {"strangers", "foreign_attachments"}


def test_a_scripted_model_is_asked_nothing() -> None:
    """Only where the model is out of reach is there anything to pay for."""
    assert Settings(target=target_of(url=URL, standin_port=9001)).asking(checks()) is None
    assert Settings(target=target_of(url=URL), budget=7).asking(checks()).most == 7  # type: ignore[union-attr]  # it is there


def test_the_model_is_asked_again_only_within_the_budget() -> None:
    """Each time is counted, and there is no more than what the plan leaves."""
    asking = Asking(most=10, planned=8)
    assert [asking.again() for _ in range(4)] == [True, True, False, False]
    assert "2 of them again" in asking.spent()


async def test_no_more_messages_are_sent_than_the_stated_rate() -> None:
    """At 6,000 a minute, the eleventh message waits for a tenth of a second."""
    import time

    asking, began = Asking(per_minute=6000), time.monotonic()
    for _ in range(11):
        await asking.wait()
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (reply("Green."), "Answer with exactly: Green."),
        (reply("x" * 500), "Answer in one short sentence."),
        (reply("One of many.", words="Count to ten."), "Count to ten."),
        (reply("It is Rex.", tells="Rex"), "Answer in one short sentence."),
        ({"attempts": [reply("First."), reply("Second.")]}, "Answer with exactly: First."),
    ],
)
def test_what_a_turn_wants_is_said_in_words(step: dict[str, Any], words: str) -> None:
    """The words never tell what the model has to know by itself."""
    assert in_words(step) == words


def test_a_call_is_asked_for_by_what_it_does() -> None:
    """A user names the task, not the tool."""
    director = InWords(Asking())
    made = director.wish("create", {"title": "Buy milk", "priority": "high"})
    assert in_words(calls(made or {})) == 'Create a task called "Buy milk".'
    with pytest.raises(NotJudged):
        director.wish("client_tools", {})


def test_what_changes_all_tasks_is_asked_only_of_a_server_that_the_run_starts() -> None:
    """Somebody's own server keeps its tasks, whatever the budget."""
    rest = {"lacking": ("script",), "most": 500, "two_users": True}
    _, strange = affordable(exchanges(), checks(), started=False, **rest)  # type: ignore[arg-type]  # as named above
    _, own = affordable(exchanges(), checks(), started=True, **rest)  # type: ignore[arg-type]  # as named above
    assert strange["bulk_trials"] == ALL_TASKS
    assert "bulk_trials" not in own


def test_an_invariant_alone_has_a_conversation_held_for_it() -> None:
    """What holds in every conversation is judged in one at least, where nothing else is selected."""
    wanted = [check for check in checks() if check.id in ("stream.ends-closed", "gemini.streams")]
    planned, _ = affordable(exchanges(), wanted, lacking=("script",), most=60, two_users=True)
    assert planned > FIRST_LOOK


def test_a_fault_cannot_be_asked_for() -> None:
    """What needs a model that breaks is not judged, and says so."""
    with pytest.raises(NotJudged):
        in_words(fault("cut", after=2))


ASKED = {
    "type": "threads.create",
    "params": {"input": {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}},
}


def _answered(text: str) -> Reply:
    item = {"type": "assistant_message", "id": "a", "content": [{"type": "output_text", "text": text}]}
    data = {"type": "thread.item.done", "item": item}
    event = Event(index=0, at=1.0, raw=json.dumps(data), data=data)
    return Reply(
        label="turn", request=ASKED, status=200, headers={"content-type": "text/event-stream"}, events=(event,)
    )


async def test_an_answer_that_tells_it_lacks_nothing() -> None:
    """The fact counts in any spelling; an error lacks everything, and a refusal of what was wrong lacks nothing."""
    director = InWords(Asking(per_minute=60_000))
    await director.put_script("zq0123456789", [reply("It is Rex.", tells="Rex")], None)

    def missing(r: Reply) -> str:
        return director.missing("zq0123456789", Transcript(exchange="x", replies=(r,)))

    assert missing(_answered("That would be REX!")) == ""
    assert "Rex" in missing(_answered("I cannot tell."))
    assert "HTTP 500" in missing(replace(_answered(""), status=500, events=(), headers={}))
    assert missing(replace(_answered("I cannot tell."), user="")) == ""


@pytest.mark.parametrize(
    ("url", "named", "strange"),
    [
        ("http://127.0.0.1:8000/chatkit", None, ""),
        ("http://localhost/chatkit", None, ""),
        ("https://staging.example.com/chatkit", None, "staging.example.com"),
        ("https://staging.example.com/chatkit", "example.com", "staging.example.com"),
        ("https://staging.example.com/chatkit", "staging.example.com", ""),
        ("http://127.0.0.1.example.com/chatkit", None, "127.0.0.1.example.com"),
    ],
)
def test_a_host_elsewhere_is_named_twice(url: str, named: str | None, strange: str) -> None:
    """Only this machine is asked without its host being named once more."""
    assert strange_host(url, [named]) == strange


def test_a_run_refuses_a_host_that_was_named_once(cli: Callable[..., Any]) -> None:
    """Nothing is sent, and the message says what to type."""
    ran = cli("run", "--url", "https://staging.example.com/chatkit")
    assert ran.code == 2
    assert "--host staging.example.com" in ran.err
    assert not ran.folder.exists()


def test_users_come_from_options_and_from_the_environment() -> None:
    """User a and b each have a header of their own; an option wins, and a started server's users stay as they are."""
    around = {"CHATKIT_HEADER": "X-Key: one", "CHATKIT_HEADER_B": "Cookie: session=two"}
    users = target_of(url=URL, environ=around).users
    assert {name: user.sent() for name, user in users.items()} == {
        "a": {"X-Key": "one"},
        "b": {"Cookie": "session=two"},
    }
    assert target_of(url=URL, headers=["X-Key: other"], environ=around).users["a"].sent() == {"X-Key": "other"}
    assert target_of(command=("node", "server.js"), environ=around).users == {}
    with pytest.raises(ConfigError, match="--header-b"):
        target_of(url=URL, headers_b=["nonsense"])
