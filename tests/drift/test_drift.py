"""Drift: answers read as facts, compared with profiles and cassettes; what changed is named with what depends on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.drift.compare import changes, fact_list, nearest_profile, profile, profile_for
from chatkit_conformance.drift.models import listed_changes
from chatkit_conformance.drift.shape import shape_of
from chatkit_conformance.judging.catalogue import checks
from gemini_standin.models import MODELS

ROOT = Path(__file__).parents[2]

CALL = (
    'data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":'
    '"EjQKMg=="}},"function":{"arguments":"{\\"city\\":\\"Paris\\"}","name":"get_weather"},"id":"z7uCjJDW",'
    '"type":"function"}]},"index":0}],"created":1,"id":"5w1DaOOlPL2gjrEP3qqSmAY","model":"gemini-3.8-flash",'
    '"object":"chat.completion.chunk"}\n\n'
    'data: {"choices":[{"delta":{"role":"assistant"},"finish_reason":"stop","index":0}],"created":1,'
    '"id":"5w1DaOOlPL2gjrEP3qqSmAY","model":"gemini-3.8-flash","object":"chat.completion.chunk"}\n\n'
    "data: [DONE]\n\n"
)
"""A tool call as 3.x streams it: written by hand, after public captures."""

ERROR = '[{\n  "error": {\n    "code": 404,\n    "message": "There is none.",\n    "status": "NOT_FOUND"\n  }\n}\n]'

EDITS = {
    "an index appears on calls": (
        '"function":{',
        '"index":0,"function":{',
        {"call.index", "call.keys", "stream.call-holds"},
    ),
    "call ids change their form": ('"z7uCjJDW"', '"call-z7uCjJDW-x"', {"call.id"}),
    "arguments are spaced": ('{\\"city\\":\\"P', '{\\"city\\": \\"P', {"call.arguments"}),
    "the signature is gone": (
        '"extra_content":{"google":{"thought_signature":"EjQKMg=="}},',
        "",
        {"call.signature"},
    ),
    "the call says that it is the end": (
        ']},"index":0}]',
        ']},"finish_reason":"tool_calls","index":0}]',
        {"stream.call-finish"},
    ),
    "keys are not alphabetical": (
        '"created":1,"id":"5w1DaOOlPL2gjrEP3qqSmAY"',
        '"id":"5w1DaOOlPL2gjrEP3qqSmAY","created":1',
        {"stream.keys", "stream.keys-sorted"},
    ),
    "ids are OpenAI's": ("5w1DaOOlPL2gjrEP3qqSmAY", "chatcmpl-5w1", {"stream.reply-id"}),
    "events are named": ("data: {", "event: chunk\ndata: {", {"stream.framing"}),
    "there is no [DONE]": ("data: [DONE]\n\n", "", {"stream.ends-with-done"}),
    "absent things are null": (
        '"index":0}]',
        '"index":0,"logprobs":null}]',
        {"stream.nulls", "stream.choice-holds"},
    ),
    "the role is told once": ('{"delta":{"role":"assistant"},', '{"delta":{},', {"stream.role-on"}),
    "the choice has another index": ('"index":0}]', '"index":1}]', {"stream.index"}),
    "a chunk has a new key": ('"created":1,', '"created":1,"grounding":[],', {"stream.keys", "stream.holds"}),
    "the time is a text": ('"created":1,', '"created":"1",', {"stream.holds"}),
    "a choice has a new key": ('"index":0}]', '"index":0,"safety":{"blocked":false}}]', {"stream.choice-holds"}),
    "there is a second choice": (
        '"finish_reason":"stop","index":0}]',
        '"finish_reason":"stop","index":0},{"delta":{"role":"assistant"},"index":1}]',
        {"stream.choices"},
    ),
    "a delta has a new key": ('{"delta":{', '{"delta":{"annotations":[],', {"stream.delta-holds"}),
    "the content is a list of parts": (
        '{"delta":{"role":"assistant"}',
        '{"delta":{"content":[{"text":"Hi","type":"text"}],"role":"assistant"}',
        {"stream.delta-holds", "stream.finish-on"},
    ),
    "the role is new": ('"role":"assistant"', '"role":"model"', {"stream.role"}),
    "a call has a new key": ('"function":{', '"caller":"direct","function":{', {"call.keys", "stream.call-holds"}),
    "a function has a new key": ('"name":"get_w', '"kind":"plain","name":"get_w', {"stream.function-holds"}),
    "the arguments are an object": (
        '"arguments":"{\\"city\\":\\"Paris\\"}"',
        '"arguments":{"city":"Paris"}',
        {"stream.function-holds", "call.arguments"},
    ),
    "extra content is somebody else's": ('{"google":{"th', '{"deepmind":{"th', {"stream.extra-holds"}),
    "Google's part has a new key": ('"EjQKMg=="}', '"EjQKMg==","thought_id":7}', {"stream.google-holds"}),
    "the signature is a list": ('"EjQKMg=="', '["EjQKMg=="]', {"stream.google-holds"}),
    "the answer ends for a new reason": (
        '"finish_reason":"stop"',
        '"finish_reason":"recitation"',
        {"stream.reasons", "stream.call-finish"},
    ),
    "an error stands in the stream": (
        "data: [DONE]",
        'data: {"error":{"code":503,"message":"Busy.","status":"UNAVAILABLE"}}\n\ndata: [DONE]',
        {"stream.holds"},
    ),
    "a list stands in the stream": ("data: [DONE]", "data: []\n\ndata: [DONE]", {"stream.stray-text"}),
}
"""What might change: what is replaced by what, and the facts that must tell."""


def drift(text: str, name: str = "gemini-3", status: int = 200) -> set[str]:
    """The facts of one answer that are not as the profile has them."""
    facts = shape_of(text, status=status)
    return {change.fact for change in changes({"answer": facts}, profile(name), name)}


def test_an_answer_as_it_was_recorded_shows_no_drift() -> None:
    """A call as 3.x streams it, and an error, are exactly as the profile has them."""
    assert drift(CALL) == set()
    assert drift(ERROR, status=404) == set()


@pytest.mark.parametrize("edit", EDITS)
def test_each_change_is_told_by_its_own_facts(edit: str) -> None:
    """One change in the wire is told by the facts that it concerns, and by no other."""
    old, new, facts = EDITS[edit]
    assert old in CALL
    found = drift(CALL.replace(old, new))
    assert found & facts
    # A chunk that cannot be read any more as a chunk shows less; what it does show must be right.
    assert found <= facts | {"stream.keys-sorted"}


def test_changes_in_errors_are_told() -> None:
    """A bare error object, other keys, and a code that is not the status are told, each as its own fact."""
    assert drift(ERROR[1:-2], status=404) == {"error.wrapping"}
    assert drift(ERROR.replace('"status"', '"state"'), status=404) == {"error.keys", "error.error-holds"}
    assert drift(ERROR, status=400) == {"error.code-is-status"}


WHOLE = {
    "choices": [{"finish_reason": "stop", "index": 0, "message": {"content": "Hello.", "role": "assistant"}}],
    "created": 1,
    "id": "5w1DaOOlPL2gjrEP3qqSmAY",
    "model": "gemini-3.8-flash",
    "object": "chat.completion",
    "usage": {"completion_tokens": 2, "prompt_tokens": 3, "total_tokens": 71},
}
"""A text as 3.x answers it where no stream was asked for."""


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        ('"content": "Hello."', '"content": "Hello.", "refusal": "no"', {"answer.message-holds"}),
        ('"content": "Hello."', '"content": null', {"answer.message-holds", "answer.nulls"}),
        ('"role": "assistant"', '"role": "model"', {"answer.role"}),
        ('"index": 0', '"index": "0"', {"answer.choice-holds"}),
        (
            '"total_tokens": 71',
            '"thinking_tokens": 66, "total_tokens": 71',
            {"answer.usage-holds", "answer.usage-keys"},
        ),
        ('"total_tokens": 71', '"total_tokens": "71"', {"answer.usage-holds"}),
    ],
)
def test_changes_in_a_whole_answer_are_told(old: str, new: str, facts: set[str]) -> None:
    """A new key, type or value anywhere in an answer that is not streamed is told, and nothing of one as it was."""
    text = json.dumps(WHOLE)
    assert old in text
    assert drift(text) == set()
    assert drift(text.replace(old, new)) == facts


def test_changes_inside_errors_and_models_are_told() -> None:
    """A new key in an error's details, another type of its code, and a new key of a listed model are told."""
    detail = '{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}'
    limited = ERROR.replace('"status"', f'"details": [{detail}], "status"')
    assert "error.detail-holds" not in drift(limited, status=404)
    assert "error.detail-holds" in drift(limited.replace('"7s"', '"7s", "retryAfter": "8s"'), status=404)
    assert drift(ERROR.replace("404", '"404"'), status=404) == {"error.error-holds", "error.code-is-status"}
    models = {"object": "list", "data": [{"id": "models/g", "object": "model", "owned_by": "g", "display_name": "G"}]}
    assert drift(json.dumps(models)) == set()
    models["data"][0]["deprecated"] = False  # type: ignore[index]  # a row of the list above
    assert drift(json.dumps(models)) == {"models.keys", "models.model-holds"}


