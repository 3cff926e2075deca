"""What a tool created is in the list that is read next."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.target.task_reading import objects, parsed
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import shorten
from .claimed import FAILS, first_results
from .expected_tasks import readings, titles_created

MOST = 5
"""Tasks of a user beyond which a list may come in pages."""


@check(
    "tools.created-task-listed",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="The tool answers without doing its work, or its result does not reach the model.",
    fix="Return what the tool did as its result, and the tasks as they are from the tool that lists them.",
    criteria=("SC-007",),
)
def created_task_listed(t: Transcript) -> Findings:
    """A task that a tool has just created is in the list that the model reads in the same turn."""
    judged = False
    for reading in readings(t):
        label = reading.reply.label
        told = first_results(t, label)
        titles = titles_created(t, reading)
        few = len(reading.tasks) <= MOST and reading.whole
        if not titles or not told or t.notes[TURNS][label]["fault"] or any(map(_refused, told)):
            continue
        lost = [title for title in titles if reading.told(title) is None and title not in reading.text]
        judged = judged or few or not lost
        for title in lost:
            if few:
                yield Finding(expected=f"a list with {title!r} in it", got=shorten(reading.text), reply=label)
    if not judged:
        raise Untestable(f"no task of {t.exchange} was created in a turn that then listed a user's few tasks")


def _refused(text: str) -> bool:
    """Whether a result says that nothing was done: in words, or as an object with an error."""
    value = parsed(text)
    if isinstance(value, dict | list):
        return any(row.get("error") or row.get("success") is False or row.get("ok") is False for row in objects(value))
    return bool(FAILS.search(text))
