"""Pictures on their way to the model: what a data URL has to be, so that somebody sees something."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.picture import PICTURED
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.heard import picture_urls
from chatkit_conformance.stream.history import history_requests
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import SPEC_HISTORY, types
from ..evidence import shorten
from ..invariants.uploads import uploads

BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")
"""How the bytes of a PNG, a JPEG, a GIF, a WebP, a BMP and a TIFF begin; those of HEIC and AVIF have `ftyp` in them."""

STANDARD = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")


def _data_urls(call: Call) -> Iterator[str]:
    """The data URLs of the pictures in a request."""
    return (url for url in picture_urls(call) if url.startswith("data:image/") and ";base64," in url[:100])


def _unreadable(url: str) -> str:
    """What is wrong with the bytes of a data URL, or ""."""
    text = url.split(";base64,", 1)[1]
    if (odd := STANDARD.match(text)) is None or odd.end() < len(text):
        at = odd.end() if odd else 0
        return f"{text[at]!r} at character {at} of the base64, which is none of its alphabet"
    try:
        begins = base64.b64decode(re.sub(r"\s", "", text)[:64])
    except binascii.Error as wrong:
        return f"base64 that cannot be read: {wrong}"
    return "" if begins.startswith(BEGINNINGS) or b"ftyp" in begins else f"bytes of no picture: {shorten(begins[:16])}"


@check(
    "gemini.pictures-readable",
    level=MUST,
    needs=("model",),
    clause="RFC 2397: a data URL has its bytes in base64, RFC 4648 section 4: whose alphabet has + and /; Gemini docs, "
    "Image understanding",
    cause="The bytes were read or stored as text, or written in the alphabet for addresses (- and _).",
    fix="Keep a file's bytes as bytes, and encode them with the standard alphabet.",
    capability="attachments",
)
def pictures_readable(t: Transcript) -> Findings:
    """The bytes with which a picture is sent to the model are those of a picture, in base64."""
    if not t.calls:
        raise Untestable(f"No request was made to the model in {t.exchange}.")
    judged: dict[str, str] = {}
    for call in t.calls:
        for url in _data_urls(call):
            if url not in judged:
                judged[url] = _unreadable(url)
            if judged[url]:
                expected = "the bytes of a picture in standard base64"
                yield Finding(expected=expected, got=judged[url], call=call.n)
                return


@check(
    "gemini.pictures-not-confused",
    level=MUST,
    needs=("model",),
    clause=types("870-943") + ": attachments are part of the message; " + SPEC_HISTORY,
    cause="Bytes are kept or looked up by a file's name, size or type, and what a browser pastes is always image.png.",
    fix="Read a picture's bytes by the attachment's id, and key every cache by it.",
    capability="attachments",
)
def pictures_not_confused(t: Transcript) -> Findings:
    """No picture is sent to the model in the place of another one of the same thread."""
    if not t.calls:
        raise Untestable(f"No request was made to the model in {t.exchange}.")
    sent = _sent(t)
    for request in history_requests(t):
        told = Counter(mark for drawn in request.heard.drawn for mark in PICTURED.findall(drawn))
        carried = Counter(
            mark
            for n, thread, marks in sent
            if thread == request.turn.asked.thread_id
            for mark in marks
            if n <= request.turn.asked.n
        )
        missing, twice = sorted(carried.keys() - told.keys()), sorted((told - carried).keys() & carried.keys())
        if missing and twice:
            expected = f"the picture with the mark {missing[0]} in its bytes"
            got = f"{told[twice[0]]} times the one with {twice[0]}"
            yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


def _sent(t: Transcript) -> list[tuple[int, str, list[str]]]:
    """Of each message with pictures of ours that are still there: when it was asked, its thread, and their marks."""
    known = uploads(t)
    gone = {str(a.reply.params.get("attachment_id")) for a in asked_in(t) if a.reply.type == "attachments.delete"}
    marks = {id: PICTURED.findall(file.bytes) for id, file in known.items() if file.taken and id not in gone}
    return [
        (a.n, a.thread_id, [m for id in a.files for m in marks.get(id, ())])
        for a in asked_in(t)
        if a.files and a.reply.streamed
    ]
