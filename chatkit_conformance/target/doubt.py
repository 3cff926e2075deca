"""When a guess at two tools is no good guess: what they create and list is not the same, or cannot be listed at all."""

from __future__ import annotations

from .tools import Tool, nouns, required_arguments

TASKS = frozenset(
    [
        "task",
        "todo",
        "to",
        "do",
        "item",
        "reminder",
        "entry",
        "aufgabe",
        "eintrag",
        "tache",
        "tarea",
        "tarefa",
        "compito",
        "attivita",
        "taak",
        "zadanie",
        "gorev",
        "tugas",
    ]
)
"""Words that all mean a task."""


def doubtful(create: Tool, read: Tool) -> str:
    """Why two tools that were guessed to create and to list the same things may not do so; "" where nothing says so."""
    made, listed = nouns(create.name), nouns(read.name)
    if made and listed and not made & listed and not (made & TASKS and listed & TASKS):
        return f"{create.name} and {read.name} speak of different things"
    if asked := [name for name in required_arguments(read) if name not in read.fixed]:
        return f"{read.name} cannot be called without {', '.join(asked)}"
    return ""
