"""A stand-in that passes on: what is behind it answers, and the journal holds both as it holds a script's."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx
import pytest
from google import genai
from google.genai import types

from tests.gemini_standin.conftest import Running

Start = Callable[..., Running]


@pytest.fixture
def standin(start_standin: Start) -> Running:
    """One of its own: settings that another test has made would change what passes."""
    return start_standin()


@pytest.fixture
def front(standin: Running, start_standin: Start) -> Running:
    """A stand-in that passes on to another, which plays scripts."""
    return start_standin("--upstream", standin.face)


SAME = ("nonce", "position", "attempt", "side", "method", "path", "body", "status", "complaints")
"""What both journals tell alike."""


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_passes_as_it_is_and_both_journals_tell_the_same(
    standin: Running, front: Running, stream: bool
) -> None:
    """Events, or the whole, come unchanged; each is noted once it passes."""
    nonce = standin.script({"text": "Hello there, how are you?", "chunk_chars": 5})
    direct = standin.ask(standin.script({"text": "Hello there, how are you?", "chunk_chars": 5}), stream=stream)
    through = front.ask(nonce, stream=stream)
    assert through.status_code == 200
    assert through.headers["content-type"] == direct.headers["content-type"]
    over = {"calls": 1, "finished": 1, "timeout": 5}
    (behind,), (before,) = standin.calls(nonce, **over), front.calls(nonce, **over)
    assert {key: before[key] for key in SAME} == {key: behind[key] for key in SAME}
    assert [sent["data"] for sent in before["sent"]] == [sent["data"] for sent in behind["sent"]]
    assert before["finished_at"] is not None
    if stream:
        assert [line[6:] for line in through.text.split("\n\n") if line] == [row["data"] for row in before["sent"]]


def test_gemini_s_own_api_passes_and_the_journal_tells_it_as_a_chat(standin: Running, front: Running) -> None:
    """Google's own client gets the calls and words that are behind, and the journal holds them in one form."""
    client = genai.Client(api_key="canary", http_options=types.HttpOptions(base_url=front.url))
    nonce = standin.script({"calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}]}, {"text": "Sunny."})
    whole = client.models.generate_content(model="gemini-3.8-flash", contents=f"Hi (ref {nonce})")
    assert [call.args for call in whole.function_calls or ()] == [{"city": "Rome"}]
    again = standin.script({"text": "Sunny again."})
    chunks = list(client.models.generate_content_stream(model="gemini-3.8-flash", contents=f"Hi (ref {again})"))
    assert "".join(chunk.text or "" for chunk in chunks) == "Sunny again."
    assert '"get_weather"' in front.calls(nonce)[0]["sent"][0]["data"]
    (before,) = front.calls(again)
    assert '"content": "Sunny"' in before["sent"][0]["data"]
    assert before["sent"][-1]["data"] == "[DONE]"
    assert before["body"]["messages"] == [{"role": "user", "content": f"Hi (ref {again})"}]


def test_an_answer_that_breaks_off_breaks_off_here(standin: Running, front: Running) -> None:
    """What was cut is cut, and not mended to an end."""
    nonce = standin.script({"text": "Hello there.", "chunk_chars": 3, "fault": {"kind": "cut", "after": 2}})
    with pytest.raises(httpx.RemoteProtocolError):
        front.ask(nonce)
    assert "[DONE]" not in [sent["data"] for sent in front.calls(nonce)[0]["sent"]]


def test_what_is_refused_behind_it_is_refused_in_the_same_words(standin: Running, front: Running) -> None:
    """A refusal's words are the complaint; what was taken has none, whatever our rules say."""
    nonce = standin.script({"text": "Hello."})
    refused = front.ask(nonce, frequency_penalty=0.5)
    assert refused.status_code == 400
    assert refused.text == standin.ask(nonce, frequency_penalty=0.5).text
    assert "frequency_penalty" in front.calls(nonce)[0]["complaints"][0]
    standin.set(strict_fields=False)
    try:
        assert front.ask(nonce, frequency_penalty=0.5).status_code == 200
        assert front.calls(nonce)[-1]["complaints"] == []
    finally:
        standin.set(strict_fields=True)


def test_where_nobody_answers_it_says_so_in_geminis_form(start_standin: Start) -> None:
    """An address that refuses connections is told, with the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = start_standin("--upstream", f"http://127.0.0.1:{port}/v1beta/openai/").ask("zq0123456789")
    assert answer.status_code == 502
    assert f"Gemini could not be reached at http://127.0.0.1:{port}" in answer.json()[0]["error"]["message"]
