"""A worker's life within Locust: it gets the plan, begins, tells how it stands, and ends with a last row."""

from __future__ import annotations

import platform
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from locust import events
from locust.runners import MasterRunner, WorkerRunner

from chatkit_conformance.load_analysis.plan import LoadPlan, plan_from

from .clock import Clock
from .own_probe_server import OwnProbeServer
from .row_writer import RowWriter, rows_path
from .state import State
from .tally import Tally
from .watch import Watch

GREETING, ROWS, CLOCK = "chatkit_plan", "chatkit_rows", "chatkit_clock"
"""Messages between master and workers: the plan, rows of a worker on another machine, and questions for the time."""


class Life:
    """One process of the generator, master or worker."""

    def __init__(self, plan: LoadPlan | None) -> None:
        self._plan = plan
        self._local = plan is not None
        self._state: State | None = None
        self._watch: Watch | None = None
        self._probe_server = OwnProbeServer()
        self._clock: Clock | None = None
        self._ended = False
        self._wanted = False
        self._writers: dict[str, RowWriter] = {}
        self._runner: Any = None

    def init(self, environment: Any, **_: Any) -> None:
        """Locust is set up: register the messages."""
        runner = self._runner = environment.runner
        environment.chatkit_tally = Tally(runner, lambda: self._state)
        if isinstance(runner, MasterRunner):
            runner.register_message(ROWS, self._take_rows)
            runner.register_message(CLOCK, self._tell_time)
            runner.register_message(GREETING, self._tell_plan)
        if isinstance(runner, WorkerRunner):
            runner.register_message(GREETING, self._take_plan)
            runner.register_message(CLOCK, self._hear_time)
            if not self._local:
                runner.send_message(GREETING, {})

    def start(self, environment: Any, **_: Any) -> None:
        """The load begins; on another machine once the plan is there."""
        self._wanted = True
        if self._plan is not None and not isinstance(environment.runner, MasterRunner):
            self._begin(environment, self._plan)

    def _begin(self, environment: Any, plan: LoadPlan) -> None:
        if self._state is not None:
            return
        runner = environment.runner
        worker = getattr(runner, "client_id", "local")
        if not self._local:  # the master's probe server is out of reach
            plan = replace(plan, ruler_url=self._probe_server.start())
        path = rows_path(plan.rows, worker) if self._local else None
        writer = RowWriter(path, lambda rows: runner.send_message(ROWS, {"worker": worker, "rows": rows}))
        index = max(0, getattr(runner, "worker_index", 0))
        self._state = environment.chatkit_state = State(
            plan=plan, writer=writer, worker=worker, index=index, begun_at=time.monotonic()
        )
        ahead, doubt = self._clock.offset if self._clock else (0.0, 0.0)
        writer.add(
            {
                "row": "worker",
                "worker": worker,
                "host": socket.gethostname(),
                "python": platform.python_version(),
                "begun_at": self._state.begun_at,
                "clock_offset_s": ahead,
                "clock_doubt_s": doubt,
            }
        )
        writer.flush()
        self._watch = Watch(self._state)
        self._watch.start()

    def stop(self, **_: Any) -> None:
        """The load has ended: the last row, which a killed worker does not write."""
        self._end()
        self._state = None
        self._probe_server.stop()

    def report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        """A worker reports to its master: how it stands, too. Once it is quiet its last row has gone before."""
        state = self._state
        if state is None:
            return
        quiet = state.over and not state.busy
        if quiet:
            self._end()
        data["chatkit"] = {"quiet": quiet, "over": state.over}

    def _end(self) -> None:
        state = self._state
        if state is None or self._ended:
            return
        self._ended = True
        if self._watch:
            self._watch.stop()
        state.writer.add(
            {
                "row": "end",
                "at": time.monotonic(),
                "started": state.started,
                "ended": state.ended,
                "whole": state.over and not state.busy,
                "stopped": state.stopped,
            }
        )
        state.writer.close()

    def _tell_plan(self, environment: Any, msg: Any, **_: Any) -> None:
        if self._plan is not None:
            self._runner.send_message(GREETING, self._plan.to_json(), msg.node_id)

    def _take_plan(self, environment: Any, msg: Any, **_: Any) -> None:
        self._plan = plan_from(msg.data)
        self._clock = Clock(lambda now: self._runner.send_message(CLOCK, {"sent": now}))
        self._clock.begin()
        if self._wanted:
            self._begin(environment, self._plan)

    def _tell_time(self, environment: Any, msg: Any, **_: Any) -> None:
        self._runner.send_message(CLOCK, {"sent": msg.data["sent"], "there": time.monotonic()}, msg.node_id)

    def _hear_time(self, environment: Any, msg: Any, **_: Any) -> None:
        if self._clock is not None:
            self._clock.hear(msg.data["sent"], msg.data["there"])

    def _take_rows(self, environment: Any, msg: Any, **_: Any) -> None:
        worker: str = msg.data["worker"]
        if worker not in self._writers and self._plan is not None:
            self._writers[worker] = RowWriter(Path(rows_path(self._plan.rows, f"remote-{worker}")))
        self._writers[worker].add_lines(msg.data["rows"])
        self._writers[worker].flush()


def hear(hook: Any, listener: Callable[..., None]) -> None:
    """Have Locust call the listener at its hook."""
    hook.add_listener(listener)


def listen(plan: LoadPlan | None) -> None:
    """Tie a process's life to Locust's events."""
    life = Life(plan)
    hear(events.init, life.init)
    hear(events.test_start, life.start)
    hear(events.test_stop, life.stop)
    hear(events.report_to_master, life.report)
    # The verdict is made of the rows; Locust's own exit code would count what it never saw.
    hear(events.quitting, lambda environment, **_: setattr(environment, "process_exit_code", 0))
