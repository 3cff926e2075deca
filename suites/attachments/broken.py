"""An upload that breaks off half-way, or is made twice: no half is a file, and what came last counts."""

from __future__ import annotations

import base64
import binascii
import re

from chatkit_conformance.check import SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.picture import BROKEN, PICTURED, large_png
from chatkit_conformance.stream.heard import heard_in, picture_urls
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import types
from ..evidence import answered, reply

UPLOADS = types("883-890") + ": the file's bytes are uploaded to the address of its descriptor"


@check(
    "attachments.half-not-told",
    level=SHOULD,
    needs=("model",),
    on=("broken_uploads",),
    clause=UPLOADS + "; RFC 9112 section 8: an incomplete request message is no whole one",
    cause="What comes of a body is stored piece by piece under the file's name, and is there when the line breaks.",
    fix="Read the whole body before you store it, or write it beside its place and move it when all of it is there.",
    capability="attachments",
)
def half_not_told(t: Transcript) -> Findings:
    """Half of a picture is not taken for it: its upload is not said to be done, and the model is not sent the half."""
    if not t.calls:
        raise Untestable(f"No request was made to the model in {t.exchange}.")
    for r in (r for r in t.replies if r.label.endswith("-half") and r.accepted):
        yield Finding(expected="no success before the whole picture came", got=answered(r), reply=r.label)
    whole = large_png(BROKEN)
    for call in t.calls:
        for told in _told(call):
            if len(told) < len(whole) and told == whole[: len(told)]:
                got = f"the first {len(told)} of {len(whole)} bytes"
                yield Finding(expected="the whole picture, or none", got=got, call=call.n)
                return


def _told(call: Call) -> list[bytes]:
    """The bytes of the pictures in a request, of those that can be read."""
    found: list[bytes] = []
    for url in picture_urls(call):
        try:
            found.append(base64.b64decode(re.sub(r"\s", "", url.partition(";base64,")[2])))
        except (binascii.Error, ValueError):
            continue
    return [told for told in found if told]


@check(
    "attachments.upload-mended",
    level=SHOULD,
    on=("broken_uploads",),
    clause=UPLOADS + "; RFC 9110 section 9.2.2: a PUT can be repeated when the line fails before the response",
    cause="A file counts as uploaded when its upload begins, so that the address is spent by a line that breaks.",
    fix="Note that a file is uploaded when all of it is there.",
    capability="attachments",
)
def upload_mended(t: Transcript) -> Findings:
    """An upload by PUT that broke off half-way is taken when it is made again, and the file can be sent."""
    _by_put(t, "mended")
    again, sent = reply(t, "mended-upload"), reply(t, "mended-sent")
    if not again.accepted:
        yield Finding(expected="a status from 200 to 299", got=answered(again), reply=again.label)
    elif sent.refused:
        yield Finding(expected="the message with the file taken", got=answered(sent), reply=sent.label)


@check(
    "attachments.last-upload-counts",
    level=SHOULD,
    needs=("model",),
    on=("broken_uploads",),
    clause=UPLOADS + "; RFC 9110 section 9.3.4: a successful PUT replaces what was there",
    cause="The first bytes are kept and a second upload is answered as if it had been taken, or it is appended.",
    fix="Put the new bytes in the place of the old ones, or refuse the second upload.",
    capability="attachments",
)
def last_upload_counts(t: Transcript) -> Findings:
    """Of a file that was uploaded twice by PUT, the model is sent what was uploaded last, where both were taken."""
    _by_put(t, "changed")
    first, last = reply(t, "changed-first"), reply(t, "changed-upload")
    if not first.accepted or not last.accepted:
        raise NotJudged(f"the second upload was refused: {answered(last)}")
    kept, gone = (PICTURED.findall(str(r.request)) for r in (last, first))
    for call in t.calls:
        told = [mark for drawn in heard_in(t)[call.n].drawn for mark in PICTURED.findall(drawn)]
        if set(told) & set(gone):
            yield Finding(expected=f"the picture with the mark {kept[0]} alone", got=", ".join(told), call=call.n)
            return


def _by_put(t: Transcript, label: str) -> None:
    """Raises NotJudged where this file is not uploaded by PUT."""
    made = reply(t, label)
    told = made.body.get("upload_descriptor") if isinstance(made.body, dict) else None
    if not isinstance(told, dict) or told.get("method") != "PUT":
        raise NotJudged("the server's files are not uploaded by PUT")
