"""The reader: transfers and streams cut anywhere give the same events, with the moment at which each was complete."""

from __future__ import annotations

import importlib
import itertools
import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.load_analysis.launch import without_secrets
from chatkit_conformance.load_analysis.place import PACKAGE, as_package, load_dir
from chatkit_conformance.target.secret import Secrets
from chatkit_conformance.target.target import User

as_package()
wire: Any = importlib.import_module(f"{PACKAGE}.wire")
turn: Any = importlib.import_module(f"{PACKAGE}.turn")


def stream(*values: Any) -> bytes:
    """Events as one chunk each, and the end."""
    blocks = [b"data: " + json.dumps(value).encode() + b"\n\n" for value in values]
    return b"".join(b"%x\r\n%b\r\n" % (len(b), b) for b in blocks) + b"0\r\n\r\n"


def delta(text: str, item: str = "m1") -> dict[str, Any]:
    """A text delta."""
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": text}
    return {"type": "thread.item.updated", "item_id": item, "update": update}


def done(text: str, item: str = "m1") -> dict[str, Any]:
    """A finished message."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "thread.item.done", "item": {"id": item, "type": "assistant_message", "content": content}}


TURN = (
    {"type": "thread.created", "thread": {"id": "thr_1"}},
    {"type": "thread.item.done", "item": {"id": "u1", "type": "user_message", "content": [{"text": "0\r\n\r\n"}]}},
    {"type": "progress_update", "text": "Working"},
    delta("Hé"),
    delta("llo 0\r\n\r\n"),
    done("Héllo 0\r\n\r\n"),
)


def received(pieces: list[tuple[float, bytes]]) -> Any:
    """A transfer taken apart."""
    dechunker = wire.Dechunker()
    got = wire.Received(sent_at=0.0)
    for at, data in pieces:
        got.pieces += dechunker.feed(at, data)
    assert dechunker.done
    return got


@pytest.mark.parametrize("seed", range(20))
def test_any_cut_of_the_bytes_gives_the_same_turn(seed: int) -> None:
    """However the network cuts a stream, the same texts, items and order of stamps come out."""
    raw, draw = stream(*TURN), random.Random(seed)
    cuts = sorted({0, len(raw), *(draw.randrange(len(raw)) for _ in range(draw.randrange(1, 60)))})
    seen = turn.read_turn(received([(float(b), raw[a:b]) for a, b in itertools.pairwise(cuts)]))
    assert (seen.thread_id, seen.answer, seen.deltas, seen.faithful, seen.error) == (
        "thr_1",
        "Héllo 0\r\n\r\n",
        2,
        True,
        "",
    )
    assert seen.thread_created_at <= seen.tool_visible_at[0] <= seen.first_token_at
    assert [kind for _, kind, _ in seen.items.values()] == ["user_message", "assistant_message"]


def test_a_stamp_is_that_of_the_piece_that_completed_the_event() -> None:
    """The first token is as late as its last byte, not as its first."""
    raw = stream(delta("a"), delta("b"))
    middle = raw.index(b'"a"')
    seen = turn.read_turn(received([(1.0, raw[:middle]), (2.0, raw[middle:])]))
    assert seen.first_token_at == 2.0


def test_what_was_streamed_and_what_stays_are_compared() -> None:
    """A last state that differs from the deltas is seen, as is an event that is no JSON, and an error."""
    assert not turn.read_turn(received([(1.0, stream(delta("a"), done("b")))])).faithful
    broken = b"data: {nope\n\n"
    raw = b"%x\r\n%b\r\n0\r\n\r\n" % (len(broken), broken)
    assert turn.read_turn(received([(1.0, raw)])).error
    assert turn.read_turn(received([(1.0, stream({"type": "error", "code": "stream.error"}))])).error == "stream.error"


def test_a_transfer_that_is_none_is_said_to_be_broken() -> None:
    """Bytes without a chunk size are named and not waited for."""
    dechunker = wire.Dechunker()
    dechunker.feed(0.0, b"hello\r\n")
    assert "hello" in dechunker.broken


@pytest.mark.parametrize(
    ("user", "path", "sent"),
    [
        (User(name="a", query={"api_key": "k 1"}), "/chatkit", ("/chatkit?api_key=k+1", None)),
        (User(name="a", query={"api_key": "k1"}), "/chatkit?v=2", ("/chatkit?v=2&api_key=k1", None)),
        (User(name="a", cookies={"sid": "s1", "csrf": "c1"}), "/chatkit?v=2", ("/chatkit?v=2", "sid=s1; csrf=c1")),
    ],
)
def test_a_users_credentials_are_sent_wherever_they_stand(user: User, path: str, sent: tuple[str, str | None]) -> None:
    """What the target file has of a user goes into the URL or the headers of each request, as in a run."""
    seen: list[tuple[str, str | None]] = []

    class Noting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((self.path, self.headers["Cookie"]))
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = wire.Connection(f"http://127.0.0.1:{server.server_port}{path}", user.sent())
        answered = connection.post(b"", 10.0)
        connection.close()
        server.shutdown()
    assert answered.status == 204
    assert seen == [sent]


def test_the_locust_side_is_found() -> None:
    """The folder with the locustfile is beside the package in a checkout."""
    assert (load_dir() / "locustfile.py").is_file()


def test_rows_hold_no_secret(tmp_path: Path) -> None:
    """What a server told in an error is cleared from the rows; the other rows stay as they were."""
    secrets = Secrets(values={"user-a-authorization": "a-token-that-nobody-may-read"})
    told = '{"row":"turn","error":"a-token-that-nobody-may-read"}\n{"row":"tick","at":1.5}\n'
    (tmp_path / "rows-local-1.jsonl").write_text(told)
    (tmp_path / "standin.jsonl").write_text('{"n":1}\n')
    without_secrets(tmp_path, secrets)
    first, second = (tmp_path / "rows-local-1.jsonl").read_text().splitlines()
    assert "nobody-may-read" not in first
    assert json.loads(first)["row"] == "turn"
    assert second == '{"row":"tick","at":1.5}'
    assert (tmp_path / "standin.jsonl").read_text() == '{"n":1}\n'
