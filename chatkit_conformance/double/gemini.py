"""`gemini`: what the model answers in a test, what it was asked, and whether its failures were dealt with well.

    async def test_a_task_is_made(gemini):
        gemini.calls("create_task", title="Milk").then("Done.")
        assert await chat("Add milk") == "Done."
        assert gemini.asked[0].tools == ["create_task", "list_tasks"]
        assert gemini.sound()

Answers are given in the order in which they are written down: one to each message of the user, and within it one after
each round of tools. The code under test asks over HTTP, as it asks Gemini.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from ..running.environment import model_addresses
from ..script import Step, call, calls, fault, reply
from .model_request import ModelRequest
from .session import DoubleSession
from .soundness import Soundness, soundness

UNSCRIPTED = "this test has scripted no further answer"
"""Stands in the error that a request beyond the script gets."""


class Faults(ABC):
    """What can go wrong before the next answer. Each returns its object, so that they can be written in a row."""

    @abstractmethod
    def _put(self, step: Step) -> None:
        """Write the step down where this object's answers stand."""

    def fault(self, kind: str, times: int = 1, **keys: Any) -> Self:
        """Any fault of docs/stand-in-scripts.md, for so many requests."""
        for _ in range(times):
            self._put(fault(kind, **keys))
        return self

    def rate_limited(self, times: int = 1, *, wait_s: float = 1.0) -> Self:
        """429 with RetryInfo, as Gemini's free tier says it."""
        return self.fault("http", times, status=429, retry_delay=f"{wait_s:g}s")

    def fails(self, status: int = 503, times: int = 1) -> Self:
        """An error of this status, with the body that Gemini sends."""
        return self.fault("http", times, status=status)

    def cut(self, text: str = "The first half of an answer that is cut", times: int = 1) -> Self:
        """The connection is closed after about half of this text."""
        return self.fault("cut", times, at="mid-text", text=text)

    def malformed(self, text: str = "Words around a chunk that is no JSON.", times: int = 1) -> Self:
        """A chunk in the middle of this text is no JSON."""
        return self.fault("malformed", times, at="mid-text", shape="not-json", text=text)

    def silent(self, for_s: float = 2.0, times: int = 1) -> Self:
        """Nothing is sent for so long, then the connection is closed. A read timeout below that is what is tested."""
        return self.fault("stall", times, at="before-headers", max_s=for_s)


class DoubleTurn(Faults):
    """The answers to one message of the user, from its first on."""

    def __init__(self, gemini: Gemini, position: int = 0) -> None:
        self._gemini = gemini
        self._position = position

    def then(self, text: str) -> DoubleTurn:
        """What the model says once it has the results of the tools that it called."""
        return self._next(reply(text))

    def then_calls(self, name: str, /, **arguments: Any) -> DoubleTurn:
        """The tool that it calls next, once it has the results."""
        return self._next(calls(call(name, arguments)))

    def _next(self, step: Step) -> DoubleTurn:
        self._position += 1
        self._put(step)
        return self

    def _put(self, step: Step) -> None:
        self._gemini.put(self._position, step)


class Gemini(Faults):
    """The fixture. Args: session: the stand-in of this pytest run."""

    def __init__(self, session: DoubleSession) -> None:
        self._session = session
        self._places: list[list[Step]] = []
        session.reset()

    @property
    def base_url(self) -> str:
        """Where the code under test finds it: also in GEMINI_BASE_URL while the test runs."""
        return self._session.base_url

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that lead to it: those that `chatkit-conformance run` gives to a server."""
        return {**model_addresses(self.base_url), "GEMINI_API_KEY": "AIza-opens-nothing"}

    def replies(self, *texts: str) -> Self:
        """Answer with these texts: each is the answer to one message."""
        for text in texts:
            self._put(reply(text))
        return self

    def calls(self, name: str, /, **arguments: Any) -> DoubleTurn:
        """Call a tool; `.then("...")` says what follows on its result."""
        return self.calls_all((name, arguments))

    def calls_all(self, *made: tuple[str, dict[str, Any]]) -> DoubleTurn:
        """Call several tools at once: pairs of name and arguments."""
        self._put(calls(*(call(name, arguments) for name, arguments in made)))
        return DoubleTurn(self)

    def put(self, position: int, step: Step) -> None:
        """Write down a step of the stand-in's scripts, for the place after so many rounds of tools."""
        while len(self._places) <= position:
            self._places.append([])
        self._places[position].append(step)
        turn = [{"attempts": [*steps, _beyond(len(steps), n)]} for n, steps in enumerate(self._places)]
        self._session.set(default_turn=[*turn, _beyond(0, len(turn))])

    def _put(self, step: Step) -> None:
        self.put(0, step)

    @property
    def asked(self) -> list[ModelRequest]:
        """The requests of the conversation, in their order; those for a title or a guard are in `beside`."""
        return [ModelRequest(call) for call in self._session.calls() if not call.side]

    @property
    def beside(self) -> list[ModelRequest]:
        """Requests for a title, a summary or a guard's judgement, which take no answer of the script."""
        return [ModelRequest(call) for call in self._session.calls() if call.side]

    def sound(self, said: str | None = None) -> Soundness:
        """Whether failures were dealt with well; false prints what was not.

        Args:
            said: what the code under test returned or showed. With it, an answer that was cut or broken and taken for
                a whole one is found, too.
        """
        return soundness(self._session.calls(), said)

    def wait_for(self, requests: int, *, timeout_s: float = 10.0) -> list[ModelRequest]:
        """The requests, as soon as there are so many; those that there are when the time is over."""
        self._session.calls(at_least=requests, timeout_s=timeout_s)
        return self.asked

    @property
    def unscripted(self) -> list[ModelRequest]:
        """Requests beyond what the test has scripted. At the end of a test there must be none."""
        return [one for one in self.asked if any(UNSCRIPTED in sent.data for sent in one.call.sent)]


def _beyond(scripted: int, position: int) -> Step:
    """The error that a request gets for which there is no answer."""
    place = f"after {position} round{'s' * (position != 1)} of tools" if position else "to a message"
    message = f"{UNSCRIPTED}: it has {scripted} for a request {place}. Write gemini.replies(...) or .then(...)."
    body = {"error": {"code": 400, "message": message, "status": "FAILED_PRECONDITION"}}
    return fault("http", status=400, body=body)