def test_a_change_names_what_depends_on_it() -> None:
    """The change of an id's form names the checks and the compat modules that rest on it, and all of those exist."""
    known = {check.id for check in checks()}
    for fact, row in fact_list().facts.items():
        assert set(row.checks) <= known, fact
        assert all((ROOT / "reference_server" / "gemini_compat" / module).is_file() for module in row.compat), fact
    change = next(iter(changes({"a": shape_of(CALL.replace("z7uCjJDW", ""))}, profile("gemini-3"), "gemini-3")))
    assert change.fact == "call.id"
    assert "gemini.empty-ids-run" in change.checks
    assert "tool_calls.py" in change.compat


def test_every_fact_of_a_profile_is_explained() -> None:
    """No profile names a fact that facts.json does not explain, and none is explained that no profile has."""
    named = set(fact_list().every) | {fact for row in fact_list().profiles.values() for fact in row.shape}
    assert named == set(fact_list().facts)


def test_the_nearest_profile_is_found_and_the_models_own_is_taken() -> None:
    """A file is compared with the profile that it resembles; a live answer with that of its model."""
    assert nearest_profile({"a": shape_of(CALL)}) == "gemini-3"
    assert profile_for("models/gemini-2.5-flash") == "gemini-2.5"
    assert profile_for("gemini-9-unheard-of") == "gemini-3"


