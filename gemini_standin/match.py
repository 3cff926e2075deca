"""Which step answers a request: by the nonce in it, by the tool rounds since, and by how often it was asked.

All is read from the request itself and from what came before it, so concurrent conversations and retries cannot
shift one another. A nonce is a word like zq0123456789 (zq and ten digits or small letters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .conversation import ScriptPosition, place
from .fault import over
from .fault_kinds import DEFAULTS
from .nearest import nearest
from .side import ServerTraits, agent_of, asks_title, is_side, side_step
from .step import Script, Step
from .tool_choice import call_of, demanded

SCRIPTS = 20_000
"""Scripts and attempt counters kept; the oldest go first."""


EVERYONE = "*"
"""Counts the requests of all agents for a place together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What answers a request. `step` None: nothing does, and `why` says so for the answer's text.

    Args:
        title: whether it is for a title or a summary.
        demanded: whether the step is a call that no script has, made because the request leaves the model no choice.
    """

    place: ScriptPosition
    attempt: int = 0
    side: bool = False
    title: bool = False
    step: Step | None = None
    profile: str | None = None
    why: str = ""
    demanded: bool = False


@dataclass(slots=True)
class ScriptRegistry:
    """All scripts, how often each place was asked for, and the servers seen.

    Args:
        opened: whether the gate of this name is open, for faults that last until one is.
    """

    opened: Callable[[str], bool] = lambda name: False
    scripts: dict[str, Script] = field(default_factory=dict)
    default: Script | None = None
    families: dict[str, Script] = field(default_factory=dict)
    _asked: dict[str, dict[tuple[int, str], int]] = field(default_factory=dict)
    _demanded: dict[str, set[int]] = field(default_factory=dict)
    _seen: dict[str, ServerTraits] = field(default_factory=dict)

    def put(self, nonce: str, script: Script) -> None:
        """Take a script; a second one for the same nonce replaces the first and starts its counts anew."""
        self._asked.pop(nonce, None)
        self._demanded.pop(nonce, None)
        self.scripts.pop(nonce, None)
        self.scripts[nonce] = script
        _trim(self.scripts)

    def drop(self, nonce: str) -> bool:
        """Forget a script; whether there was one."""
        return self.scripts.pop(nonce, None) is not None

    def script(self, nonce: str) -> Script | None:
        """The script for a nonce: its own, its family's, or for "" the default."""
        if not nonce:
            return self.default
        return self.scripts.get(nonce) or next(
            (s for start, s in self.families.items() if nonce.startswith(start)), None
        )

    def match(self, body: Any, server: str) -> Match:
        """What answers this request of this server, counted as an attempt unless it is a side request."""
        where = place(body)
        seen = self._seen.setdefault(server, ServerTraits())
        _trim(self._seen)
        side = is_side(body, seen)
        seen.note(body, where.nonce, side)
        script = self.script(where.nonce)
        profile = script.profile if script else None
        if side:
            said = side_step(body, script.side, script.turn) if script else side_step(body, None)
            said = said if said.split or script is None else replace(said, split=script.split)
            return Match(place=where, side=True, title=asks_title(body), step=said, profile=profile)
        attempt, of_all = self._count(where, agent_of(body)), self._count(where, EVERYONE)
        step = self._step(script, where, attempt, of_all) if script else None
        made = self._made(body, where, step)
        if step is None and made is None:
            why = "".join(self._why(where, script))
            return Match(place=where, attempt=attempt, profile=profile, why=why)
        return Match(place=where, attempt=attempt, step=made or step, profile=profile, demanded=made is not None)

    def _count(self, where: ScriptPosition, agent: str) -> int:
        """How often this agent asked for this place before: a guard that asks first in words is no first attempt."""
        asked = self._asked.setdefault(where.nonce, {})
        attempt = asked[where.position, agent] = asked.get((where.position, agent), -1) + 1
        _trim(self._asked)
        return attempt

    def _step(self, script: Script, where: ScriptPosition, attempt: int, of_all: int) -> Step | None:
        """The script's step for this place, without a fault that has passed; None where it has none.

        Args:
            attempt: of this agent. of_all: of all agents together: a fault that one has met has passed for the others.
        """
        made = self._demanded.get(where.nonce, ())
        index = where.position - sum(1 for position in made if position < where.position)
        played = script.turn[: index + 1]
        endless = next((step for step in played if self._endless(step, where.position, attempt)), None)
        if endless is None and index >= len(script.turn):
            return None
        step = endless or script.turn[index]
        if step.attempts:
            met = [n for n, one in enumerate(step.attempts) if n >= attempt and not (one.fault and n < of_all)]
            step = step.attempts[met[0] if met else -1]
        if step.fault and over(step.fault, of_all, self.opened(step.fault.keys.get("until", ""))):
            step = replace(step, fault=None)
        return step if step.split else replace(step, split=script.split)

    def _endless(self, step: Step, position: int, attempt: int) -> bool:
        fault = step.fault
        if fault is None or fault.kind != "endless-tools":
            return False
        rounds = fault.keys.get("rounds", DEFAULTS["rounds"])
        return position < rounds and not over(fault, attempt, self.opened(fault.keys.get("until", "")))

    def _made(self, body: Any, where: ScriptPosition, step: Step | None) -> Step | None:
        """The call that the request leaves no choice but to make, where neither the script nor a fault has another."""
        function = demanded(body)
        if function is None or (step and (step.calls or step.fault)):
            return None
        self._demanded.setdefault(where.nonce, set()).add(where.position)
        _trim(self._demanded)
        return Step(calls=(call_of(function, step.said if step else None),), split=step.split if step else None)

    def _why(self, where: ScriptPosition, script: Script | None) -> Iterator[str]:
        """Why no script answers, in words that name no other nonce: whoever finds one here takes it for a leak."""
        if script is not None:
            yield f"The script for nonce {where.nonce} has {len(script.turn)} steps, and this request needs step "
            yield f"{where.position} (counted from 0 by the rounds of tool calls since the user's message)."
        elif where.nonce:
            near = nearest(where.nonce, self.scripts) or next(reversed(self.scripts), None)
            told = f"{near[:2]} {near[2:]} (without the blank)" if near else "none, no script is registered"
            yield f"No script for nonce {where.nonce}; nearest: {told}. "
            yield f"Register one with PUT /_standin/scripts/{where.nonce}."
        else:
            yield "Hello from the Gemini stand-in. No nonce in this request, so no script answers it: put a word of zq "
            yield "and ten digits or small letters into the user's message, and a script at PUT /_standin/scripts/WORD."


def _trim(kept: dict[Any, Any]) -> None:
    while len(kept) > SCRIPTS:
        del kept[next(iter(kept))]
