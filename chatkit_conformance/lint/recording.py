"""A recording as transcripts, whatever it was recorded with.

| name                | what it is                                                                              |
|---------------------|-----------------------------------------------------------------------------------------|
| .sse .txt           | the bytes of one stream; the response head of `curl -i` may stand before it              |
| .jsonl .ndjson      | one event a line, as a JSON object                                                      |
| .har                | what a browser's network panel saves; its ChatKit requests are taken, in their order    |
| .json, or a folder  | transcripts of a run; a folder is read whole                                            |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gemini_standin.given_file import read_given

from ..results.saved import read_json
from ..transcript import Event, Reply, Transcript
from ..wire.sse import MOST_RECORDED, parse_object, read_events
from .ending import ended_as, unread
from .har import har_replies
from .strangers import not_chatkit

Kind = Literal["stream", "events", "har", "run"]
"""What the evidence is: a stream's bytes, its events alone, requests and answers, or conversations of ours."""

KINDS: Mapping[Kind, str] = {
    "stream": "the bytes of a stream",
    "events": "events alone, one a line",
    "har": "requests and answers that a browser saved",
    "run": "transcripts of a run",
}
"""What each kind is called."""

STREAM = {"content-type": "text/event-stream"}
FILES = {".sse": "stream", ".txt": "stream", ".jsonl": "events", ".ndjson": "events", ".har": "har", ".json": "run"}

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read."""


class Unreadable(ValueError):
    """A recording that cannot be read. The message says what it is, what was there, and what to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What was read. `notes` tell what had to be left out of it."""

    kind: Kind
    transcripts: tuple[Transcript, ...]
    notes: tuple[str, ...] = ()


def read_recording(path: Path, request_type: str = "") -> Recording:
    """Read a recording by the end of its name.

    Args:
        request_type: the ChatKit request that a bare stream answered, or "" where it is not known.

    Raises:
        Unreadable: it is missing, of no known kind, empty, or not what its name says.
    """
    if path.is_dir():
        return _folder(path)
    kind = FILES.get(path.suffix.lower())
    if kind is None:
        raise Unreadable(
            f"{path}: unknown kind of recording {path.suffix or repr(path.name)}; name it {', '.join(FILES)}."
        )
    try:
        data = read_given(path, LARGEST)
    except OSError as e:
        raise Unreadable(f"{path}: {e.strerror or e}.") from e
    if not data.strip():
        raise Unreadable(f"{path}: it is empty. A recording needs at least one event.")
    request = {"type": request_type} if request_type else None
    return READERS[kind](path, data, request)


def _stream(path: Path, data: bytes, request: Mapping[str, str] | None) -> Recording:
    status, headers = 200, dict(STREAM)
    if data.startswith(b"HTTP/"):
        status, headers, data = _head(path, data)
    events, trouble = read_events(data, most=MOST_RECORDED)
    if not events and headers == STREAM:
        raise Unreadable(
            f"{path}: no event in {len(data)} bytes; an event is a line `data: {{...}}` and an empty line."
        )
    _refuse_strangers(path, events)
    reply = Reply(
        label=path.name,
        request=request or _told(events),
        status=status,
        headers=headers,
        events=events,
        ended=ended_as(events, trouble),
        trouble=trouble,
    )
    return _of_replies("stream", path, (reply,))


def _told(events: Sequence[Event]) -> dict[str, str] | None:
    """The request that a stream was the answer to, where it shows: only one makes a thread."""
    made = any(event.type == "thread.created" for event in events)
    return {"type": "threads.create"} if made else None


def _of_replies(kind: Kind, path: Path, replies: tuple[Reply, ...], notes: tuple[str, ...] = ()) -> Recording:
    transcript = Transcript(exchange=path.name, replies=replies)
    return Recording(kind=kind, transcripts=(transcript,), notes=(*notes, *unread(replies)))


def _refuse_strangers(path: Path, events: Sequence[Event]) -> None:
    if why := not_chatkit(events):
        raise Unreadable(f"{path}: {why}")


def _head(path: Path, data: bytes) -> tuple[int, dict[str, str], bytes]:
    head, mark, body = data.replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    lines = head.decode("latin-1").splitlines()
    words = lines[0].split()
    if not mark or len(words) < 2 or not words[1].isdigit():
        raise Unreadable(f"{path}: begins like an HTTP response ({lines[0]!r}) but its headers do not end.")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(words[1]), headers, body


def _events(path: Path, data: bytes, request: Mapping[str, str] | None) -> Recording:
    events: list[Event] = []
    for line in data.decode("utf-8", "replace").splitlines():
        if line.strip() and len(events) < MOST_RECORDED:
            value, problem = parse_object(line)
            if value is not None and "type" not in value and isinstance(value.get("data"), dict):
                value = value["data"]
            events.append(Event(index=len(events), at=0.0, raw=line, data=value, problem=problem))
    if all(event.data is None for event in events):
        raise Unreadable(f"{path}: none of its {len(events)} lines is a JSON object; write one event a line.")
    _refuse_strangers(path, events)
    ended, asked = ended_as(events, None), request or _told(events)
    reply = Reply(label=path.name, request=asked, status=200, headers=STREAM, events=tuple(events), ended=ended)
    return _of_replies("events", path, (reply,))


def _har(path: Path, data: bytes, _request: Mapping[str, str] | None) -> Recording:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise Unreadable(f"{path}: not JSON: {e}. Save it again from the network panel, as HAR with content.") from e
    log = value.get("log") if isinstance(value, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise Unreadable(f"{path}: no log.entries in it. Save it from the network panel, as HAR with content.")
    replies, notes = har_replies(entries)
    if not replies:
        why = f" {notes[0]}" if notes else ""
        raise Unreadable(f"{path}: none of its {len(entries)} requests is a ChatKit request with a response.{why}")
    return _of_replies("har", path, replies, notes)


def _run(path: Path, _data: bytes, _request: Mapping[str, str] | None) -> Recording:
    return Recording(kind="run", transcripts=(_transcript(path),))


def _folder(path: Path) -> Recording:
    inner = path / "transcripts"
    files = sorted((inner if inner.is_dir() else path).glob("*.json"))
    transcripts = tuple(_transcript(file) for file in files if file.name != "results.json")
    if not transcripts:
        raise Unreadable(f"{path}: no transcript in it. Name a folder that `chatkit-conformance run --out` wrote.")
    return Recording(kind="run", transcripts=transcripts)


def _transcript(path: Path) -> Transcript:
    try:
        value = read_json(path)
        if not isinstance(value, dict) or "exchange" not in value or "replies" not in value:
            raise Unreadable(f"{path}: {_instead(value)} {_GIVE}")
        return Transcript.from_json(value)
    except (TypeError, KeyError, AttributeError) as e:
        raise Unreadable(f"{path}: a transcript whose fields are not those of this release. {_GIVE}") from e
    except ValueError as e:
        raise Unreadable(str(e)) from e


_GIVE = (
    "Give a transcript or the folder of a run (`run --out FOLDER`), a HAR file that ends in .har, or the bytes of a "
    "stream as .sse."
)


def _instead(value: object) -> str:
    """What a JSON file has in place of a transcript, in words."""
    if isinstance(value, list):
        return f"a JSON list of {len(value)}, not a transcript of a run."
    if not isinstance(value, dict):
        return f"JSON that is {json.dumps(value)[:40]}, not a transcript of a run."
    if "log" in value:
        return "JSON, but not a transcript of a run; it looks like a HAR file, whose name ends in .har."
    if "results" in value:
        return "the results of a run, not a transcript; its transcripts lie in transcripts/ beside it."
    return f"JSON, but not a transcript of a run: its keys are {', '.join(sorted(map(str, value))[:6]) or 'none'}."


READERS: Mapping[str, Callable[[Path, bytes, Mapping[str, str] | None], Recording]] = {
    "stream": _stream,
    "events": _events,
    "har": _har,
    "run": _run,
}
