"""`lint`: recordings judged offline, with the same checks."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.lint import lint, read_recording
from chatkit_conformance.lint.evidence import BEYOND
from chatkit_conformance.lint.recording import Unreadable
from chatkit_conformance.transcript import pieces

HERE = Path(__file__).parent
Cli = Callable[..., Any]
NOW = "2026-01-31T12:00:00Z"
THREAD = {"id": "thr_1", "created_at": NOW, "status": {"type": "active"}, "metadata": {}}


def item(id: str, text: str, kind: str = "assistant_message") -> dict[str, Any]:
    """A message item."""
    if kind == "user_message":
        more: dict[str, Any] = {
            "content": [{"type": "input_text", "text": text}],
            "attachments": [],
            "inference_options": {},
        }
    else:
        more = {"content": [{"type": "output_text", "text": text, "annotations": []}] if text else []}
    return {"id": id, "thread_id": "thr_1", "created_at": NOW, "type": kind, **more}


def update(id: str, **fields: Any) -> dict[str, Any]:
    """An update of an item."""
    return {"type": "thread.item.updated", "item_id": id, "update": fields}


GOOD: list[dict[str, Any]] = [
    {"type": "thread.created", "thread": {**THREAD, "items": {"data": [], "has_more": False}}},
    {"type": "thread.item.done", "item": item("msg_u", "Hello", "user_message")},
    {"type": "thread.item.added", "item": item("msg_a", "")},
    update(
        "msg_a",
        type="assistant_message.content_part.added",
        content_index=0,
        content={"type": "output_text", "text": "", "annotations": []},
    ),
    update("msg_a", type="assistant_message.content_part.text_delta", content_index=0, delta="Hi "),
    update("msg_a", type="assistant_message.content_part.text_delta", content_index=0, delta="you."),
    {"type": "thread.item.done", "item": item("msg_a", "Hi you.")},
]
FAKE = [*GOOD[:-1], {"type": "thread.item.done", "item": item("__fake_id__", "Hi you.")}]


def sse(events: list[dict[str, Any]]) -> str:
    """The events as a stream."""
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events)


def har(*pairs: tuple[dict[str, Any], str, str], encoding: str = "") -> str:
    """A HAR of these requests, each with its answer's type and text."""
    entries = []
    for n, (asked, kind, text) in enumerate(pairs):
        shown = base64.b64encode(text.encode()).decode() if encoding else text
        content = {"mimeType": kind, "text": shown, **({"encoding": encoding} if encoding else {})}
        entries.append(
            {
                "startedDateTime": f"2026-01-31T12:00:0{n}.000Z",
                "time": 12.5,
                "request": {"method": "POST", "url": "http://h/chatkit", "postData": {"text": json.dumps(asked)}},
                "response": {"status": 200, "headers": [{"name": "Content-Type", "value": kind}], "content": content},
            }
        )
    noise = {"request": {"method": "GET", "url": "http://h/app.js"}, "response": {"status": 200}}
    return json.dumps({"log": {"version": "1.2", "entries": [noise, *entries]}})


INPUT = {"content": [{"type": "input_text", "text": "Hello"}], "attachments": [], "inference_options": {}}
CREATE = {"type": "threads.create", "params": {"input": INPUT}}
READ = {"type": "threads.get_by_id", "params": {"thread_id": "thr_1"}}


def shown(*items: dict[str, Any]) -> str:
    """The answer of a reload."""
    return json.dumps({**THREAD, "items": {"data": list(items), "has_more": False}})


KEPT = shown(GOOD[1]["item"], GOOD[-1]["item"])


def outcomes(path: Path, text: str, request: str = "") -> dict[str, str]:
    """The outcome of each check that applied to a recording."""
    path.write_text(text)
    return {r.check.id: r.outcome for r in lint(read_recording(path, request), checks()).results}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.sse", sse),
        ("a.txt", lambda events: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + sse(events)),
        ("a.jsonl", lambda events: "\n".join(json.dumps(event) for event in events)),
        ("b.jsonl", lambda events: "\n".join(json.dumps({"at": 1, "data": event}) for event in events)),
        ("a.har", lambda events: har((CREATE, "text/event-stream", sse(events)))),
        ("b.har", lambda events: har((CREATE, "text/event-stream", sse(events)), encoding="base64")),
    ],
)
def test_every_kind_tells_good_from_bad(tmp_path: Path, name: str, make: Callable[..., str]) -> None:
    """A sound stream passes all that applies; one whose answer changes its id fails, in whatever it was recorded."""
    good = outcomes(tmp_path / name, make(GOOD))
    assert set(good.values()) == {"passed"}, good
    assert len(good) > 20
    assert outcomes(tmp_path / name, make(FAKE))["stream.item-id-stable"] == "failed"


