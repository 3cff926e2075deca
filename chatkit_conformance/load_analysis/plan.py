"""The plan: everything that the generator needs to know, as one frozen value that travels as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..target.config_error import ConfigError
from ..target.own_machine import strange_host
from .stages import SHAPES, LoadStage, total_s

Loop = Literal["closed", "open"]

MOST_PEOPLE = 5_000
MOST_RATE = 1_000.0
MOST_SECONDS = 6 * 3600.0
"""Bounds, whatever is typed: concurrent users, turns started per second, seconds of load."""

TURN_DEADLINE_S = 60.0
"""Seconds after which a turn that has not ended counts as failed: what browsers and proxies commonly wait."""

SPAWN_RATE = 200.0
"""People that come per second; each then begins somewhere within the first pause."""

ENVIRONMENT = "CHATKIT_LOAD_PLAN"
"""Names the file from which a generator on this machine reads its plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """What the generator does.

    Args:
        url: the ChatKit endpoint. users: headers of the users, one set each; people take them in turn.
        loop: "closed": people who wait for the answer; "open": turns begun at Poisson times, whatever comes back.
        stages: the load over time. people: name and weight of each kind of person.
        kinds: the kinds of turns that can be scripted. think_s: mean seconds between a person's turns.
        turn_deadline_s: seconds that a turn may take. reload: share of turns after which the thread is reloaded.
        most_in_flight: turns at once in the open loop; beyond it they wait, and their waiting counts.
        seed: of all random choices. standin_url: for clocks, or "". ruler_url: what the probes read.
        probes: probe streams on each worker. budget_turns, budget_tokens: at most so many, 0 without a limit.
        rows: folder for the rows on this machine. round: the round's name where there are several.
        spawn_rate: users who arrive per second.
        ca_file: a PEM file with the certificate authorities to trust for https, "" for the system's.
    """

    url: str
    users: tuple[Mapping[str, str], ...] = field(default=({},), repr=False)
    loop: Loop = "closed"
    stages: tuple[LoadStage, ...] = ()
    people: Mapping[str, float] = field(default_factory=dict)
    kinds: tuple[str, ...] = ("talk",)
    think_s: float = 5.0
    turn_deadline_s: float = TURN_DEADLINE_S
    reload: float = 1.0
    most_in_flight: int = 1_000
    seed: int = 0
    standin_url: str = ""
    ruler_url: str = ""
    probes: int = 3
    answer_chars: int = 0
    workers: int = 1
    budget_turns: int = 0
    budget_tokens: int = 0
    rows: str = ""
    round: str = ""
    ca_file: str = ""
    spawn_rate: float = SPAWN_RATE

    @property
    def seconds(self) -> float:
        """Seconds in which turns are begun."""
        return total_s(self.stages)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, users' credentials included: for the generator alone."""
        return asdict(self)

    def shown(self) -> dict[str, Any]:
        """As JSON values for a report: without credentials, and without the folders of the machine."""
        return {**self.to_json(), "users": len(self.users), "rows": Path(self.rows).name}


def plan_from(value: Mapping[str, Any]) -> LoadPlan:
    """The plan that `to_json` wrote. Raises pydantic's ValidationError where it is none."""
    from pydantic import TypeAdapter

    return TypeAdapter(LoadPlan).validate_python(value)


def read_plan(text: str) -> LoadPlan:
    """The plan in a JSON text. Raises pydantic's ValidationError where it is none."""
    return plan_from(json.loads(text))


def stages_of(shape: str, loop: Loop, level: float, seconds: float) -> tuple[LoadStage, ...]:
    """The stages of a named shape, within the bounds.

    Raises:
        ConfigError: the level or the time is out of bounds.
    """
    most = MOST_PEOPLE if loop == "closed" else MOST_RATE
    what = "people" if loop == "closed" else "turns per second"
    if not 0 < level <= most:
        raise ConfigError(f"{level:g} {what} is out of range: give more than 0 and at most {most:g}.")
    if not 1 <= seconds <= MOST_SECONDS:
        raise ConfigError(f"{seconds:g} seconds is out of range: give 1 to {MOST_SECONDS:g}.")
    return SHAPES[shape](level, seconds)


def refuse_strangers(url: str, named: Sequence[str | None]) -> None:
    """Let a load go to this machine, or to a host that was named twice.

    Args:
        url: where it would go. named: what was given as --host and as --yes-load.

    Raises:
        ConfigError: neither.
    """
    if not (host := strange_host(url, named)):
        return
    raise ConfigError(
        f"{host} is not this machine, and a load on somebody's server is an attack unless they agreed. "
        f"If it is yours, name it twice: --host {host} --yes-load {host}"
    )


def scaled(plan: LoadPlan, level: float, seconds: float) -> LoadPlan:
    """The same plan, steady at another level for so many seconds."""
    return replace(plan, stages=(LoadStage(seconds=seconds, level=level),))
