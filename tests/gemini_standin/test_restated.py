"""What is asked for in other words, or in fewer, comes back with all that was in it."""

from __future__ import annotations

from typing import Any

import pytest

from gemini_standin.restated import restated, summed_up
from gemini_standin.side import ServerTraits, is_side, side_step
from gemini_standin.step import Hold, Step, ToolCall

STANDALONE = (
    "Given the following conversation and a follow up question, rephrase the follow up question to be a standalone "
    "question, in its original language."
)
QUESTION = "And in the evening? (ref zqaaaaaaaaaa)"


def _asked(orders: str, text: str = QUESTION) -> dict[str, Any]:
    told = [{"role": "system", "content": orders}] if orders else []
    return {"messages": [*told, {"role": "user", "content": text}], "stream": True}


@pytest.mark.parametrize(
    ("orders", "text"),
    [
        (STANDALONE, f"Chat History:\nuser: Is it open?\nFollow Up Input: {QUESTION}\nStandalone question:"),
        ("", f"{STANDALONE}\n\nChat History:\nuser: Hi\nFollow Up Input: {QUESTION}\nStandalone question:"),
        ("Rewrite the user's message for a search. Do NOT answer it.", QUESTION),
        ("Formuliere die Frage um. Reformuliere sie nur, nicht beantworten.", f"Frage: {QUESTION}"),
        (
            "Don't answer the question, just reformulate it if needed.",
            f"History:\n-\n\nLatest user question: {QUESTION}",
        ),
    ],
)
def test_a_question_comes_back_as_it_was(orders: str, text: str) -> None:
    """With and without labels and instructions of its own; it is a request beside the conversation."""
    body = _asked(orders, text)
    assert restated(body) == QUESTION
    assert is_side(body, ServerTraits())
    assert side_step(body, Step(text="A title")).text == QUESTION


@pytest.mark.parametrize(
    "orders",
    [
        "You help people to rewrite their letters, and answer politely.",
        "You rephrase the user's message in a formal tone.",
        "Answer the question. Do not answer in French.",
    ],
)
def test_an_assistant_that_writes_is_no_rewriter(orders: str) -> None:
    """Only what forbids the answer, or names what it wants, is asked beside the conversation."""
    assert restated(_asked(orders)) is None
    assert not is_side(_asked(orders), ServerTraits())


def test_who_works_on_an_answer_is_told_from_who_gives_it() -> None:
    """The same words are a translator's own conversation, and a request beside one that has other instructions."""
    body = _asked("Translate the text. Return only the translation.", f"Text: {QUESTION}")
    assert not is_side(body, ServerTraits())
    known = ServerTraits()
    known.note(_asked("You help customers."), "zqaaaaaaaaaa", side=False)
    assert is_side(body, known)
    assert side_step(body, None).text == QUESTION
    known.note(body, "zqaaaaaaaaaa", side=False)
    assert not is_side(body, known)


def test_a_summary_forgets_nothing() -> None:
    """All that was said comes back; a title of a few words does not."""
    past = "user: My colour is green.\nassistant: Noted."
    assert summed_up(_asked("Summarise the conversation below in a few sentences.", past)) == past
    assert summed_up(_asked("Fasse das Gespräch kurz zusammen.", past)) == past
    assert summed_up(_asked("Summarize this conversation in five words.", past)) is None
    assert summed_up(_asked("Write a title that summarises the chat.", past)) is None
    assert side_step(_asked("Summarise the chat.", past), Step(text="Given")).text == "Given"


def test_an_agent_that_is_a_tool_and_translates_gets_what_the_script_has_for_it() -> None:
    """What it is asked to translate are the words that the turn's call was given."""
    orders = "Translate what you are given. Return only the translation."
    body = {"messages": [{"role": "system", "content": orders}, {"role": "user", "content": "Ferns like rain."}]}
    call = ToolCall(name="translate", arguments='{"input":"Ferns like rain."}')
    inner = Step(text="Farne mögen Regen.")
    assert side_step(body, inner, (Step(attempts=(Step(calls=(call,)), Step(text="Done."))),)) is inner
    assert side_step(body, inner, (Step(text="Done."),)).text == "Ferns like rain."


def test_a_step_that_only_waits_says_when_and_not_what() -> None:
    """Where a side step has a gate and no words, a request beside the conversation gets its usual answer, later."""
    body = _asked("Write a title for the chat.")
    waits = Step(wait_gate=Hold(gate="title", max_s=2.0))
    said = side_step(body, waits)
    assert (said.text, said.wait_gate) == (side_step(body, None).text, waits.wait_gate)
