"""The model side's faults in process: the reference server's own model over answers that respx gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx
from agents import Agent, Runner, function_tool, set_tracing_disabled

from reference_server.gemini_compat import client
from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.model import Gemini, GeminiModel, Patience

BASE = "https://generativelanguage.googleapis.com/v1beta/openai/"
CHAT = f"{BASE}chat/completions"
STREAM = {"content-type": "text/event-stream"}


def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    """One event as Gemini writes it."""
    choice = {"delta": {**delta, "role": "assistant"}, "index": 0} | ({"finish_reason": finish} if finish else {})
    value = {
        "choices": [choice],
        "created": 1,
        "id": "5w1DaOOlPL2gjrEP3qqSmAY",
        "model": "gemini-3.8-flash",
        "object": "chat.completion.chunk",
    }
    return f"data: {json.dumps(value, separators=(',', ':'))}\n\n"


def streamed(*events: str, done: bool = True) -> httpx.Response:
    """A stream of these events."""
    return httpx.Response(200, headers=STREAM, text="".join(events) + ("data: [DONE]\n\n" if done else ""))


def refused(status: int, message: str, **details: Any) -> httpx.Response:
    """An error in Gemini's form: a list of one."""
    rows = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", **details}] if details else []
    error = {"error": {"code": status, "message": message, "status": "WORD", "details": rows}}
    return httpx.Response(status, text=f"[{json.dumps(error, indent=2)}\n]")


def call(name: str, arguments: str, id: str = "") -> dict[str, Any]:
    """A tool call as Gemini streams it: whole, without an index."""
    return {"function": {"arguments": arguments, "name": name}, "id": id, "type": "function"}


WHOLE = streamed(chunk({"content": "Hello there."}, "stop"))


class Heard:
    """Who listens: keeps the words."""

    def __init__(self) -> None:
        self.words = ""

    def write(self, text: str) -> None:
        """The next words."""
        self.words += text

    def thinking(self, text: str) -> None:
        """Nothing: thoughts are not kept."""

    def calling(self, tool: str) -> None:
        """A call is not of interest here."""

    def end(self) -> None:
        """Neither is the end."""


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """Google's endpoint, mocked at httpx's transport: the SDK's own client speaks httpx2, which respx does not see."""
    set_tracing_disabled(True)
    monkeypatch.setattr(client, "_http_client", lambda timeout, base_url: httpx.AsyncClient(timeout=5))
    with respx.mock(assert_all_called=False) as router:
        yield router


def agent(*tools: Any) -> Agent[None]:
    """An agent on the reference server's model."""
    asked = client.GeminiClient(api_key="a-key-that-opens-nothing", base_url=BASE, connect_s=1, silence_s=1)
    patience = Patience(longest_wait_s=0.05, waits_s=(0.0, 0.0))
    model = GeminiModel("gemini-3.8-flash", Gemini(asked, silence_s=1, patience=patience), Heard())
    return Agent(name="tasks", tools=list(tools), model=model)


async def answer(*tools: Any) -> str:
    """What the agent says in the end, its stream read whole."""
    result = Runner.run_streamed(agent(*tools), "Hello.")
    async for _ in result.stream_events():
        pass
    return str(result.final_output)


REFUSALS = {
    "a key that is not valid": (400, "API key not valid. Please pass a valid API key.", {}, 1),
    "a project that is denied": (403, "Your project has been denied access.", {}, 1),
    "a model that there is not": (404, "models/x is not found for API version v1main.", {}, 1),
    "a wait beyond our patience": (429, "You exceeded your current quota.", {"retryDelay": "41s"}, 1),
    "a passing trouble": (503, "This model is currently experiencing high demand.", {}, 3),
    "a trouble of its own": (500, "Internal error encountered.", {}, 3),
}
"""What Gemini refuses: status, message, details, and how often it is asked."""


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_is_told_in_our_words(name: str, gemini: respx.MockRouter) -> None:
    """The message in the list of one is for the log; what can pass is asked three times, all else once."""
    status, message, details, asked = REFUSALS[name]
    route = gemini.post(CHAT).mock(return_value=refused(status, message, **details))
    with pytest.raises(GeminiFailure, match=rf"Gemini.*{status}.*reference") as told:
        await answer()
    assert message in told.value.said
    assert message not in told.value.message
    assert told.value.status == status
    assert route.call_count == asked


