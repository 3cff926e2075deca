"""Moves by which a user talks: begin, say in every manner, ask again, send twice, and write while an answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..http.pieces import Pieces
from ..stream.event_kinds import is_text
from .files import fetch, register
from .marks import mark, quotation, turned
from .move import MoveKind
from .picture import picture
from .reading import USERS, WITH, read_thread
from .scripted_turn import differently, plainly
from .state import ExpectedTurn, Person, Thread

if TYPE_CHECKING:
    from .act import Act, Answering

Made = TypeVar("Made")

NOTICED_S = 0.3
"""Seconds in which the second tab's message may be taken up. To wait its turn is right, too."""

HELD_S = 15.0
"""Seconds that the model holds an answer at most, if nobody opens its gate."""

FLASH = "gemini-2.5-flash-lite"
"""The model that a user chooses: one that every Gemini key may use."""

CHOSEN: dict[str, Any] = {"model": FLASH, "inference_options": {"model": FLASH}}
"""What `open_turn` gets for a message that names that model."""

MANNERS = ("plain", "quote", "tag", "file", "picture", "model", "slowly", "metadata")

NAMESAKE = "Anna"
"""What several tags are called."""

SPENT = "file, then deleted"
"""A manner of saying alone: a file is deleted once the message that carries it was answered."""

LADEN = "last laden"
"""The newest message that carries more than words: a quotation, a tag, a file, a model of its own."""

NEEDS: dict[str, tuple[str, ...]] = dict.fromkeys(("file", "picture", SPENT), ("attachments",))
"""What the server must have for a message in a manner."""

SLOWLY = Pieces(number=5, gap_s=0.03)
"""A request that takes an eighth of a second: as on a telephone, in pieces that cut words and letters."""


async def _begin(act: Act) -> None:
    await act.turn(None, plainly(act.n))


async def _say(act: Act) -> None:
    sent = await manner(act, act.arg("with"))
    await act.turn(act.thread, plainly(act.n), **sent)
    if act.arg("with") == SPENT:
        for id in sent["files"]:
            await _spend(act, id)


async def manner(act: Act, manner: str) -> dict[str, Any]:
    """What `open_turn` gets for a message in this manner."""
    nth = act.n
    if manner == "quote":
        return {"quoted": quotation(_seed(act))}
    if manner == "tag":
        seed = _seed(act)
        name = f"Boston fern {mark(seed, 'tag')}"
        tag = {"type": "input_tag", "id": f"plant-{nth}", "text": name, "data": {"kind": "plant"}, "interactive": False}
        content = [_text("Water the "), tag, _text(" twice a week."), *namesakes(act, seed)]
        return {"content": content, "tag": name, "words": "Water the  twice a week."}
    if manner == "model":
        return dict(CHOSEN)
    if manner == "metadata":
        return {"metadata": {"trace": "4711", "nested": {"list": [1, None, "ü"]}}}
    if manner == "slowly":
        return {"pieces": SLOWLY}
    if manner in NEEDS:
        return {"files": await _pictures(act) if manner == "picture" else await _file(act)}
    return {}


def namesakes(act: Act, seed: str) -> list[dict[str, Any]]:
    """Two tags with one text, that of others as well: only their ids and data tell them apart."""
    return [
        {
            "type": "input_tag",
            "id": f"person-{act.n}-{n}",
            "text": NAMESAKE,
            "data": {"kind": "person", "ref": mark(seed, "tag", n)},
            "interactive": False,
        }
        for n in (1, 2)
    ]


async def _file(act: Act) -> list[str]:
    """A text file; all of them have one name, as files on many desks have."""
    content = f"Bracken grows where nobody looks – 羊歯, Käse: {mark(_seed(act), 'file')}.".encode()
    return await _registered(act, "Ferns – 植物 (2).txt", content, "text/plain", "file")


async def _pictures(act: Act) -> list[str]:
    """Two pictures, both by the name that a browser gives to what is pasted."""
    made: list[str] = []
    for n in (1, 2):
        content = picture(mark(_seed(act), "file", n))
        made += await _registered(act, "image.png", content, "image/png", f"picture-{n}")
    return made


async def _registered(act: Act, name: str, content: bytes, mime: str, suffix: str) -> list[str]:
    id = await register(act.talk, name, content, mime, label=act.label(suffix), user=act.person.user)
    if id:
        act.person.files.append(id)
    return [id] if id else []


async def _spend(act: Act, id: str) -> None:
    """A file is deleted, and its address asked for."""
    params = {"attachment_id": id}
    gone = await act.talk.ask("attachments.delete", params, label=act.label("spent"), user=act.person.user)
    if 200 <= gone.status < 300:
        await fetch(act, id, act.person.user, "after it was deleted", suffix="spent-bytes")


def _seed(act: Act) -> str:
    """What the marks of things are made from that are sent along, before the message has its nonce."""
    return act.talk.new_nonce()


def _text(text: str) -> dict[str, str]:
    return {"type": "input_text", "text": text}


async def _retry(act: Act) -> None:
    thread = act.thread
    asked = [i for i, turn in enumerate(thread.turns) if turn.item]
    act.talk.require(asked, "no stream contained the id of a message that could be retried")
    which = act.arg("which")
    laden = [i for i in asked if thread.turns[i].quoted or thread.turns[i].files or _options(act, thread.turns[i])]
    index = asked[0] if which == "first" else (laden or asked)[-1] if which == LADEN else asked[-1]
    await act.retry(thread, index, plainly(act.n + 1))


