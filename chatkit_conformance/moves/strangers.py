"""Moves of a stranger: a user who uses every id, cursor, button and file of another. Each must be refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..target.bad_tokens import bad_headers
from ..target.credentials import subject_of
from .files import fetch, guessed, register, upload
from .marks import mark
from .move import MoveKind
from .own_ids import own_ids
from .reading import THREADS, USERS, read_thread
from .scripted_turn import plainly
from .shown import STREAM, SYNC, buttons, own_buttons, values_in

if TYPE_CHECKING:
    from .act import Act
    from .state import Person, Thread

WHAT = (
    "read",
    "items",
    "say",
    "rename",
    "delete",
    "retry",
    "rate",
    "output",
    "form",
    "button",
    "cursor",
    "file",
    "pose",
    "press",
)

NAMES = ("user_id", "userId", "user", "sub")
"""Keys of a request's metadata in which a caller might say who they are."""

HEADERS = ("x-user-id", "x-user", "x-userid")
"""Headers in which a caller might say so."""

TELLING = 12
"""Characters from which on an id cannot stand in a reply by chance."""

CREDENTIALS = ("authorization", "cookie", "x-api-key")
"""Headers that are credentials; where a user has none of them, some other header may be their only one."""


async def _stranger(act: Act) -> None:
    thread, owner, what = act.thread, act.person, act.arg("what")
    other = act.stage.state.others(owner)[0]
    if what == "cursor":
        await _cursor(act, thread, owner, other)
    elif what == "file":
        await _file(act, owner, other)
    elif what == "say":
        await _say(act, thread, other)
    elif what == "press":
        await _press(act, thread, other)
    elif what == "pose":
        await _pose(act, thread, owner, other)
    else:
        type, params = _request(act, thread, what)
        label = act.label()
        act.expect(label, refused=f"{what} by another user")
        await act.talk.ask(type, params, label=label, user=other.user)
    await read_thread(act, thread, owner, "after")


def _request(act: Act, thread: Thread, what: str) -> tuple[str, dict[str, Any]]:
    """What the stranger asks for in the thread of another."""
    here = {"thread_id": thread.id}
    asked = next((turn.item for turn in thread.turns if turn.item), "")
    said = next((i for r in act.talk.replies if r.thread_id == thread.id for i in _answers(r)), asked)
    action = next(own_buttons(act, thread), {"item_id": said, "action": {"type": "tasks.complete", "payload": {}}})
    answered = {"status": "answered", "answers": {}}
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "read": ("threads.get_by_id", here),
        "items": ("items.list", {**here, "limit": 20, "order": "asc"}),
        "rename": ("threads.update", {**here, "title": f"Taken over {mark(act.talk.new_nonce(), 'title')}"}),
        "delete": ("threads.delete", here),
        "retry": ("threads.retry_after_item", {**here, "item_id": asked}),
        "rate": ("items.feedback", {**here, "item_ids": [said], "kind": "negative"}),
        "output": ("threads.add_client_tool_output", {**here, "result": {"stolen": True}}),
        "form": ("threads.add_structured_input", {**here, "item_id": said, "input": answered}),
        "button": ("threads.custom_action", {**here, **action}),
    }
    return requests[what]


def _answers(reply: Any) -> list[str]:
    return [e.item_id for e in reply.items_done("assistant_message")]


async def _say(act: Act, thread: Thread, other: Person) -> None:
    """The stranger writes in the thread; nobody may answer."""
    nonce = act.talk.new_nonce()
    scripted = plainly(act.n)(nonce)
    await act.talk.script_again(nonce, *scripted.steps)
    label = act.label()
    act.expect(label, refused="a message by another user", nonce=nonce)
    await act.talk.say(thread.id, "May I come in?", label=label, user=other.user, nonce=nonce)


async def _press(act: Act, thread: Thread, other: Person) -> None:
    """The stranger sends what a button of the owner's sends, in a thread of their own, and from a widget there, too."""
    button = next(own_buttons(act, thread), None)
    mine = next((t for t in other.threads if t.id and not t.gone), None)
    act.talk.require(button and mine, "there is no button, or the stranger has no thread")
    named = values_in(button["action"] if button else None)
    act.talk.require(not await own_ids(act, other, named), "what the button names may be the stranger's own, too")
    own = next(buttons(act, mine), None) if mine else None
    for n, item in enumerate(({}, {"item_id": own["item_id"]}) if own else ({},)):
        if button and mine:
            params = {"thread_id": mine.id, **item, "action": button["action"]}
            label = act.label(f"press-own-{n}" if n else "press")
            await act.talk.ask(STREAM, params, label=label, user=other.user)
    there = {"thread_id": thread.id, "item_id": button["item_id"]} if button else {}
    for type in (STREAM, SYNC):
        label = act.label(type.partition(".")[2])
        act.expect(label, refused="a button of another user's thread")
        pressed = {**there, "action": (own or button or {}).get("action")}
        await act.talk.ask(type, pressed, label=label, user=other.user)


