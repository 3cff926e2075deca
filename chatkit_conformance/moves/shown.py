"""Moves on what a turn has shown: a widget's button, a form, a call of a client tool."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..script import calls, reply
from ..wire.actions import sent_by, server_actions
from .marks import mark
from .move import JSON, MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import ScriptedTurn, ScriptTurn, answer_of, by_tools, plainly
from .talking import CHOSEN

if TYPE_CHECKING:
    from ..transcript import Reply
    from .act import Act
    from .state import Thread

STREAM, SYNC = "threads.custom_action", "threads.sync_custom_action"


def buttons(act: Act, thread: Thread) -> Iterator[dict[str, Any]]:
    """What the buttons of a thread's widgets send, the newest widget first."""
    shown: dict[str, Any] = {}
    for made in act.talk.replies:
        if made.thread_id == thread.id:
            shown |= {e.item_id: e.item for e in made.of("thread.item.done", "thread.item.replaced")}
    for id, item in reversed(shown.items()):
        for config in server_actions(item.get("widget")):
            yield {"item_id": id, "action": sent_by(config)}


def own_buttons(act: Act, thread: Thread) -> Iterator[dict[str, Any]]:
    """Those of a thread's buttons whose doing is this conversation's alone."""
    return (button for button in buttons(act, thread) if about_own(act, button["action"]))


def about_own(act: Act, action: JSON) -> bool:
    """Whether what a button does is this conversation's alone.

    Where other conversations act in the same user's name, a widget may list tasks of theirs: then the button has to
    name a task of this one.
    """
    own = {str(task.id) for task in act.person.tasks if task.id}
    return act.stage.own or bool(own & set(values_in(action)))


def values_in(value: JSON) -> Iterator[str]:
    """Every value in what a button sends, as text; a short id may stand in any other text by chance."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from values_in(inner)
    else:
        yield str(value)


async def press_first(act: Act) -> None:
    """The first button of the thread's newest widget is pressed."""
    thread, type = act.thread, SYNC if act.arg("how") == "button-sync" else STREAM
    button = next(own_buttons(act, thread), None)
    act.talk.require(button, "no widget of the thread has a button for the server to handle, about a task made here")
    await act.talk.ask(type, {"thread_id": thread.id, **(button or {})}, label=act.label(), user=act.person.user)
    # What a button does to a task, only the server knows; where it names none by the id that its tools tell, to which.
    named = set(values_in((button or {}).get("action")))
    known = [task for task in act.person.tasks if task.id and str(task.id) in named]
    for task in known or act.person.tasks:
        task.sure = False


def _asks(act: Act, role: str, *beside: tuple[str, dict[str, JSON]], id: str = "") -> ScriptTurn:
    """The model calls the tool that asks the browser, and answers once it has the browser's answer.

    Args:
        beside: roles and facts of tools that the same answer calls. id: of the call, "" for one of the stand-in's.
    """

    def script_turn(nonce: str) -> ScriptedTurn:
        text = answer_of(nonce, act.n)
        asked = [(role, act.talk.tool_call(role) | ({"id": id} if id else {}))]
        asked += [(other, act.talk.tool_call(other, **facts)) for other, facts in beside]
        # A server may replay the call with its result, or tell the model of it in plain words.
        steps = ({"attempts": [calls(*(made for _, made in asked)), reply(text)]}, reply(text))
        return ScriptedTurn(steps=steps, answer="", tools=tuple({"role": of, **made} for of, made in asked))

    return script_turn


def _item(made: Reply, type: str) -> dict[str, JSON]:
    return next((e.item for e in made.items_done(type)), {})


async def _beside(act: Act) -> None:
    """One answer calls a client tool and makes a task; the output is sent, and the tasks are listed."""
    title = f"Sow the cress {mark(act.talk.new_nonce(), 'task')}"
    await _output(act, ("create", {"title": title}))
    read = {"role": "read", **act.talk.tool_call("read")}
    await act.turn(act.thread, by_tools(lambda _: [[read]], n=act.n + 1), suffix="listed")


async def _output(act: Act, *beside: tuple[str, dict[str, JSON]]) -> None:
    """A client tool is called, and its output sent."""
    made = await act.turn(act.thread, _asks(act, "client_tools", *beside))
    act.talk.require(_item(made, "client_tool_call"), "the turn showed no call of a client tool")
    nonce = act.stage.turns[made.label]["nonce"]
    told, label = f"green {mark(nonce, 'fact')}", act.label("output")
    act.expect(label, tells=told, nonce=nonce)
    params = {"thread_id": act.thread.id, "result": {"color": told}}
    await act.talk.ask("threads.add_client_tool_output", params, label=label, user=act.person.user)


