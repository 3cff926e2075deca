"""Conversations in plain words: three turns, an answer that is held back, other scripts, a thought, two threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.wording import SCRIPTS
from chatkit_conformance.script import calls, reply
from chatkit_conformance.stream.event_kinds import is_text
from chatkit_conformance.transcript import IN_WORDS

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

DIALECTS = ("gemini-3", "gemini-2.5")

FACT = "My cat is called Quillfeather and she weighs 4.2 kg."
ANSWERS = (
    "Noted: Quillfeather weighs 4.2 kg. That is a healthy weight for a grown cat, so there is nothing to change.",
    "Her name is Quillfeather. You told me so in your first message.",
    "She weighs 4.2 kg. Weigh her again in about three months, at the same time of day.",
)
TOLD = {2: "Quillfeather", 3: "4.2"}
"""By turn, what its answer has to tell of the fact."""
ASKED_IN = 2
"""The turn whose fact a model that plays no script has to tell by itself: one is enough to ask for."""
QUESTIONS = (FACT, "What is the name of my cat?", "And how much does she weigh?")


@exchange(
    dialects=DIALECTS,
    asks=3,
    brings=("gemini.history-user-messages", "gemini.history-answers", "gemini.history-ordered"),
)
async def three_turns(talk: Talk) -> None:
    """A thread of three turns, the first of which states facts, with a reload after each; then a second thread."""
    talk.note("answers", list(ANSWERS))
    talk.note("questions", list(QUESTIONS))
    first = await talk.create(QUESTIONS[0], reply(ANSWERS[0]), label="turn-1")
    thread = first.thread_id
    if not thread:
        return
    await talk.reload(thread, label="reload-1")
    for n in (2, 3):
        tells = TOLD[n] if n == ASKED_IN else ""
        await talk.say(thread, QUESTIONS[n - 1], reply(ANSWERS[n - 1], tells=tells), label=f"turn-{n}")
        await talk.reload(thread, label=f"reload-{n}")
    if IN_WORDS not in talk.notes:  # what it shows is at the model
        await talk.create("Name a colour.", reply("Green."), label="other-1")


EIGHT = "".join(f"Line {n} of eight, sent on its own.\n" for n in range(1, 9))

HELD_AFTER = 2
"""Chunks that the model sends before it holds."""


@exchange()
async def held_answer(talk: Talk) -> None:
    """An answer of eight chunks: the model sends two, then pauses until the browser has seen text."""
    gate = talk.gate()
    step = reply(EIGHT, chunk_chars=len(EIGHT) // 8, hold_after=HELD_AFTER, gate=gate, hold_max_s=4.0)
    talk.note("answer", EIGHT)
    async with talk.open_create("Write eight lines.", step, label="held") as held:
        await held.wait_for(is_text, 3.5)
        await talk.open_gate(gate)
        await held.finish()


@exchange(roles=("read",))
async def held_after_tool(talk: Talk) -> None:
    """The model calls a tool; then it answers in eight chunks, and pauses after two of them."""
    gate = talk.gate()
    step = reply(EIGHT, chunk_chars=len(EIGHT) // 8, hold_after=HELD_AFTER, gate=gate, hold_max_s=4.0)
    called = calls(talk.tool_call("read"))
    async with talk.open_create("List them, then write eight lines.", called, step, label="held") as held:
        await held.wait_for(is_text, 3.5)
        await talk.open_gate(gate)
        await held.finish()


@exchange(asks=1)
async def other_scripts(talk: Talk) -> None:
    """A message and an answer in many scripts, cut within joined characters and in letters; then 12,000 characters."""
    long = " ".join(f"Sentence {n} of a long answer about ferns — farine, Farn, シダ." for n in range(200))
    talk.note("question", SCRIPTS)
    talk.note("answers", [SCRIPTS, long])
    first = await talk.create(SCRIPTS, reply(SCRIPTS, chunk_chars=7, split=["half-letter"]), label="scripts")
    if not first.thread_id:
        return
    if IN_WORDS not in talk.notes:
        # No line of a stream has a greatest length: a buffer of 8 KiB for one loses the first of these two.
        await talk.say(first.thread_id, "Now at length.", reply(long, chunk_chars=9_000), label="long")
    await talk.reload(first.thread_id, label="reload")


THOUGHT = "The user wants a number; forty-two is what the novel says."


@exchange()
async def thoughtful_answer(talk: Talk) -> None:
    """An answer that follows a thought, marked as Gemini marks thoughts."""
    await talk.create("Which number?", reply("It is 42.", thought=THOUGHT), label="thought")


WORD = "The word of the day is marzipan."


@exchange(asks=2)
async def two_threads(talk: Talk) -> None:
    """Two threads of one user, one after the other; the first one states a word that the second must not know."""
    talk.note("secret", "marzipan")
    first = await talk.create(WORD, reply("Understood."), label="first")
    await talk.create("What is the word of the day?", reply("You have not told me one."), label="second")
    if first.thread_id:
        await talk.reload(first.thread_id, label="reload-first")


@exchange(capability="reasoning")
async def reasoned_answer(talk: Talk) -> None:
    """A thought, and the answer that follows it; a reload, one more turn."""
    talk.note("thought", THOUGHT)
    made = await talk.create("Which number?", reply("It is 42.", thought=THOUGHT), label="thought")
    if made.thread_id:
        await talk.reload(made.thread_id, label="reload")
        await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")
