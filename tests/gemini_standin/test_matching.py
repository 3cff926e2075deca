"""Which step answers which request, and what is said when none does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gemini_standin.conversation import NONCE

TOOL_CALL = {"calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]}


def said(standin: Any, nonce: str, **more: Any) -> str:
    """The text of a whole answer."""
    return str(standin.ask(nonce, stream=False, **more).json()["choices"][0]["message"].get("content"))


def after_tools(standin: Any, nonce: str, rounds: int) -> list[dict[str, Any]]:
    """Messages of a turn in which so many rounds of tools were played."""
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "before zq00000000xx"},
        {"role": "assistant", "content": "Yes."},
    ]
    messages += standin.body(nonce)["messages"]
    for n in range(rounds):
        call = {
            "id": f"c{n}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "c2ln"}},
        }
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{n}", "content": "18 degrees"},
        ]
    return messages


def test_position_counts_tool_rounds(standin: Any) -> None:
    """The nth round of tool results gets the nth step, whatever came before the user's message."""
    nonce = standin.script(TOOL_CALL, TOOL_CALL, {"text": "It is warm."})
    assert said(standin, nonce, messages=after_tools(standin, nonce, 2)) == "It is warm."
    assert standin.calls(nonce)[0]["position"] == 2


def test_attempts_are_counted_and_the_last_repeats(standin: Any) -> None:
    """Asked again for the same step, a script's attempts come one after the other."""
    nonce = standin.script({"attempts": [{"text": "one"}, {"text": "two"}]})
    assert [said(standin, nonce) for _ in range(3)] == ["one", "two", "two"]
    assert [call["attempt"] for call in standin.calls(nonce)] == [0, 1, 2]


def test_the_last_nonce_of_the_last_user_message_counts(standin: Any) -> None:
    """Older nonces in the history and in quoted text do not match; parts of a message are read too."""
    old, new = standin.script({"text": "old"}), standin.script({"text": "new"})
    parts = [{"type": "text", "text": f"you said {old}"}, {"type": "text", "text": f"(ref {new})"}]
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": old},
        {"role": "assistant", "content": old},
        {"role": "user", "content": parts},
    ]
    assert said(standin, new, messages=messages) == "new"
    follow = [*messages, {"role": "assistant", "content": "new"}, {"role": "user", "content": "and without one?"}]
    assert said(standin, new, messages=follow) == "new"


def test_no_script_names_the_nearest(standin: Any) -> None:
    """A request for an unknown nonce is answered with the nearest one that exists, and journaled as not matched."""
    nonce = standin.script({"text": "hello"})
    wrong = nonce[:-1] + "z"
    text = said(standin, wrong)
    assert text.startswith(f"No script for nonce {wrong}; nearest: zq {nonce[2:-2]}")
    assert standin.calls(wrong)[0]["matched"] is False


def test_a_step_too_far_says_how_many_there_are(standin: Any) -> None:
    """A request beyond the script's end says so."""
    nonce = standin.script(TOOL_CALL)
    text = said(standin, nonce, messages=after_tools(standin, nonce, 1))
    assert f"The script for nonce {nonce} has 1 steps, and this request needs step 1" in text


def test_without_a_nonce_it_says_what_it_is(standin: Any) -> None:
    """A developer who just asks learns how to script it."""
    assert "Gemini stand-in" in said(standin, "no nonce here")


def test_side_requests_do_not_disturb_the_turn(start_standin: Any) -> None:
    """A title request (no tools from a server that declares some) gets a short text and takes no attempt."""
    standin = start_standin()
    nonce = standin.script({"text": "main"}, side={"text": "Weather in Paris"})
    orders = {"role": "system", "content": "Write a title for this conversation."}
    title = {"tools": [], "messages": [orders, *standin.body(nonce)["messages"]]}
    assert said(standin, nonce, **title) == "Weather in Paris"
    assert standin.chunks(nonce)[0]["choices"][0]["delta"]["content"] == "main"
    brief = {"role": "system", "content": "Five words at most."}
    plain = {"tools": [], "messages": [brief, *standin.body(nonce)["messages"]]}
    assert said(standin, nonce, **plain) == "Weather in Paris"
    assert [(call["side"], call["attempt"]) for call in standin.calls(nonce)] == [(True, 0), (False, 0), (True, 0)]


