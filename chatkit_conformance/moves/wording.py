"""Scenes of words: a message and an answer that are long, in many scripts, or made of pieces that are alike.

What is said is what is shown, stored, read back and told to the model, letter by letter; so no check of their own
judges them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..script import reply
from .marks import HERE, mark
from .move import MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import ScriptedTurn, plainly

if TYPE_CHECKING:
    from .act import Act

SCRIPTS = (
    "Crème brûlée, naïve, Straße, smørrebrød; "
    "日本語の文章、漢字とかな。 한국어 문장. "
    "שלום עולם (מימין לשמאל) مرحبا بالعالم; "
    "हिन्दी वाक्य; emoji 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 e\u0301 \u200d\ufeff; "
    '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎; quotes "\'`\\ <b>&amp;</b> {"a": [1]} data: x\r\n\r\nevent: end\u2028\u2029 tab\t '
    "na na, na na, na na, na na, 1 000 000 000 end."
)
"""Text that breaks careless encoders: combining marks, joined emoji, right-to-left text, separators of SSE."""

SENTENCES = tuple(f"Sentence {n} of a long text about ferns — farine, Farn, シダ. " for n in range(400))
"""Each of about 60 characters, and like no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said.

    Args:
        asks, answers: the words of the user and of the model; the answer's mark is put behind it.
        step: keys of the model's step. bare: whether the answer is these words and digits of its own, and no mark.
    """

    asks: str
    answers: str
    step: Mapping[str, Any]
    bare: bool = False


def _long(characters: int) -> str:
    return "".join(SENTENCES)[:characters].rstrip()


WORDINGS: Mapping[str, Wording] = {
    "many scripts": Wording(asks=SCRIPTS, answers=SCRIPTS, step={"chunk_chars": 7}),
    "a long answer": Wording(asks="Now at length.", answers=_long(12_000), step={"chunk_chars": 400}),
    "a long message": Wording(asks=f"{HERE} {_long(7_800)}", answers="So long a message.", step={}),
    "a very long message": Wording(asks=f"{HERE} {_long(21_000)}", answers="So very long a message.", step={}),
    "pieces of blanks": Wording(
        asks="In short lines.", answers="On\n\nit  is\n\nso  it\n\ngo  es,", step={"chunk_chars": 2}
    ),
    "a number": Wording(asks="How many seconds?", answers="1", step={}, bare=True),
    "pieces that are alike": Wording(asks="Sing to me.", answers="la " * 40, step={"chunk_chars": 3}),
}
"""By name. Messages of more than 20,000 characters are refused by some servers, and answers by none."""


async def _write(act: Act) -> None:
    """A message and its answer; then the thread is read, and one more message is sent."""
    wording, thread = WORDINGS[act.arg("words")], act.thread

    def script_turn(nonce: str) -> ScriptedTurn:
        own = f"{secrets.randbelow(10**12):012}" if wording.bare else f" {mark(nonce, 'answer', act.n)}"
        text = f"{wording.answers}{own}"
        return ScriptedTurn(steps=(reply(text, **wording.step),), answer=text)

    await act.turn(thread, script_turn, words=wording.asks)
    await read_thread(act, thread, act.person, "read")
    await act.turn(thread, plainly(act.n + 1), suffix="then")


WORDS = MoveKind(
    name="write",
    does="user {user} writes in thread {thread}, and is answered, in {words}",
    play=_write,
    args={"user": USERS, "thread": THREADS, "words": tuple(WORDINGS)},
    wants=("thread",),
    makes=("turn",),
)
"""The kind."""
