"""Conversations that the checks of turns cut off must fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations_boundaries as k
from tests.suites.build import Data, edit, replaced, restream
from tests.suites.edits import items, silent

Made = Callable[[list[Data] | None], Transcript]


def _without(type: str) -> Callable[[list[Data]], list[Data]]:
    return lambda rows: [row for row in rows if row["type"] != type]


def _twice(type: str) -> Callable[[list[Data]], list[Data]]:
    return lambda rows: [*rows, *({**row, "id": f"{row['id']}-2"} for row in rows if row["type"] == type)]


def _breaks(way: str, made: Made) -> dict[str, list[Transcript]]:
    sound = made(None)
    tasks = [k.task(name) for name in k.MADE]
    twice = [*tasks, k.task("words", "t-again")]
    lost = [task for task in tasks if task != k.task("words")]
    name = f"persistence.{way}-anywhere"
    return {
        f"{name}-keeps-message": [
            items(sound, "reload-sent", _without("user_message")),
            items(sound, "later-words", _twice("user_message")),
            replaced(sound, "reload-answered", "Add answered.", "Add"),
            edit(sound, "reload-sent", status=404, body={"detail": "no thread"}),
        ],
        f"{name}-keeps-answer": [
            items(sound, "reload-answered", _without("assistant_message")),
            items(sound, "later-answered", _twice("assistant_message")),
        ],
        f"{name}-tool-once": [made(twice)],
        f"{name}-tool-kept": [made(lost)],
        f"{name}-thread-works": [silent(sound, "next-sent"), restream(sound, "next-words", lambda _: [])],
    }


BREAKS: Mapping[str, list[Transcript]] = {**_breaks("disconnect", k.left), **_breaks("killed", k.killed)}
