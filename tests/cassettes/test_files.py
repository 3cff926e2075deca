"""The cassettes as files: complete, readable, scrubbed, and what the manifest says of them."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from chatkit_conformance.cassette import format, manifest, tape
from chatkit_conformance.cassette.budget import Budget
from chatkit_conformance.cassette.record import cassette_name, recorded_exchanges
from chatkit_conformance.cassette.scrub import (
    SCRUBBED,
    found_secrets,
    request_headers,
    response_headers,
    scrub_text,
)
from chatkit_conformance.cli import main
from chatkit_conformance.target.config_error import ConfigError
from gemini_standin.cassette_file import CassetteError
from gemini_standin.cassettes import CassettePlayer, read
from gemini_standin.likeness import asked, first_difference
from gemini_standin.models import dearest

from .conftest import FOLDER, NAMES, ROWS

KEYS = (
    "AIza" + "SyA0123456789abcdefghijklmnopqrstuv",
    "AQ." + "Ab8RN6Labcdefgh_123",
    "ya29." + "a0AfH6SMBabcdefgh",
    "sk-" + "proj-abcdefghijklmnop",
    "org-" + "AbCdEfGhIj123",
    "eyJ" + "hbGciOiJI.eyJ" + "zdWIiOiJ1c2Vy.c2lnbmF0dXJl",
)
"""Credentials of every form that may come by; put together so that no file of ours holds one."""


NO_STREAM_NO_JSON = {f"model-breaks-{kind}--gemini-3" for kind in ("garbage", "html", "bare-error", "no-answer")}
"""What breaks the form itself, and so is kept as text."""


@cache
def taped(name: str) -> list[tape.TapedCall]:
    """A cassette's calls, read once."""
    return tape.read(FOLDER / f"{name}.yaml")


def test_every_exchange_of_the_four_suites_has_its_cassette() -> None:
    """No conversation of the tool, stream, persistence and error suites is without a recording in each dialect."""
    missing = {cassette_name(exchange.name, dialect) for exchange, dialect in recorded_exchanges()}
    missing -= {*NAMES, *manifest.unheld(FOLDER)}
    assert not missing, "type: chatkit-conformance record --from-standin --missing"


def test_manifest_and_folder_agree() -> None:
    """Each file has its row and its timing, each row its file, and each is told in the folder's README."""
    assert manifest.problems(FOLDER) == []
    readme = (FOLDER / "README.md").read_text()
    assert "manifest.json" in readme
    assert {row.origin for row in ROWS.values()} <= {"live", "stand-in"}


@pytest.mark.parametrize("name", NAMES)
def test_a_row_says_what_its_cassette_is(name: str) -> None:
    """Origin, model, date, versions, the user's words and the number of calls are those of the file."""
    row, calls = ROWS[name], taped(name)
    assert row.calls == len(calls) == sum(said.calls for said in row.prompt)
    assert row.complete == all(call.ended == "whole" for call in calls)
    assert {json.loads(call.body)["model"] for call in calls} == {row.model}
    assert all(row.versions.get(package, "")[:1].isdigit() for package in manifest.SDKS)
    assert len(row.date) == 10
    assert row.shows


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_readable_and_gives_every_byte_back(name: str) -> None:
    """Bodies are parsed, not quoted: requests as JSON, streams as data lines; written anew the file is the same."""
    text = (FOLDER / f"{name}.yaml").read_text()
    assert "      json:\n" in text
    assert format.serialize(format.deserialize(text)) == text
    bodies = [format.parsed(call.text) for call in taped(name)]
    assert all("text" not in body for body in bodies) or name in NO_STREAM_NO_JSON


def test_nothing_in_the_folder_is_shaped_like_a_key() -> None:
    """No cassette, timing or manifest holds a key, a token, an organisation, a cookie or a header that could."""
    for path in FOLDER.rglob("*.*"):
        assert found_secrets(path.read_text()) == [], path.name
    for name in NAMES:
        for call in taped(name):
            assert call.request_headers.get("authorization", f"Bearer {SCRUBBED}") == f"Bearer {SCRUBBED}"
            assert not {"set-cookie", "openai-organization", "x-request-id"} & set(call.response_headers)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_scrubbed_wherever_it_stands(key: str) -> None:
    """In a URL, a header, a body, an answer: what has the shape of a credential does not come through."""
    assert key not in scrub_text(f'{{"api_key": "{key}", "url": "https://x/y?key={key}&a=1"}}')
    assert found_secrets(scrub_text(f"Bearer {key}")) == []
    kept = request_headers({"Authorization": f"Bearer {key}", "OpenAI-Organization": key, "X-Mine": key, "Cookie": key})
    assert kept == {"authorization": f"Bearer {SCRUBBED}", "cookie": SCRUBBED, "openai-organization": SCRUBBED}
    answered = response_headers([("Set-Cookie", key), ("Vary", "Origin"), ("Vary", "Referer"), ("X-Said", key)])
    assert answered == {"vary": ["Origin", "Referer"], "x-said": [SCRUBBED]}


