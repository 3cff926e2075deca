"""Every fault: what arrives, streamed and whole, and what the journal says of it."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from gemini_standin.errors import FAILURES
from gemini_standin.fault import BROKEN_TEXT, HTML_502


def faulty(standin: Any, kind: str, **keys: Any) -> str:
    """A nonce that is answered with this fault."""
    return str(standin.script({"fault": {"kind": kind, **keys}}))


def data(text: str) -> list[Any]:
    """The data lines of a stream, parsed."""
    return [json.loads(line[6:]) for line in text.split("\n\n") if line.startswith("data: {")]


def test_http_error_is_a_pretty_printed_list(standin: Any) -> None:
    """An error body is a list of one, two spaces deep, a newline before the bracket and none after."""
    answer = standin.ask(faulty(standin, "http", status=503))
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == (
        '[{\n  "error": {\n    "code": 503,\n    "message": "This model is currently experiencing high demand. Spikes '
        'in demand are usually temporary. Please try again later.",\n    "status": "UNAVAILABLE"\n  }\n}\n]'
    )


def test_quota_tells_the_wait_in_the_body_alone(standin: Any) -> None:
    """A 429 names the wait in the message's tail and in RetryInfo, and sends no Retry-After."""
    answer = standin.ask(faulty(standin, "http", status=429, retry_delay="1s"))
    error = answer.json()[0]["error"]
    assert (answer.status_code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"].endswith("limit: 15, model: gemini-3.8-flash\nPlease retry in 1s.")
    assert [d["@type"].rsplit(".", 1)[1] for d in error["details"]] == ["Help", "QuotaFailure", "RetryInfo"]
    assert error["details"][2]["retryDelay"] == "1s"
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("name", FAILURES)
def test_named_bodies_bring_their_status(standin: Any, name: str) -> None:
    """A body's name is enough: status, code and message belong together, and {model} is filled in."""
    answer = standin.ask(faulty(standin, "http", body=name))
    error = answer.json()[0]["error"]
    assert answer.status_code == error["code"] == FAILURES[name].code
    assert error["message"] == FAILURES[name].message.replace("{model}", "gemini-3.8-flash")


def test_http_body_can_be_anything_or_nothing(standin: Any) -> None:
    """An object is sent as it is, null sends no body."""
    assert standin.ask(faulty(standin, "http", status=418, body={"a": 1})).json() == {"a": 1}
    nothing = standin.ask(faulty(standin, "http", status=500, body=None))
    assert (nothing.status_code, nothing.content) == (500, b"")


def test_cut_breaks_the_transfer(standin: Any) -> None:
    """After n chunks the connection ends without the transfer's end, and the journal counts the n."""
    nonce = faulty(standin, "cut", after=2)
    pieces: list[bytes] = []
    url = f"{standin.face}chat/completions"
    with standin.http.stream("POST", url, json=standin.body(nonce), headers={"accept-encoding": "identity"}) as answer:
        with pytest.raises(httpx.RemoteProtocolError):
            pieces.extend(answer.iter_raw())
        assert answer.status_code == 200
    assert len(data(b"".join(pieces).decode())) == 2
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert len(call["sent"]) == 2
    assert call["finished_at"] is not None


@pytest.mark.parametrize("kind", ["cut", "stall"])
def test_broken_whole_answer_is_half_of_it(standin: Any, kind: str) -> None:
    """An answer that is not streamed breaks off in the middle of its body."""
    keys = {"max_s": 0.05} if kind == "stall" else {}
    with pytest.raises(httpx.RemoteProtocolError):
        standin.ask(faulty(standin, kind, **keys), stream=False)


def test_no_answer_closes_before_any_byte(standin: Any) -> None:
    """The connection closes without a status line."""
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        standin.ask(faulty(standin, "no-answer"))


def test_stall_sends_nothing_more_until_the_time_is_up(standin: Any) -> None:
    """After n chunks there is silence, and in the end a cut."""
    nonce = faulty(standin, "stall", after=1, max_s=0.3)
    begun = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        standin.ask(nonce)
    assert 0.3 <= time.monotonic() - begun < 3
    assert len(standin.calls(nonce)[0]["sent"]) == 1


def test_no_done_ends_without_done(standin: Any) -> None:
    """The whole text and a proper end, but no [DONE]."""
    text = standin.ask(faulty(standin, "no-done")).text
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in data(text)) == BROKEN_TEXT
    assert "[DONE]" not in text