def _options(act: Act, turn: ExpectedTurn) -> bool:
    """Whether a message had a tag, or a model of its own."""
    return any(n["nonce"] == turn.nonce and (n["tag"] or n["model"]) for n in act.stage.turns.values())


async def while_held(act: Act, gate: str, held: Answering, doing: Awaitable[Made], most_s: float) -> Made:
    """Do it while the model holds an answer at its gate, for `most_s` seconds at most; then both to their ends."""
    made = asyncio.ensure_future(doing)
    try:
        await asyncio.wait((made,), timeout=most_s)
        await act.talk.open_gate(gate)
        await held.opened.finish()
        return await made
    finally:
        made.cancel()


async def under_way(act: Act, *answering: Answering) -> None:
    """Wait until these turns are answered: each reply shows text, or its model is asked and nothing is shown yet."""
    shown = (act.talk.shown(side.opened, is_text, side.turn.nonce) for side in answering)
    await asyncio.gather(*shown)


@asynccontextmanager
async def held_turn(
    act: Act, thread: Thread | None, *, suffix: str = "", person: Person | None = None, n: int | None = None
) -> AsyncIterator[tuple[Answering, str]]:
    """A turn that is answered, its model at a gate after the first words: the turn, and the gate.

    Leaving the block drops the connection.

    Args:
        n: the number that the answer's words differ by, the move's own by default. The rest as of `Act.open_turn`.
    """
    gate = act.talk.gate()
    held = plainly(act.n if n is None else n, chunk_chars=9, hold_after=1, gate=gate, hold_max_s=HELD_S)
    async with act.open_turn(thread, held, suffix=suffix, person=person) as answering:
        await under_way(act, answering)
        yield answering, gate


async def _second_tab(act: Act) -> None:
    """A message from a second tab while the first one's is answered; then both are there."""
    thread = act.thread
    async with (
        held_turn(act, thread, suffix="first") as (one, gate),
        act.open_turn(thread, plainly(act.n + 1), suffix="second") as two,
    ):
        await two.opened.wait_for(lambda event: True, NOTICED_S)
        await act.talk.open_gate(gate)
        await one.opened.finish()
        await two.opened.finish()


async def _twice(act: Act) -> None:
    """The same bytes two times, as a browser sends them that has lost the answer."""
    await act.turn(act.thread, differently(act.n))
    thread, turn = act.thread, act.thread.turns[-1]
    async with act.again(thread, turn, differently(act.n, again=True)) as again:
        await again.opened.finish()


async def _together(act: Act) -> None:
    """Two users at the very same moment, each in a thread of their own, held at one gate."""
    gate = act.talk.gate()
    scripted = plainly(act.n, chunk_chars=9, hold_after=1, gate=gate, hold_max_s=HELD_S)
    people = act.stage.state.people[:2]
    async with (
        act.open_turn(_newest(people[0]), scripted, person=people[0], suffix="one") as one,
        act.open_turn(_newest(people[1]), scripted, person=people[1], suffix="two") as two,
    ):
        await under_way(act, one, two)
        await act.talk.open_gate(gate)
        for side in (two, one):
            await side.opened.finish()
    for side, person in ((one, people[0]), (two, people[1])):
        if side.thread.id:
            await read_thread(act, side.thread, person, f"read-{people.index(person)}")


def _newest(person: Person) -> Thread | None:
    return next((thread for thread in reversed(person.threads) if not thread.gone), None)


GROWN = 120
"""Items of a grown thread: more than a window of 100, and than several pages of any size in use."""


async def _grow(act: Act) -> None:
    """A thread is talked in until it has as many items as asked for."""
    thread: Thread = act.thread
    for n in range(len(thread.turns), act.arg("items") // 2):
        made = await act.turn(thread, plainly(n), suffix=str(n), words=turned(("And on.", "Go on.", "More?"), n))
        if not made.streamed or made.errors:
            return


TALKING = (
    MoveKind(
        name="begin", does="user {user} begins a thread", play=_begin, args={"user": USERS}, makes=("thread", "turn")
    ),
    MoveKind(
        name="say",
        does="user {user} writes in thread {thread} ({with})",
        play=_say,
        args={**WITH, "with": (*MANNERS, SPENT)},
        needs_by={"with": NEEDS},
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="retry",
        does="user {user} asks for another answer to the {which} message of thread {thread}",
        play=_retry,
        args={**WITH, "which": ("last", "first", LADEN)},
        needs=("retry",),
        wants=("thread", "answer"),
        makes=("turn",),
    ),
    MoveKind(
        name="second-tab",
        does="user {user} writes in thread {thread}, and in a second tab before the answer is over",
        play=_second_tab,
        who="second tab",
        args=WITH,
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="twice",
        does="user {user} writes in thread {thread}, and the same request is sent once more",
        play=_twice,
        args=WITH,
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="together",
        does="two users write at the very same moment, each in their newest thread",
        play=_together,
        wants=("two",),
        makes=("turn",),
    ),
    MoveKind(
        name="grow",
        does="user {user} goes on in thread {thread} until it has {items} items",
        play=_grow,
        args={**WITH, "items": (22, 60, GROWN)},
        wants=("thread",),
        makes=("turn",),
    ),
)
"""The kinds."""
