"""What moves do to the expected state, before any server is asked."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.moves.faulty import of_cell
from chatkit_conformance.moves.move import Move
from chatkit_conformance.moves.places import Cell
from chatkit_conformance.moves.planning import foresee, impossible
from chatkit_conformance.moves.state import ExpectedTurn, State, settle
from chatkit_conformance.moves.table import KINDS
from tests.suites.build import ERROR, answer, create


def after(*moves: Move) -> State:
    """The state of two users after these moves, each of which must be possible."""
    state = State.of(["ann", "bob"])
    for move in moves:
        assert impossible(state, KINDS[move.kind], move) == ""
        foresee(state, KINDS[move.kind], move)
    return state


def make(kind: str, **args: Any) -> Move:
    """A move."""
    return Move(kind=kind, args=args)


def why(state: State, kind: str, **args: Any) -> str:
    """Why a move is not possible in a state, or ""."""
    return impossible(state, KINDS[kind], make(kind, **args))


def test_nothing_can_be_said_before_a_thread_is_there() -> None:
    """A move that wants a thread waits for one of its own user."""
    state = State.of(["ann", "bob"])
    assert why(state, "say") == "there is no thread"
    foresee(state, KINDS["begin"], make("begin", user=1))
    assert why(state, "say") == "there is no thread"
    assert why(state, "say", user=1) == ""


def test_a_deleted_thread_keeps_its_number_and_takes_no_move() -> None:
    """Threads are counted as they were begun, so that a delete does not shift those that follow."""
    state = after(make("begin"), make("begin"), make("delete"))
    assert why(state, "say", thread=0) == "there is no thread"
    assert why(state, "say", thread=1) == ""


def test_tools_and_tasks_are_there_once_they_were_made() -> None:
    """A task can be changed after one was created, and not any more once it was completed."""
    state = after(make("begin"))
    assert why(state, "use-tool", role="update") == "there is no task"
    foresee(state, KINDS["use-tool"], make("use-tool", role="create"))
    assert why(state, "use-tool", role="complete") == ""
    foresee(state, KINDS["use-tool"], make("use-tool", role="complete"))
    assert why(state, "use-tool", role="update") == "there is no task"


def test_a_fault_can_follow_a_fault_only_where_there_was_one() -> None:
    """The place "after another fault" wants a thread whose newest turn met one; a good turn ends it."""
    state, cell = after(make("begin")), of_cell(Cell(fault="500", moment="before-headers", place="after-fault"))
    assert impossible(state, KINDS["fault"], cell) == "there is no fault"
    later = of_cell(Cell(fault="500", moment="before-headers", place="later-turn"))
    foresee(state, KINDS["fault"], later)
    assert impossible(state, KINDS["fault"], cell) == ""
    foresee(state, KINDS["say"], make("say"))
    assert impossible(state, KINDS["fault"], cell) == "there is no fault"


def test_a_fault_cannot_happen_at_a_moment_that_it_has_not() -> None:
    """The three tables are not multiplied blindly: a refusal by status has no middle of a text."""
    state = after(make("begin"))
    cell = of_cell(Cell(fault="500", moment="mid-text", place="later-turn"))
    assert impossible(state, KINDS["fault"], cell) == "its arguments do not go together"


def test_a_stranger_needs_a_second_user() -> None:
    """Where the target has one user, nobody can be a stranger."""
    state = State.of(["ann"])
    foresee(state, KINDS["begin"], make("begin"))
    assert why(state, "stranger") == "there is no two"
    assert why(state, "begin", user=1) == "there is no such user"


def test_a_reply_settles_what_must_be_there() -> None:
    """An acknowledged message is kept; its answer is sure only where the stream ended well and told no error."""
    good = ExpectedTurn(answer="Hello.")
    settle(good, create("turn", "Hi.", answer("a1", "Hello.")))
    assert (good.kept, good.sure, good.item) == (True, True, "u-turn")
    broken = ExpectedTurn(answer="Hello.")
    settle(broken, create("turn", "Hi.", [*answer("a1", "Hel"), ERROR]))
    assert (broken.kept, broken.sure) == (True, False)
    left = ExpectedTurn(answer="Hello.")
    settle(left, create("turn", "Hi.", answer("a1", "Hello."), ended="left"))
    assert (left.kept, left.sure) == (True, False)
