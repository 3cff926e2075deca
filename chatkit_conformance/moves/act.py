"""An act: one move while it is held. What plays are written with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..transcript import Reply
from .marks import HERE, QUESTIONS, turned
from .move import JSON, Move, MoveKind
from .notes import FaultNote, MoveNote, TurnNote
from .scripted_turn import ScriptedTurn, ScriptTurn
from .state import ExpectedTurn, Person, Thread, settle

if TYPE_CHECKING:
    from ..http.pending_reply import PendingReply
    from ..talk import Talk
    from .stage import Stage

NOT_OURS = (
    "the bulk tools change every task of a user, and these users are not ours alone; "
    "[visitors] in the target file says how others sign in"
)
"""Why no bulk tool is called where others act in the same user's name."""

TURN_S = 25.0
"""Seconds that a turn may take: longer than a right server waits for a model that stands still for two."""


@dataclass(slots=True, kw_only=True)
class Answering:
    """A turn while it is answered: the reply that comes, what it is part of, and what was noted of it."""

    opened: PendingReply
    thread: Thread
    turn: ExpectedTurn
    note: TurnNote
    scripted: ScriptedTurn


@dataclass(slots=True, kw_only=True)
class Act:
    """One move while it is held."""

    stage: Stage
    kind: MoveKind
    move: Move
    row: MoveNote
    labels: list[str] = field(default_factory=list)
    _touched: Thread | None = None

    @classmethod
    def last(cls, stage: Stage) -> Act:
        """What is done after the last move: its labels begin with `end`."""
        row = stage.rows[-1]
        return cls(stage=stage, kind=stage.kinds[row["kind"]], move=Move(kind="end"), row=row)

    @property
    def talk(self) -> Talk:
        """What the conversation is held with."""
        return self.stage.talk

    @property
    def person(self) -> Person:
        """Who acts."""
        return self.stage.state.people[self.arg("user") if "user" in self.kind.args else 0]

    @property
    def thread(self) -> Thread:
        """The thread that the move is about; asked only of a move that wants one."""
        found = self.person.thread(self.arg("thread"))
        if found is None:
            raise RuntimeError(f"{self.move} was held without the thread that it wants")
        self._touched = found
        return found

    @property
    def n(self) -> int:
        """The move's number, by which its texts differ from its neighbours'."""
        return self.row["n"]

    @property
    def whose(self) -> tuple[str, str]:
        """The user who acted, and the id of the thread that it was about."""
        return self.person.user, self._touched.id if self._touched else ""

    def arg(self, name: str) -> JSON:
        """The value of an argument."""
        return self.kind.arg(self.move, name)

    def label(self, suffix: str = "") -> str:
        """A label for a reply of this move."""
        start = self.move.kind if self.move.kind == "end" else f"{self.n}-{self.move.kind}"
        made = f"{start}-{suffix}" if suffix else start
        self.labels.append(made)
        return made

    def two_threads(self) -> list[Thread]:
        """The two threads of the user that were begun last. Raises Untestable where there are none."""
        mine = [thread for thread in self.person.threads if thread.id and not thread.gone][-2:]
        self.talk.require(len(mine) > 1, "the user has no two threads")
        return mine

    def require_own_users(self) -> None:
        """Raise Untestable where others act in the same users' names."""
        self.talk.require(self.stage.own, NOT_OURS)

    def expect(self, label: str, **what: JSON) -> None:
        """Write down what the reply of that label must show."""
        self.stage.expected[label] = what

    async def turn(self, thread: Thread | None, script_turn: ScriptTurn, **more: Any) -> Reply:
        """A message and the whole answer. See `open_turn`."""
        async with self.open_turn(thread, script_turn, **more) as answering:
            return await answering.opened.finish()

    @asynccontextmanager
    async def open_turn(
        self,
        thread: Thread | None,
        script_turn: ScriptTurn,
        *,
        person: Person | None = None,
        suffix: str = "",
        words: str | None = None,
        fault: FaultNote | None = None,
        tag: str | None = None,
        model: str | None = None,
        files: Sequence[str] = (),
        quoted: str | None = None,
        **sent: Any,
    ) -> AsyncIterator[Answering]:
        """Send a message, and hand out the answer while it comes; leaving the block drops the connection.

        Args:
            thread: where it is said, or None to begin one. tell: what the model says.
            words: the user's words, the nonce is put behind them, and for each HERE; by default some that are in turn.
            fault, tag, model, files, quoted: what is noted of it. sent: more of `Talk.open_say`.
        """
        talk, who = self.talk, person or self.person
        nonce = talk.new_nonce()
        scripted = script_turn(nonce)
        await talk.script_again(nonce, *scripted.steps, side=scripted.side)
        text = turned(QUESTIONS, self.n) if words is None else words.replace(HERE, nonce)
        label = self.label(suffix)
        where = thread or Thread()
        turn = ExpectedTurn(nonce=nonce, words=text, answer=scripted.answer, sure=False, kept=False, quoted=quoted)
        turn.files = list(files)
        note = self._note(label, who, where, turn, scripted, fault)
        note |= {"tag": tag, "model": model}
        if thread is None:
            who.threads.append(where)
        where.turns.append(turn)
        more = {"label": label, "user": who.user, "nonce": nonce, "deadline_s": TURN_S, **sent}
        more |= {"attachments": list(files), "quoted_text": quoted}
        say = talk.open_say(where.id, text, **more) if thread else talk.open_create(text, **more)
        async with self._answering(label, say, where, turn, scripted, note) as answering:
            yield answering

    @asynccontextmanager
    async def again(self, thread: Thread, turn: ExpectedTurn, script_turn: ScriptTurn) -> AsyncIterator[Answering]:
        """The request of a turn once more, byte for byte; a server may answer it anew, or see that it was sent."""
        scripted = script_turn(turn.nonce)
        label = self.label("again")
        sent = self._sent(turn)
        copy = replace(turn, item="", answer=scripted.answer, sure=False, kept=False)
        thread.turns.append(copy)
        note = self._note(label, self.person, thread, copy, scripted, None)
        say = self.talk.open(sent.type, sent.params, label=label, user=self.person.user, deadline_s=TURN_S)
        async with self._answering(label, say, thread, copy, scripted, note) as answering:
            yield answering

    async def retry(self, thread: Thread, index: int, script_turn: ScriptTurn, **more: Any) -> Reply:
        """Ask again after the message of a turn, and read the whole answer. See `open_retry`."""
        async with self.open_retry(thread, index, script_turn, **more) as answering:
            return await answering.opened.finish()

    @asynccontextmanager
    async def open_retry(
        self, thread: Thread, index: int, script_turn: ScriptTurn, *, suffix: str = "", fault: FaultNote | None = None
    ) -> AsyncIterator[Answering]:
        """Ask again after the message of a turn: what followed it is gone, and the model says something else."""
        turn = thread.turns[index]
        scripted = script_turn(turn.nonce)
        await self.talk.script_again(turn.nonce, *scripted.steps, side=scripted.side)
        later = thread.turns[index + 1 :]
        thread.ask_again(index)
        turn.answer, turn.sure = scripted.answer, False
        label = self.label(suffix)
        note = self._note(label, self.person, thread, turn, scripted, fault)
        note |= {"retry": self._sent(turn).label, "words": ""}
        params = {"thread_id": thread.id, "item_id": turn.item}
        ask = self.talk.open("threads.retry_after_item", params, label=label, user=self.person.user, deadline_s=TURN_S)
        async with self._answering(label, ask, thread, turn, scripted, note) as answering:
            yield answering
        if not answering.opened.reply.of("thread.item.added", "thread.item.done"):
            # Refused, or broken before it showed anything: what followed is gone or not.
            for other in later:
                other.sure = other.kept = False
            thread.turns[index + 1 : index + 1] = later

    def _sent(self, turn: ExpectedTurn) -> Reply:
        """The reply to the request that carried a turn's message."""
        label = next(name for name, note in self.stage.turns.items() if note["nonce"] == turn.nonce and note["words"])
        return next(made for made in self.talk.replies if made.label == label)

    @asynccontextmanager
    async def _answering(
        self,
        label: str,
        request: AbstractAsyncContextManager[PendingReply],
        thread: Thread,
        turn: ExpectedTurn,
        scripted: ScriptedTurn,
        note: TurnNote,
    ) -> AsyncIterator[Answering]:
        self._touched = thread
        thread.begin(turn)
        async with request as opened:
            answering = Answering(opened=opened, thread=thread, turn=turn, note=note, scripted=scripted)
            try:
                yield answering
            finally:
                self._settle(label, answering, await opened.leave())

    def _note(
        self,
        label: str,
        who: Person,
        thread: Thread,
        turn: ExpectedTurn,
        scripted: ScriptedTurn,
        fault: FaultNote | None,
    ) -> TurnNote:
        stage = self.stage
        if fault is not None:
            fault = {**fault, "text": scripted.text}
            turn.answer = scripted.answer if fault["ends"] == "answer" else ""
        note: TurnNote = {
            "user": who.user,
            "thread": thread.id,
            "nonce": turn.nonce,
            "words": turn.words,
            "steps": list(scripted.steps),
            "answer": turn.answer,
            "tools": [dict(tool) for tool in scripted.tools],
            "quoted": turn.quoted,
            "files": list(turn.files),
            "tag": None,
            "model": None,
            "retry": "",
            "fault": fault,
            "left": False,
            "beside": sorted(stage.open),
        }
        for other in stage.open:
            stage.turns[other]["beside"].append(label)
        stage.turns[label] = note
        stage.open.add(label)
        return note

    def _settle(self, label: str, answering: Answering, made: Reply) -> None:
        """What the reply tells of its turn, once it is over."""
        thread, turn, note = answering.thread, answering.turn, answering.note
        self.stage.open.discard(label)
        if turn.nonce in thread.under_way:
            thread.under_way.remove(turn.nonce)
        note["left"] = made.ended == "left"
        if not thread.id:
            thread.id = made.thread_id
            thread.gone = not thread.id
            note["thread"] = thread.id
        settle(turn, made)
        thread.broken = note["fault"] is not None
        thread.tools = thread.tools or bool(answering.scripted.tools)