def test_a_server_without_tools_is_not_a_side_request(start_standin: Any) -> None:
    """A server that never declares tools is answered by its scripts, also with "title" in its instructions."""
    standin = start_standin()
    nonce = standin.script({"text": "main"})
    orders = {"role": "system", "content": "You keep tasks; each has a title."}
    chunks = standin.chunks(nonce, tools=[], messages=[orders, *standin.body(nonce)["messages"]])
    assert chunks[0]["choices"][0]["delta"]["content"] == "main"


def test_concurrent_conversations_keep_apart(standin: Any) -> None:
    """Sixteen at once each get their own text."""
    nonces = {standin.script({"text": f"for {n}", "gap_s": 0.01, "chunk_chars": 2}): f"for {n}" for n in range(16)}
    with ThreadPoolExecutor(16) as pool:
        found = dict(zip(nonces, pool.map(lambda nonce: said(standin, nonce), nonces), strict=True))
    assert found == nonces


WRONG = {
    'step 0: unknown key "txt" (did you mean "text"?)': {"turn": [{"txt": "x"}]},
    'script: unknown key "steps"': {"steps": []},
    'step 0: fault.kind: "stal" is not known (did you mean "stall"?)': {"turn": [{"fault": {"kind": "stal"}}]},
    'step 0: fault: unknown key "bodi"': {"turn": [{"fault": {"kind": "cut", "bodi": 3}}]},
    'step 0: fault.at: "mid-text" is not known; write one of before-headers': {
        "turn": [{"fault": {"kind": "http", "at": "mid-text"}}]
    },
    'step 0: fault: "after" and "at" both say where': {
        "turn": [{"fault": {"kind": "cut", "at": "mid-text", "after": 1}}]
    },
    'step 0: split.by[0]: "half-lettter" is not known (did you mean "half-letter"?)': {
        "turn": [{"split": ["half-lettter"]}]
    },
    "step 0: fault.body: no error body 'qouta' (did you mean \"quota\"?)": {
        "turn": [{"fault": {"kind": "http", "body": "qouta"}}]
    },
    'script: profile: "gemini3" is not known (did you mean "gemini-3"?)': {
        "profile": "gemini3",
        "turn": [{"text": ""}],
    },
    "step 1: gap_s: -1 is not a number of seconds": {"turn": [{"text": "a"}, {"text": "b", "gap_s": -1}]},
    'step 0: calls[0]: "name" is missing; it is text, such as "create_task"': {
        "turn": [{"calls": [{"arguments": {}}]}]
    },
    'step 0: attempts[0]: unknown key "tex"': {"turn": [{"attempts": [{"tex": "x"}]}]},
    'step 0: "attempts" must be the only key, put text into its steps': {
        "turn": [{"attempts": [{"text": "x"}], "text": "y"}]
    },
    'script: "turn" is empty': {"turn": []},
    "step 0: wait_gate: 3 is not text or an object": {"turn": [{"wait_gate": 3}]},
    'step 0: gap_s: true is not a number of seconds from 0 to 600\nstep 1: fault: "kind" is missing': {
        "turn": [{"gap_s": True}, {"fault": {"after": 1}}]
    },
}
"""The beginning of the message, and the script that earns it."""


@pytest.mark.parametrize("message", WRONG)
def test_wrong_scripts_are_refused_when_handed_in(standin: Any, message: str) -> None:
    """A script that cannot be played is a 400 that names the key and what was meant."""
    answer = standin.http.put("/_standin/scripts/zq9999999999", json=WRONG[message])
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(message)


def test_a_deleted_script_answers_no_more(standin: Any) -> None:
    """DELETE forgets a script and says whether there was one."""
    nonce = standin.script({"text": "hello"})
    assert standin.http.delete(f"/_standin/scripts/{nonce}").json()["deleted"] is True
    assert standin.http.delete(f"/_standin/scripts/{nonce}").json()["deleted"] is False
    assert said(standin, nonce).startswith("No script for nonce")


@pytest.mark.parametrize("said", ["Anybody?", "Hello (ref zqzzzzzzzzzz)"])
def test_an_answer_without_a_script_names_no_nonce_of_others(standin: Any, said: str) -> None:
    """Who looks for the words of other conversations in an answer finds none in what the stand-in says of itself."""
    standin.script({"text": "of somebody else"})
    answer = standin.ask("", messages=[{"role": "user", "content": said}], stream=False)
    text = answer.json()["choices"][0]["message"]["content"]
    assert set(NONCE.findall(text)) <= set(NONCE.findall(said)), text
