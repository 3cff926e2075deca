"""A check: one requirement, where it comes from, and a pure function of a transcript that judges it.

    @check("stream.item-id-stable", level=MUST, on=["one_turn", "three_turns"], clause="...", cause="...", fix="...")
    def item_id_stable(t: Transcript) -> Findings:
        \"\"\"An item is done under the id it was added with.\"\"\"
        for reply in t.turns():
            ...
            yield Finding(expected="...", got="...", reply=reply.label, event=7)

The docstring is the requirement. A check yields a finding for each breach, yields nothing where all is well, and
raises `Untestable` with the reason where the transcript gives it nothing to judge: never pass for lack of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .transcript import Transcript

Level = Literal["MUST", "SHOULD", "MAY"]
MUST: Level = "MUST"
SHOULD: Level = "SHOULD"
MAY: Level = "MAY"

AREAS = (
    "protocol",
    "stream",
    "tools",
    "persistence",
    "errors",
    "security",
    "gemini",
    "latency",
    "widgets",
    "attachments",
    "client-tools",
    "migration",
)
"""The areas, in the order in which reports show them. An id's first word is its area."""

_ID = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*")

TOOL_ROLES = ("create", "read", "update", "delete", "complete", "bulk-complete", "bulk-delete")
"""What the tools of a task chat do."""

WITHOUT = "without"
"""Note of a transcript: the roles for which the server's owner said that it has no tool."""

_ROLE = re.compile(rf"tools\.(?P<role>{'|'.join(TOOL_ROLES)})-")


WHOLE_RUN = "whole_run"
"""Name of the transcript that is made at the end of a run: all calls, and what was seen beside the exchanges."""

EVERYWHERE = ("*",)
"""What an invariant is `on`: every conversation of the run, but not the whole run's own."""


class Untestable(Exception):
    """Raised by a check or an exchange that lacks its prerequisite; the message is the reason, one sentence."""


class NotJudged(Untestable):
    """Raised for what this run does not have by its kind, or the server need not tell: it is no fault of anybody's."""


class ModelAway(NotJudged):
    """Raised where the model behind the server seems to answer nobody: what is asked of it later is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breach of one requirement.

    Args:
        expected, got: short sentences with the values in them.
        reply: label of the reply it was seen in, or "".
        event: index of the event in that reply, or None.
        call: `n` of the upstream call it was seen in, or None.
    """

    expected: str
    got: str
    reply: str = ""
    event: int | None = None
    call: int | None = None


Findings = Iterator[Finding]

Figure = Callable[[Transcript], float | None]
"""What a check measures in a transcript, in the unit of its criterion (seconds, percent); None where it cannot."""


ModelNeed = Literal["model", "script"]
Need = Literal["users", "sign-in", "token", "expiry", "cookie"] | ModelNeed

MODEL_NEEDS: Mapping[str, str] = {
    "model": "it needs what the model was sent, and this run sees the browser's side alone",
    "script": "it needs a model that says given words, at a given moment, or fails: this run asks the model as it is",
}
"""What a check may need of the model, and why it is not judged where that is lacking."""

NEEDS: Mapping[str, str] = {
    "users": "the target file's auth says that the server knows no users",
    "sign-in": "the target file's auth says that the server itself signs nobody in",
    "token": "the users' credentials are no tokens which could be forged",
    "expiry": "no token can be made that has expired: the target file has no jwt_secret",
    "cookie": "the users' credentials are no cookie, which a browser sends with every site's requests",
}
"""What a check may need of how the server tells users apart, and why it does not apply where that is lacking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One requirement and its judge. See `check` for the fields."""

    id: str
    level: Level
    requirement: str
    clause: str
    judge: Callable[[Transcript], Iterable[Finding]]
    on: tuple[str, ...]
    cause: str
    fix: str
    capability: str | None = None
    needs: tuple[Need, ...] = ()
    criteria: tuple[str, ...] = ()
    figure: Figure | str | None = None
    module: str = field(default="", compare=False)

    @property
    def everywhere(self) -> bool:
        """Whether it is an invariant: judged on every conversation."""
        return EVERYWHERE[0] in self.on

    def judges(self, exchange: str) -> bool:
        """Whether it is judged on the transcripts of this exchange."""
        return exchange in self.on or (self.everywhere and exchange != WHOLE_RUN)

    def measure(self, t: Transcript) -> float | None:
        """What it measures in this transcript, None where that is nothing. Raises Untestable as its figure does."""
        if callable(self.figure):
            return self.figure(t)
        value = t.notes.get(self.figure) if self.figure else None
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def role(self) -> str:
        """The role of the one tool that it is about, as its id says, or ""."""
        found = _ROLE.match(self.id)
        return found["role"] if found else ""

    @property
    def area(self) -> str:
        """The id's first word."""
        return self.id.split(".")[0]


CHECKS: dict[str, Check] = {}
"""Every check that has been declared, by id. Filled by importing suites (see catalogue.load_suites)."""


def check(
    id: str,
    *,
    level: Level,
    on: Sequence[str] = EVERYWHERE,
    clause: str,
    cause: str,
    fix: str,
    capability: str | None = None,
    needs: Sequence[Need] = (),
    criteria: Sequence[str] = (),
    figure: Figure | str | None = None,
) -> Callable[[Callable[[Transcript], Iterable[Finding]]], Callable[[Transcript], Iterable[Finding]]]:
    """Declare the decorated function a check.

    Args:
        id: `area.words-with-hyphens`, never reused, never numbered.
        level: the spec's own verb. What only the SDK happens to do is at most SHOULD.
        on: names of the exchanges whose transcripts it judges. It passes when all that were testable pass. Without
            it, the check is an invariant: it holds of every conversation, and raises `Untestable` for one that says
            nothing of it. `(*EVERYWHERE, WHOLE_RUN)` has it judge the whole run's own transcript, too.
        clause: where the requirement comes from: package, version, file and lines, or the page's name.
        cause, fix: the usual cause and what to do, one or two sentences each, for a person who sees it fail.
        capability: the capability without which it does not apply, or None.
        needs: what it needs of how the server tells users apart, see NEEDS, and of the model, see MODEL_NEEDS.
        criteria: success criteria it bears on ("SC-001").
        figure: how the check's measured value is computed from a transcript, if it has one; or the name of the note
            that holds it.

    Raises:
        ValueError: the id is malformed or taken, the area unknown, or the docstring missing.
    """
    if not _ID.fullmatch(id) or id.split(".")[0] not in AREAS:
        raise ValueError(f"check id {id!r}: write AREA.WORDS-WITH-HYPHENS, the area one of {', '.join(AREAS)}")

    def declare(judge: Callable[[Transcript], Iterable[Finding]]) -> Callable[[Transcript], Iterable[Finding]]:
        if id in CHECKS:
            raise ValueError(f"check id {id!r} is declared twice: {CHECKS[id].module} and {judge.__module__}")
        if not judge.__doc__:
            raise ValueError(f"check {id!r} has no docstring: write its requirement there")
        CHECKS[id] = Check(
            id=id,
            level=level,
            requirement=" ".join(judge.__doc__.split()),
            clause=clause,
            judge=judge,
            on=tuple(on),
            cause=cause,
            fix=fix,
            capability=capability,
            needs=tuple(needs),
            criteria=tuple(criteria),
            figure=figure,
            module=judge.__module__,
        )
        return judge

    return declare
