"""The conversations in which the scenes are held, each with what it takes to see what came of it."""

from __future__ import annotations

from ..target.target import GUARDS
from .changing import DIGITS
from .covering import Plan
from .faulty import of_cell
from .meanwhile_scenes import IN_ANSWER, IN_TITLE
from .more_scenes import FILES, LAST, PICTURE
from .move import Move
from .places import Cell
from .scenes import FEW, SOME
from .shown import BESIDE, SAME_ID
from .talking import LADEN
from .task_calls import BULK

LONG = 60
"""Items of each of two threads that have grown: more than a page of 50 and than a window of 40 messages."""


def scene_plans() -> list[Plan]:
    """All of them."""
    read, listed = Move(kind="read"), Move(kind="use-tool", args={"role": "read"})
    begin = Move(kind="begin")
    carried = (
        begin,
        Move(kind="laden"),
        of_cell(Cell(fault="400-argument", moment="before-headers", place="later-turn")),
        Move(kind="use-tool", args={"role": "create"}),
        listed,
        Move(kind="answer-shown", args={"how": "button"}),
        Move(kind="say"),
        Move(kind="retry", args={"which": LADEN}),
        Move(kind="laden", args={"pictures": False}),
        *(Move(kind="file-alone", args={"size": size}) for size in (*FILES, PICTURE)),
        Move(kind="drafts"),
        Move(kind="delete-with-picture"),
        Move(kind="send-corrected"),
        Move(kind="rename", args={"title": DIGITS}),
        Move(kind="say"),
        read,
    )
    asked_twice = (Move(kind="answer-shown", args={"how": "client-tool"}),) * 2
    beside = tuple(Move(kind="answer-shown", args={"how": how}) for how in (BESIDE, SAME_ID))
    drawn_twice = (Move(kind="answer-shown", args={"how": "thanks for a widget"}),) * 2
    tools = (
        begin,
        begin,
        *(Move(kind="mixed-calls", args={"first": first}) for first in ("good", "bad")),
        *(Move(kind="mixed-calls", args={"first": first, "wrong": "not-json"}) for first in ("good", "bad")),
        Move(kind="reopen"),
        Move(kind="change-at-once"),
        Move(kind="tools-at-once"),
        Move(kind="two-threads"),
        Move(kind="press-last", args={"thread": 1}),
        Move(kind="read", args={"thread": 1, "by": 1}),  # what a button leaves for the model is on a page alone
        Move(kind="press-older", args={"thread": 1}),
        *(Move(kind=kind, args={"thread": 1}) for kind in ("press-asked", "press-filtered")),
        *(Move(kind="press-meanwhile", args={"thread": 1, "how": how}) for how in ("button", "button-sync")),
        Move(kind="leave-in-tool", args={"thread": 1}),
        Move(kind="use-tool", args={"thread": 1, "role": "create"}),
        Move(kind="leave-in-tool", args={"thread": 1, "words": SOME}),
        Move(kind="think"),
        Move(kind="choose-tool"),
        Move(kind="retry"),
        Move(kind="retry-elsewhere"),
        Move(kind="shorten-id"),
        *asked_twice,
        *beside,
        *drawn_twice,
        read,
    )
    again = Move(kind="many-tasks", args={"tasks": FEW})
    many = (
        begin,
        Move(kind="list-filtered"),
        Move(kind="odd-task", args={"how": "one of eleven deleted"}),
        Move(kind="many-tasks"),
        again,
        Move(kind="use-tool", args={"role": "read", "with": "model"}),
        Move(kind="use-tool", args={"role": "create"}),
        *(Move(kind="bulk-tool", args={"role": role, "confirm": False}) for role in BULK),  # a yes is for one call
        Move(kind="change-first", args={"does": "renames"}),
        *(Move(kind="change-first", args={"does": "deletes", "when": when}) for when in (IN_ANSWER, IN_TITLE)),
    )
    chosen = (Move(kind="say", args={"with": "model"}), Move(kind="retry", args={"which": LADEN}))
    guarded = tuple(Move(kind="guarded", args={"by": by}) for by in GUARDS)
    meanwhile = (Move(kind="retry-meanwhile"), Move(kind="say"))
    waiting = (
        Move(kind="wait-behind", args={"end": "leaves"}),
        begin,
        Move(kind="wait-behind", args={"thread": 1, "end": "deletes the thread"}),
    )
    moments = (
        Move(kind="begin-together"),
        Move(kind="signs"),
        *(Move(kind="write", args={"words": words}) for words in ("pieces of blanks", "a long message", "a number")),
        Move(kind="rename-and-leave"),
        Move(kind="say"),
        *meanwhile,
        *chosen,
        *guarded,
        *waiting,
        read,
    )
    long = (
        begin,
        begin,
        Move(kind="name-alike"),
        *(Move(kind="grow", args={"thread": thread, "items": LONG}) for thread in (0, 1)),
        *(Move(kind="say", args={"thread": thread}) for thread in (0, 1)),
        *(Move(kind="read", args={"thread": 0, "by": 100, "order": order}) for order in ("asc", "desc")),
        Move(kind="retry", args={"thread": 1, "which": "first"}),
        begin,
        Move(kind="full-pages", args={"thread": 2}),
        Move(kind="delete-between-pages"),
        begin,
        Move(kind="delete-between-pages", args={"which": LAST}),
    )
    return [
        Plan(moves=carried, story="A message that carries all that a message can, then a tool, a retry and another."),
        Plan(moves=tools, story="Tools of which one cannot work, in two threads at once, chosen, and after a thought."),
        Plan(moves=many, story="More tasks than lists are read in, completed and deleted at once."),
        Plan(moves=moments, story="A thread begun with signs, and a message that is asked again while it is answered."),
        Plan(moves=long, story="Two threads of one user, both longer than a window, read in one large page."),
    ]
