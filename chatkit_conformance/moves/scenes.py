"""Scenes: what happens to a user now and then, too particular to be paired with everything else.

Many things at once, or one after the other in the wrong moment: a message that carries all that a message can, two
tabs in each of which a tool runs, a call of two that cannot work, more tasks than a page has.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from ..script import reply
from ..stream.event_kinds import is_text, shows_tool
from ..wire.actions import sent_by, server_actions
from .changing import rename
from .leaving import GONE_S
from .marks import mark
from .move import MoveKind
from .reading import USERS, WITH, read_list, read_thread
from .scripted_turn import ScriptedTurn, ScriptTurn, answer_of, by_tools, plainly
from .shown import STREAM, about_own
from .talking import CHOSEN, HELD_S, NOTICED_S, held_turn, manner
from .task_calls import BULK
from .tools import FACTS, NO_ID, NOT_JSON, Call, created, expect_tasks, listing, task_call, title_of

if TYPE_CHECKING:
    from .act import Act
    from .state import Thread

TASKS = 25
"""Tasks that one user has: more than the pages of ten and of twenty that lists are read in."""

FEW = 2
"""Tasks that are enough to see the same once more."""

SIGNS = "I" + "🧀" * 60
"""A message of signs that are cut in two at whatever number of bytes a title ends: each has four, and one letter is
before them."""


async def _mixed(act: Act) -> None:
    """Two calls in one answer: a task is made, and one that is not there is completed, or a call is cut off."""
    person = act.person

    def rounds(nonce: str) -> list[list[Call]]:
        made = task_call(act, "create", title=title_of(nonce, 1))
        wrong = task_call(act, "complete", id=NO_ID, title=title_of(nonce, words="Nothing"))
        wrong |= {"arguments": NOT_JSON} if act.arg("wrong") == "not-json" else {}
        both = [made, wrong] if act.arg("first") == "good" else [wrong, made]
        return [both, listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, 1)])
    expect_tasks(act, made, person, 1)


async def _name_alike(act: Act) -> None:
    """Two threads of one user are given the same title, and one of them another."""
    mine = act.two_threads()
    title = f"Ferns {mark(act.talk.new_nonce(), 'title')}"
    for n, thread in enumerate(mine, 1):
        params = {"thread_id": thread.id, "title": title}
        made = await act.talk.ask("threads.update", params, label=act.label(str(n)), user=act.person.user)
        thread.title = title if made.accepted else thread.title
    await rename(act, mine[0], "Mosses", "apart")
    await read_list(act, act.person, "list")


async def _create_again(act: Act) -> None:
    """A task is made with the title of one that was deleted, and with facts of its own."""
    person = act.person
    title = next((task.title for task in person.tasks if task.gone and task.sure), "")
    act.talk.require(title, "the user has deleted no task")
    rounds = [[task_call(act, "create", title=title, **FACTS)], listing(act)]
    made = await act.turn(act.thread, by_tools(lambda _: rounds, n=act.n))
    await created(act, made, person, [title])
    expect_tasks(act, made, person, 1)


async def _many(act: Act) -> None:
    """As many tasks as asked for are made in one answer, completed at once, and deleted at once."""
    act.require_own_users()
    bulk_roles = [role for role in BULK if role in act.talk.tools]
    act.talk.require(bulk_roles, "the server has no tool that completes or deletes all tasks")
    person, number = act.person, range(101, 101 + act.arg("tasks"))  # no number is the beginning of another

    def rounds(nonce: str) -> list[list[Call]]:
        made = [task_call(act, "create", title=title_of(nonce, n)) for n in number]
        return [made, listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, n) for n in number])
    expect_tasks(act, made, person, 1, paged=True)
    for role in bulk_roles:
        bulk = [[task_call(act, role, confirm=True)], listing(act)]
        made = await act.turn(act.thread, by_tools(lambda _, bulk=bulk: bulk, n=act.n), suffix=role)  # type: ignore[misc]  # a default binds it
        for task in person.tasks:
            task.completed = task.completed or role == "bulk-complete"
            task.gone = task.gone or role == "bulk-delete"
        expect_tasks(act, made, person, 1, paged=True)


async def _press_last(act: Act) -> None:
    """Two tasks are listed, the last button of the list is pressed, and the list is read again."""
    person = act.person

    def rounds(nonce: str) -> list[list[Call]]:
        two = [task_call(act, "create", title=title_of(nonce, n)) for n in (1, 2)]
        return [two, listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, n) for n in (1, 2)])
    expect_tasks(act, made, person, 1)
    offered = [
        (e.item_id, config) for e in made.items_done("widget") for config in server_actions(e.item.get("widget"))
    ]
    offered = [pair for pair in offered if about_own(act, pair[1].get("payload"))]
    act.talk.require(offered, "no widget of the turn has a button for the server to handle, about a task made here")
    id, config = offered[-1]
    action = sent_by(config)
    params = {"thread_id": act.thread.id, "item_id": id, "action": action}
    before = await read_thread(act, act.thread, person, "before")
    pressed = await act.talk.ask(STREAM, params, label=act.label("press"), user=person.user)
    after = await read_thread(act, act.thread, person, "after")
    meant = [task for task in person.tasks if task.id and task.id in str(action)]
    rows = [task.title for task in person.tasks[-2:] if task not in meant] if len(meant) == 1 else []
    place = {"item": id, "others": rows, "before": before.label, "after": after.label, "made": made.label}
    act.expect(pressed.label, pressed_list=place)
    for task in meant if len(meant) == 1 else person.tasks:
        task.sure = False  # what a button does to a task, only the server knows
    act.talk.require(len(meant) == 1, "the button does not say which task it is about")
    read = await act.turn(act.thread, by_tools(lambda _: [listing(act)], n=act.n + 1), suffix="read")
    expect_tasks(act, read, person, 0)
    place |= {"read": read.label, "task": meant[0].title}


async def _tools_at_once(act: Act) -> None:
    """In two threads of one user a tool runs at the same time: the first one's after the second turn has begun."""
    person, talk = act.person, act.talk
    mine, id = act.two_threads(), f"function-call-{secrets.token_hex(4)}"  # the model's ids need not differ
    gates = [talk.gate(), talk.gate()]
    async with act.open_turn(mine[0], _waiting(act, gates[0], id), suffix="first") as first:
        await talk.calls(first.turn.nonce, at_least=1)
        async with act.open_turn(mine[1], _waiting(act, gates[1], id), suffix="second") as second:
            await talk.calls(second.turn.nonce, at_least=1)
            await talk.open_gate(gates[0])
            await first.opened.finish()
            await talk.open_gate(gates[1])
            await second.opened.finish()
    for each in (first, second):
        await created(act, each.opened.reply, person, [title_of(each.turn.nonce, 1)])