def test_har_judges_requests_and_reload(tmp_path: Path) -> None:
    """From a HAR, a reload is held against the stream, and the user's message against what was sent."""
    stream = (CREATE, "text/event-stream", sse(GOOD))
    good = outcomes(tmp_path / "a.har", har(stream, (READ, "application/json", KEPT)))
    assert good["persistence.reload-equals-stream"] == "passed"
    assert good["stream.user-message-echoed"] == "passed"
    lost = shown(GOOD[1]["item"])
    assert (
        outcomes(tmp_path / "a.har", har(stream, (READ, "application/json", lost)))["persistence.reload-equals-stream"]
        == "failed"
    )


def test_a_thread_from_before_is_not_held_against_its_recording(tmp_path: Path) -> None:
    """A reload of a thread whose first turn was not recorded may show more than was streamed."""
    say = {"type": "threads.add_user_message", "params": {"input": INPUT, "thread_id": "thr_1"}}
    more = shown(item("old_1", "Before", "user_message"), GOOD[1]["item"], GOOD[-1]["item"])
    text = har((say, "text/event-stream", sse(GOOD[1:])), (READ, "application/json", more))
    assert outcomes(tmp_path / "a.har", text)["persistence.reload-equals-stream"] == "passed"


def test_cut_stream_is_found(tmp_path: Path) -> None:
    """A stream's bytes that end in the middle of an event are cut; of events alone nobody can tell."""
    whole = sse(GOOD)
    assert outcomes(tmp_path / "a.sse", whole[:-30])["stream.ends-closed"] == "failed"
    assert "stream.ends-closed" not in outcomes(tmp_path / "a.jsonl", json.dumps(GOOD[1]))


def test_tables_name_checks_that_there_are() -> None:
    """Each check that a recording is said to be not enough for is an invariant of the catalogue."""
    ids = {check.id for check in checks() if check.everywhere}
    assert {id for table in BEYOND.values() for id in table} <= ids


def test_a_run_is_judged_again_as_it_was(cli: Cli, tmp_path: Path) -> None:
    """The transcripts of a run give the same outcomes offline."""
    from chatkit_conformance.check import MUST
    from chatkit_conformance.transcript import Reply, Transcript

    folder = tmp_path / "transcripts"
    folder.mkdir()
    held = Transcript(exchange="hello", dialect="gemini-3", notes={"answer": "x"}, replies=(Reply(label="turn-1"),))
    (folder / "hello--gemini-3.json").write_text("".join(pieces(held)))
    ran = cli("lint", ".", "--json", "--level", MUST)
    told = json.loads(ran.out)
    assert ran.code == 1
    assert {row["id"]: row["outcome"] for row in told["results"]} == {"stream.answers": "failed"}
    assert set(told["not_applied"]) == {"tools.executes", "widgets.seen", "persistence.restart", "gemini.only"}


REAL = {"CHATKIT_CONFORMANCE_SUITES": str(HERE.parents[1] / "suites")}
"""The environment in which a command judges by our suites, and not by the tests' own."""

CREATED = {
    "type": "thread.created",
    "thread": {
        "id": "t1",
        "created_at": "2026-01-01T00:00:00Z",
        "status": {"type": "active"},
        "metadata": {},
        "items": {"data": [], "has_more": False},
    },
}
MESSAGE = {
    "type": "user_message",
    "id": "u1",
    "thread_id": "t1",
    "created_at": "2026-01-01T00:00:00Z",
    "content": [{"type": "input_text", "text": "Hi"}],
    "attachments": [],
    "inference_options": {},
}


@pytest.mark.parametrize("suffix", ["sse", "jsonl"])
def test_a_stream_that_makes_a_thread_is_known_as_the_answer_to_a_message(
    cli: Cli, tmp_path: Path, suffix: str
) -> None:
    """Nobody has to say what was asked: without an answer in it, a new thread's stream is not sound."""
    events = [CREATED, {"type": "thread.item.added", "item": MESSAGE}]
    mark, end = ("data: ", "\n\n") if suffix == "sse" else ("", "\n")
    (tmp_path / f"a.{suffix}").write_text("".join(f"{mark}{json.dumps(event)}{end}" for event in events))
    ran = cli("lint", f"a.{suffix}", **REAL)
    assert ran.code == 1
    assert "none of them an answer" in ran.out
    assert "user_message 'u1' is added and not done" in ran.out