def test_a_model_list_is_compared_with_ours() -> None:
    """A model that is gone, one that is new and one that came back are named; a retired one may be missing."""
    listed = [f"models/{name}" for name, model in MODELS.items() if model.retires is None and model.chats]
    listed += ["models/gemini-2.5-pro", "models/gemini-2.5-flash"]
    day = date(2026, 11, 22)
    assert listed_changes(listed, day) == []
    assert listed_changes(listed[1:], day) == ["gemini-3.8-flash is no longer listed"]
    assert listed_changes([*listed, "models/gemini-5-flash"], day)[0].startswith("gemini-5-flash is new")
    assert "although it was retired" in listed_changes([*listed, "models/gemini-2.0-flash"], day)[0]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The stand-in's address."""
    command = [sys.executable, "-m", "gemini_standin", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip() + "/v1beta/openai/"
    finally:
        process.terminate()
        process.wait(60)


def test_the_command_asks_an_endpoint(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`drift --url` asks six questions; the stand-in shows no drift from 3.x, and warns of what retires."""
    monkeypatch.chdir(ROOT)
    assert main(["drift", "--url", endpoint, "--json", "--today", "2026-11-22"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["answers"] == 6
    assert report["facts"] > 40
    assert any("gemini-2.5-pro retires on 2026-12-01, in 9 days" in line for line in report["warnings"])
    assert "6 requests" in told.err


def test_the_command_sees_another_dialect_as_drift(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Compared with the profile of 2.0, the same endpoint has drifted: exit 1, with both values."""
    monkeypatch.chdir(ROOT)
    assert main(["drift", "--url", endpoint, "--profile", "gemini-2.0"]) == 1
    told = capsys.readouterr().out
    assert "known (gemini-2.0): 'absent'" in told
    assert "now in text, streamed: 'base64url'" in told


def test_the_command_reads_files_and_cassettes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Recorded answers and cassettes are compared offline; a changed one ends with 1 and names the module."""
    (tmp_path / "call.sse").write_text(CALL)
    cassette = ROOT / "cassettes" / "create-a-task-and-list--gemini-2.5.yaml"
    assert main(["drift", str(tmp_path / "call.sse"), "--cassettes", str(tmp_path)]) == 0
    assert main(["drift", str(cassette), "--cassettes", str(ROOT / "cassettes")]) == 0
    (tmp_path / "call.sse").write_text(CALL.replace('"z7uCjJDW"', '""'))
    capsys.readouterr()
    assert main(["drift", str(tmp_path / "call.sse"), "--profile", "gemini-3", "--cassettes", str(tmp_path)]) == 1
    assert "reference_server/gemini_compat/tool_calls.py" in capsys.readouterr().out


def test_the_command_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a key, with nothing to read, and with nobody there: one line each, exit 2, 2 and 3."""
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    assert main(["drift", "--live"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["drift"]) == 2
    assert main(["drift", str(tmp_path / "nothing.sse")]) == 2
    assert main(["drift", "--url", "http://127.0.0.1:9/v1beta/openai/"]) == 3
    assert "cannot be reached" in capsys.readouterr().err
