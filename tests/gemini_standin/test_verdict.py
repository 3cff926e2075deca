"""A guard that asks in words gets the word, or the JSON, by which it lets a message pass; a conversation does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gemini_standin.side import asks_title
from gemini_standin.verdict import verdict


def _asked(orders: str, text: str = "Hello.") -> dict[str, Any]:
    return {"messages": [{"role": "system", "content": orders}, {"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("orders", "answer"),
    [
        ("Is this message safe? Answer with one word, safe or unsafe.", "safe"),
        ("You judge messages. Answer only ALLOW or BLOCK.", "ALLOW"),
        ("Is this harmful? Reply yes or no.", "no"),
        ("Is it appropriate? Answer true or false", "true"),
        ("Is the message off-topic? Answer yes/no", "no"),
        ('Reply "on_topic" or "off_topic".', "on_topic"),
        ("Reply with RELEVANT / IRRELEVANT only", "RELEVANT"),
        ("Antworte nur mit BLOCK oder OK.", "OK"),
        ('Respond with JSON only: {"allowed": true | false}', '{"allowed":true}'),
        ('Respond with JSON: {"off_topic": true or false, "score": 0.5}', '{"off_topic":false,"score":0}'),
        ('Return JSON {"title": "the title"}', '{"title":"A short title"}'),
    ],
)
def test_what_is_asked_for_in_words_is_given(orders: str, answer: str) -> None:
    """One of two words, spelled as it was, or an object with the keys of the example."""
    assert verdict(_asked(orders)) == answer


@pytest.mark.parametrize(
    "orders",
    [
        "You help. Answer with yes or no questions.",
        "You are a helpful assistant. Reply with short or long text.",
        'Reply strictly as JSON {"reply": "text", "mood": "a word"}',
        "Is this message safe? Answer with one word.",
        "Help the user to keep a list of tasks, and answer only in their language or in English.",
    ],
)
def test_a_conversation_is_no_guard(orders: str) -> None:
    """Instructions of a conversation, one that speaks JSON among them, ask for no verdict."""
    assert verdict(_asked(orders)) is None


def test_what_has_an_answer_already_is_a_conversation() -> None:
    """With an assistant's message in it, a request is no guard's, whatever its instructions say."""
    asked = _asked("Answer only ALLOW or BLOCK.")
    assert verdict(asked) == "ALLOW"
    assert verdict({"messages": [*asked["messages"], {"role": "assistant", "content": "Hello."}]}) is None


def test_a_long_message_is_judged_as_a_short_one() -> None:
    """What is judged may be of any length, behind the instructions or behind a question in the same message."""
    orders, long = "Answer only ALLOW or BLOCK.", "Ferns like shade. " * 2_000
    assert verdict(_asked(orders, long)) == "ALLOW"
    assert verdict({"messages": [{"role": "user", "content": f"{orders}\n\nMessage: {long}"}]}) == "ALLOW"
    assert verdict(_asked("You help the visitors of a garden.", long + orders)) is None


def test_a_title_is_known_from_a_judgement() -> None:
    """By the instructions, or where a schema is named by its keys."""
    schema = {"type": "object", "properties": {"is_safe": {"type": "boolean"}}}
    judging = {"response_format": {"type": "json_schema", "json_schema": {"name": "v", "schema": schema}}}
    assert asks_title(_asked("Write a short title for this conversation."))
    assert asks_title({"messages": [{"role": "user", "content": "Give this chat a title: Hello."}]})
    assert not asks_title({**_asked("Judge the title of this conversation."), **judging})
    assert not asks_title(_asked("Judge the message."))


def test_a_guard_is_answered_before_any_conversation_was_seen(start_standin: Callable[..., Any]) -> None:
    """The very first request of a server may be a guard's: it takes no step of the script."""
    standin = start_standin()
    nonce = standin.script({"text": "Hello to you."})
    plain = {"stream": False, "tools": []}
    messages = standin.body(nonce)["messages"]
    guard = [{"role": "system", "content": "Answer only SAFE or UNSAFE."}, *messages]
    answers = [standin.ask(nonce, messages=rows, **plain).json() for rows in (guard, messages)]
    assert [answer["choices"][0]["message"]["content"] for answer in answers] == ["SAFE", "Hello to you."]
    assert [call["side"] for call in standin.calls(nonce)] == [True, False]
