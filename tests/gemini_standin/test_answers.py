"""What an answer looks like in each dialect, byte by byte where it matters."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

import httpx
import pytest

PARIS = {"name": "get_weather", "arguments": {"city": "Paris"}}
LONDON = {"name": "get_weather", "arguments": {"city": "London"}}


def masked(text: str) -> str:
    """The text with what differs from run to run named instead."""
    text = re.sub(r'"created":\d{10}', '"created":NOW', text)
    text = re.sub(r'"thought_signature":"[A-Za-z0-9+/]{72}"', '"thought_signature":"SIGNATURE"', text)
    text = re.sub(r'"id":"[A-Za-z0-9_-]{22,23}","model"', '"id":"REPLY","model"', text)
    text = re.sub(r'"id":"function-call-\d{17,20}"', '"id":"function-call-N"', text)
    text = re.sub(r'"id":"call_\d{6,7}"', '"id":"call_N"', text)
    return re.sub(r'"id":"[A-Za-z0-9]{8}"', '"id":"ALNUM8"', text)


def test_text_in_gemini_3_byte_for_byte(standin: Any) -> None:
    """A 3.x text: role in every delta, no usage unless asked for, last a chunk of only a signature and stop."""
    nonce = standin.script({"text": "Grüße, <b>“you”</b>", "chunk_chars": 7})
    envelope = '"created":NOW,"id":"REPLY","model":"gemini-3.8-flash","object":"chat.completion.chunk"}\n\n'
    assert masked(standin.ask(nonce).text) == (
        'data: {"choices":[{"delta":{"content":"Grüße, ","role":"assistant"},"index":0}],'
        + envelope
        + 'data: {"choices":[{"delta":{"content":"<b>“you","role":"assistant"},"index":0}],'
        + envelope
        + 'data: {"choices":[{"delta":{"content":"”</b>","role":"assistant"},"index":0}],'
        + envelope
        + 'data: {"choices":[{"delta":{"extra_content":{"google":{"thought_signature":"SIGNATURE"}},'
        '"role":"assistant"},'
        '"finish_reason":"stop","index":0}],' + envelope + "data: [DONE]\n\n"
    )


def test_call_in_gemini_25_byte_for_byte(standin: Any) -> None:
    """A 2.5 call: one chunk with the whole call, its finish reason and, when asked for, usage."""
    nonce = standin.script(
        {"calls": [PARIS], "usage": {"prompt_tokens": 108, "completion_tokens": 19, "thinking_tokens": 67}},
        profile="gemini-2.5",
    )
    answer = standin.ask(nonce, model="models/gemini-2.5-flash", stream_options={"include_usage": True})
    assert masked(answer.text) == (
        'data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{"function":{'
        '"arguments":"{\\"city\\":\\"Paris\\"}",'
        '"name":"get_weather"},"id":"function-call-N","type":"function"}]},"finish_reason":"tool_calls","index":0}],'
        '"created":NOW,"id":"REPLY","model":"models/gemini-2.5-flash","object":"chat.completion.chunk",'
        '"usage":{"completion_tokens":19,"prompt_tokens":108,"total_tokens":194}}\n\ndata: [DONE]\n\n'
    )


PARALLEL: dict[str, list[tuple[int, str | None, str]]] = {
    "gemini-3": [(2, None, "ALNUM8"), (0, "stop", "")],
    "gemini-3.8": [(2, None, "call_N"), (0, "stop", "")],
    "gemini-2.5": [(1, "tool_calls", "function-call-N")],
    "gemini-2.5-pro-2025": [(1, "tool_calls", "")],
    "gemini-2.0": [(1, "stop", "")],
}
"""By profile: how many chunks with calls and their finish reason and ids, then the closing chunk if there is one."""


@pytest.mark.parametrize("profile", PARALLEL)
def test_two_calls_in_every_dialect(standin: Any, profile: str) -> None:
    """Two calls come in one delta (2.x) or a delta each (3.x), without index, signature on the first alone."""
    chunks = standin.chunks(standin.script({"calls": [PARIS, LONDON]}, profile=profile))
    with_calls = [c["choices"][0] for c in chunks if "tool_calls" in c["choices"][0]["delta"]]
    calls = [call for choice in with_calls for call in choice["delta"]["tool_calls"]]
    count, finish, shown = PARALLEL[profile][0]
    assert len(with_calls) == count
    assert with_calls[-1].get("finish_reason") == finish
    assert [json.loads(call["function"]["arguments"])["city"] for call in calls] == ["Paris", "London"]
    assert [masked(f'"id":"{call["id"]}"') for call in calls] == [f'"id":"{shown}"'] * 2
    assert not any("index" in call for call in calls)
    assert ["extra_content" in call for call in calls] == [finish is None, False]
    assert len(chunks) == count + len(PARALLEL[profile]) - 1
    assert all(("id" in c) == (profile != "gemini-2.0") for c in chunks)
    if len(PARALLEL[profile]) == 2:
        assert chunks[-1]["choices"] == [{"delta": {"role": "assistant"}, "finish_reason": "stop", "index": 0}]


@pytest.mark.parametrize(
    ("profile", "layout", "count"), [("gemini-3", "one-delta", 1), ("gemini-2.5", "one-per-delta", 2)]
)
def test_layout_can_be_turned(standin: Any, profile: str, layout: str, count: int) -> None:
    """A script may lay parallel calls out as the other family does."""
    chunks = standin.chunks(standin.script({"calls": [PARIS, LONDON], "layout": layout}, profile=profile))
    assert sum("tool_calls" in c["choices"][0]["delta"] for c in chunks) == count


@pytest.mark.parametrize("profile", PARALLEL)
def test_whole_answer_always_finishes_tool_calls(standin: Any, profile: str) -> None:
    """An answer that is not streamed says tool_calls in every dialect, has no content key, and always has usage."""
    answer = standin.ask(standin.script({"calls": [PARIS]}, profile=profile), stream=False)
    value = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert list(value) == sorted(value)
    assert value["choices"][0]["finish_reason"] == "tool_calls"
    assert "content" not in value["choices"][0]["message"]
    assert value["usage"]["total_tokens"] >= value["usage"]["prompt_tokens"] + value["usage"]["completion_tokens"]


def test_signature_on_the_message_in_2025(standin: Any) -> None:
    """The 2025 thinking model puts its signature on the whole message, twice."""
    nonce = standin.script({"text": "Noon."}, profile="gemini-2.5-pro-2025")
    message = standin.ask(nonce, stream=False).json()["choices"][0]["message"]
    assert message["extra_content"]["google"] == {"thought": True, "thought_signature": message["thought_signature"]}


def test_text_finishes_on_its_last_chunk_in_2x(standin: Any) -> None:
    """In 2.x the last piece of text carries stop itself, and the first chunk is small by default."""
    chunks = standin.chunks(standin.script({"text": "Hello there, how are you?"}, profile="gemini-2.5"))
    assert [c["choices"][0]["delta"]["content"] for c in chunks] == ["Hello", " there, how are you?"]
    assert [c["choices"][0].get("finish_reason") for c in chunks] == [None, "stop"]


def test_usage_is_cumulative_on_every_chunk(standin: Any) -> None:
    """Asked for, usage is on every chunk and grows; thinking is in the total alone; 2.0 counts at the end."""
    step = {"chunks": ["abcd", "efgh", "ij"], "usage": {"prompt_tokens": 5, "thinking_tokens": 9}}
    for profile, expected in (("gemini-2.5", [1, 2, 3]), ("gemini-2.0", [0, 0, 3])):
        chunks = standin.chunks(standin.script(step, profile=profile), stream_options={"include_usage": True})
        assert [c["usage"]["completion_tokens"] for c in chunks] == expected
        assert chunks[-1]["usage"]["total_tokens"] == 5 + 3 + 9


def test_thought_is_flagged_and_closed_by_the_answer(standin: Any) -> None:
    """A thought is content in <thought>, flagged; the answer's first delta closes it and has no flag."""
    chunks = standin.chunks(standin.script({"thought": "Hm.", "text": "Yes.", "chunk_chars": 9}, profile="gemini-2.5"))
    assert [c["choices"][0]["delta"] for c in chunks] == [
        {"content": "<thought>Hm.", "extra_content": {"google": {"thought": True}}, "role": "assistant"},
        {"content": "</thought>Yes.", "role": "assistant"},
    ]


