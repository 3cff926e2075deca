"""Moves on what a turn has shown: a widget's button, a form, a call of a client tool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..script import calls, reply
from ..wire.actions import server_actions
from .move import JSON, MoveKind
from .reading import THREADS, USERS
from .scripted_turn import ScriptedTurn, ScriptTurn, answer_of

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
            yield {"item_id": id, "action": {"type": config["type"], "payload": config.get("payload")}}


def values_in(value: JSON) -> Iterator[str]:
    """Every value in what a button sends, as text; a short id may stand in any other text by chance."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from values_in(inner)
    else:
        yield str(value)


async def _press(act: Act) -> None:
    """A button of a widget is pressed."""
    thread, type = act.thread, SYNC if act.arg("how") == "button-sync" else STREAM
    button = next(buttons(act, thread), None)
    act.talk.require(button, "no widget of the thread has a button for the server to handle")
    await act.talk.ask(type, {"thread_id": thread.id, **(button or {})}, label=act.label(), user=act.person.user)
    # What a button does to a task, only the server knows; where it names none by the id that its tools tell, to which.
    named = set(values_in((button or {}).get("action")))
    known = [task for task in act.person.tasks if task.id and str(task.id) in named]
    for task in known or act.person.tasks:
        task.sure = False


def _asks(act: Act, role: str) -> ScriptTurn:
    """The model calls the tool that asks the browser, and answers once it has the browser's answer."""

    def script_turn(nonce: str) -> ScriptedTurn:
        text = answer_of(nonce, act.n)
        made = act.talk.tool_call(role)
        # A server may replay the call with its result, or tell the model of it in plain words.
        steps = ({"attempts": [calls(made), reply(text)]}, reply(text))
        return ScriptedTurn(steps=steps, answer="", tools=({"role": role, **made},))

    return script_turn


def _item(made: Reply, type: str) -> dict[str, JSON]:
    return next((e.item for e in made.items_done(type)), {})


async def _output(act: Act) -> None:
    """A client tool is called, and its output sent."""
    made = await act.turn(act.thread, _asks(act, "client_tools"))
    act.talk.require(_item(made, "client_tool_call"), "the turn showed no call of a client tool")
    params = {"thread_id": act.thread.id, "result": {"color": f"green-{act.n}"}}
    await act.talk.ask("threads.add_client_tool_output", params, label=act.label("output"), user=act.person.user)


async def _form(act: Act) -> None:
    """A form is shown, and answered or skipped."""
    made = await act.turn(act.thread, _asks(act, "structured_input"))
    item = _item(made, "structured_input")
    act.talk.require(item, "the turn showed no form")
    asked = [q for q in item.get("inputs") or () if isinstance(q, dict)]
    answers = {str(q.get("id")): {"values": _values(q)} for q in asked} if act.arg("how") == "form" else {}
    given = {"status": "answered" if answers else "skipped", "answers": answers}
    params = {"thread_id": act.thread.id, "item_id": item.get("id"), "input": given}
    await act.talk.ask("threads.add_structured_input", params, label=act.label("answer"), user=act.person.user)


def _values(question: dict[str, Any]) -> list[str]:
    """An answer to a question: its last option, or words of our own."""
    options = question.get("options")
    if isinstance(options, list) and options and isinstance(options[-1], dict):
        return [str(options[-1].get("value"))]
    return ["because of the ferns"]


async def _answer(act: Act) -> None:
    how = act.arg("how")
    await (_press(act) if how.startswith("button") else _output(act) if how == "client-tool" else _form(act))


HOW = ("button", "button-sync", "client-tool", "form", "form-skipped")

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
                "form": ("structured_input", "role:structured_input"),
                "form-skipped": ("structured_input", "role:structured_input"),
            }
        },
        wants=("thread",),
        wants_by={"how": {"button": ("tools",), "button-sync": ("tools",)}},
        makes=("turn",),
        makes_by={"how": {"client-tool": ("tools",), "form": ("tools",), "form-skipped": ("tools",)}},
    ),
)
"""The kinds."""
