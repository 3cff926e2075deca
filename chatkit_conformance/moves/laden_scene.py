"""The scene of a message that carries all that a message can: a quotation, tags, files, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .files import JPEG, fetch, own_address, preview_of, register
from .marks import mark, quotation
from .move import MoveKind
from .picture import picture
from .reading import WITH
from .scripted_turn import plainly
from .talking import namesakes

if TYPE_CHECKING:
    from .act import Act

FILES = (
    ("Übersicht 日程.txt", "text/plain", "Bracken grows where nobody looks – 羊歯, Käse: %s."),
    ("ferns.txt", "text/plain", "The second of two files, %s, has other words."),
)
"""Files of a message that carries all: names, types, and what is in them."""

PICTURES = (("Schatten 影.png", "image/png"), ("grey.png", "image/png"), ("red.jpg", "image/jpeg"))
"""Names and types of its pictures."""


async def _laden(act: Act) -> None:
    """A message with a quotation, a tag, two files and three pictures; then one in words, and one with a tool."""
    thread, seed = act.thread, act.talk.new_nonce()
    name = f"Boston fern {mark(seed, 'tag')}"
    tag = {"type": "input_tag", "id": f"plant-{act.n}", "text": name, "data": {"kind": "plant"}, "interactive": False}
    content = [
        {"type": "input_text", "text": "Compare the "},
        tag,
        {"type": "input_text", "text": " with these."},
        *namesakes(act, seed),
    ]
    files = [
        await _registered(act, called, kind, (words % mark(seed, "file", n)).encode(), f"file-{n}")
        for n, (called, kind, words) in enumerate(FILES)
    ]
    if act.arg("pictures"):
        files += [
            await _registered(act, called, kind, _drawn(seed, n, kind), f"picture-{n}")
            for n, (called, kind) in enumerate(PICTURES, len(FILES))
        ]
    if act.arg("pictures"):
        await _look(act, next((id for id in files if id), ""), PICTURES[0][0], mark(seed, "file", len(FILES)))
    quoted = quotation(seed)
    sent: dict[str, Any] = {
        "content": content,
        "tag": name,
        "files": [id for id in reversed(files) if id],
        "quoted": quoted,
    }
    await act.turn(thread, plainly(act.n), words="Compare the  with these.", **sent)
    await act.turn(thread, plainly(act.n + 1), suffix="then")


def _drawn(seed: str, n: int, kind: str) -> bytes:
    return JPEG if kind == "image/jpeg" else picture(mark(seed, "file", n))


async def _registered(act: Act, name: str, mime: str, content: bytes, suffix: str) -> str:
    id = await register(act.talk, name, content, mime, label=act.label(suffix), user=act.person.user)
    if id:
        act.person.files.append(id)
    return id


async def _look(act: Act, file: str, name: str, word: str) -> None:
    """The owner looks at a file and at the preview of a picture; then another user asks for the file."""
    talk = act.talk
    registered = (r for r in talk.replies if r.type == "attachments.create" and r.label in act.labels)
    made = {str(r.body.get("id")): r for r in registered if isinstance(r.body, dict)}
    shown = next((id for id, r in made.items() if r.params.get("name") == name), "")
    if preview := preview_of(talk, shown):
        label = act.label("preview")
        act.expect(label, preview=word)
        await talk.raw(b"", label=label, user=act.person.user, method="GET", path=preview)
    descriptor = made[file].body.get("upload_descriptor") if file in made else None
    url = own_address(talk, descriptor.get("url") if isinstance(descriptor, dict) else None)
    if url and (others := act.stage.state.others(act.person)):
        await talk.raw(b"", label=act.label("own"), user=act.person.user, method="GET", path=url)
        await fetch(act, file, others[0].user, "to another user, once its owner has had them", suffix="theirs")


LADEN_SCENE = MoveKind(
    name="laden",
    does="user {user} sends thread {thread} a quotation, a tag and files in one message (pictures: {pictures})",
    play=_laden,
    args={**WITH, "pictures": (True, False)},
    needs=("attachments",),
    wants=("thread",),
    makes=("turn",),
)
"""The kind."""
