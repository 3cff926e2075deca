"""What breaks each check of how far a tool reaches."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites.scope import MINE, NEW, OTHER, claims, no_consent, one_task_of_two, task, tasks_of_two_users
from tests.suites.trials import many_calls

BREAKS: Mapping[str, list[Transcript]] = {
    "tools.create-keeps-fields": [
        one_task_of_two(create=[task(MINE, tags=[]), task(OTHER)]),
        one_task_of_two(create=[task(MINE, due_date=None), task(OTHER)]),
        one_task_of_two(create=[task(MINE, priority="medium"), task(OTHER)]),
    ],
    "tools.others-unchanged": [
        one_task_of_two(update=[task(NEW, id="t-1"), task(OTHER, priority="low")]),
        one_task_of_two(delete=[task(OTHER, completed=True)]),
        many_calls(left=1),
    ],
    "tools.update-changes-one-task": [
        one_task_of_two(update=[task(NEW, id="t-1")]),
        one_task_of_two(update=[task(NEW, id="t-1"), task(OTHER, priority="low")]),
    ],
    "tools.complete-changes-one-task": [
        one_task_of_two(complete=[task(NEW, id="t-1", completed=True), task(OTHER, completed=True)])
    ],
    "tools.complete-twice-stays": [
        one_task_of_two(again=[task(NEW, id="t-1"), task(OTHER)]),
        one_task_of_two(again=[task(OTHER)]),
    ],
    "tools.delete-changes-one-task": [one_task_of_two(delete=[])],
    "tools.update-keeps-fields": [
        one_task_of_two(update=[task(NEW, id="t-1", description=None), task(OTHER)]),
        one_task_of_two(update=[task(NEW, id="t-1"), task(OTHER), task(MINE)]),
    ],
    "tools.complete-keeps-fields": [
        one_task_of_two(complete=[task(OTHER)]),
        one_task_of_two(complete=[task(NEW, id="t-1", completed=True, due_date=None), task(OTHER)]),
    ],
    "tools.other-users-not-listed": [tasks_of_two_users(a_sees=[task(MINE)])],
    "tools.update-other-user-refused": [tasks_of_two_users(after={"update": [task("Taken over 9")]})],
    "tools.complete-other-user-refused": [tasks_of_two_users(after={"complete": [task(MINE, completed=True)]})],
    "tools.delete-other-user-refused": [tasks_of_two_users(after={"delete": []})],
    "tools.bulk-keeps-other-users-tasks": [no_consent(others=[]), no_consent(others=[task(OTHER, completed=True)])],
    "tools.bulk-complete-needs-boolean-true": [
        no_consent(after={f"{n}-bulk-complete": [task(MINE, completed=True)]}) for n in range(4)
    ],
    "tools.bulk-delete-needs-boolean-true": [
        no_consent(after={f"{n}-bulk-delete": [task("Else 8")]}) for n in range(4)
    ],
    "tools.update-no-false-success": [claims(update={"updated": True}), claims(update="Task updated.")],
    "tools.complete-no-false-success": [claims(complete={"success": True}), claims(complete={"status": "completed"})],
    "tools.delete-no-false-success": [claims(delete={"deleted": 1}), claims(delete="Deleted.")],
}