def _waiting(act: Act, gate: str, id: str) -> ScriptTurn:
    """The model makes a task by a call of that id once the gate is open, and answers."""

    def rounds(nonce: str) -> list[list[Call]]:
        return [[task_call(act, "create", title=title_of(nonce, 1)) | {"id": id}]]

    return by_tools(rounds, n=act.n, wait_gate={"gate": gate, "max_s": HELD_S})


NO_WORD, SOME = "nothing yet", "some words"
"""What the model has said when the browser leaves."""


async def _leave_in_tool(act: Act) -> None:
    """The browser leaves when a tool has run, before the model's words or in the middle of them; then it goes on."""
    thread, talk, person = act.thread, act.talk, act.person
    task, gate, spoken = person.open_tasks[0], act.talk.gate(), act.arg("words") == SOME

    def script_turn(nonce: str) -> ScriptedTurn:
        made = by_tools(lambda _: [[task_call(act, "complete", id=task.id, title=task.title)]], n=act.n)(nonce)
        held = {"chunk_chars": 9, "hold": {"after": 2, "gate": gate, "max_s": HELD_S}}
        waits = {**made.steps[-1], **(held if spoken else {"wait_gate": {"gate": gate, "max_s": HELD_S}})}
        return replace(made, steps=(*made.steps[:-1], waits))

    async with act.open_turn(thread, script_turn) as left:
        await talk.calls(left.turn.nonce, at_least=2)
        await talk.shown(left.opened, is_text if spoken else shows_tool, left.turn.nonce)
    task.sure = False
    await talk.open_gate(gate)
    await talk.calls(left.turn.nonce, timeout_s=GONE_S, finished=True)
    await act.turn(thread, plainly(act.n + 1), suffix="again")
    await read_thread(act, thread, person, "back")


async def _choose_tool(act: Act) -> None:
    """The user chooses the tool that lists tasks for one message, which is retried if it can be, not for the next."""
    options = {"tool_choice": {"id": act.talk.tools["read"].name}}

    def reads(n: int) -> ScriptTurn:
        return by_tools(lambda _: [[task_call(act, "read")]], n=n)

    await act.turn(act.thread, reads(act.n), inference_options=options)
    if act.thread.turns[-1].item and act.talk.learnt.capabilities.get("retry"):
        await act.retry(act.thread, len(act.thread.turns) - 1, reads(act.n + 2), suffix="retry")
    await act.turn(act.thread, plainly(act.n + 1), suffix="then")
    if "create" in act.talk.tools:
        await _choose_both(act)


