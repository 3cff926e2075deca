"""Gemini's own API in front of the same scripts: asked by its own client, and by hand where a client would hide it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

MODEL = "gemini-3.8-flash"
TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            description="The weather of a city.",
            parameters=types.Schema(
                type=types.Type.OBJECT, properties={"city": types.Schema(type=types.Type.STRING, nullable=True)}
            ),
        )
    ]
)


@pytest.fixture
def client(standin: Any) -> genai.Client:
    """Google's own client, led to the stand-in."""
    return genai.Client(api_key="canary", http_options=types.HttpOptions(base_url=standin.url))


def test_a_scripted_text_comes_whole_and_streamed(standin: Any, client: genai.Client) -> None:
    """The same script answers both methods, with its tokens counted and its end said."""
    nonce = standin.script({"text": "Hello there, how are you?"})
    whole = client.models.generate_content(model=MODEL, contents=f"Hi (ref {nonce})")
    assert whole.text == "Hello there, how are you?"
    again = standin.script({"text": "Hello there, how are you?"})
    chunks = list(client.models.generate_content_stream(model=MODEL, contents=f"Hi (ref {again})"))
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert chunks[-1].candidates is not None
    assert chunks[-1].candidates[0].finish_reason is types.FinishReason.STOP
    assert chunks[-1].usage_metadata is not None
    assert chunks[-1].usage_metadata.total_token_count


def test_tool_calls_and_their_results_go_round(standin: Any, client: genai.Client) -> None:
    """Two calls come with ids and a signature; their results lead to the next step, in the journal as a chat."""
    calls = [{"name": "get_weather", "arguments": {"city": city}} for city in ("Rome", "Oslo")]
    nonce = standin.script({"calls": calls}, {"text": "Sunny."})
    config = types.GenerateContentConfig(tools=[TOOL], system_instruction="Be kind.")
    asked = types.Content(role="user", parts=[types.Part(text=f"Weather? (ref {nonce})")])
    made = client.models.generate_content(model=MODEL, contents=[asked], config=config)
    assert made.candidates is not None
    answer = made.candidates[0].content
    assert answer is not None
    assert [call.args for call in made.function_calls or ()] == [{"city": "Rome"}, {"city": "Oslo"}]
    results = [
        types.Part.from_function_response(name="get_weather", response={"result": text}) for text in ("hot", "cold")
    ]
    said = client.models.generate_content(
        model=MODEL, contents=[asked, answer, types.Content(role="user", parts=results)], config=config
    )
    assert said.text == "Sunny."
    first, second = standin.calls(nonce, calls=2, finished=2, timeout=30)
    assert (first["position"], second["position"]) == (0, 1)
    body = second["body"]
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    made_calls = body["messages"][2]["tool_calls"]
    assert [m["tool_call_id"] for m in body["messages"][3:]] == [call["id"] for call in made_calls]
    assert [m["content"] for m in body["messages"][3:]] == ["hot", "cold"]
    assert made_calls[0]["extra_content"]["google"]["thought_signature"]
    assert body["tools"][0]["function"]["parameters"]["properties"]["city"]["type"] == ["string", "null"]


@pytest.mark.parametrize("streaming", [False, True])
def test_an_error_is_an_object_and_not_a_list(standin: Any, client: genai.Client, streaming: bool) -> None:
    """Refusals and scripted errors have the body of Gemini's own API, which its client reads."""
    nonce = standin.script({"fault": {"kind": "http", "status": 400}})
    asked: dict[str, Any] = {"model": MODEL, "contents": f"Hi (ref {nonce})"}
    asked["config"] = types.GenerateContentConfig(tools=[TOOL])  # without tools it would pass for a title's request
    ask = client.models.generate_content_stream if streaming else client.models.generate_content
    with pytest.raises(errors.ClientError) as e:
        list(ask(**asked))
    assert e.value.code == 400
    assert e.value.status


def test_a_cut_stream_is_cut_and_has_no_done(standin: Any) -> None:
    """Events end with CR LF CR LF; [DONE] is not said; a fault breaks this stream as it breaks the other."""
    body = {"contents": [{"role": "user", "parts": [{"text": "Hi (ref {})"}]}]}

    def ask(nonce: str) -> bytes:
        url = f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
        content = json.dumps(body).replace("{})", f"{nonce})")
        made = standin.http.build_request("POST", url, content=content, headers={"x-goog-api-key": "canary"})
        del made.headers["authorization"]
        with_it = standin.http.send(made, stream=True)
        got = b""
        try:
            for piece in with_it.iter_bytes():
                got += piece
        except Exception:  # what came before the cut is what counts
            return got + b"<cut>"
        finally:
            with_it.close()
        return got

    whole = ask(standin.script({"text": "One two three four five."}))
    assert whole.endswith(b"\r\n\r\n")
    assert b"[DONE]" not in whole
    assert b'"candidates"' in whole
    cut = ask(standin.script({"text": "One two three four five.", "fault": {"kind": "cut", "after": 1}}))
    assert cut.endswith(b"<cut>")


def test_arguments_that_are_no_object_come_back_as_they_were_sent(standin: Any) -> None:
    """A call whose arguments are broken text, sent back as it came, is in the journal as the script made it."""
    nonce = standin.script({"calls": [{"name": "get_weather", "arguments": '{"broken'}]}, {"text": "Well."})

    def ask(*contents: Any) -> Any:
        url = f"/v1beta/models/{MODEL}:generateContent"
        tools = [{"functionDeclarations": [{"name": "get_weather", "description": "The weather of a city."}]}]
        body = {"contents": contents, "tools": tools}
        made = standin.http.build_request("POST", url, json=body, headers={"x-goog-api-key": "canary"})
        del made.headers["authorization"]
        return standin.http.send(made).json()["candidates"][0]["content"]

    asked = {"role": "user", "parts": [{"text": f"Weather? (ref {nonce})"}]}
    answer = ask(asked)
    result = {"functionResponse": {"name": "get_weather", "response": {"result": "no such city"}}}
    assert ask(asked, answer, {"role": "user", "parts": [result]})["parts"][0]["text"] == "Well."
    second = standin.calls(nonce, calls=2, finished=2, timeout=30)[1]
    assert second["body"]["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"broken'
