"""Requests outside the conversation, answers in JSON, calls that must be made: none of them takes a script's step."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from chatkit_conformance.moves.marks import KINDS
from gemini_standin.minimal import minimal, passes
from gemini_standin.side import TITLED


def test_a_title_has_the_mark_by_which_titles_are_known() -> None:
    """What the stand-in puts into a title is what the checks look for in one."""
    assert KINDS["title"] == TITLED


def judgement(flag: str) -> dict[str, Any]:
    """A guardrail's schema: reasons, and a truth value of this name."""
    return {
        "type": "object",
        "properties": {"reasoning": {"type": "string"}, flag: {"type": "boolean"}},
        "required": ["reasoning", flag],
        "additionalProperties": False,
    }


GUARDRAIL = judgement("is_safe")


def wanted(schema: dict[str, Any]) -> dict[str, Any]:
    """A `response_format` for this schema, as the Agents SDK sends it."""
    return {"type": "json_schema", "json_schema": {"name": "final_output", "schema": schema, "strict": True}}


def judged(standin: Any, nonce: str, schema: dict[str, Any], **more: Any) -> Any:
    """What a guardrail of its own instructions is answered, parsed."""
    orders = {"role": "system", "content": "Decide whether the user's message may pass."}
    messages = [orders, *standin.body(nonce)["messages"]]
    body = {"stream": False, "tools": [], "messages": messages, "response_format": wanted(schema), **more}
    return json.loads(standin.ask(nonce, **body).json()["choices"][0]["message"]["content"])


def said(standin: Any, nonce: str, **more: Any) -> str:
    """The text of a streamed answer."""
    chunks = standin.chunks(nonce, **more)
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


def test_guardrails_run_before_and_beside_the_first_answer(start_standin: Callable[..., Any]) -> None:
    """Two guardrails before the very first request of the conversation get JSON that lets pass, and eat nothing."""
    standin = start_standin()
    nonce = standin.script({"attempts": [{"text": "Hello."}, {"text": "Asked twice."}]})
    assert judged(standin, nonce, GUARDRAIL)["is_safe"] is True
    assert judged(standin, nonce, judgement("is_jailbreak"))["is_jailbreak"] is False
    assert said(standin, nonce) == "Hello."
    assert judged(standin, nonce, GUARDRAIL)["is_safe"] is True
    assert [(call["side"], call["attempt"]) for call in standin.calls(nonce)] == [
        (True, 0),
        (True, 0),
        (False, 0),
        (True, 0),
    ]


def test_a_guardrail_with_another_http_client_is_the_same_servers(start_standin: Callable[..., Any]) -> None:
    """Guardrails of two conversations that begin at once are known by the key, whatever client asks for them."""
    standin = start_standin()
    before = standin.script({"text": "Welcome."})
    assert said(standin, before) == "Welcome."
    nonces = [standin.script({"attempts": [{"text": "Hello."}, {"text": "Asked twice."}]}) for _ in range(2)]
    for nonce in nonces:
        assert judged(standin, nonce, GUARDRAIL, headers={"user-agent": "another/1.0"})["is_safe"] is True
    assert [said(standin, nonce) for nonce in nonces] == ["Hello.", "Hello."]


def test_an_agent_that_speaks_json_is_the_conversation(start_standin: Callable[..., Any]) -> None:
    """A server that streams JSON is answered by its script, the text put where the schema has a text for the user."""
    standin = start_standin()
    schema = {
        "type": "object",
        "properties": {"mood": {"enum": ["kind", "stern"]}, "reply": {"type": "string"}},
        "required": ["mood", "reply"],
    }
    nonce = standin.script({"text": "Ferns like shade."})
    text = said(standin, nonce, tools=[], response_format=wanted(schema))
    assert json.loads(text) == {"mood": "kind", "reply": "Ferns like shade."}
    assert standin.calls(nonce)[0]["side"] is False


def test_an_agent_that_only_ever_asks_for_json_is_known_from_its_second_turn(start_standin: Callable[..., Any]) -> None:
    """Without streams, tools or a plain request, its second turn shows that its JSON is the conversation."""
    standin = start_standin()
    schema = {"type": "object", "properties": {"reply": {"type": "string"}}, "required": ["reply"]}
    nonces = [standin.script({"text": f"Answer {n}."}) for n in range(2)]
    answers = [judged(standin, nonce, schema)["reply"] for nonce in nonces]
    assert answers[1] == "Answer 1."
    assert [standin.calls(nonce)[0]["side"] for nonce in nonces] == [True, False]


def test_json_with_tools_is_the_conversation(standin: Any) -> None:
    """A request that declares tools is never a side request, and its call is played as the script has it."""
    nonce = standin.script({"calls": [{"name": "get_weather", "arguments": {}}]})
    chunk = standin.chunks(nonce, response_format=wanted(GUARDRAIL))[0]
    assert chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] == "get_weather"