async def _choose_both(act: Act) -> None:
    """Another tool is chosen than before, and a model with it."""
    chosen = {**CHOSEN["inference_options"], "tool_choice": {"id": act.talk.tools["create"].name}}
    title = title_of(act.talk.new_nonce())
    rounds = [[task_call(act, "create", title=title)]]
    both = {**CHOSEN, "inference_options": chosen}
    made = await act.turn(act.thread, by_tools(lambda _: rounds, n=act.n + 3), suffix="both", **both)
    await created(act, made, act.person, [title])


async def _think(act: Act) -> None:
    """The model thinks before it calls a tool, and again before it answers."""

    def script_turn(nonce: str) -> ScriptedTurn:
        text, made = answer_of(nonce, act.n), task_call(act, "read")
        said = {key: value for key, value in made.items() if key != "role"}
        steps = ({"calls": [said]}, reply(text, thought=f"Nobody is to read {mark(nonce, 'secret')}."))
        return ScriptedTurn(steps=steps, answer=text, tools=(made,))

    await act.turn(act.thread, script_turn)


async def _signs(act: Act) -> None:
    """Threads are begun: with a message of signs that no number of bytes or of halves ends at, and with a tag."""
    await act.turn(None, plainly(act.n), words=SIGNS)
    await act.turn(None, plainly(act.n + 1), suffix="tag", **await manner(act, "tag"))
    await read_list(act, act.person, "list")


async def _retry_meanwhile(act: Act) -> None:
    """The message that is being answered is asked again in another tab; both come to their end."""
    thread: Thread = act.thread
    talk = act.talk
    async with held_turn(act, thread, suffix="first") as (first, gate):
        asked = next((e.item_id for e in first.opened.reply.items_done("user_message")), "")
        talk.require(asked, "the stream did not tell the id of the message")
        first.turn.item = asked
        async with act.open_retry(thread, len(thread.turns) - 1, plainly(act.n + 1), suffix="again") as again:
            await again.opened.wait_for(lambda event: True, NOTICED_S)
            await talk.open_gate(gate)
            await first.opened.finish()
            await again.opened.finish()


SCENES = (
    MoveKind(
        name="mixed-calls",
        does="user {user} has two tools called in one answer in thread {thread}, the {first} one first ({wrong})",
        play=_mixed,
        args={**WITH, "first": ("good", "bad"), "wrong": ("unknown-id", "not-json")},
        needs=("role:create", "role:complete", "role:read"),
        wants=("thread",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="name-alike",
        does="user {user} gives the same title to two threads, and another one to one of them",
        play=_name_alike,
        args={"user": USERS},
    ),
    MoveKind(
        name="create-again",
        does="user {user} has a task made in thread {thread} that has the title of a deleted one",
        play=_create_again,
        args=WITH,
        needs=("role:create", "role:read"),
        wants=("thread",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="many-tasks",
        does="user {user} makes {tasks} tasks at once in thread {thread}, completes and deletes them all",
        play=_many,
        args={**WITH, "tasks": (TASKS, FEW)},
        needs=("role:create", "role:read"),
        wants=("thread",),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="press-last",
        does="user {user} presses the last button of a list of two tasks in thread {thread}",
        play=_press_last,
        args=WITH,
        needs=("actions", "role:create", "role:read"),
        wants=("thread",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="tools-at-once",
        does="user {user} has a tool run in each of two threads at the same time",
        play=_tools_at_once,
        who="second tab",
        args={"user": USERS},
        needs=("role:create",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="leave-in-tool",
        does="user {user} leaves thread {thread} when a tool has run and the model has said {words}",
        play=_leave_in_tool,
        args={**WITH, "words": (NO_WORD, SOME)},
        needs=("role:complete",),
        wants=("thread", "task"),
        makes=("turn", "tools", "task-spent"),
    ),
    MoveKind(
        name="choose-tool",
        does="user {user} chooses a tool for one message in thread {thread}, and none for the next",
        play=_choose_tool,
        args=WITH,
        needs=("role:read",),
        wants=("thread",),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="think",
        does="the model thinks before it answers user {user} in thread {thread}, after a tool",
        play=_think,
        who="model",
        args=WITH,
        needs=("role:read",),
        wants=("thread",),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="signs",
        does="user {user} begins a thread with signs of four bytes each",
        play=_signs,
        args={"user": USERS},
        makes=("thread", "turn"),
    ),
    MoveKind(
        name="retry-meanwhile",
        does="user {user} asks for another answer in thread {thread} before the first one is over",
        play=_retry_meanwhile,
        who="second tab",
        args=WITH,
        needs=("retry",),
        wants=("thread",),
        makes=("turn",),
    ),
)
"""The kinds."""