def test_error_in_the_stream_in_three_shapes(standin: Any) -> None:
    """An error after a chunk: as an event, as an event with a list, as bare JSON between events."""
    shapes = {
        "error-event": 'data: {"error":{"code":503,',
        "error-event-list": 'data: [{"error":{"code":503,',
        "bare-error": '{\n  "error": {\n    "code": 503,',
    }
    for kind, shape in shapes.items():
        text = standin.ask(faulty(standin, kind, after=2)).text
        assert text.count('"content":') == 2, kind
        assert text.split("\n\n", 2)[2].startswith(shape), kind
        assert "[DONE]" not in text
        whole = standin.ask(faulty(standin, kind), stream=False)
        assert (whole.status_code, whole.json()[0]["error"]["code"]) == (503, 503), kind


def test_empty_answers(standin: Any) -> None:
    """No token at all: role and stop streamed; whole without finish_reason; or no choices."""
    (chunk,) = standin.chunks(faulty(standin, "empty"), stream_options={"include_usage": True})
    assert chunk["choices"] == [{"delta": {"role": "assistant"}, "finish_reason": "stop", "index": 0}]
    assert chunk["usage"]["completion_tokens"] == 0
    whole = standin.ask(faulty(standin, "empty"), stream=False).json()
    assert whole["choices"] == [{"index": 0, "message": {"role": "assistant"}}]
    assert [c["choices"] for c in standin.chunks(faulty(standin, "empty-choices"))] == [[]]
    assert standin.ask(faulty(standin, "empty-choices"), stream=False).json()["choices"] == []


def test_filters_end_with_reasons_openai_does_not_have(standin: Any) -> None:
    """Malformed calls and blocked answers are HTTP 200 with a finish_reason of Gemini's own."""
    malformed = "function_call_filter: MALFORMED_FUNCTION_CALL"
    (chunk,) = standin.chunks(faulty(standin, "malformed-call"))
    assert chunk["choices"][0] == {"delta": {"role": "assistant"}, "finish_reason": malformed, "index": 0}
    whole = standin.ask(faulty(standin, "malformed-call"), stream=False).json()
    assert whole["choices"][0]["message"] == {"extra_content": {"google": {}}, "role": "assistant"}
    assert whole["usage"]["completion_tokens"] == 14
    blocked = standin.ask(faulty(standin, "filtered"), stream=False).json()["choices"][0]
    assert blocked == {"finish_reason": "content_filter: PROHIBITED_CONTENT", "index": 0}
    chunks = standin.chunks(faulty(standin, "filtered", reason="OTHER", text="It begins"))
    assert [c["choices"][0].get("finish_reason") for c in chunks] == [None, None, "content_filter: OTHER"]


def test_length_has_no_text_unless_given(standin: Any) -> None:
    """Thinking ate the tokens: finish length, no content, and a total that shows it."""
    (chunk,) = standin.chunks(faulty(standin, "length"), stream_options={"include_usage": True})
    assert chunk["choices"][0] == {"delta": {"role": "assistant"}, "finish_reason": "length", "index": 0}
    assert chunk["usage"]["total_tokens"] - chunk["usage"]["prompt_tokens"] == 108


def test_thought_leak_is_unflagged_text(standin: Any) -> None:
    """The thought is in the content of deltas that carry no flag."""
    chunks = standin.chunks(standin.script({"text": "Yes.", "fault": {"kind": "thought-leak"}}, profile="gemini-2.5"))
    text = "".join(c["choices"][0]["delta"]["content"] for c in chunks)
    assert text == "<thought>The user wants an answer, so I answer.</thought>Yes."
    assert not any("extra_content" in c["choices"][0]["delta"] for c in chunks)


def test_bad_json_arguments(standin: Any) -> None:
    """Arguments that are no JSON: the script's own cut short, or a call of the first declared tool."""
    own = {"calls": [{"name": "f", "arguments": {"a": 1}}], "fault": {"kind": "bad-json-arguments"}}
    first = standin.chunks(standin.script(own))[0]["choices"][0]["delta"]["tool_calls"][0]["function"]
    assert first == {"arguments": '{"a":1', "name": "f"}
    chunk = standin.chunks(faulty(standin, "bad-json-arguments"))[0]
    function = chunk["choices"][0]["delta"]["tool_calls"][0]["function"]
    assert function["name"] == "get_weather"
    with pytest.raises(json.JSONDecodeError):
        json.loads(function["arguments"])


