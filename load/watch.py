"""A worker that watches itself: lag of its loop, pauses of its collector, its processor time, and its reading error."""

from __future__ import annotations

import gc
import resource
import time
from typing import Any

import gevent

from .state import State
from .turn import read_turn
from .wire import Connection

LAG_S = 0.01
"""The lag probe sleeps so long and notes how much later it woke."""

TICK_S = 1.0
PROBE_DEADLINE_S = 30.0
PROBE = b'{"type":"threads.create","params":{"input":{"content":[{"type":"input_text","text":"probe"}]}}}'


class Watch:
    """The greenlets that watch, and their rows."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lags: list[float] = []
        self._pauses: list[float] = []
        self._paused_at = 0.0
        self._running: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Begin to watch."""
        # What is there now stays: the collector has less to walk in the middle of a stream.
        gc.collect()
        gc.freeze()
        gc.callbacks.append(self._collected)
        self._running = [gevent.spawn(self._lag), gevent.spawn(self._tick)]
        if self._state.plan.ruler_url:
            self._running += [gevent.spawn(self._probe, n) for n in range(self._state.plan.probes)]

    def stop(self) -> None:
        """Stop watching."""
        gevent.killall(self._running)
        if self._collected in gc.callbacks:
            gc.callbacks.remove(self._collected)

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            self._paused_at = time.monotonic()
        else:
            self._pauses.append(time.monotonic() - self._paused_at)

    def _lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_S
            gevent.sleep(LAG_S)
            self._lags.append(max(0.0, time.monotonic() - due))

    def _tick(self) -> None:
        state = self._state
        used, at = _processor_s(), time.monotonic()
        while True:
            gevent.sleep(TICK_S)
            now, total = time.monotonic(), _processor_s()
            lags, self._lags = sorted(self._lags), []
            pauses, self._pauses = self._pauses, []
            state.writer.add(
                {
                    "row": "tick",
                    "at": now,
                    "level": state.level,
                    "in_flight": state.in_flight,
                    "started": state.started,
                    "ended": state.ended,
                    "processor": (total - used) / (now - at),
                    "lag_p50_s": lags[len(lags) // 2] if lags else None,
                    "lag_max_s": lags[-1] if lags else None,
                    "lag_p99_s": lags[int(len(lags) * 0.99)] if lags else None,
                    "pauses": len(pauses),
                    "pause_max_s": max(pauses, default=0.0),
                }
            )
            state.writer.flush()
            used, at = total, now

    def _probe(self, n: int) -> None:
        """Read paced streams whose text is the moment of its sending; the difference is this worker's error."""
        connection = Connection(self._state.plan.ruler_url + "/chatkit", {})
        gevent.sleep(0.07 * n)
        while True:
            seen = read_turn(connection.post(PROBE, PROBE_DEADLINE_S), keep_deltas=True)
            errors = [at - float(text) for at, text in seen.stamped]
            if errors:
                self._state.writer.add({"row": "probe", "at": time.monotonic(), "error_s": errors})
            else:
                gevent.sleep(TICK_S)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
