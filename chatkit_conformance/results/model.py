"""results.json as types: written by a run, and read by report, diff, baseline, SARIF, JUnit, levels and criteria.

Schema 1 grows: a key is added and none is taken away, so a file of an earlier release is read with this one's
defaults for what it lacks, and a key of a later release is passed over. The published schema is made from here:
`chatkit-conformance schema results > docs/chatkit-results.schema.json`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..check import Level
from .outcome import Absence, Outcome

SCHEMA = 1
"""Version of results.json. It grows only when a key changes its meaning or goes."""

LevelOutcome = Literal["strict", "reached", "missed", "not_shown", "partial", "absent"]
"""How a level came out: see judging/standing.py."""

CriterionOutcome = Literal["met", "missed", "untestable", "partial", "not_measured"]
"""How a success criterion came out: see judging/criteria.py."""

Word = Literal[
    "conforms", "known_failures", "partial", "nothing_judged", "incomplete", "not_shown", "findings", "suite_failed"
]
"""The verdict's words: see judging/verdict.py."""


class SavedModel(BaseModel):
    """A part of results.json. What is null where a value belongs counts as missing."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, json_schema_serialization_defaults_required=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value

    def to_json(self) -> dict[str, Any]:
        """It as JSON values."""
        return self.model_dump(mode="json", by_alias=True)


class SavedFinding(SavedModel):
    """One breach, and where it was seen.

    `event` is an index in the reply, `call` a number in the stand-in's journal, `curl` the request as a command line.
    """

    expected: str = ""
    got: str = ""
    exchange: str = ""
    dialect: str = ""
    reply: str = ""
    event: int | None = None
    call: int | None = None
    curl: str = ""

    @property
    def place(self) -> str:
        """Where it was seen, in words: `three_turns, turn-2, event 7 (gemini-3)`."""
        parts = [self.exchange, self.reply, "" if self.event is None else f"event {self.event}"]
        parts.append("" if self.call is None else f"model request {self.call}")
        said = ", ".join(part for part in parts if part) or "the whole run"
        return f"{said} ({self.dialect})" if self.dialect else said


class ExpectedFailure(SavedModel):
    """The baseline's entry that speaks of a check."""

    id: str = ""
    reason: str = ""
    link: str = ""
    flaky: bool = False


class CheckResult(SavedModel):
    """What became of one check.

    `expected`, `got`, `event`, `call`, `exchange`, `dialect`, `reply`, `transcript`, `curl` are of its first finding.
    `repro` judges it again; `root` is the check whose failure this one is the shadow of. `reason` says why it was not
    judged, `absence` why it does not apply. `figure` is the largest measured value, `seconds` how long it took to wait
    and judge. `judged` are the (exchange, dialect) pairs in which it was judged; `whole` tells whether those are all
    that a run of every check holds for it.
    """

    id: str
    level: Level = "MUST"
    area: str = ""
    outcome: Outcome
    requirement: str = ""
    expected: str = ""
    got: str = ""
    transcript: str = ""
    event: int | None = None
    cause: str = ""
    fix: str = ""
    repro: str = ""
    curl: str = ""
    root: str = ""
    baseline: ExpectedFailure | None = None
    clause: str = ""
    criteria: tuple[str, ...] = ()
    capability: str | None = None
    exchange: str = ""
    dialect: str = ""
    reply: str = ""
    call: int | None = None
    reason: str = ""
    absence: Absence = ""
    seconds: float | None = None
    figure: float | None = None
    whole: bool = True
    judged: tuple[tuple[str, str], ...] = ()
    findings: tuple[SavedFinding, ...] = ()

    @property
    def said(self) -> str:
        """One sentence: what was seen, or why nothing was."""
        return self.got or self.reason


class LevelResult(SavedModel):
    """How one level came out: `blocking` are the ids in its way, `checks` counts outcomes, `of` all of its checks."""

    means: str = ""
    outcome: LevelOutcome
    blocking: tuple[str, ...] = ()
    selected: int = 0
    of: int = 0
    checks: dict[str, int] = {}


class CriterionResult(SavedModel):
    """How one success criterion came out: its figure against its target, and the ids of the checks that bear on it.

    `command` made the figure; `evidence` are places and counts in words, where no check has them.
    """

    id: str
    name: str = ""
    target: str = ""
    unit: str = ""
    figure: int | float | None = None
    outcome: CriterionOutcome = "not_measured"
    how: str = ""
    checks: tuple[str, ...] = ()
    command: str = ""
    evidence: tuple[str, ...] = ()


class BaselineFacts(SavedModel):
    """The baseline that a run was held against: `stale` are the entries that fit no check."""

    file: str = ""
    entries: int = 0
    stale: tuple[str, ...] = ()


class TargetFacts(SavedModel):
    """The server that was judged. `tools` are its names by role; `through` leads to it and was asked in its place."""

    name: str = ""
    url: str = ""
    command: tuple[str, ...] = ()
    source: str = ""
    upstream: str = ""
    through: str = ""
    capabilities: dict[str, bool] = {}
    latency: dict[str, float] = {}
    tools: dict[str, str] = {}


class Selected(SavedModel):
    """How many checks of one severity were asked for, of all that there are."""

    selected: int = 0
    of: int = 0


class RunResults(SavedModel):
    """One run: results.json.

    `stopped` says why it ended early. `verdict` is of the whole run, `verdicts` of its questions (`client`: every MUST
    but those of tools for tasks, `tasks`: those, `strict`: every SHOULD, too), `headline` the verdict as a person reads
    it. `strict` tells whether a warning was a finding, `selection` how much was asked for, by severity,
    `start_up_seconds` the part of `seconds` until the target was up.
    """

    schema_version: int = Field(default=SCHEMA, alias="schema")
    target: TargetFacts = TargetFacts()
    versions: dict[str, str] = {}
    started: str = ""
    seconds: float | None = None
    start_up_seconds: float = 0.0
    complete: bool = False
    stopped: str = ""
    verdict: Word = "incomplete"
    headline: str = ""
    strict: bool = False
    verdicts: dict[str, Word] = {}
    seed: int | None = None
    selection: dict[Level, Selected] = {}
    warnings: tuple[str, ...] = ()
    baseline: BaselineFacts | None = None
    levels: dict[str, LevelResult] = {}
    severities: dict[Level, dict[Outcome, int]] = {}
    areas: dict[str, dict[Outcome, int]] = {}
    criteria: tuple[CriterionResult, ...] = ()
    results: tuple[CheckResult, ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        """The baseline's entries that fit no check."""
        return self.baseline.stale if self.baseline else ()
