"""Pictures on their way to the model: what a data URL has to be, so that somebody sees something."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.heard import picture_urls
from chatkit_conformance.transcript import Call, Transcript

from ..evidence import shorten

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