async def _pose(act: Act, thread: Thread, owner: Person, other: Person) -> None:
    """The stranger reads the thread and says in metadata and headers to be its owner."""
    mine, theirs = (act.talk.user_headers(person.user) for person in (other, owner))
    act.talk.require(set(CREDENTIALS) & {name.lower() for name in mine}, "a header alone tells who the user is")
    id = subject_of(theirs) or owner.user
    body = {"type": "threads.get_by_id", "params": {"thread_id": thread.id}, "metadata": dict.fromkeys(NAMES, id)}
    label = act.label()
    act.expect(label, refused="a read by another user who says to be the owner")
    headers = dict.fromkeys(HEADERS, id)
    await act.talk.raw(json.dumps(body), label=label, user=other.user, headers=headers)


async def _cursor(act: Act, thread: Thread, owner: Person, other: Person) -> None:
    """The stranger pages their own list, and a thread of their own, on from cursors of the owner's.

    The owner pages a thread on from an item of another one, too.
    """
    items = [turn.item for turn in thread.turns if turn.item]
    # By their words: a short id may stand in anything, and the stranger's own thread may have items of these ids, too.
    foreign = [*(turn.nonce for turn in thread.turns), *([thread.id] if len(thread.id) >= TELLING else [])]
    page = await act.talk.ask(
        "threads.list", {"limit": 1, "order": "desc"}, label=act.label("own-page"), user=owner.user
    )
    after = page.body.get("after") if isinstance(page.body, dict) else None
    for order in ("desc", "asc"):  # what is theirs may be older than the owner's, or newer
        label = act.label(f"list-{order}")
        act.expect(label, without=foreign)
        params = {"limit": 50, "order": order, "after": after if isinstance(after, str) else thread.id}
        await act.talk.ask("threads.list", params, label=label, user=other.user)
    mine = next((t for t in other.threads if t.id and not t.gone), None)
    if mine is not None and items:
        label = act.label("items")
        act.expect(label, without=foreign)
        params = {"thread_id": mine.id, "limit": 50, "order": "asc", "after": items[0]}
        await act.talk.ask("items.list", params, label=label, user=other.user)
    elsewhere = [t.item for each in owner.threads if each is not thread and not each.gone for t in each.turns if t.item]
    for order in ("asc", "desc") if elsewhere else ():
        params = {"thread_id": thread.id, "limit": 50, "order": order, "after": elsewhere[0 if order == "asc" else -1]}
        await act.talk.ask("items.list", params, label=act.label(f"elsewhere-{order}"), user=owner.user)


async def _file(act: Act, owner: Person, other: Person) -> None:
    """The owner registers a file; the stranger sends it, deletes it and uploads over it; the owner sends it."""
    act.talk.require(act.talk.learnt.capabilities.get("attachments"), "the server takes no attachments")
    word = mark(act.talk.new_nonce(), "file")
    name, content = f"safe-{word}.txt", f"Nobody else reads {word}.".encode()
    id = await register(act.talk, name, content, "text/plain", label=act.label("register"), user=owner.user)
    act.talk.require(id, "the server did not register the file")
    made = next(r for r in act.talk.replies if r.label == act.labels[-1])
    scripted = made.body.get("upload_descriptor") or {} if isinstance(made.body, dict) else {}
    forged = bad_headers("forged", act.talk.user_headers(owner.user), user=owner.user, secret="")
    if urlsplit(str(scripted.get("url"))).netloc == urlsplit(act.talk.target.url).netloc:
        way = await guessed(act.talk, made, label=act.label("register-theirs"), user=other.user)
        if way is not None:
            label, theirs = act.label("overwrite"), b"overwritten by another user"
            await upload(act.talk, made, theirs, label=label, user=other.user, descriptor=way)
        if way is not None and forged:
            label = act.label("overwrite-forged")
            await upload(
                act.talk, made, b"overwritten by nobody", label=label, user="", credentials=forged, descriptor=way
            )
    for user, who in ((other.user, "to another user"), ("", "without credentials")):
        await fetch(act, id, user, who, suffix=f"fetch-{'theirs' if user else 'nobody'}")
    if forged:
        await fetch(act, id, "", "for a forged token", suffix="fetch-forged", headers=forged)
    nonce = act.talk.new_nonce()
    await act.talk.script_again(nonce, *plainly(act.n)(nonce).steps)
    label = act.label("send")
    act.expect(label, without=[word], nonce=nonce)
    await act.talk.create("What is in it?", label=label, user=other.user, nonce=nonce, attachments=[id])
    label = act.label("delete")
    act.expect(label, refused="a file of another user")
    await act.talk.ask("attachments.delete", {"attachment_id": id}, label=label, user=other.user)
    await act.turn(act.thread, plainly(act.n), suffix="own", files=[id])


STRANGERS = (
    MoveKind(
        name="stranger",
        does="another user tries to {what} in thread {thread} of user {user}",
        play=_stranger,
        who="stranger",
        args={"user": USERS, "thread": THREADS, "what": WHAT},
        needs_by={"what": {"file": ("attachments",), "press": ("actions",)}},
        wants=("thread", "two"),
    ),
)
"""The kinds."""