def test_a_secret_without_a_shape_is_scrubbed_when_it_is_known() -> None:
    """The key in use is taken out whatever it looks like, and a query's key too."""
    assert scrub_text("plain-words-key in text", ["plain-words-key"]) == f"{SCRUBBED} in text"
    assert scrub_text("https://x/y?key=abc123&a=1") == f"https://x/y?key={SCRUBBED}&a=1"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"a":1}', "json"),
        ('[{\n  "error": {\n    "code": 400\n  }\n}\n]', "json"),
        ('data: {"a":1}\n\ndata: [DONE]\n\n', "events"),
        ('{"a": 1}', "text"),
        ('data: {"a":1}\n\n{"error": 1}\n', "text"),
        ("data: {}\r\n\r\n", "text"),
        ("data: cut in the mid", "text"),
        ("", "text"),
    ],
)
def test_a_body_takes_the_form_that_gives_its_bytes_back(text: str, form: str) -> None:
    """JSON and streams are parsed where writing them gives the same text, and are kept as text where it would not."""
    body = format.parsed(text)
    assert form in body
    assert format.written(body) == text


def request(text: str, *tools: str, model: str = "gemini-3.8-flash", **more: object) -> dict[str, object]:
    """A request's body."""
    declared = [{"type": "function", "function": {"name": name, "parameters": more}} for name in tools]
    return {"model": model, "messages": [{"role": "user", "content": text}], "tools": declared}


def test_what_is_made_anew_each_time_does_not_count() -> None:
    """Nonces, ids, moments, headers and schemas may differ; model, roles, text and tool names may not."""
    one = asked("POST", "/v1beta/openai/chat/completions", request("Hi zq0123456789 at 2026-11-22T10:00:00Z", "a"))
    two = asked("POST", "/openai/chat/completions", request("Hi zqabcdefghij at 2027-01-02T03:04:05Z", "a", type="x"))
    assert first_difference(one, two) is None
    told = {
        "model": request("Hi", "a", model="gemini-2.5-flash"),
        "messages[0].text": request("Ho", "a"),
        "tools[0]": request("Hi", "b"),
        "tools": request("Hi", "a", "b"),
    }
    recorded = asked("POST", "/chat/completions", request("Hi", "a"))
    for where, other in told.items():
        assert str(first_difference(recorded, asked("POST", "/chat/completions", other))).startswith(where)
    assert "path" in str(first_difference(recorded, asked("POST", "/models", None)))


def test_a_miss_on_an_empty_shelf_says_so() -> None:
    """Where no cassette is there, the message does not pretend that one was near."""
    player = CassettePlayer()
    assert player.find("POST", "/chat/completions", request("Hi")) is None
    assert player.misses == ["No cassette answers this request: there are no cassettes."]


def test_a_file_that_is_no_cassette_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read as a cassette is named with what is wrong; an unknown name lists those there are."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("interactions: [1]\n")
    with pytest.raises(CassetteError, match=r"wrong\.yaml: not a cassette: interactions.0: 1 is not an object"):
        read(wrong)
    assert main(["record", "--from-standin", "--only", "no-such"]) == 2
    assert "model-breaks-cut--gemini-3" in capsys.readouterr().err


def test_nothing_missing_is_nothing_to_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """`record --from-standin --missing` where the cassette is there starts nothing and ends with 0."""
    monkeypatch.chdir(FOLDER.parent)
    assert main(["record", "--from-standin", "--missing", "--only", "model-breaks-cut--gemini-3"]) == 0


def test_a_budget_refuses_beyond_its_limits_and_tells_the_cost() -> None:
    """Requests and tokens each end it; a model without a known price is reckoned at the highest, thinking as output."""
    day = date(2026, 11, 27)
    budget = Budget(most_requests=2, most_tokens=1000)
    assert "2 requests and 1,000 tokens" in budget.announced("gemini-3.8-flash")
    budget.add({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 400})
    assert budget.refusal() == ""
    assert budget.thinking_tokens == 250
    highest = dearest(day)
    cost = (100 * highest.input + 300 * highest.output) / 1e6
    said = f"US$ {cost:.4f} at the highest price known, since that of gemini-3.8-flash is not"
    assert said in budget.spent_line("gemini-3.8-flash", day)
    budget.add({"total_tokens": 600})
    assert "1,000 tokens is used up" in budget.refusal()
    budget.requests = 2
    assert "2 requests is used up" in budget.refusal()
    assert budget.spent_line("models/gemini-2.5-flash-lite", day).endswith(f"US$ {(100 * 0.1 + 900 * 0.4) / 1e6:.4f}")


def test_a_manifest_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    """A row with a key that there is not, or a deed that there is not, is told with its line and what there is."""
    rows = (FOLDER / "manifest.json").read_text("utf-8")
    (tmp_path / "manifest.json").write_text(
        rows.replace('"shows"', '"show"', 1).replace('"do": "create"', '"do": "hum"', 1)
    )
    with pytest.raises(ConfigError) as failure:
        manifest.read(tmp_path)
    told = [line.partition("manifest.json:")[2] for line in str(failure.value).splitlines()]
    assert [line.partition(": ")[0] for line in told] == ["4", "18", "25"]
    assert 'cassettes[0].prompt[0].do: "hum" is not known; write one of create, say, retry, leave' in told[1]
    assert 'cassettes[0]: unknown key "show" (did you mean "shows"?)' in told[2]