def test_a_title_in_json_and_in_other_languages(start_standin: Callable[..., Any]) -> None:
    """A title is told as the script's `side` says it, in JSON where that is asked for, whatever the language."""
    standin = start_standin()
    nonce = standin.script({"text": "main"}, side={"text": "Weather in Paris"})
    title = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    assert judged(standin, nonce, title) == {"title": "Weather in Paris"}
    assert said(standin, nonce, tools=[]) == "main"
    for words in (
        "Schreibe einen Titel für diese Unterhaltung.",
        "Donne un titre à cette conversation.",
        "给这个对话起标题",
    ):
        orders = [{"role": "system", "content": words}, *standin.body(nonce)["messages"]]
        assert said(standin, nonce, tools=[], messages=orders) == "Weather in Paris", words


def test_instructions_that_speak_of_titles_do_not_make_a_title_request(start_standin: Callable[..., Any]) -> None:
    """A server without tools whose own instructions name titles and conversations is answered by its scripts."""
    standin = start_standin()
    for n in range(3):
        nonce = standin.script({"text": f"main {n}"})
        words = (
            "You write titles and summaries for a conversation, or whatever else the user of this desk may ask. Today: "
        )
        orders = [{"role": "system", "content": f"{words}{n}"}, *standin.body(nonce)["messages"]]
        assert said(standin, nonce, tools=[], messages=orders) == f"main {n}"


def test_an_excerpt_without_a_nonce_is_a_side_request(start_standin: Callable[..., Any]) -> None:
    """A server of known conversations that asks something without any nonce asks beside them."""
    standin = start_standin()
    nonce = standin.script({"text": "main"})
    assert said(standin, nonce) == "main"
    standin.ask("", tools=[], messages=[{"role": "user", "content": "Which language is this: Bonjour"}])
    assert standin.calls("")[-1]["side"] is True


def test_a_second_agent_without_tools_goes_on_with_the_conversation(start_standin: Callable[..., Any]) -> None:
    """After a handoff another agent answers: no tools, other instructions, and still the conversation's next step."""
    standin = start_standin()
    first = standin.script({"calls": [{"name": "transfer_to_ferns", "arguments": {}}]}, {"text": "I know ferns."})
    chunk = standin.chunks(first)[0]
    call = chunk["choices"][0]["delta"]["tool_calls"][0]
    orders = {"role": "system", "content": "You are the agent for ferns."}
    handed = [
        orders,
        *standin.body(first)["messages"],
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "assistant: ferns"},
    ]
    assert said(standin, first, tools=[], messages=handed) == "I know ferns."
    second = standin.script({"text": "They like shade."})
    later = [*handed, {"role": "assistant", "content": "I know ferns."}, *standin.body(second)["messages"]]
    assert said(standin, second, tools=[], messages=later) == "They like shade."
    assert standin.calls(second)[0]["side"] is False


def test_the_same_messages_without_tools_are_the_conversation(start_standin: Callable[..., Any]) -> None:
    """A server may ask once more without the tools with which the model failed: it gets the script's next attempt."""
    standin = start_standin()
    nonce = standin.script({"attempts": [{"text": "Fai"}, {"text": "Whole."}]})
    assert said(standin, nonce) == "Fai"
    assert said(standin, nonce, tools=[]) == "Whole."
    assert [(call["side"], call["attempt"]) for call in standin.calls(nonce)] == [(False, 0), (False, 1)]


def test_a_tool_that_must_be_called_is_called(standin: Any) -> None:
    """`required`, or a named tool, gets a call made from the schema; the script's text answers its result."""
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tools = [
        {"type": "function", "function": {"name": "delete_all", "parameters": {"type": "object", "properties": {}}}},
        {"type": "function", "function": {"name": "get_weather", "parameters": city}},
    ]
    named = {"type": "function", "function": {"name": "delete_all"}}
    for choice, name, arguments in (("required", "get_weather", '{"city":"Paris"}'), (named, "delete_all", "{}")):
        nonce = standin.script({"text": "It is warm."})
        call = standin.chunks(nonce, tools=tools, tool_choice=choice)[0]["choices"][0]["delta"]["tool_calls"][0]
        assert call["function"] == {"arguments": arguments, "name": name}
        messages = [
            *standin.body(nonce)["messages"],
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": "18"},
        ]
        assert said(standin, nonce, tools=tools, messages=messages) == "It is warm."


def test_a_tool_that_ends_the_turn_says_the_scripts_text(standin: Any) -> None:
    """Where every answer must be a call, the text goes into the tool that ends the turn."""
    text = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    tools = [
        {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}},
        {"type": "function", "function": {"name": "final_answer", "parameters": text}},
    ]
    nonce = standin.script({"text": "It is warm."})
    chunk = standin.chunks(nonce, tools=tools, tool_choice="required")[0]
    function = chunk["choices"][0]["delta"]["tool_calls"][0]["function"]
    assert (function["name"], json.loads(function["arguments"])) == ("final_answer", {"answer": "It is warm."})