async def _same_id(act: Act) -> None:
    """In two threads a client tool is called under one id; both outputs are sent, the second one is a zero."""
    mine, id = act.two_threads(), f"function-call-{secrets.token_hex(4)}"
    asked = []
    for n, thread in enumerate(mine):
        script_turn = _asks(act, "client_tools", id=id)
        asked.append(await act.turn(thread, script_turn, suffix=f"ask-{n}", **(CHOSEN if n else {})))
    act.talk.require(all(_item(made, "client_tool_call") for made in asked), "no turn showed a call of a client tool")
    for n, (thread, made) in enumerate(zip(mine, asked, strict=True)):
        await read_thread(act, thread, act.person, f"asked-{n}")
        nonce, label = act.stage.turns[made.label]["nonce"], act.label(f"output-{n}")
        act.expect(label, **({"tells_zero": nonce} if n else {"tells": mark(nonce, "fact"), "nonce": nonce}))
        params = {"thread_id": thread.id, "result": 0 if n else mark(nonce, "fact")}
        await act.talk.ask("threads.add_client_tool_output", params, label=label, user=act.person.user)


async def _form(act: Act) -> None:
    """A form is shown, and answered or skipped."""
    made = await act.turn(act.thread, _asks(act, "structured_input"))
    item = _item(made, "structured_input")
    act.talk.require(item, "the turn showed no form")
    asked = [q for q in item.get("inputs") or () if isinstance(q, dict)]
    nonce = act.stage.turns[made.label]["nonce"]
    words, label = f"because of {mark(nonce, 'fact')}", act.label("answer")
    answers = {str(q.get("id")): {"values": _values(q, words)} for q in asked} if act.arg("how") == "form" else {}
    if words in str(answers):
        act.expect(label, tells=words, nonce=nonce)
    given = {"status": "answered" if answers else "skipped", "answers": answers}
    params = {"thread_id": act.thread.id, "item_id": item.get("id"), "input": given}
    await act.talk.ask("threads.add_structured_input", params, label=label, user=act.person.user)


def _values(question: dict[str, Any], words: str) -> list[str]:
    """An answer to a question: its last option, or these words."""
    options = question.get("options")
    if isinstance(options, list) and options and isinstance(options[-1], dict):
        return [str(options[-1].get("value"))]
    return [words]


async def _thank(act: Act) -> None:
    """A tool shows something beside the answer, and the user writes on."""
    role = THANKS[act.arg("how")]
    await act.turn(act.thread, by_tools(lambda nonce: [[{"role": role, **act.talk.tool_call(role)}]], n=act.n))
    await act.turn(act.thread, plainly(act.n + 1), suffix="thanks")


async def _ignore(act: Act) -> None:
    """A client tool or a form asks, nobody answers it, and the user writes something else."""
    await act.turn(act.thread, _asks(act, IGNORED[act.arg("how")]))
    await act.turn(act.thread, plainly(act.n + 1), suffix="else")


async def _answer(act: Act) -> None:
    how = act.arg("how")
    plays = dict.fromkeys(THANKS, _thank) | dict.fromkeys(IGNORED, _ignore) | {"client-tool": _output}
    plays |= {BESIDE: _beside, SAME_ID: _same_id}
    await plays.get(how, press_first if how.startswith("button") else _form)(act)


THANKS = {
    "thanks for sources": "annotations",
    "thanks for a picture": "generated_images",
    "thanks for a widget": "streaming_widgets",
}
"""What is shown beside an answer and only thanked for -> the role of the tool that shows it."""

IGNORED = {"nothing to a client tool": "client_tools", "nothing to a form": "structured_input"}
"""What is asked and not answered -> the role of the tool that asks."""

BESIDE = "client-tool beside a task"
"""How a client tool is called in the same answer as the tool that makes a task."""

SAME_ID = "client tools of two threads under one id"
"""How a client tool is called in two threads at once; the model's ids need not differ between two requests."""

HOW = ("button", "button-sync", "client-tool", BESIDE, SAME_ID, "form", "form-skipped", *IGNORED, *THANKS)

SHOWN = (
    MoveKind(
        name="answer-shown",
        does="user {user} answers what thread {thread} has shown: {how}",
        play=_answer,
        args={"user": USERS, "thread": THREADS, "how": HOW},
        needs_by={
            "how": {
                "button": ("actions",),
                "button-sync": ("actions",),
                "client-tool": ("client_tools", "role:client_tools"),
                SAME_ID: ("client_tools", "role:client_tools"),
                BESIDE: ("client_tools", "role:client_tools", "role:create", "role:read"),
                "form": ("structured_input", "role:structured_input"),
                "form-skipped": ("structured_input", "role:structured_input"),
                **{how: (role, f"role:{role}") for how, role in {**IGNORED, **THANKS}.items()},
            }
        },
        wants=("thread",),
        wants_by={"how": {"button": ("tools",), "button-sync": ("tools",)}},
        makes=("turn",),
        makes_by={"how": dict.fromkeys(HOW[2:], ("tools",))},
    ),
)
"""The kinds."""
