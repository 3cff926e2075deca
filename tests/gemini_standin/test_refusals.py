"""What Gemini refuses, in its own words, and the switches for it."""

from __future__ import annotations

from typing import Any

import pytest

USER = {"role": "user", "content": "Hello"}
SIGNED = {"google": {"thought_signature": "c2ln"}}


def call(id: str = "c1", signed: bool = True, name: str = "get_weather") -> dict[str, Any]:
    """A tool call as an assistant message lists it."""
    made: dict[str, Any] = {"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}}
    return {**made, "extra_content": SIGNED} if signed else made


def calling(*calls: dict[str, Any]) -> dict[str, Any]:
    """An assistant message with calls."""
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def result(id: str = "c1", **more: Any) -> dict[str, Any]:
    """A tool message."""
    return {"role": "tool", "tool_call_id": id, "content": "18", **more}


def tool(name: str) -> dict[str, Any]:
    """A declared tool."""
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


AFTER_CALL = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
)
AFTER_RESULT = "Please ensure that function response turn comes immediately after a function call turn."
AS_MANY = (
    "Please ensure that the number of function response parts is equal to the number of function call parts of the "
    "function call turn."
)
UNSIGNED = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, "
    "and missing thought_signature may lead to degraded model performance. Additional data, function call "
    "`default_api:get_weather` , position {n}. Please refer to "
    "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
)
NO_CONTENTS = "* GenerateContentRequest.contents: contents is not specified\n"
NO_DATA = (
    "* GenerateContentRequest.contents[0].parts[0].data: required oneof field 'data' must have one initialized field\n"
)
ROUND = [calling(call()), result()]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"store": True}, 'Invalid JSON payload received. Unknown name "store": Cannot find field.'),
    ({"extra_body": {"x": 1}}, "Invalid JSON payload received. Unknown name \"x\" at 'extra_body': Cannot find field."),
    ({"n": 10}, "Invalid value of n: should be between 1 and 8, got 10"),
    ({"n": 2}, "Multiple candidates is not enabled for this model"),
    ({"messages": []}, NO_CONTENTS),
    ({"messages": [{"role": "system", "content": "x"}]}, NO_CONTENTS),
    (
        {"messages": [USER, {"role": "assistant", "content": None}]},
        "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.\n",
    ),
    ({"messages": [{"role": "user", "content": ""}]}, NO_DATA),
    (
        {"messages": [USER, calling(call()), result("other")]},
        "* GenerateContentRequest.contents[2].parts[0].function_response.name: Name cannot be empty.\n",
    ),
    ({"tools": [tool("a"), tool("a")]}, "Duplicate function declaration found: a"),
    ({"messages": [calling(call()), result()]}, AFTER_CALL),
    ({"messages": [USER, {"role": "assistant", "content": "I look."}, *ROUND]}, AFTER_CALL),
    ({"messages": [USER, *ROUND, {"role": "assistant", "content": "18."}, result()]}, AFTER_RESULT),
    ({"messages": [USER, calling(call("c1"), call("c2")), result("c1")]}, AS_MANY),
    ({"messages": [USER, calling(call()), USER]}, AS_MANY),
    ({"messages": [USER, calling(call(signed=False)), result()]}, UNSIGNED.format(n=2)),
    ({"messages": [USER, *ROUND, calling(call("c2", signed=False)), result("c2")]}, UNSIGNED.format(n=4)),
]
"""What is odd about a request, and Gemini's answer."""


@pytest.mark.parametrize(("odd", "message"), REFUSED)
def test_refused_in_geminis_words(standin: Any, odd: dict[str, Any], message: str) -> None:
    """Each breach is a 400 with the exact message in a list of one, and a complaint in the journal."""
    answer = standin.ask("none", **odd)
    assert answer.status_code == 400
    error = answer.json()[0]["error"]
    assert (error["code"], error["message"], error["status"]) == (400, message, "INVALID_ARGUMENT")
    assert message in standin.calls()[-1]["complaints"]


def test_several_unknown_names_are_one_refusal(standin: Any) -> None:
    """Unknown names are joined by line breaks and listed as field violations."""
    error = standin.ask("none", frequency_penalty=0, top_k=1).json()[0]["error"]
    lines = [
        f'Invalid JSON payload received. Unknown name "{n}": Cannot find field.' for n in ("frequency_penalty", "top_k")
    ]
    assert error["message"] == "\n".join(lines)
    assert error["details"] == [
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"description": x} for x in lines]}
    ]


def test_bad_names_of_functions(standin: Any) -> None:
    """A name that does not begin with a letter or underscore, or is too long, is refused with its index."""
    message = standin.ask("none", tools=[tool("good"), tool("1bad")]).json()[0]["error"]["message"]
    assert message.startswith("* GenerateContentRequest.tools[0].function_declarations[1].name: Invalid function name.")
    assert standin.ask("none", tools=[tool("a" * 65)]).status_code == 400
    assert standin.ask("none", tools=[tool("a" * 64)]).status_code == 200


