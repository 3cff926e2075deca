"""What the model is sent, changed in the ways that lies and near misses change it."""

from __future__ import annotations

from typing import Any

import pytest

from mutants import history_lies, instruction_lies, odd_model
from mutants.catalogue import MUTANTS
from mutants.mutant import Upstream

SYSTEM = {"role": "system", "content": "You help the user to manage their tasks. Answer briefly."}
CALL = {"role": "assistant", "content": "Let me look.", "tool_calls": [{"id": "c1"}]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "[]"}


def user(text: str) -> dict[str, Any]:
    """Something that the user said."""
    return {"role": "user", "content": text}


def answer(text: str) -> dict[str, Any]:
    """Something that the model said."""
    return {"role": "assistant", "content": text}


def sent(name: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """What a mutant makes of these messages."""
    change = MUTANTS[name].change
    assert isinstance(change, Upstream)
    assert change.request
    made = change.request({"messages": list(rows)})["messages"]
    assert isinstance(made, list)
    return made


TWO_TURNS = (SYSTEM, user("One?"), answer("Two."), user("Three?"))


@pytest.mark.parametrize(
    ("name", "kept", "lost"),
    [
        ("instructions-first-turn-only", (SYSTEM, user("One?")), TWO_TURNS),
        ("instructions-lost-after-tool", TWO_TURNS, (SYSTEM, user("One?"), CALL, RESULT)),
        (
            "instructions-lost-with-picture",
            TWO_TURNS,
            (SYSTEM, {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}),
        ),
    ],
)
def test_instructions_are_lost_in_one_situation(name: str, kept: Any, lost: Any) -> None:
    """The instructions are sent elsewhere, and missing there."""
    assert SYSTEM in sent(name, *kept)
    assert SYSTEM not in sent(name, *lost)


def test_instructions_are_lost_when_a_message_is_asked_again() -> None:
    """The same message sent a second time goes without them; a tool's result behind it is no second time."""
    change = instruction_lies.no_instructions(instruction_lies.on_retry())
    turn = {"messages": [SYSTEM, user("One?")]}
    assert SYSTEM in change(turn)["messages"]
    assert SYSTEM in change({"messages": [SYSTEM, user("One?"), CALL, RESULT]})["messages"]
    assert SYSTEM not in change(turn)["messages"]


def test_instructions_grow_with_each_turn() -> None:
    """Two turns have two sets of instructions."""
    assert sent("instructions-grow", *TWO_TURNS).count(SYSTEM) == 2
    assert sent("instructions-grow", *TWO_TURNS[:2]).count(SYSTEM) == 1


@pytest.mark.parametrize(
    ("name", "piece", "left"),
    [
        ("quotation-own-turn-only", "The user refers to this: Ferns like shade.", "@Ann, what is this?"),
        ("tag-own-turn-only", '@Ann is {"id": "u7"}', ", what is this?"),
    ],
)
def test_what_a_message_carried_is_forgotten_in_the_next_turn(name: str, piece: str, left: str) -> None:
    """It is there in its own turn, and gone in the next, a tag's name too; the words typed beside it stay."""
    message = user(f"{piece}\n\n@Ann, what is this?")
    assert sent(name, SYSTEM, message)[-1] == message
    assert sent(name, SYSTEM, message, answer("A fern."), user("And?"))[1] == user(left)


def test_a_picture_is_forgotten_in_the_next_turn() -> None:
    """Its message keeps the text, and loses the picture."""
    text = {"type": "text", "text": "Look."}
    message = {"role": "user", "content": [text, {"type": "image_url", "image_url": {"url": "data:"}}]}
    assert sent("picture-own-turn-only", SYSTEM, message)[-1] == message
    assert sent("picture-own-turn-only", SYSTEM, message, answer("A fern."), user("And?"))[1]["content"] == [text]


def test_history_lies_leave_a_first_turn_alone() -> None:
    """What lies about the past lies about nothing where there is none."""
    for name in ("answers-sent-twice", "history-sent-twice", "answers-before-questions", "history-shortened"):
        assert sent(name, SYSTEM, user("One?")) == [SYSTEM, user("One?")]


def test_the_past_is_doubled_and_turned_round() -> None:
    """Answers, the whole past, or the order of a pair: each lie changes its own."""
    assert sent("answers-sent-twice", *TWO_TURNS).count(answer("Two.")) == 2
    assert sent("history-sent-twice", *TWO_TURNS)[1:] == [*TWO_TURNS[1:3], *TWO_TURNS[1:3], TWO_TURNS[3]]
    assert sent("answers-before-questions", *TWO_TURNS)[1:3] == [answer("Two."), user("One?")]


def test_a_window_cuts_a_call_from_its_result() -> None:
    """With two rounds of tools the first call is gone and its result stays; with one round nothing is cut."""
    second = {**CALL, "tool_calls": [{"id": "c2"}]}
    rows = (SYSTEM, user("One?"), CALL, RESULT, second, {**RESULT, "tool_call_id": "c2"})
    assert CALL not in sent("window-cuts-call", *rows)
    assert RESULT in sent("window-cuts-call", *rows)
    assert sent("window-cuts-call", *rows[:4]) == list(rows[:4])


def test_a_window_on_the_wrong_end_keeps_the_oldest() -> None:
    """Items come newest first: the newest are what is dropped."""
    assert history_lies.oldest(2)([5, 4, 3, 2, 1]) == [2, 1]


def test_a_summary_holds_every_word_of_what_it_stands_for() -> None:
    """Older messages are told in the instructions, the newest as they are, beginning with one of the user's."""
    rows = [SYSTEM, *(m for n in range(10) for m in (user(f"Q{n}?"), answer(f"A{n}.")))]
    made = odd_model.summarised(rows)
    assert made[1]["role"] == "user"
    assert all(f"Q{n}?" in str(made) and f"A{n}." in str(made) for n in range(10))
    assert len(made) < len(rows)
    assert odd_model.summarised(rows[:5]) == rows[:5]


def test_an_answer_in_one_piece_becomes_a_stream() -> None:
    """The gateway's stream has the message as a delta and ends with [DONE]; an error stays as it is."""
    whole = b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}]}'
    made = odd_model.as_stream(whole)
    assert b'"delta": {"role": "assistant", "content": "Hi."}' in made
    assert made.endswith(b"data: [DONE]\n\n")
    assert odd_model.as_stream(b'[{"error": {"code": 503}}]') == b'[{"error": {"code": 503}}]'
