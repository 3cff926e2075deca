"""The mutants that fail with the second of two."""

from __future__ import annotations

from . import second_lies as lie
from .mutant import Mutant, Patch


def _row(name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named)


SECOND = (
    _row(
        "list-drawn-whole",
        "A button in a filtered list draws a list of all tasks.",
        lie.draw_all,
        "widgets.list-keeps-rows",
    ),
    _row(
        "newest-list-drawn",
        "A button draws the newest widget of the thread anew.",
        lie.draw_newest,
        "widgets.pressed-one-updated",
    ),
    _row(
        "task-id-after-highest",
        "A new task has the number after the highest that there is.",
        lie.count_on,
        "tools.task-ids-not-reused",
    ),
    _row(
        "health-tells-threads",
        "The page of the server's health tells which threads are answered.",
        lie.tell_threads,
        "security.public-pages-tell-nothing",
    ),
    _row(
        "title-of-newest",
        "Of two threads that are begun at once, the first one answered gets the title of the other.",
        lie.title_of_newest,
        "security.title-of-own-thread",
    ),
    _row(
        "names-tidied",
        "Each word of what a task says beside its title has a capital.",
        lie.tidy_names,
        "tools.names-kept",
    ),
    _row(
        "cookies-passed-on",
        "The browser's cookies go to the model.",
        lie.pass_cookies_on,
        "security.cookies-stay-here",
    ),
    Mutant(
        name="health-tells-key",
        lie="The page of the server's health tells the key for the model.",
        change=lie.tell_key,
        named=("security.no-secret-leaks",),
        beside=("public_pages",),
    ),
)
