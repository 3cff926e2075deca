"""What is said where no script says it: a wish in plain words, done as a sensible model would do it.

One row of WISHES for each wish. The tools are the request's own: one fits whose name has the wish's verb, the more the
better its name and description speak of a task; its arguments are made from its schema. After the tool's result the
answer tells it. Everything else is answered by the stand-in's own greeting, which says how to script it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .conversation import messages, text_of
from .step import Step
from .tool_use import called, calling, fitting, for_all, id_beside, results


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a wish is answered with: the words caught by its pattern, and the request."""

    words: tuple[str, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wish: how a user words it, and how it is answered; None: it cannot be."""

    pattern: re.Pattern[str]
    answer: Callable[[Asked], Step | None]


def improvised(body: Mapping[str, Any]) -> Step | None:
    """The step that answers the newest user message of a request, or None where no wish is in it."""
    said = messages(body)
    users = [n for n, message in enumerate(said) if message.get("role") == "user"]
    if not users:
        return None
    text = text_of(said[users[-1]])
    for wish in WISHES:
        found = wish.pattern.search(text)
        if found:
            words = tuple(_plain(word or "") for word in found.groups())
            return wish.answer(Asked(words=words, body=body))
    return None


def _plain(text: str) -> str:
    """Words as they are meant: without the quotes and the full stop around them."""
    text = text.strip()
    for opening, closing in ("''", '""', "“”", "‘’", "``", "«»"):
        if text.startswith(opening) and closing in text[1:]:
            return text[1 : text.rindex(closing)]
    return text.removesuffix(".").strip()


def _say(asked: Asked) -> Step:
    return Step(text=asked.words[0])


def _recall(asked: Asked) -> Step:
    """A fact that an earlier message of the user told: "my favourite colour is green"."""
    given = [text_of(m) for m in messages(asked.body) if m.get("role") == "user"][:-1]
    pattern = re.compile(rf"\b{re.escape(asked.words[0])} (?:is|are|was):? ([^.!?\n]+)", re.IGNORECASE)
    found = next((match for text in reversed(given) if (match := pattern.search(text))), None)
    return Step(text=_plain(found[1]) if found else f"You have not told me what your {asked.words[0]} is.")


def _noted(asked: Asked) -> Step:
    return Step(text=f"I will remember that your {asked.words[0]} is {asked.words[1]}.")


def _create(asked: Asked) -> Step | None:
    return _reported(asked) or _call(asked, CREATES, title=asked.words[0])


def _list(asked: Asked) -> Step | None:
    return _reported(asked) or _call(asked, LISTS)


def _changed(verbs: Sequence[str]) -> Callable[[Asked], Step | None]:
    """A change to one task: its id is looked up in the results there are, else asked of the tool that lists.

    The last words are its title from then on.
    """

    def answer(asked: Asked) -> Step | None:
        function, given = fitting(asked.body, verbs), results(asked.body)
        id = next((found for text in reversed(given) if (found := id_beside(text, asked.words[0]))), "")
        if function is None or (given and (not id or function["name"] in called(asked.body))):
            return _reported(asked)
        return _call(asked, verbs, title=asked.words[-1], id=id) if id else _call(asked, LISTS)

    return answer


def _everything(verbs: Sequence[str]) -> Callable[[Asked], Step | None]:
    """A change to all tasks, by the tool for that."""

    def answer(asked: Asked) -> Step | None:
        function = fitting(for_all(asked.body), verbs)
        return _reported(asked) or (Step(calls=(calling(function),)) if function else None)

    return answer


def _call(asked: Asked, verbs: Sequence[str], title: str = "", id: str = "") -> Step | None:
    function = fitting(asked.body, verbs)
    return Step(calls=(calling(function, title, id),)) if function else None


def _reported(asked: Asked) -> Step | None:
    """The newest result of a tool in this turn, told; None where there is none."""
    given = results(asked.body)
    return Step(text=f"Done. {given[-1][:LONGEST_RESULT]}") if given else None


LONGEST_RESULT = 1_000
"""Characters of a tool's result that an answer tells."""

CREATES = ("create", "add", "new", "make", "insert")
LISTS = ("list", "get", "read", "show", "search", "find", "fetch")
COMPLETES = ("complete", "finish", "done", "mark", "close", "update", "set", "edit")
DELETES = ("delete", "remove", "discard", "drop")
RENAMES = ("rename", "update", "edit", "change", "set")

_QUOTED = r"(\"[^\"]+\"|“[^”]+”|'[^']+'|[^\n.!?]+)"
_NOUN = r"(?:task|to-?do|item|reminder)"
_TASK = rf"(?:the |my )?{_NOUN} (?:called |named |titled )?"


def _wish(pattern: str, answer: Callable[[Asked], Step | None]) -> Wish:
    return Wish(pattern=re.compile(pattern, re.IGNORECASE), answer=answer)


_ALL = rf"(?:all|every one of) (?:of )?(?:my |the )?{_NOUN}s\b"
_EXACTLY = r"\b(?:exactly|only|just|nothing but)\b"
_NAMED = r"\b(?:called|named|titled|to):? "

WISHES = (
    _wish(rf"\b(?:answer|reply|respond|say)\b[^:\n]{{0,40}}{_EXACTLY}[^:\n]{{0,40}}:\s*(\S[^\n]*)", _say),
    _wish(rf"\b(?:create|add|make)\b[^\n]{{0,30}}\b{_NOUN}\b[^\n]{{0,20}}?{_NAMED}{_QUOTED}", _create),
    _wish(rf"\b(?:complete|finish|mark)\b {_ALL}", _everything(COMPLETES)),
    _wish(rf"\b(?:delete|remove)\b {_ALL}", _everything(DELETES)),
    _wish(rf"\b(?:rename|retitle)\b {_TASK}{_QUOTED} to {_QUOTED}", _changed(RENAMES)),
    _wish(rf"\b(?:complete|finish|mark|tick off|check off)\b {_TASK}{_QUOTED}", _changed(COMPLETES)),
    _wish(rf"\b(?:delete|remove)\b {_TASK}{_QUOTED}", _changed(DELETES)),
    _wish(rf"\b(?:list|show|what are|which are)\b[^\n]{{0,30}}\b{_NOUN}s\b", _list),
    _wish(r"\b(?:what|which|tell me|say)\b[^\n]{0,20}\bmy ([\w -]{2,40}?)(?: is| was)?\s*[?.]", _recall),
    _wish(r"\bmy ([\w -]{2,40}?) is:? ([^.!?\n]+)", _noted),
)
"""Every wish; the first that is found in the message counts."""
