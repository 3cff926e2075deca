"""What a tool claims that was called for a task that is not there."""

from __future__ import annotations

import re

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import MOVES, TURNS
from chatkit_conformance.moves.task_calls import NOT_THEIRS
from chatkit_conformance.target.task_reading import objects, parsed
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import Round, rounds, shorten

FAILS = re.compile(
    r"\b(no|not|none|never|nothing|unknown|invalid|fail\w*|error\w*|cannot|can't|couldn't|unable|missing|refused|wrong|"
    r"without|doesn't|didn't)\b|404|\"success\": ?false|\"ok\": ?false",
    re.IGNORECASE,
)
"""Words by which a result tells that nothing was done."""

CLAIMS = re.compile(r"\b(done|success\w*|completed|updated|deleted|removed|changed|saved|finished|ok)\b", re.IGNORECASE)
"""Words by which a result claims that something was."""


@check(
    "tools.unknown-task-not-claimed",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS + "; the result is what the model tells the user",
    capability="tools",
    cause="The tool runs an update or delete that matches no row, and returns its message of success.",
    fix="Look at the number of rows, and return that there is no such task.",
    criteria=("SC-007",),
)
def unknown_not_claimed(t: Transcript) -> Findings:
    """A tool that is called for a task that does not exist, or is another user's, claims no success."""
    judged = False
    for row in t.notes.get(MOVES, ()):
        if row["kind"] != "misuse-tool" or row["args"].get("how", NOT_THEIRS[0]) not in NOT_THEIRS:
            continue
        for label in row["replies"][:1]:
            for text in first_results(t, label):
                judged = True
                if CLAIMS.search(text) and not FAILS.search(text) and not refuses(text):
                    yield Finding(expected="a result that says there is no such task", got=shorten(text), reply=label)
    if not judged:
        raise Untestable(f"no tool of {t.exchange} was called for an unknown task and answered")


def refuses(text: str) -> bool:
    """Whether a result says in a field of its own that nothing was done."""
    return any(
        row.get("error") or row.get("success") is False or row.get("ok") is False for row in objects(parsed(text))
    )


def rounds_of(t: Transcript, label: str) -> list[Round]:
    """The rounds of tools in a turn, as the request that has most of them tells them."""
    nonce = t.notes.get(TURNS, {}).get(label, {}).get("nonce")
    return max((rounds(c) for c in t.calls if c.nonce == nonce and not c.side), key=len, default=[])


def first_results(t: Transcript, label: str) -> list[str]:
    """The results of the first round of tools in a turn."""
    longest = rounds_of(t, label)
    return [text for _, text in longest[0].results] if longest else []
