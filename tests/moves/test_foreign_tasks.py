"""A call for another user's task: by an id that is none of the caller's own."""

from __future__ import annotations

import pytest

from chatkit_conformance.moves.state import Person, Task
from chatkit_conformance.moves.tools import NO_ID, foreign

ANN = Person(user="ann")


@pytest.mark.parametrize(
    ("theirs", "own", "id"),
    [
        (["u7f2"], ["a310"], "u7f2"),
        (["1", "2"], ["1"], "2"),
        (["1"], ["1", "2"], NO_ID),
        (["1"], [], "1"),
    ],
)
def test_where_each_user_s_tasks_are_numbered_from_one_nobody_s_own_is_called(
    theirs: list[str], own: list[str], id: str
) -> None:
    """An id that is the caller's own, too, is not called: a server that changes the own task then is right."""
    assert foreign([(ANN, Task(title="Theirs", id=each)) for each in theirs], set(own)) == (ANN, id)


def test_the_id_of_a_deleted_task_is_nobody_s() -> None:
    """A task of one's own that is gone has no id any more."""
    own = [Task(title="Own", id="1", gone=True)]
    assert foreign([(ANN, Task(title="Theirs", id="1"))], own) == (ANN, "1")
    assert foreign([], own) == (None, NO_ID)
