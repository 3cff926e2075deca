"""The fixture `gemini`: scripted answers for code that asks Gemini, and a judgement of how its failures were met."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chatkit_conformance.double.gemini import Gemini
from chatkit_conformance.double.session import DoubleSession
from tests.double import code_under_test as code


def test_a_tool_is_called_and_its_result_comes_back(gemini: Gemini) -> None:
    """A tool test takes three lines: the call, what follows on its result, and what was asked."""
    gemini.calls("create_task", title="Milk").then("Done.")
    assert code.sound() == "Done."
    assert gemini.asked[1].results == ['{"id": "t1"}']
    assert gemini.asked[0].tools == ["create_task"]
    assert gemini.asked[0].text == "Add milk"
    assert gemini.sound()


def test_a_test_begins_with_nothing_asked_and_nothing_scripted(gemini: Gemini) -> None:
    """What another test has scripted and asked is gone, also from the stand-in's counts."""
    assert gemini.asked == []
    gemini.replies("One.", "Two.")
    assert [code.sound(), code.sound()] == ["One.", "Two."]
    gemini.replies("Three.")
    assert code.sound() == "Three."


def test_turns_with_tools_and_without_keep_their_order(gemini: Gemini) -> None:
    """Each message gets the next answer, however many rounds of tools another had."""
    gemini.calls("create_task").then_calls("create_task").then("First.")
    gemini.replies("Second.")
    gemini.calls_all(("create_task", {"title": "a"}), ("create_task", {"title": "b"})).then("Third.")
    assert [code.sound(), code.sound(), code.sound()] == ["First.", "Second.", "Third."]
    assert len(gemini.asked[-1].results) == 2


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        (lambda g: g.rate_limited(1, wait_s=0.3).replies("Done."), "Done."),
        (lambda g: g.calls("create_task").rate_limited(1, wait_s=0.3).then("Done."), "Done."),
        (lambda g: g.fails(400), "sorry: 400"),
        (lambda g: g.malformed(), "sorry: a chunk is no JSON"),
    ],
    ids=["waits as told", "waits as told after a tool", "gives up on a refusal", "notices a broken chunk"],
)
def test_a_sound_client_is_sound(gemini: Gemini, fails: Callable[[Gemini], Any], said: str) -> None:
    """Code that waits as long as it is told, gives up where it must and notices what is broken has no problem."""
    fails(gemini)
    made = code.sound()
    assert made.startswith(said)
    assert gemini.sound(made)


LIES: dict[str, tuple[Callable[[Gemini], Any], Callable[[], str], str]] = {
    "retries too early": (
        lambda g: g.rate_limited(1, wait_s=5).replies("Done."),
        code.again_and_again(2, 0.2),
        "that said to wait 5 s",
    ),
    "retries what is refused": (lambda g: g.fails(400, 2), code.again_and_again(2, 0.0), "400 does not pass"),
    "retries the quota of a day": (
        lambda g: g.fault("http", 2, body="quota-day"),
        code.again_and_again(2, 0.0),
        "not for today",
    ),
    "a storm": (lambda g: g.fails(503, 6), code.again_and_again(6, 0.02), "a storm"),
    "no back-off": (lambda g: g.fails(503, 8), code.again_and_again(8, 0.0), "no back-off"),
    "no read timeout": (lambda g: g.silent(1.5), code.patient, "waited all 1.5 s of a silence"),
    "takes a cut stream for whole": (lambda g: g.cut(), code.trusting, "was not whole: it was cut off"),
    "passes over a broken chunk": (lambda g: g.malformed(), code.trusting, "taken for a whole answer"),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_unsound_client_is_told_what_it_did(gemini: Gemini, lie: str) -> None:
    """Each way of meeting a failure badly is found, and said in a sentence with the values."""
    fails, ask, problem = LIES[lie]
    fails(gemini)
    judged = gemini.sound(ask())
    assert not judged
    assert problem in repr(judged)


RIGHT: dict[str, tuple[Callable[[Gemini], Any], Callable[[], str]]] = {
    "waits a little, twice, for a server that fails": (
        lambda g: g.fails(503, 2).replies("Done."),
        code.again_and_again(3, 0.15),
    ),
    "shows the beginning of an answer that is whole": (lambda g: g.replies("Done."), code.trusting),
    "leaves before a silence is over": (lambda g: g.silent(4.0), lambda: _left()),
    "asks the same question twice, each answered": (
        lambda g: g.replies("A.", "B."),
        lambda: code.sound() + code.sound(),
    ),
}


def _left() -> str:
    try:
        return code.asked(list(code.QUESTION), timeout_s=0.3).text
    except httpx.HTTPError:
        return "sorry"


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_unusual_but_right_is_sound(gemini: Gemini, case: str) -> None:
    """Nothing is held against a client that the requests do not prove."""
    fails, ask = RIGHT[case]
    fails(gemini)
    assert gemini.sound(ask())


def test_a_request_beyond_the_script_is_told_what_to_write(gemini_session: DoubleSession) -> None:
    """It is answered with an error that names the place, and it is listed as unscripted."""
    gemini = Gemini(gemini_session)
    gemini.replies("Done.")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in gemini.environment.items():
            patch.setenv(name, value)
        assert code.sound() == "Done."
        answer = code.asked(list(code.QUESTION))
    assert answer.status_code == 400
    assert "it has 1 for a request to a message. Write gemini.replies(...)" in answer.json()["error"]["message"]
    assert len(gemini.unscripted) == 1


def test_a_tool_test_is_short() -> None:
    """The first test here, without its docstring, has at most eight lines."""
    lines = inspect.getsource(test_a_tool_is_called_and_its_result_comes_back).splitlines()
    assert len([line for line in lines if '"""' not in line]) <= 8
