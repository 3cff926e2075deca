"""Pictures of ours, by the marks in their bytes: one in the place of another, and half of one."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from chatkit_conformance.moves.marks import mark
from chatkit_conformance.moves.picture import BROKEN, large_png, picture
from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.breaks_files import with_files
from tests.suites.build import Data, answer, ask, asked, called, create, edit, say, transcript

MARKS = {name: mark(f"zq{'ab'[n] * 10}", "file", n + 1) for n, name in enumerate(("one", "two"))}
"""The marks in the pictures of these names."""


def _registered(label: str, content: bytes, upload: str) -> list[Reply]:
    way = {"url": f"http://127.0.0.1:1/{label}", "method": "PUT", "headers": {}}
    params = {"name": label, "size": len(content), "mime_type": "image/png"}
    made = {"id": label, "name": label, "mime_type": "image/png", "type": "image", "upload_descriptor": way}
    made["preview_url"] = way["url"]
    sent = Reply(label=upload, request=content.decode(errors="replace"), status=200, raw=True)
    return [ask(label, "attachments.create", params, made), sent]


def _part(content: bytes) -> Data:
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def _message(label: str, *pictures: bytes) -> Data:
    words = {"type": "text", "text": asked("Look.", label)}
    return {"role": "user", "content": [words, *map(_part, pictures)]}


def drawn(first: str = "one", second: str = "two", *, apart: bool = False) -> Transcript:
    """A picture is sent, and another one; the model is sent these. Where they are apart, each has its own thread."""
    made = [r for name, word in MARKS.items() for r in _registered(name, picture(word), f"{name}-upload")]
    shown = {name: picture(word) for name, word in MARKS.items()}
    last = "thr_2" if apart else "thr_1"
    more = create if apart else say
    turns = [
        with_files(create("turn-1", "Look.", answer("a1", "I see.")), "one"),
        with_files(more("turn-2", "Look.", answer("a2", "I see.", last), id=last), "two"),
    ]
    before = [_message("turn-1", shown[first])]
    then = [_message("turn-2", *([shown[second]] if second else []))]
    told = then if apart else [*before, {"role": "assistant", "content": "I see."}, *then]
    return transcript("drawn", [*made, *turns], [called("turn-1", before), called("turn-2", told, n=1)])


def of_nobody() -> Transcript:
    """The model is sent a picture that nobody in the conversation has sent."""
    message = _message("turn-1", picture(mark("zq" + "c" * 10, "file", 1)))
    return transcript("drawn", [create("turn-1", "Look.", answer("a1", "I see."))], [called("turn-1", [message])])


def broken_uploads(*, told: int | None = None, again: int = 200, shown: tuple[str, ...] = ("two",)) -> Transcript:
    """Two uploads broke off, and one was made again; one file was uploaded twice.

    Args:
        told: how many bytes of the mended one are in the model's request; None: all.
        again: what its upload was answered. shown: the pictures that the model is sent for the last one.
    """
    whole = large_png(BROKEN)
    first, last = (picture(MARKS[name]) for name in ("one", "two"))
    registered = {label: _registered(label, whole, f"{label}-half") for label in ("left", "mended")}
    changed, sent_first = _registered("changed", first, "changed-first")
    _, sent_last = _registered("changed", last, "changed-upload")
    replies = [*(made for made, _ in registered.values()), changed, *(_cut(half) for _, half in registered.values())]
    replies += [Reply(label="mended-upload", request="", status=again, raw=True), sent_first, sent_last]
    replies += [
        ask("left-sent", "threads.create", {"input": {"attachments": ["left"]}}, {"no": "bytes"}, 404),
        with_files(create("mended-sent", "What is this?", answer("a1", "A garden.")), "mended"),
        with_files(create("changed-sent", "What is this?", answer("a2", "A garden.", "thr_2"), id="thr_2"), "changed"),
    ]
    both = b"".join(picture(MARKS[name]) for name in shown)
    calls = [
        called("mended-sent", [_message("mended-sent", whole[:told])]),
        called("changed-sent", [_message("changed-sent", both)], n=1),
    ]
    return transcript("broken_uploads", replies, calls)


def _cut(sent: Reply) -> Reply:
    """The answer to an upload that was cut: there is none."""
    return Reply(label=sent.label, request=sent.request, status=0, ended="left", raw=True)


def sound_pictures() -> list[Transcript]:
    """Each picture in its place; an upload that was mended."""
    return [drawn(), broken_uploads()]


def odd_pictures() -> list[Transcript]:
    """The newest picture alone is sent; threads apart."""
    return [drawn(second=""), drawn(apart=True)]


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.pictures-not-confused": [drawn(second="one"), drawn(first="two")],
    "attachments.half-not-told": [broken_uploads(told=20_000)],
    "attachments.last-upload-counts": [broken_uploads(shown=("one",)), broken_uploads(shown=("one", "two"))],
    "attachments.upload-mended": [
        broken_uploads(again=410),
        edit(broken_uploads(), "mended-sent", status=404, events=(), body={"no": "file"}),
    ],
}
