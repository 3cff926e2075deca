"""What a run may ask of a model that costs money, and which conversations it holds for it.

The conversations are chosen before anything is sent: those first that tell the most for a request. So the run says
beforehand what it may cost, and never asks for more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..check import MODEL_NEEDS, WHOLE_RUN, Check, Need
from ..exchange import Exchange

BUDGET = 60
"""Requests to the model that a run makes at most, where nobody says otherwise."""

PER_MINUTE = 60.0
"""Messages a minute, where nobody says otherwise."""

FIRST_LOOK = 4
"""Requests to the model of the first look: a greeting and its retry, and a task that is made."""

TOKENS = 2500
"""Tokens of one request, guessed upwards: a server's instructions and seven tools, the conversation, a short answer."""

A_TALK = 2
"""Requests to the model from which on a conversation says something of most of what holds in every one."""

ALL_TASKS = "it changes all tasks of its user, which is asked only of a server that the run starts itself"

ONE_USER = "it needs two users, and the run knows one: give --header-b 'NAME: VALUE', or [users.b] in the target file"


@dataclass(slots=True, kw_only=True)
class Asking:
    """What may be asked of the model, and what was.

    Args:
        most: requests to the model at most. planned: those of the conversations that were chosen.
        per_minute: messages a minute. keep: whether threads that the run made are left there.
        left_out: exchange -> why it is not held.
    """

    most: int = BUDGET
    planned: int = 0
    per_minute: float = PER_MINUTE
    keep: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
    repeats: int = 0
    _free_at: float = 0.0

    async def wait(self) -> None:
        """Return when the next message may be sent."""
        now = time.monotonic()
        at = max(now, self._free_at)
        self._free_at = at + 60.0 / self.per_minute
        await asyncio.sleep(at - now)

    def again(self) -> bool:
        """Whether the model may be asked once more; counts it."""
        room = self.planned + self.repeats < self.most
        self.repeats += room
        return room

    def announced(self) -> str:
        """What the run may cost, before anything is sent."""
        return (
            f"the model is asked in words: {self.planned} requests are planned and {self.most} made at most, about "
            f"{self.most * TOKENS:,} tokens, {self.per_minute:g} messages a minute (--budget, --rate). A server that "
            "asks its model for titles or guardrails as well makes more, which nobody can count from here"
        )

    def spent(self) -> str:
        """What was asked, at the end."""
        again = f", {self.repeats} of them again in plainer words" if self.repeats else ""
        return f"about {self.planned + self.repeats} of {self.most} requests to the model were caused{again}."


def shown_in_words(check: Check, known: Mapping[str, Exchange]) -> bool:
    """Whether a model that plays no script can show what a check judges."""
    held = {name for name, exchange in known.items() if exchange.asks is not None}
    return "script" not in check.needs and (check.everywhere or WHOLE_RUN in check.on or bool(held & {*check.on}))


def affordable(
    known: Mapping[str, Exchange],
    wanted: Iterable[Check],
    *,
    lacking: Iterable[Need],
    most: int,
    two_users: bool,
    started: bool = True,
) -> tuple[int, dict[str, str]]:
    """The requests that are planned, and why each of the other conversations is left out.

    Args:
        known: the exchanges that may be held. wanted: the checks to judge. lacking: needs that are not met.
        most: requests at most. two_users: whether the run knows two.
        started: whether the run starts the server: on one that is somebody's, nothing changes all tasks of a user.
    """
    checks = [check for check in wanted if not {*check.needs} & {*lacking}]
    own = {c.id: c for c in checks}
    shown = {
        name: {id for id, c in own.items() if name in c.on or id in exchange.brings} for name, exchange in known.items()
    }
    brought = {id for exchange in known.values() for id in exchange.brings}
    anywhere = {check.id for check in checks if check.everywhere and check.id not in brought}
    for name, exchange in known.items():
        shown[name] |= anywhere if (exchange.asks or 0) >= A_TALK else set()
    left_out: dict[str, str] = {}
    waiting: dict[str, int] = {}
    for name, exchange in known.items():
        if exchange.asks is None:
            left_out[name] = MODEL_NEEDS["script"]
        elif exchange.two_users and not two_users:
            left_out[name] = ONE_USER
        elif not started and any(role.startswith("bulk") for role in (*exchange.roles, *exchange.any_role)):
            left_out[name] = ALL_TASKS
        else:
            waiting[name] = exchange.asks
    planned, judged = FIRST_LOOK, set[str]()
    while waiting:
        name = max(waiting, key=lambda name: (len(shown[name] - judged) / (waiting[name] or 0.01), name))
        asks, more = waiting.pop(name), shown[name] - judged
        if not more:
            left_out[name] = "what it shows is shown by other conversations"
        elif planned + asks > most:
            left_out[name] = f"its {asks} requests to the model are beyond the budget of {most}: raise it with --budget"
        else:
            planned, judged = planned + asks, judged | more
    return planned, left_out