def test_finish_can_be_overridden_and_left_out(standin: Any) -> None:
    """A script's finish replaces the dialect's; null leaves the key out, never null on the wire."""
    said = standin.chunks(standin.script({"text": "a", "finish": "length"}))[-1]["choices"][0]
    left_out = standin.chunks(standin.script({"text": "a", "finish": None}))[-1]["choices"][0]
    assert said["finish_reason"] == "length"
    assert "finish_reason" not in left_out


def test_headers_are_the_front_ends(standin: Any) -> None:
    """A stream's headers are those that were recorded: no charset, Google's server name, three Vary lines."""
    answer = standin.ask(standin.script({"text": "a"}))
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["server"] == "scaffolding on HTTPServer2"
    assert re.fullmatch(r"gfet4t7; dur=\d+", answer.headers["server-timing"])
    assert answer.headers.get_list("vary") == ["Origin", "X-Origin", "Referer"]
    assert answer.headers["x-gemini-service-tier"] == "standard"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert not {"cache-control", "retry-after", "x-request-id"} & set(answer.headers)


def test_gzip_lets_each_event_be_read_alone(standin: Any) -> None:
    """With gzip every event is flushed: after n transfer chunks exactly n events can be read."""
    nonce = standin.script({"chunks": ["one", "two", "three"], "gap_s": 0.05}, profile="gemini-2.5")
    reader, seen, text = zlib.decompressobj(31), [], b""
    head = {"accept-encoding": "gzip", "authorization": "Bearer k"}
    url = f"{standin.face}chat/completions"
    with httpx.stream("POST", url, json=standin.body(nonce), headers=head, trust_env=False) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        for piece in answer.iter_raw():
            text += reader.decompress(piece)
            assert text.endswith(b"\n\n")
            seen.append(text.count(b"\n\n"))
    assert seen[:2] == [1, 2]
    assert text.endswith(b"data: [DONE]\n\n")
    assert reader.eof


def test_same_seed_gives_the_same_ids(start_standin: Any) -> None:
    """Ids and signatures hang on the seed and the conversation, not on what else was asked."""
    texts = []
    for seed, noise in (("7", 0), ("7", 3), ("8", 0)):
        running = start_standin("--seed", seed)
        running.http.put("/_standin/scripts/zqabcdefghij", json={"turn": [{"calls": [PARIS]}]})
        for _ in range(noise):
            running.ask("zq0000000000")
        texts.append(re.sub(r'"created":\d+', "", running.ask("zqabcdefghij").text))
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_models_are_listed_as_gemini_lists_them(standin: Any) -> None:
    """The list's ids carry models/, there is no created, and keys keep their order."""
    text = standin.http.get("/v1beta/openai/models").text
    assert text.startswith(
        '{"object":"list","data":[{"id":"models/gemini-3.8-flash","object":"model","owned_by":"google"'
    )
    assert "created" not in text
    assert "gemini-2.0-flash" not in text
