"""Locust's users: people of the closed loop, and the dispatcher of the open one."""

from __future__ import annotations

import time
from typing import Any

import gevent
from gevent.pool import Pool
from locust import User, task

from chatkit_conformance.load_analysis.kinds import TALK
from chatkit_conformance.load_analysis.people import PEOPLE, UserProfile

from .browser_tab import BrowserTab, Conversation
from .profiles import step, tool_kinds
from .state import State

ARRIVE_S = 1.0
"""People do not come in step: each begins somewhere within this many seconds, or within the first pause."""

PARKED_S = 0.2
"""Seconds between two looks at whether all is over."""


def tabs_for(state: State, profile: UserProfile, name: str) -> list[BrowserTab]:
    """The tabs of the next user."""
    headers = state.plan.users[next(state.numbers) % len(state.plan.users)]
    return [BrowserTab(state, headers, name) for _ in range(profile.tabs)]


def state_of(environment: Any) -> State:
    """The worker's state, once there is one: a worker on another machine may still wait for its plan."""
    while (state := getattr(environment, "chatkit_state", None)) is None:
        gevent.sleep(PARKED_S)
    return state  # type: ignore[no-any-return]  # set by worker.py


class Person(User):
    """Somebody who waits for the answer, thinks, and goes on: the closed loop."""

    abstract = True
    person = ""

    @task
    def live(self) -> None:
        """Live until the time is up, then wait to be sent home. One task, so that nothing is cut between two turns."""
        state = state_of(self.environment)
        profile = PEOPLE[self.person]
        tabs = tabs_for(state, profile, self.person)
        kinds = tool_kinds(state)
        talk = Conversation()
        gevent.sleep(state.random.random() * max(ARRIVE_S, state.plan.think_s))
        while not state.over:
            kind = next(kinds) if profile.tools else TALK
            step(profile, tabs, kind, talk, time.monotonic())
            if pause_s := max(state.plan.think_s, profile.pause_s):
                self._think(state, pause_s)
        for tab in tabs:
            tab.close()
        while True:
            gevent.sleep(PARKED_S)

    def _think(self, state: State, mean_s: float) -> None:
        until = time.monotonic() + state.random.expovariate(1 / mean_s)
        while (left := until - time.monotonic()) > 0 and not state.over:
            gevent.sleep(min(left, PARKED_S))


class Dispatcher(User):
    """Begins turns at Poisson times, whatever has come back: the open loop. One on each worker."""

    @task
    def dispatch(self) -> None:
        """Dispatch until the time is up, then wait to be sent home."""
        state = state_of(self.environment)
        names, weights = zip(*state.plan.people.items(), strict=True)
        pool = Pool(state.plan.most_in_flight)
        idle: dict[str, list[tuple[list[BrowserTab], Conversation]]] = {name: [] for name in names}
        kinds = tool_kinds(state)
        due = time.monotonic()
        while (level := state.level) is not None and not state.over_budget:
            due += state.random.expovariate(level / state.plan.workers)
            while (left := due - time.monotonic()) > 0 and state.level is not None:
                gevent.sleep(min(left, PARKED_S))
            if state.level is None:
                break
            name = state.random.choices(names, weights)[0]
            # Where the pool is full this waits; the turn's latency counts from `due` all the same.
            pool.spawn(self._arrive, state, name, idle[name], next(kinds), due)
        while True:
            gevent.sleep(PARKED_S)

    def _arrive(self, state: State, name: str, idle: list[Any], tool_kind: Any, due: float) -> None:
        profile = PEOPLE[name]
        tabs, talk = idle.pop() if idle else (tabs_for(state, profile, name), Conversation())
        step(profile, tabs, tool_kind if profile.tools else TALK, talk, due)
        idle.append((tabs, talk))


def people(weights: dict[str, float]) -> dict[str, type[Person]]:
    """A class of users for each kind of person with a weight."""
    made = {}
    for name, weight in weights.items():
        if weight > 0:
            label = "".join(part.title() for part in name.split("-"))
            made[label] = type(label, (Person,), {"person": name, "weight": weight, "__doc__": PEOPLE[name].story})
    return made
