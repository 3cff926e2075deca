"""What a load test needs of the stand-in: scripts for families of nonces, stamps, a light journal, ids recalled."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gemini_standin.stamps import Stamps


def test_a_family_answers_every_nonce_that_begins_so(start_standin: Callable[..., Any]) -> None:
    """A script set once for a prefix answers all its nonces, the longest prefix first, a nonce's own script before."""
    standin = start_standin()
    families = {"zqaa": {"turn": [{"text": "short"}]}, "zqaab": {"turn": [{"text": "long"}]}}
    assert standin.set(families=families).status_code == 200

    def said(nonce: str) -> str:
        return "".join(c["choices"][0]["delta"].get("content", "") for c in standin.chunks(nonce))

    assert [said("zqaa00000001"), said("zqaab0000001"), said("zqaa00000002")] == ["short", "long", "short"]
    standin.http.put("/_standin/scripts/zqaa00000003", json={"turn": [{"text": "own"}]})
    assert said("zqaa00000003") == "own"


def test_a_family_that_cannot_be_played_is_refused(standin: Any) -> None:
    """A wrong prefix or a wrong script is a 400 that names it, and changes nothing."""
    assert standin.set(families={"hello": {"turn": [{"text": "a"}]}}).status_code == 400
    answer = standin.set(families={"zqx": {"turn": [{"txet": "a"}]}})
    assert (answer.status_code, "txet" in answer.text) == (400, True)
    assert standin.http.get("/_standin/settings").json()["families"] == {}


def test_stamps_tell_first_text_call_and_last_once(start_standin: Callable[..., Any]) -> None:
    """Each ended call's moments are told once, from the mark on, and agree with the full journal."""
    standin = start_standin()
    nonce = standin.script({"calls": [{"name": "get_weather"}]})
    spoken = standin.script({"chunks": ["a", "b", "c"], "gap_s": 0.02})
    for one in (nonce, spoken):
        standin.ask(one)
        standin.calls(one, calls=1, finished=1, timeout=30)
    first = standin.http.get("/_standin/stamps").json()
    called, said = first["calls"]
    assert called["call_at"] == called["first_at"]
    assert called["text_at"] is None
    sent = [s["at"] for s in standin.calls(spoken)[0]["sent"]]
    assert (said["text_at"], said["last_at"], said["chunks"]) == (sent[0], sent[-1], len(sent))
    again = standin.http.get("/_standin/stamps", params={"since": first["next"]}).json()
    assert (again["calls"], again["lost"]) == ([], 0)


def test_a_light_journal_keeps_stamps_alone(start_standin: Callable[..., Any]) -> None:
    """In light mode an ended call has no body, no headers and no chunks, and its stamps are told all the same."""
    standin = start_standin()
    standin.set(journal="light")
    nonce = standin.script({"text": "hello there"})
    standin.ask(nonce)
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert (call["body"], call["headers"], call["sent"]) == (None, {}, [])
    (row,) = standin.http.get("/_standin/stamps").json()["calls"]
    assert (row["nonce"], row["text_at"] is not None) == (nonce, True)


def test_stamps_that_fell_out_are_counted() -> None:
    """Who asks too late is told how many calls are lost."""
    stamps = Stamps(keep=2)
    for n in range(5):
        stamps.add({"n": n})
    assert stamps.since(1) == {"calls": [{"n": 3}, {"n": 4}], "next": 5, "lost": 2}


def test_the_last_id_is_recalled(standin: Any) -> None:
    """`$last.id` becomes the id in the newest tool result, be that JSON or a Python object's text."""
    step = {"calls": [{"name": "get_weather", "arguments": {"task_id": "$last.id", "title": "x"}}]}
    for told, known in (('{"task": {"id": "t-7"}}', "t-7"), ("{'id': 'ab12', 'title': 'x'}", "ab12"), ('{"id": 4}', 4)):
        nonce = standin.script({"text": "unused"}, step)
        body = standin.body(nonce)
        call = {
            "id": "c1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "c2ln"}},
        }
        body["messages"] += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": told},
        ]
        answer = standin.http.post(
            "/v1beta/openai/chat/completions", json=body, headers={"accept-encoding": "identity"}
        )
        chunks = [json.loads(line[6:]) for line in answer.text.split("\n\n") if line.startswith("data: {")]
        (made,) = chunks[0]["choices"][0]["delta"]["tool_calls"]
        assert json.loads(made["function"]["arguments"]) == {"task_id": known, "title": "x"}


@pytest.mark.parametrize(
    ("instructions", "value"),
    [("Be kind. The user's id is u-17.", "u-17"), ("Nobody is named.", "$after:The user's id is ")],
)
def test_words_in_the_instructions_tell_an_argument(standin: Any, instructions: str, value: str) -> None:
    """`$after:WORDS` becomes what follows these words in the request, and stays where they are not in it."""
    arguments = {"user_id": "$after:The user's id is ", "title": 'x "y"'}
    nonce = standin.script({"calls": [{"name": "get_weather", "arguments": arguments}]})
    body = standin.body(nonce)
    body["messages"].insert(0, {"role": "system", "content": instructions})
    answer = standin.http.post("/v1beta/openai/chat/completions", json=body, headers={"accept-encoding": "identity"})
    chunks = [json.loads(line[6:]) for line in answer.text.split("\n\n") if line.startswith("data: {")]
    (made,) = chunks[0]["choices"][0]["delta"]["tool_calls"]
    assert json.loads(made["function"]["arguments"]) == {"user_id": value, "title": 'x "y"'}