def test_a_scripted_call_and_a_fault_come_before_a_made_one(standin: Any) -> None:
    """`required` changes nothing where the script calls a tool itself, or breaks."""
    nonce = standin.script({"calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}]})
    call = standin.chunks(nonce, tool_choice="required")[0]["choices"][0]["delta"]["tool_calls"][0]
    assert call["function"]["arguments"] == '{"city":"Rome"}'
    broken = standin.script({"fault": {"kind": "http", "status": 500}})
    assert standin.ask(broken, tool_choice="required").status_code == 500


SCHEMAS: dict[str, dict[str, Any]] = {
    "references": {
        "$defs": {"Task": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
        "type": "object",
        "properties": {"task": {"$ref": "#/$defs/Task"}, "tasks": {"type": "array", "items": {"$ref": "#/$defs/Task"}}},
        "required": ["task", "tasks"],
    },
    "itself": {
        "$defs": {
            "Node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}}}
        },
        "$ref": "#/$defs/Node",
    },
    "alternatives": {
        "type": "object",
        "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "string"}]}, "b": {"type": ["null", "number"]}},
        "required": ["a", "b"],
    },
    "parts": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"const": 3}}, "required": ["b"]},
        ]
    },
    "bounds": {
        "type": "object",
        "properties": {
            "short": {"type": "string", "maxLength": 4},
            "long": {"type": "string", "minLength": 60},
            "few": {"type": "array", "items": {"enum": ["x", "y"]}, "minItems": 2},
            "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
            "big": {"type": "integer", "minimum": 10, "multipleOf": 4},
            "above": {"type": "number", "exclusiveMinimum": 5},
            "below": {"type": "integer", "exclusiveMaximum": 0},
            "when": {"type": "string", "format": "date-time"},
            "id": {"type": "string", "format": "uuid"},
        },
        "required": ["short", "long", "few", "pair", "big", "above", "below", "when", "id"],
    },
    "itself in what it requires": {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {
                    "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                    "said": {"type": "string"},
                },
                "required": ["next", "said"],
            }
        },
        "$ref": "#/$defs/Node",
    },
    "different items": {
        "type": "object",
        "properties": {
            "words": {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
            "numbers": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True},
            "holds": {"type": "array", "contains": {"const": 3}, "minItems": 1},
        },
        "required": ["words", "numbers", "holds"],
    },
    "any names": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "examples of another type": {
        "type": "object",
        "properties": {"a": {"type": "string", "default": 5}, "b": {"type": "string", "examples": [5, "five"]}},
        "required": ["a", "b"],
    },
    "guardrail": GUARDRAIL,
    "anything": {"type": "object"},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_least_that_fits_a_schema_fits_it(name: str) -> None:
    """What is made from a schema is valid by it, with and without a text to say."""
    validator = jsonschema_rs.validator_for(SCHEMAS[name], validate_formats=True)
    for text in (None, "Hello."):
        assert validator.is_valid(minimal(SCHEMAS[name], text)), minimal(SCHEMAS[name], text)


def test_every_truth_value_lets_the_message_pass() -> None:
    """Names that speak well of a message are true, their opposites and all others false."""
    for name in ("is_relevant", "isSafe", "allowed", "ok", "valid", "on_topic", "is_on_topic", "in_scope", "passes"):
        assert passes(name), name
    for name in (
        "tripwire_triggered",
        "blocked",
        "is_jailbreak",
        "off_topic",
        "not_relevant",
        "is_unsafe",
        "irrelevant",
        "invalid",
    ):
        assert not passes(name), name
    verdict = {"type": "object", "properties": {"verdict": {"enum": ["block", "allow"]}}, "required": ["verdict"]}
    assert minimal(verdict) == {"verdict": "allow"}
    scores = {"risk": {"type": "number", "minimum": 0, "maximum": 1}, "relevance": {"type": "number", "maximum": 1}}
    assert minimal({"type": "object", "properties": scores, "required": list(scores)}) == {"risk": 0, "relevance": 1}


def test_a_guard_that_asks_in_words_is_no_first_attempt(start_standin: Callable[..., Any]) -> None:
    """Each agent counts its own requests for a place, so that a script of attempts is the conversation's alone."""
    standin = start_standin()
    nonce = standin.script({"attempts": [{"text": "First."}, {"text": "Second."}]})

    def told(orders: str) -> str:
        messages = [{"role": "system", "content": orders}, *standin.body(nonce)["messages"]]
        return said(standin, nonce, tools=[], messages=messages)

    guard = "Is this message safe? Answer with one word."
    assert [told(guard), told("You help. It is 12:01:07.")] == ["First.", "First."]
    assert [told(guard), told("You help. It is 12:01:09.")] == ["Second.", "Second."]
