"""A worker's life within Locust: it gets the plan, begins, tells how it stands, and ends with a last row."""

from __future__ import annotations

import platform
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust import events
from locust.runners import MasterRunner, WorkerRunner

from chatkit_conformance.loading.plan import Plan, plan_from

from .book import Book, Row, rows_path
from .clock import offset
from .state import State
from .tally import Tally
from .watch import Watch

GREETING, ROWS = "chatkit_plan", "chatkit_rows"
"""Messages between master and workers: the plan, and rows of a worker on another machine."""


class Life:
    """One process of the generator, master or worker."""

    def __init__(self, plan: Plan | None) -> None:
        self._plan = plan
        self._local = plan is not None
        self._state: State | None = None
        self._watch: Watch | None = None
        self._books: dict[str, Book] = {}
        self._runner: Any = None

    def init(self, environment: Any, **_: Any) -> None:
        """Locust is set up: register the messages."""
        runner = self._runner = environment.runner
        environment.chatkit_tally = Tally(runner, lambda: self._state)
        if isinstance(runner, MasterRunner):
            runner.register_message(ROWS, self._take_rows)
        if isinstance(runner, WorkerRunner):
            runner.register_message(GREETING, self._take_plan)

    def connected(self, client_id: str, **_: Any) -> None:
        """A worker came: it gets the plan, in case it is on another machine."""
        if self._plan is not None and self._runner is not None:
            self._runner.send_message(GREETING, self._plan.to_json(), client_id)

    def start(self, environment: Any, **_: Any) -> None:
        """The load begins."""
        runner = environment.runner
        if isinstance(runner, MasterRunner) or self._plan is None or self._state is not None:
            return
        worker = getattr(runner, "client_id", "local")
        path = rows_path(self._plan.rows, worker) if self._local else None
        book = Book(path, lambda rows: runner.send_message(ROWS, {"worker": worker, "rows": rows}))
        index = max(0, getattr(runner, "worker_index", 0))
        self._state = environment.chatkit_state = State(
            plan=self._plan, book=book, worker=worker, index=index, begun_at=time.monotonic()
        )
        book.add(_header(self._plan, worker, self._state.begun_at))
        book.flush()
        self._watch = Watch(self._state)
        self._watch.start()

    def stop(self, **_: Any) -> None:
        """The load has ended: the last row, which a killed worker does not write."""
        state, self._state = self._state, None
        if state is None:
            return
        if self._watch:
            self._watch.stop()
        whole = state.over and not state.in_flight
        state.book.add({
            "row": "end", "at": time.monotonic(), "started": state.started, "ended": state.ended, "whole": whole,
            "stopped": state.stopped,
        })  # fmt: skip
        state.book.close()

    def report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        """A worker reports to its master: how it stands, too."""
        state = self._state
        if state is not None:
            data["chatkit"] = {"in_flight": state.in_flight, "over": state.over}

    def _take_plan(self, environment: Any, msg: Any, **_: Any) -> None:
        if self._plan is None:
            self._plan = plan_from(msg.data)

    def _take_rows(self, environment: Any, msg: Any, **_: Any) -> None:
        worker: str = msg.data["worker"]
        if worker not in self._books and self._plan is not None:
            self._books[worker] = Book(Path(rows_path(self._plan.rows, f"remote-{worker}")))
        self._books[worker].add_lines(msg.data["rows"])
        self._books[worker].flush()


def _header(plan: Plan, worker: str, begun_at: float) -> Row:
    ahead, doubt = offset(plan.standin_url) if plan.standin_url else (0.0, 0.0)
    return {
        "row": "worker", "worker": worker, "host": socket.gethostname(), "python": platform.python_version(),
        "begun_at": begun_at, "clock_offset_s": ahead, "clock_doubt_s": doubt,
    }  # fmt: skip


def hear(hook: Any, listener: Callable[..., None]) -> None:
    """Have Locust call the listener at its hook."""
    hook.add_listener(listener)


def listen(plan: Plan | None) -> None:
    """Tie a process's life to Locust's events."""
    life = Life(plan)
    hear(events.init, life.init)
    hear(events.worker_connect, life.connected)
    hear(events.test_start, life.start)
    hear(events.test_stop, life.stop)
    hear(events.report_to_master, life.report)
    # The verdict is made of the rows; Locust's own exit code would count what it never saw.
    hear(events.quitting, lambda environment, **_: setattr(environment, "process_exit_code", 0))