def test_what_is_warned_of_is_not_nothing(cli: Cli, tmp_path: Path) -> None:
    """A recording in which only a SHOULD does not hold ends with 0, and its last line does not say that all is well."""
    events = [
        CREATED,
        {"type": "thread.item.added", "item": MESSAGE},
        {"type": "notice", "level": "info", "message": "Later."},
    ]
    (tmp_path / "a.sse").write_text("".join(f"data: {json.dumps(event)}\n\n" for event in events))
    ran = cli("lint", "a.sse", "--select", "stream.item-finished", **REAL)
    assert ran.code == 0
    assert "WARNINGS: 0 of 1 checks passed" in ran.out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.mp3", "x", "unknown kind of recording .mp3"),
        ("a.sse", "", "it is empty"),
        ("a.sse", "hello\n", "no event in 6 bytes"),
        ("a.jsonl", "a\nb\n", "none of its 2 lines is a JSON object"),
        ("a.har", "{", "not JSON"),
        ("a.har", "{}", "no log.entries"),
        ("a.har", '{"log": 7}', "no log.entries"),
        ("a.har", '{"log":' * 50_000, "not JSON"),
        ("a.json", "[" * 50_000, "not JSON"),
        ("a.har", '{"log": {"entries": []}}', "none of its 0 requests"),
        ("a.json", "[]", "not a transcript of a run"),
        ("a.json", "{}", "its keys are none"),
        ("a.json", "3", "JSON that is 3"),
        ("a.json", '{"log": {}}', "looks like a HAR file, whose name ends in .har"),
        ("a.json", '{"results": []}', "its transcripts lie in transcripts/"),
        ("a.json", '{"exchange": "x", "replies": 3}', "not those of this release"),
        ("a.sse", 'data: {"type": "RUN_STARTED"}\n\n', "This is AG-UI"),
        ("a.sse", 'data: {"choices": []}\n\ndata: [DONE]\n\n', "OpenAI's Chat Completions"),
        ("a.sse", 'data: {"type": "response.created"}\n\n', "Responses API"),
        ("a.jsonl", '{"type": "hello"}\n', "its types are hello"),
        ("a.jsonl", '{"jsonrpc": "2.0"}\n', "JSON-RPC"),
        ("a.sse", 'event: thread.created\ndata: {"thread": {"id": "t"}}\n\n', "stands only in its `event:` line"),
        ("a.jsonl", '{"type": "thread.created"}\n{"type": "token"}\n', "of another protocol (it sent token)"),
    ],
)
def test_unreadable_says_what_to_give(tmp_path: Path, name: str, text: str, said: str) -> None:
    """What is no recording is refused, with what was there."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(Unreadable, match=re.escape(said)):
        read_recording(path)


def test_command_tells_findings_and_what_did_not_apply(cli: Cli, tmp_path: Path) -> None:
    """The command ends 0 or 1, prints where a finding is, counts what could not be applied, and ends 2 for no file."""
    (tmp_path / "bad.sse").write_text(sse(FAKE))
    ran = cli("lint", "bad.sse", "--not-applied", **REAL)
    assert ran.code == 1
    assert "stream.item-id-stable" in ran.out
    assert "bad.sse, event 6" in ran.out
    assert "not applied: latency.first-token" in ran.out
    shutil.copy(tmp_path / "bad.sse", tmp_path / "good.sse")
    (tmp_path / "good.sse").write_text(sse(GOOD))
    assert cli("lint", "good.sse", **REAL).code == 0
    missing = cli("lint", "nix.sse", **REAL)
    assert (missing.code, "nix.sse: No such file" in missing.err) == (2, True)


def test_an_update_without_its_event_is_told_with_how_to_wrap_it(cli: Cli, tmp_path: Path) -> None:
    """A known update that comes as an event of its own fails, and the finding shows where it belongs."""
    delta = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": "x"}
    (tmp_path / "bare.sse").write_text(f"data: {json.dumps(delta)}\n\n")
    ran = cli("lint", "bare.sse", **REAL)
    assert ran.code == 1
    assert '"type": "thread.item.updated", "item_id": ...' in ran.out


def test_a_component_that_nobody_knows_is_told_with_the_nearest(cli: Cli, tmp_path: Path) -> None:
    """A recording that shows a widget is judged as one that has widgets: what is misspelt in it is a warning."""
    card = {"type": "Card", "children": [{"type": "Buton", "label": "Done"}]}
    shown = {**item("msg_w", "", "widget"), "widget": card, "copy_text": "Done"}
    del shown["content"]
    (tmp_path / "card.sse").write_text(sse([*GOOD, {"type": "thread.item.done", "item": shown}]))
    ran = cli("lint", "card.sse", **REAL)
    assert ran.code == 0
    assert "WARNED  widgets.known-to-client" in ran.out
    assert "(did you mean 'Button'?)" in ran.out
    (tmp_path / "card.sse").write_text(
        sse([*GOOD, {"type": "thread.item.done", "item": shown}]).replace("Buton", "Button")
    )
    assert "widgets.known-to-client" not in cli("lint", "card.sse", **REAL).out
