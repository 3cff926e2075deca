"""What is said to a real model: tolerant words, and what must come of them. A table; nothing here is scripted.

A model chooses. Where it does not do what was asked, it is asked again in plainer words, twice at most; every retry is
counted and shown. What is judged is what the server made of the model's choice.
"""

from __future__ import annotations

from dataclasses import dataclass

TRIES = 3
"""How often a thing is asked for: once, and twice in plainer words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStep:
    """One thing that the user wants.

    Args:
        name: of the step. say: the words of each try; the last repeats.
        role: the tool that the model has to call for it, or "".
        answer: a word that the answer has to hold in any spelling, or "".
    """

    name: str
    say: tuple[str, ...]
    role: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The steps of one thread, in order; what it shows."""

    name: str
    shows: str
    steps: tuple[LiveStep, ...]


def _tool(role: str, words: str) -> LiveStep:
    return LiveStep(
        name=role,
        role=role,
        say=(words, f"That has not happened yet. {words} Use your tool for it now.", f"Call the tool now: {words}"),
    )


CONVERSATIONS = (
    Conversation(
        name="text-and-memory",
        shows="Plain answers, streamed; a fact of the first turn is known in the second.",
        steps=(
            LiveStep(name="fact", say=("My cat is called Quillfeather. Just say OK.",)),
            LiveStep(
                name="memory",
                answer="quillfeather",
                say=("What is my cat called? Answer with the name.", "Look above: what did I say my cat is called?"),
            ),
        ),
    ),
    Conversation(
        name="seven-tools",
        shows="Each of the seven tools called by the model's own choice, its result used in the answer.",
        steps=(
            _tool("create", 'Please create a task with the title "Water the ferns".'),
            _tool("read", "Please list all my tasks."),
            _tool("update", 'Please rename the task "Water the ferns" to "Water all ferns".'),
            _tool("complete", 'Please mark the task "Water all ferns" as completed.'),
            _tool("delete", 'Please delete the task "Water all ferns". Yes, I am sure.'),
            _tool("bulk-complete", "Please mark all my tasks as completed, every one of them. Yes, I confirm that."),
            _tool("bulk-delete", "Please delete all my tasks, every one of them. Yes, I confirm that."),
        ),
    ),
)

LIVE_CHECKS = (
    "protocol.json-answers-valid",
    "protocol.thread-created",
    "stream.content-type",
    "stream.frames-readable",
    "stream.events-valid",
    "stream.ends-closed",
    "stream.not-empty",
    "stream.thread-created-once",
    "stream.item-id-stable",
    "stream.ids-unique",
    "stream.item-thread",
    "stream.added-once",
    "stream.done-once",
    "stream.deltas-add-up",
    "stream.user-message-echoed",
    "stream.user-message-first",
    "stream.turn-finished",
    "stream.turn-answered",
    "stream.no-hidden-items",
    "persistence.reload-answers",
    "persistence.no-duplicate-items",
    "gemini.model-is-gemini",
    "gemini.request-path",
    "gemini.streams",
    "gemini.usage-asked",
    "gemini.signatures-replayed",
    "gemini.results-paired",
    "gemini.no-openai-headers",
)
"""The checks that make sense whatever the model says: they judge the server's part alone."""