def test_garbage_and_html_are_no_streams(standin: Any) -> None:
    """200 without a single event, and a front end's page with 502."""
    garbage = standin.ask(faulty(standin, "garbage"))
    assert (garbage.status_code, garbage.headers["content-type"]) == (200, "text/event-stream")
    assert "data:" not in garbage.text
    page = standin.ask(faulty(standin, "html"))
    assert (page.status_code, page.text) == (502, HTML_502)
    assert page.headers["content-type"].startswith("text/html")


def test_slow_headers_hold_the_status_line(standin: Any) -> None:
    """Not even headers come before the time is up; then the whole answer does."""
    nonce = standin.script({"text": "Late.", "fault": {"kind": "slow-headers", "max_s": 0.3}})
    begun = time.monotonic()
    url = f"{standin.face}chat/completions"
    with standin.http.stream("POST", url, json=standin.body(nonce), headers={"accept-encoding": "identity"}) as answer:
        assert time.monotonic() - begun >= 0.3
        assert '"content":"Late."' in answer.read().decode()


def test_a_hold_bounds_every_wait(standin: Any) -> None:
    """No fault can be asked to last longer than the longest wait."""
    answer = standin.http.put(
        "/_standin/scripts/zq9999999999", json={"turn": [{"fault": {"kind": "stall", "max_s": 1e9}}]}
    )
    assert answer.status_code == 400
    assert "not a number of seconds from 0 to 600" in answer.json()["error"]


def test_a_fault_passes_after_so_many_requests_of_its_place(standin: Any) -> None:
    """`times` counts the requests for one place in the conversation, and the step is played without the fault then."""
    step = {"text": "Fine.", "fault": {"kind": "http", "status": 503, "times": 2}}
    nonce = standin.script(step)
    assert [standin.ask(nonce).status_code for _ in range(3)] == [503, 503, 200]
    assert [call["fault"] for call in standin.calls(nonce)] == ["http", "http", ""]


def test_a_fault_lasts_until_its_gate_is_opened(standin: Any) -> None:
    """`until` names a gate: however often a server asks of itself, the fault lasts, and then it is over."""
    nonce = standin.script({"text": "Fine.", "fault": {"kind": "http", "status": 503, "until": "mended"}})
    assert [standin.ask(nonce).status_code for _ in range(5)] == [503] * 5
    standin.http.post("/_standin/gates/mended")
    assert standin.ask(nonce).status_code == 200


def test_endless_calls_end_after_their_rounds(standin: Any) -> None:
    """Each result is answered with another call, whatever the script has left, until the rounds are up."""
    call = {"name": "get_weather", "arguments": {}}
    nonce = standin.script({"calls": [call], "fault": {"kind": "endless-tools", "rounds": 3}}, {"text": "Enough."})
    messages = standin.body(nonce)["messages"]
    finishes = []
    for n in range(4):
        answer = standin.ask(nonce, stream=False, messages=messages).json()["choices"][0]
        finishes.append(answer["finish_reason"])
        made = [{**call, "id": f"c{n}"} for call in answer["message"].get("tool_calls", ())]
        messages = [
            *messages,
            {"role": "assistant", "tool_calls": made},
            {"role": "tool", "tool_call_id": f"c{n}", "content": "18"},
        ]
    assert finishes == ["tool_calls", "tool_calls", "tool_calls", "stop"]


def test_ids_are_repeated_from_the_turn_before(standin: Any) -> None:
    """The reply has the id of the conversation's answer before it, and its calls the id of the newest call."""
    first = standin.script({"text": "One."})
    earlier = standin.chunks(first)[0]["id"]
    second = standin.script({"calls": [{"name": "get_weather", "arguments": {}}], "fault": {"kind": "repeated-ids"}})
    call = {"id": "c0", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": first},
        {"role": "assistant", "tool_calls": [{**call, "extra_content": {"google": {"thought_signature": "c2ln"}}}]},
        {"role": "tool", "tool_call_id": "c0", "content": "18"},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": second},
    ]
    chunk = standin.chunks(second, messages=messages)[0]
    assert chunk["id"] == earlier
    assert chunk["choices"][0]["delta"]["tool_calls"][0]["id"] == "c0"


def test_a_gzip_bomb_is_small_on_the_wire_and_huge_unpacked(standin: Any) -> None:
    """A hundred million characters come as gzip of less than a megabyte."""
    nonce = faulty(standin, "gzip-bomb")
    url = f"{standin.face}chat/completions"
    with standin.http.stream("POST", url, json=standin.body(nonce)) as answer:
        size = sum(map(len, answer.iter_raw()))
    assert size < 1_000_000
    assert len(standin.calls(nonce)[0]["sent"][1]["data"]) < 1_000
