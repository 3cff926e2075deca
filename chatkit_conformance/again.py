"""Asks a model that plays no script for the same thing again, in plainer words, where an answer lacks it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from .check import ModelAway
from .script import Step
from .transcript import ASKED_AGAIN, JSON, Reply, Transcript

WORDS = ("Please do this once more: {text}", "That was not it. Look at what was said above, then do only this: {text}")
"""The plainer words: twice at most."""


class UnderWay(Protocol):
    """An answer that is under way."""

    async def finish(self) -> Reply:
        """Read it to its end."""


class Speaking(Protocol):
    """A conversation, as far as it takes to ask again: see Talk."""

    notes: dict[str, JSON]

    def transcript(self) -> Transcript:
        """What was said so far."""

    def missing(self, t: Transcript) -> str:
        """What the newest reply lacks, or ""."""

    def may_ask_again(self) -> bool:
        """Whether the budget has room for it."""

    def open_create(self, text: str, *steps: Step, label: str, user: str) -> AbstractAsyncContextManager[UnderWay]:
        """Begin a thread."""

    def open_say(
        self, thread_id: str, text: str, *steps: Step, label: str, user: str
    ) -> AbstractAsyncContextManager[UnderWay]:
        """Go on in a thread."""


async def until_done(talk: Speaking, made: Reply, text: str, steps: Sequence[Step], user: str) -> Reply:
    """The reply, or that of the message in which the model was asked for it again.

    Raises:
        ModelAway: it failed each time, and so did a greeting in another thread: nobody can tell whose fault it is.
    """
    first, why = made, talk.missing(talk.transcript())
    for n, words in enumerate(WORDS, 1):
        if not why or not talk.may_ask_again():
            break
        failed, label, said = made.errored, f"{first.label}-again-{n}", words.format(text=text)
        row = {"label": made.label, "by": label, "why": why, "failed": failed}
        talk.notes[ASKED_AGAIN] = [*talk.notes.get(ASKED_AGAIN, ()), row]
        anew = failed and first.type == "threads.create"
        async with (
            talk.open_create(said, *steps, label=label, user=user)
            if anew
            else talk.open_say(first.thread_id, said, *steps, label=label, user=user)
        ) as again:
            made = await again.finish()
        why = talk.missing(talk.transcript())
    if first is not made and made.errored:
        async with talk.open_create("Hello.", label=f"{first.label}-greeting", user=user) as greeting:
            if (await greeting.finish()).errored:
                raise ModelAway(f"the model behind the server may be at fault: {why}, and a greeting failed, too.")
    return made
