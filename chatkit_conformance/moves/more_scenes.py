"""Scenes of what is there and goes on: a file that its owner looks at and deletes, tasks and a title from before a
restart, pages that are just full, two threads of one user at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .changing import TITLES, delete, rename
from .files import PIXEL, fetch, fetch_own, preview_of, register, upload_again
from .marks import mark
from .move import JSON, MoveKind
from .picture import picture
from .reading import LIST_ITEMS, USERS, WITH, read_list, read_pages, read_thread
from .scripted_turn import by_tools, plainly
from .talking import held_turn, while_held
from .tools import FACTS, Call, created, expect_tasks, listing, task_call, title_of

if TYPE_CHECKING:
    from .act import Act

FILES: Mapping[str, int] = {"small": 1, "large": 300 * 1024}
"""Bytes of a text file that its owner looks at and deletes, at least."""

PICTURE = "picture"
"""A file whose preview is looked at, before it is deleted and afterwards."""

PAGE = 2
"""Threads on a page, of which the first is deleted before the next page is read."""

BESIDE_S = 3.0
"""Seconds in which a user's second thread is answered while the model holds the answer in the first."""


async def _file_alone(act: Act) -> None:
    """A file is registered and uploaded twice; its owner looks at it, deletes it, and looks for it once more."""
    if act.arg("size") == PICTURE:
        await _picture_alone(act)
        return
    person, word = act.person, mark(act.talk.new_nonce(), "file")
    # The line ends are those of the network's texts (RFC 9112), which a file has no reason to lose.
    content = f"{f'Bracken grows where nobody looks: {word}. ' * 2}\r\n".encode()
    content *= -(-FILES[act.arg("size")] // len(content))
    name = f"Übersicht – 植物 {word}.txt"
    id = await register(act.talk, name, content, "text/plain", label=act.label("file"), user=person.user)
    act.talk.require(id, "the server did not register the file")
    await upload_again(act, id, content, person.user, suffix="twice")
    await fetch_own(act, id, person.user, content, suffix="own")
    if await _delete_file(act, id):
        await fetch(act, id, person.user, "after it was deleted", suffix="gone")


async def _delete_file(act: Act, id: str) -> bool:
    """The owner deletes a file; whether the server says that it did."""
    label = act.label("delete")
    act.expect(label, deletes=id)
    gone = await act.talk.ask("attachments.delete", {"attachment_id": id}, label=label, user=act.person.user)
    return 200 <= gone.status < 300


async def _picture(act: Act, content: bytes, word: str) -> tuple[str, str]:
    """A picture is uploaded, with this mark in its name: its id, and where its preview is."""
    name, user = f"dot-{word}.png", act.person.user
    id = await register(act.talk, name, content, "image/png", label=act.label("file"), user=user)
    act.talk.require(id, "the server did not register the picture")
    return id, preview_of(act.talk, id)


async def _look(act: Act, address: str, suffix: str, **expected: JSON) -> None:
    """The owner asks for the preview of a picture, if it has one."""
    if address:
        label = act.label(suffix)
        act.expect(label, **expected)
        await act.talk.raw(b"", label=label, user=act.person.user, method="GET", path=address)


async def _picture_alone(act: Act) -> None:
    """A picture as others have it is uploaded; its owner looks at its preview, deletes it, and looks once more."""
    word = mark(act.talk.new_nonce(), "file")
    id, address = await _picture(act, PIXEL, word)
    await _look(act, address, "preview", preview=word)
    if await _delete_file(act, id):
        await _look(act, address, "gone", picture_gone=word)


async def _delete_with_picture(act: Act) -> None:
    """A thread is begun with a picture, and deleted; then the preview of the picture is looked at."""
    word = mark(act.talk.new_nonce(), "file")
    id, address = await _picture(act, picture(word), word)
    await act.turn(None, plainly(act.n), suffix="begun", files=[id])
    thread = act.person.threads[-1]
    await upload_again(act, id, picture(word), act.person.user, suffix="twice")
    await _look(act, address, "preview", preview=word)
    await delete(act, thread, "delete")
    if thread.gone:
        await _look(act, address, "gone", thread_gone=word)


async def _outlive(act: Act) -> None:
    """A task is made and a thread renamed, the server is restarted; tasks are listed, and one more is made."""
    thread = act.thread
    with_tasks = "create" in act.talk.tools and "read" in act.talk.tools
    if with_tasks:
        await _made(act, "before", **FACTS)
    await rename(act, thread, TITLES[0], "renamed")
    await act.talk.restart(kill=act.arg("kill"))
    if with_tasks:
        read = await act.turn(thread, by_tools(lambda _: [listing(act)], n=act.n), suffix="list")
        expect_tasks(act, read, act.person, 0)
        await _made(act, "after")
    await read_thread(act, thread, act.person, "back")


async def _made(act: Act, suffix: str, **facts: JSON) -> None:
    """A task is made and listed."""
    title = title_of(act.talk.new_nonce())
    rounds: list[list[Call]] = [[task_call(act, "create", title=title, **facts)], listing(act)]
    made = await act.turn(act.thread, by_tools(lambda _: rounds, n=act.n), suffix=suffix)
    await created(act, made, act.person, [title])
    expect_tasks(act, made, act.person, 1)


async def _full_page(act: Act) -> None:
    """A thread and the list are read in pages that are as long as they are, and half as long."""
    thread, person = act.thread, act.person
    whole = await read_thread(act, thread, person, "whole")
    items = whole.body.get("items") if isinstance(whole.body, dict) else None
    rows = len(items.get("data") or ()) if isinstance(items, dict) else 0
    for limit in {rows, rows // 2} - {0}:
        for order in ("asc", "desc"):
            label = act.label(f"items-{limit}-{order}")
            act.expect(label, thread=thread.to_json())
            await read_pages(act, "items.list", label, person, limit, thread_id=thread.id, order=order)
    there = sum(bool(t.id) and not t.gone for t in person.threads)
    for limit in {there, there // 2} - {0, LIST_ITEMS}:
        await read_list(act, person, f"list-{limit}", limit=limit)


NEWEST, LAST = "newest", "last of the page"
"""Which thread is deleted between two pages."""


async def _delete_between(act: Act) -> None:
    """A thread of the first page is deleted before the next one is read: nothing is passed over, or shown again."""
    person, talk = act.person, act.talk
    there = {thread.id: thread for thread in person.threads if thread.id and not thread.gone}
    talk.require(len(there) > PAGE, f"the user has {len(there)} threads, and the page is to be one of several")
    first = await talk.ask("threads.list", {"limit": PAGE}, label=act.label("first"), user=person.user)
    page = first.body if isinstance(first.body, dict) else {}
    ids = [str(row.get("id")) for row in page.get("data") or () if isinstance(row, dict)]
    talk.require(len(ids) == PAGE and ids[0] in there and page.get("has_more") is True, "the page is not as asked for")
    spent = ids[0 if act.arg("which") == NEWEST else -1]
    talk.require(spent in there, "the page ends with a thread of somebody else's making")
    await delete(act, there[spent], "delete")
    label = act.label("rest")
    act.expect(label, behind=[id for id in there if id not in ids], shown=[id for id in ids if id != spent])
    await read_pages(act, "threads.list", label, person, PAGE, start=page.get("after"))


async def _drafts(act: Act) -> None:
    """Two equal files are uploaded; one of them and a thread are deleted, and the other one is sent then."""
    person, talk, word = act.person, act.talk, mark(act.talk.new_nonce(), "file")
    content, ids = f"Moss grows on both: {word}.".encode(), []
    for n in (1, 2):
        ids.append(
            await register(talk, f"{word}.txt", content, "text/plain", label=act.label(f"file-{n}"), user=person.user)
        )
    talk.require(all(ids), "the server did not register the files")
    await act.turn(None, plainly(act.n), suffix="other")
    other = person.threads[-1]
    await talk.ask("attachments.delete", {"attachment_id": ids[0]}, label=act.label("spent"), user=person.user)
    await delete(act, other, "delete")
    person.files.append(ids[1])
    await act.turn(act.thread, plainly(act.n + 1), files=ids[1:], suffix="send")


async def _beside(act: Act) -> None:
    """The model holds the answer in one thread; meanwhile the user writes in another, and reads the list."""
    mine = act.two_threads()
    async with held_turn(act, mine[0], suffix="held") as (first, gate):
        label = act.label("list")
        listing = act.talk.ask("threads.list", {"limit": 5}, label=label, user=act.person.user)
        doing = asyncio.gather(act.turn(mine[1], plainly(act.n + 1), suffix="other"), listing)
        for made in await while_held(act, gate, first, doing, BESIDE_S):
            act.expect(made.label, beside=first.opened.reply.label)


async def _begin_together(act: Act) -> None:
    """The user begins two threads in two tabs at once; then the list and both threads are read."""
    begun = (act.turn(None, plainly(act.n + n), words=f"Tab {n}.", suffix=f"tab-{n}") for n in (1, 2))
    await asyncio.gather(*begun)
    await read_list(act, act.person, "list")
    for n, thread in enumerate(act.two_threads()):
        await read_thread(act, thread, act.person, f"tab-{n + 1}-read")


async def _retry_elsewhere(act: Act) -> None:
    """A message of one thread is to be answered again in another one, which is read afterwards, as the first one is."""
    mine = act.two_threads()
    # A server may number the items of each thread from one: an id that is in both means the thread's own.
    own = {e.item_id for made in act.talk.replies if made.thread_id == mine[1].id for e in made.events if e.item_id}
    asked = next((n for n, turn in enumerate(mine[0].turns) if turn.item and turn.item not in own), None)
    act.talk.require(asked is not None, "the first of the two threads has no message that is known by an id of its own")
    params = {"thread_id": mine[1].id, "item_id": mine[0].turns[asked or 0].item}
    made = await act.talk.ask("threads.retry_after_item", params, label=act.label(), user=act.person.user)
    if any(e.item.get("thread_id") == mine[0].id for e in made.items_done()):
        # A server may go by the item alone: then it was a retry in the item's own thread, and no harm is done.
        mine[0].ask_again(asked or 0).sure = False
    for n, thread in enumerate(mine):
        await read_thread(act, thread, act.person, f"after-{n}")


MORE_SCENES = (
    MoveKind(
        name="file-alone",
        does="user {user} uploads a {size} file, looks at it and deletes it",
        play=_file_alone,
        args={"user": USERS, "size": (*FILES, PICTURE)},
        needs=("attachments",),
    ),
    MoveKind(
        name="outlive",
        does="user {user} has a task made and renames thread {thread}, and the server is restarted (killed: {kill})",
        play=_outlive,
        who="operator",
        args={**WITH, "kill": (False, True)},
        needs=("restart",),
        wants=("thread",),
        makes=("turn", "tools", "task"),
        alone=True,
    ),
    MoveKind(
        name="full-pages",
        does="user {user} reads thread {thread} and the list in pages that are just full",
        play=_full_page,
        args=WITH,
        wants=("thread",),
    ),
    MoveKind(
        name="delete-between-pages",
        does="user {user} deletes a thread between two pages of the list: the {which}",
        play=_delete_between,
        args={"user": USERS, "which": (NEWEST, LAST)},
    ),
    MoveKind(
        name="drafts",
        does="user {user} uploads a file, deletes an equal one and another thread, and sends it in thread {thread}",
        play=_drafts,
        args=WITH,
        needs=("attachments",),
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="delete-with-picture",
        does="user {user} begins a thread with a picture, deletes it, and looks at the picture's preview",
        play=_delete_with_picture,
        args={"user": USERS},
        needs=("attachments",),
    ),
    MoveKind(
        name="two-threads",
        does="user {user} writes in a thread and reads the list while the answer in another one is held up",
        play=_beside,
        who="second tab",
        args={"user": USERS},
        makes=("turn",),
    ),
    MoveKind(
        name="begin-together",
        does="user {user} begins two threads at once",
        play=_begin_together,
        who="second tab",
        args={"user": USERS},
        makes=("thread",),
    ),
    MoveKind(
        name="retry-elsewhere",
        does="user {user} asks in one thread for another answer to a message of another one",
        play=_retry_elsewhere,
        args={"user": USERS},
        needs=("retry",),
    ),
)
"""The kinds."""