async def test_what_passes_is_answered_at_the_second_try(gemini: respx.MockRouter) -> None:
    """A short wait that Gemini asks for in the body is kept, and the answer then comes."""
    route = gemini.post(CHAT)
    route.side_effect = [refused(429, "Slow down.", retryDelay="0.01s"), WHOLE]
    assert await answer() == "Hello there."
    assert route.call_count == 2


BROKEN = {
    "an error event": (
        streamed(chunk({"content": "Hel"}), 'data: {"error":{"code":503,"message":"Lost."}}\n\n'),
        "not available right now",
    ),
    "an error event in a list": (
        streamed(chunk({"content": "Hel"}), 'data: [{"error":{"code":503,"message":"Lost."}}]\n\n'),
        "not available right now",
    ),
    "a bare error between events": (
        streamed(chunk({"content": "Hel"}), '{\n"error": {"code": 503, "message": "Lost."}\n}\n', done=False),
        "not available right now",
    ),
    "a page that is no stream": (httpx.Response(200, headers=STREAM, text="<html>502</html>"), "not an event stream"),
    "an event that is no JSON": (streamed("data: {nonsense\n\n"), "not JSON"),
    "a stream without its end": (streamed(chunk({"content": "Hel"}), done=False), "broke off"),
    "an answer that is withheld": (streamed(chunk({}, "content_filter: PROHIBITED_CONTENT")), "withheld"),
}
"""Streams that break, and the word that tells how."""


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_stream_is_never_a_silent_success(name: str, gemini: respx.MockRouter) -> None:
    """What the SDK takes for a whole answer is told as a failure, with its cause."""
    broken, word = BROKEN[name]
    gemini.post(CHAT).mock(return_value=broken)
    with pytest.raises(GeminiFailure, match=word):
        await answer()


@pytest.mark.parametrize("finish", ["stop", "function_call_filter: MALFORMED_FUNCTION_CALL"])
async def test_an_empty_or_malformed_answer_is_asked_for_once_more(finish: str, gemini: respx.MockRouter) -> None:
    """Both recover often: one plain second request, and its answer is the answer."""
    route = gemini.post(CHAT)
    route.side_effect = [streamed(chunk({}, finish)), WHOLE]
    assert await answer() == "Hello there."
    assert route.call_count == 2


@pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.ReadTimeout("silence")])
async def test_a_connection_that_fails_is_told(fault: httpx.HTTPError, gemini: respx.MockRouter) -> None:
    """Nobody there, and silence, each end in a failure that a user can read."""
    gemini.post(CHAT).mock(side_effect=fault)
    with pytest.raises(GeminiFailure, match=r"could not be reached|said nothing"):
        await answer()


@pytest.mark.parametrize("together", [True, False])
async def test_two_calls_without_index_and_id_are_two_calls(together: bool, gemini: respx.MockRouter) -> None:
    """In one delta or in two, each call keeps its own arguments, gets an id, and its result goes back under it."""
    seen: list[str] = []

    @function_tool
    def weather(city: str) -> str:
        """The weather."""
        seen.append(city)
        return f"{city} is sunny"

    calls = [call("weather", '{"city":"Paris"}'), call("weather", '{"city":"London"}')]
    groups = [calls] if together else [[one] for one in calls]
    first = streamed(*(chunk({"tool_calls": group}) for group in groups), chunk({}, "stop"))
    route = gemini.post(CHAT)
    route.side_effect = [first, WHOLE]
    assert await answer(weather) == "Hello there."
    assert sorted(seen) == ["London", "Paris"]
    said = json.loads(route.calls[1].request.content)["messages"]
    made = {c["id"]: json.loads(c["function"]["arguments"])["city"] for m in said for c in m.get("tool_calls") or ()}
    told = {m["tool_call_id"]: m["content"] for m in said if m["role"] == "tool"}
    assert len(made) == 2
    assert {id: f"{city} is sunny" for id, city in made.items()} == told


async def test_only_what_gemini_knows_is_sent(gemini: respx.MockRouter, monkeypatch: pytest.MonkeyPatch) -> None:
    """No organization header, no unknown field, no `strict` in a tool: each is a 400 at Gemini."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")

    @function_tool
    def weather(city: str) -> str:
        """The weather."""
        return city

    route = gemini.post(CHAT).mock(return_value=WHOLE)
    await answer(weather)
    request = route.calls[0].request
    assert not {"openai-organization", "openai-project"} & set(request.headers)
    body = json.loads(request.content)
    assert set(body) <= {"model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls"}
    assert "strict" not in body["tools"][0]["function"]
