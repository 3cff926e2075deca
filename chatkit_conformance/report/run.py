"""One run as results.json tells it, read once and made fit to show.

results.json is written by this suite, but most of its text came from the server. So everything is cut and cleaned
here, at the border; what lies behind it may be shown as it is (the templates escape it).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .outcome import Outcome, outcome_of
from .plain import compact, line, plain, slug
from .reached import Reached, levels_of

FINDINGS_KEPT = 400
"""Findings kept of one check. A server that breaks a promise in every event of a long run yields thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breach, and where it was seen. `event` is an index in the reply, `call` a number in the journal."""

    expected: str
    got: str
    exchange: str = ""
    dialect: str = ""
    reply: str = ""
    event: int | None = None
    call: int | None = None

    @property
    def place(self) -> str:
        """Where it was seen, in words: `three_turns, turn-2, event 7 (gemini-3)`."""
        parts = [self.exchange, self.reply, "" if self.event is None else f"event {self.event}"]
        parts.append("" if self.call is None else f"model request {self.call}")
        said = ", ".join(part for part in parts if part) or "the whole run"
        return f"{said} ({self.dialect})" if self.dialect else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one check.

    `repro` and `curl` can be pasted; `root` is the check whose failure this one is the shadow of.
    `figure` is a measured value in seconds, `reason` why it was not judged, `judged` the (exchange, dialect) pairs
    that it was judged in, `dropped` how many findings beyond FINDINGS_KEPT there were.
    """

    id: str
    level: str
    area: str
    outcome: Outcome
    requirement: str
    clause: str
    cause: str
    fix: str
    repro: str
    capability: str
    criteria: tuple[str, ...]
    figure: float | None
    reason: str
    judged: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    dropped: int = 0
    curl: str = ""
    root: str = ""

    @property
    def anchor(self) -> str:
        """The HTML id under which the page shows it."""
        return slug("check", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One success criterion: its figure against its target, in `unit`, and how it was measured.

    `amount` and `limit` are figure and target as numbers, where they are; `checks` the ids of those that bear on it.
    """

    id: str
    name: str
    target: str
    figure: str
    unit: str
    outcome: str
    how: str
    amount: float | None
    limit: float | None
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    `facts` are name and value pairs about the target and the versions of what took part; `stopped` says why a run
    ended early.
    """

    target: str
    facts: tuple[tuple[str, str], ...]
    started: str
    seconds: float | None
    complete: bool
    verdict: str
    stopped: str
    criteria: tuple[Criterion, ...]
    results: tuple[Result, ...]
    warnings: tuple[str, ...]
    seed: str
    levels: tuple[Reached, ...] = ()


def read_run(path: Path) -> Run:
    """Read results.json.

    Raises:
        FileNotFoundError: there is none. ValueError: it is not a results.json of schema 1.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is not there: name the folder that `run --out` wrote") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"{path} is not JSON ({problem}): run again, or name another folder") from None
    if not isinstance(value, dict) or value.get("schema") != 1:
        schema = value.get("schema") if isinstance(value, dict) else type(value).__name__
        raise ValueError(f"{path} has schema {schema!r} where 1 is wanted: it was written by another release")
    target, facts = _target(value.get("target"))
    facts += [(line(k, 40), line(v, 120)) for k, v in _mapping(value.get("versions")).items()]
    return Run(
        target=target,
        facts=tuple(facts[:24]),
        started=line(value.get("started"), 40),
        seconds=_number(value.get("seconds")),
        complete=value.get("complete") is True,
        verdict=_word(value.get("verdict")),
        stopped=plain(value.get("stopped"), 1200),
        criteria=tuple(_criterion(c) for c in _dicts(value.get("criteria"))),
        results=tuple(_result(r) for r in _dicts(value.get("results"))),
        warnings=tuple(plain(w, 600) for w in _list(value.get("warnings"))[:40]),
        seed=line(value.get("seed"), 60),
        levels=levels_of(value.get("levels")),
    )


def _result(value: Mapping[str, Any]) -> Result:
    id = line(value.get("id"), 100) or "unnamed"
    found = _dicts(value.get("findings"))
    return Result(
        id=id,
        level=line(value.get("level"), 12) or "MUST",
        area=line(value.get("area"), 24) or id.split(".")[0],
        outcome=outcome_of(str(value.get("outcome"))),
        requirement=plain(value.get("requirement"), 600),
        clause=plain(value.get("clause"), 300),
        cause=plain(value.get("cause"), 800),
        fix=plain(value.get("fix"), 800),
        repro=line(value.get("repro"), 600),
        curl=_whole(value.get("curl"), 5000),
        root=line(value.get("root"), 100),
        capability=line(value.get("capability"), 40),
        criteria=tuple(line(c, 12) for c in _list(value.get("criteria"))[:9]),
        reason=plain(value.get("reason"), 1200),
        judged=tuple(
            (line(p[0], 80), line(p[1], 40)) for p in _list(value.get("judged")) if isinstance(p, list) and len(p) == 2
        ),
        figure=_number(value.get("figure")),
        findings=tuple(_finding(f) for f in found[:FINDINGS_KEPT]),
        dropped=max(0, len(found) - FINDINGS_KEPT),
    )


def _whole(value: object, limit: int) -> str:
    """A command in full, or nothing: half of one is none."""
    return plain(value, limit) if isinstance(value, str) and len(value) <= limit else ""


def _finding(value: Mapping[str, Any]) -> Finding:
    return Finding(
        expected=plain(value.get("expected"), 700),
        got=plain(value.get("got"), 900),
        exchange=line(value.get("exchange"), 80),
        dialect=line(value.get("dialect"), 40),
        reply=line(value.get("reply"), 80),
        event=_integer(value.get("event")),
        call=_integer(value.get("call")),
    )


def _criterion(value: Mapping[str, Any]) -> Criterion:
    target, figure = value.get("target"), value.get("figure")
    return Criterion(
        id=line(value.get("id"), 12),
        name=line(value.get("name"), 100),
        target=line(target, 60),
        figure=line(figure, 60),
        unit=line(value.get("unit"), 20),
        outcome=line(value.get("outcome"), 30),
        how=plain(value.get("how"), 500),
        amount=_amount(figure),
        limit=_amount(target),
        checks=tuple(line(c, 100) for c in _list(value.get("checks"))[:40]),
    )


def _target(value: object) -> tuple[str, list[tuple[str, str]]]:
    """The target's name, and what else is known of it: it is a text, or an object with `url` or `command`."""
    if not isinstance(value, dict):
        return line(value, 200) or "(no target)", []
    named = next((k for k in ("name", "command", "url", "endpoint") if value.get(k)), None)
    shown = value[named] if named else compact(value)
    name = " ".join(str(part) for part in shown) if isinstance(shown, list) else shown
    rest = [(line(k, 40), line(v, 160)) for k, v in value.items() if k != named and v not in (None, "", [], {})]
    return line(name, 200), rest


def _word(value: object) -> str:
    """The verdict's word: a text, or an object that holds one."""
    if isinstance(value, dict):
        value = next((value[k] for k in ("word", "verdict", "outcome", "name") if k in value), "")
    return line(value, 60)


def _number(value: object) -> float | None:
    """The value if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def _amount(value: object) -> float | None:
    """The value as a number; of a text, the first number in it (`within 2 s`, `7 of 7`)."""
    found = re.search(r"\d+(\.\d+)?", value) if isinstance(value, str) else None
    return float(found[0]) if found else _number(value)


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in _list(value) if isinstance(entry, dict)]
