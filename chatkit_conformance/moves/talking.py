"""Moves by which a user talks: begin, say in every manner, ask again, send twice, and write while an answer comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.pieces import Pieces
from ..stream.event_kinds import is_text
from .files import PIXEL, register
from .marks import mark, turned
from .move import JSON, MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import differently, plainly
from .state import Person, Thread

if TYPE_CHECKING:
    from .act import Act

SHOWN_S = 5.0
"""Seconds in which a first event must come before a second tab writes all the same."""

NOTICED_S = 0.3
"""Seconds in which the second tab's message may be taken up. To wait its turn is right, too."""

HELD_S = 15.0
"""Seconds that the model holds an answer at most, if nobody opens its gate."""

FLASH = "gemini-2.5-flash-lite"
"""The model that a user chooses: one that every Gemini key may use."""

MANNERS = ("plain", "quote", "tag", "file", "picture", "model", "slowly")

SLOWLY = Pieces(number=5, gap_s=0.03)
"""A request that takes an eighth of a second: as on a telephone, in pieces that cut words and letters."""


async def _begin(act: Act) -> None:
    await act.turn(None, plainly(act.n))


async def _say(act: Act) -> None:
    manner = act.arg("with")
    sent = await _manner(act, manner)
    await act.turn(act.thread, plainly(act.n), **sent)


async def _manner(act: Act, manner: str) -> dict[str, Any]:
    """What `open_turn` gets for a message in this manner."""
    nth = act.n
    if manner == "quote":
        return {"quoted": f"Ferns prefer half-shade, {mark(_seed(act), 'quote')}, says page 93."}
    if manner == "tag":
        name = f"Boston fern {mark(_seed(act), 'tag')}"
        tag = {"type": "input_tag", "id": f"plant-{nth}", "text": name, "data": {"kind": "plant"}, "interactive": False}
        content = [_text("Water the "), tag, _text(" twice a week.")]
        return {"content": content, "tag": name, "words": "Water the  twice a week."}
    if manner == "model":
        return {"model": FLASH, "inference_options": {"model": FLASH}}
    if manner == "slowly":
        return {"pieces": SLOWLY}
    if manner in ("file", "picture"):
        return {"files": await _file(act, picture=manner == "picture")}
    return {}


async def _file(act: Act, *, picture: bool) -> list[str]:
    word = mark(_seed(act), "file")
    name, mime, content = (
        (f"dot-{word}.png", "image/png", PIXEL)
        if picture
        else (f"ferns-{word}.txt", "text/plain", f"Bracken grows where nobody looks: {word}.".encode())
    )
    id = await register(act.talk, name, content, mime, label=act.label("file"), user=act.person.user)
    if id:
        act.person.files.append(id)
    return [id] if id else []


def _seed(act: Act) -> str:
    """What the marks of things are made from that are sent along, before the message has its nonce."""
    return act.talk.new_nonce()


def _text(text: str) -> dict[str, str]:
    return {"type": "input_text", "text": text}


async def _retry(act: Act) -> None:
    thread = act.thread
    asked = [i for i, turn in enumerate(thread.turns) if turn.item]
    act.talk.require(asked, "no stream contained the id of a message that could be retried")
    index = asked[-1] if act.arg("which") == "last" else asked[0]
    await act.retry(thread, index, plainly(act.n + 1))


async def _second_tab(act: Act) -> None:
    """A message from a second tab while the first one's is answered; then both are there."""
    thread, gate = act.thread, act.talk.gate()
    first = plainly(act.n, chunk_chars=9, hold_after=1, gate=gate, hold_max_s=HELD_S)
    async with act.open_turn(thread, first, suffix="first") as one:
        await one.opened.wait_for(is_text, SHOWN_S)
        async with act.open_turn(thread, plainly(act.n + 1), suffix="second") as two:
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
        for side in (one, two):
            await side.opened.wait_for(is_text, SHOWN_S)
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


WITH: dict[str, tuple[JSON, ...]] = {"user": USERS, "thread": THREADS}

TALKING = (
    MoveKind(
        name="begin", does="user {user} begins a thread", play=_begin, args={"user": USERS}, makes=("thread", "turn")
    ),
    MoveKind(
        name="say",
        does="user {user} writes in thread {thread} ({with})",
        play=_say,
        args={**WITH, "with": MANNERS},
        needs_by={"with": {"file": ("attachments",), "picture": ("attachments",)}},
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="retry",
        does="user {user} asks for another answer to the {which} message of thread {thread}",
        play=_retry,
        args={**WITH, "which": ("last", "first")},
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