def test_signatures_matter_in_the_current_turn_of_3x_alone(standin: Any) -> None:
    """Earlier turns, later calls of a step, and 2.5 need no signature; no refusal, no complaint."""
    unsigned = [USER, calling(call(signed=False)), result()]
    earlier = [*unsigned, {"role": "assistant", "content": "18."}, USER]
    parallel = [USER, calling(call("c1"), call("c2", signed=False)), result("c1"), result("c2")]
    for messages in (earlier, parallel):
        assert standin.ask("none", messages=messages).status_code == 200
        assert standin.calls()[-1]["complaints"] == []
    nonce = standin.script({"text": "unused"}, {"text": "18 degrees"}, profile="gemini-2.5")
    messages = [*standin.body(nonce)["messages"], calling(call(signed=False)), result()]
    assert standin.ask(nonce, messages=messages).status_code == 200


def test_json_format_with_tools_is_refused_on_2x(standin: Any) -> None:
    """2.x takes no JSON response format beside tools; 3.x does."""
    old, new = standin.script({"text": "{}"}, profile="gemini-2.5"), standin.script({"text": "{}"})
    message = standin.ask(old, response_format={"type": "json_object"}).json()[0]["error"]["message"]
    assert message == "Function calling with a response mime type: 'application/json' is unsupported"
    assert standin.ask(new, response_format={"type": "json_object"}).status_code == 200


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Basic abc"}, {"authorization": "Bearer"}, {"x-goog-api-key": "k"}]
)
def test_missing_authorization_is_a_400(standin: Any, header: dict[str, str]) -> None:
    """Without a bearer token it is 400, not 401; Google's own key header does not count here."""
    head = {"authorization": "", **header}
    answer = standin.ask("none", headers=head)
    assert answer.status_code == 400
    assert answer.json()[0]["error"]["message"] == "Missing or invalid Authorization header."


@pytest.mark.parametrize("header", ["openai-organization", "openai-project"])
def test_openai_headers_count_as_second_credentials(standin: Any, header: str) -> None:
    """OPENAI_ORG_ID in a server's environment ends in this 400."""
    error = standin.ask("none", headers={header: "org-1"}).json()[0]["error"]
    assert error["message"] == "Multiple authentication credentials received. Please pass only one."


def test_an_empty_header_is_no_credential(standin: Any) -> None:
    """AsyncOpenAI(organization="") sends the header with nothing in it: no report says that Gemini refuses that."""
    assert standin.ask("none", headers={"openai-organization": ""}).status_code == 200


def test_other_models_are_not_found(standin: Any) -> None:
    """A model that is not Gemini's, or that never was, is a 404 with this endpoint's "v1main"."""
    answer = standin.ask("none", model="gpt-5")
    assert answer.status_code == 404
    assert answer.json()[0]["error"]["message"].startswith(
        "models/gpt-5 is not found for API version v1main, or is not"
    )
    assert standin.ask("none", model="gemini-embedding-001").status_code == 404
    assert standin.ask("none", model="models/gemini-9-flash").status_code == 404


def test_switches(start_standin: Any) -> None:
    """Lenient only complains of fields and second keys; single rules switch off; doubtful fields and keywords on."""
    standin = start_standin("--lenient")
    assert standin.ask("none", store=True, headers={"openai-project": "p"}).status_code == 200
    assert len(standin.calls()[-1]["complaints"]) == 2
    assert standin.ask("none", n=2).status_code == 400
    assert standin.set(off=["candidates"]).status_code == 200
    assert standin.ask("none", n=2).status_code == 200
    assert standin.ask("none", seed=1).status_code == 200
    standin.set(strict_fields=True, doubtful_fields="refuse", schema_keywords=["title"])
    assert standin.ask("none", seed=1).status_code == 400
    titled = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "title": "F"}}}
    message = standin.ask("none", tools=[titled]).json()[0]["error"]["message"]
    assert "Unknown name \"title\" at 'tools[0].function_declarations[0].parameters': Cannot find field." in message
    wrong = standin.set(of=["candidates"])
    assert (wrong.status_code, wrong.json()["error"].split(";")[0]) == (
        400,
        'settings: unknown key "of" (did you mean "off"?)',
    )
    wrong = standin.set(off=["candidate"], families={"x": {}}).json()["error"]
    assert '"candidate" is not known (did you mean "candidates"?)' in wrong
    assert 'settings: families: "x" is not a key that fits ^zq' in wrong


def test_body_that_is_no_json_or_too_large(standin: Any) -> None:
    """Both are a 400 in Gemini's form."""
    url, head = f"{standin.face}chat/completions", {"authorization": "Bearer k"}
    broken = standin.http.post(url, content=b"{oops", headers=head)
    assert broken.json()[0]["error"]["message"].startswith("Invalid JSON payload received.")
    large = standin.http.post(url, content=b" " * (20 * 1024 * 1024 + 1), headers=head)
    assert large.json()[0]["error"]["message"] == "Request payload size exceeds the limit: 20971520 bytes."
