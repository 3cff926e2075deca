"""The conversations of a run as a HAR file (HTTP Archive 1.2), which browsers' network panels and proxies open.

Each conversation is a page; its requests are those of the browser to the server, and those of the server to the model.
Request headers are not in a transcript, so they are not here: credentials among them were never written down.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..transcript import JSON, Call, Reply, Transcript

VERSION = "1.2"
MODEL_HOST = "http://gemini.stand-in"
"""Where the model's requests went, for a file that outlives the stand-in's port."""


def har(transcripts: Iterable[Transcript], *, url: str, began: datetime, version: str) -> dict[str, Any]:
    """The file as JSON values.

    Args:
        url: of the server. began: when the first request was sent. version: of this program.
    """
    held = list(transcripts)
    first = min((r.sent_at for t in held for r in t.replies), default=0.0)

    def moment(at: float) -> str:
        return (began + timedelta(seconds=at - first)).isoformat(timespec="milliseconds")

    pages, entries = [], []
    for transcript in held:
        page = f"{transcript.exchange} ({transcript.dialect})" if transcript.dialect else transcript.exchange
        timings = {"onContentLoad": -1, "onLoad": -1}
        pages.append(
            {"id": page, "title": page, "startedDateTime": moment(transcript.started_at), "pageTimings": timings}
        )
        for at, entry in (*_browser(transcript, url), *_model(transcript)):
            entries.append((at, {"pageref": page, "startedDateTime": moment(at), **entry}))
    creator = {"name": "chatkit-conformance", "version": version}
    ordered = [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]
    return {"log": {"version": VERSION, "creator": creator, "pages": pages, "entries": ordered}}


def _browser(transcript: Transcript, url: str) -> Iterator[tuple[float, dict[str, Any]]]:
    for reply in transcript.replies:
        if reply.status:
            kind = reply.headers.get("content-type", "")
            ended = reply.ended_at if reply.ended_at is not None else reply.sent_at
            yield (
                reply.sent_at,
                _entry(
                    url=url,
                    asked=reply.request,
                    status=reply.status,
                    headers=reply.headers,
                    content=_content(kind, _received(reply)),
                    took_s=(reply.headers_at or reply.sent_at) - reply.sent_at,
                    whole_s=ended - reply.sent_at,
                    comment=" ".join(filter(None, (reply.label, reply.trouble))),
                ),
            )


def _model(transcript: Transcript) -> Iterator[tuple[float, dict[str, Any]]]:
    for call in transcript.calls:
        streams = call.fields.get("stream") is True and call.status < 400
        kind = "text/event-stream" if streams else "application/json"
        ended = call.finished_at or call.gone_at or call.at
        yield (
            call.at,
            _entry(
                url=MODEL_HOST + call.path,
                asked=call.body,
                status=call.status,
                headers={"content-type": kind},
                content=_content(kind, _sent(call, streams=streams)),
                took_s=(call.sent[0].at if call.sent else ended) - call.at,
                whole_s=ended - call.at,
                comment=f"the server asks the model, request {call.n}",
            ),
        )


def _entry(
    *,
    url: str,
    asked: JSON,
    status: int,
    headers: Mapping[str, str],
    content: dict[str, Any],
    took_s: float,
    whole_s: float,
    comment: str,
) -> dict[str, Any]:
    body = asked if isinstance(asked, str) else json.dumps(asked, ensure_ascii=False)
    wait, whole = round(took_s * 1000, 3), round(whole_s * 1000, 3)
    common = {"httpVersion": "HTTP/1.1", "cookies": [], "headersSize": -1}
    return {
        "time": whole,
        "request": {
            **common,
            "method": "POST",
            "url": url,
            "headers": [],
            "queryString": [],
            "postData": {"mimeType": "application/json", "text": body},
            "bodySize": len(body.encode("utf-8", "surrogatepass")),
        },
        "response": {
            **common,
            "status": status,
            "statusText": "",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "content": content,
            "redirectURL": "",
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": round(max(0.0, whole - wait), 3)},
        "comment": comment,
    }


def _content(kind: str, text: str) -> dict[str, Any]:
    return {"size": len(text.encode("utf-8", "surrogatepass")), "mimeType": kind, "text": text}


def _received(reply: Reply) -> str:
    """What came from the server, as it stands on the wire."""
    if reply.events:
        return "".join("".join(f"data: {line}\n" for line in e.raw.split("\n")) + "\n" for e in reply.events)
    return json.dumps(reply.body, ensure_ascii=False) if reply.body is not None else reply.text


def _sent(call: Call, *, streams: bool) -> str:
    if not streams:
        return "".join(sent.data for sent in call.sent)
    return "".join(f"data: {sent.data.removeprefix('data: ')}\n\n" for sent in call.sent)
