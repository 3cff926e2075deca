"""A load from its request to its report: one target, two side by side, or the generator by itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..target.target import LATENCY, Target
from ..visible import complain
from .kinds import Pace
from .launch import Site, hold_round, probe_server, site_of
from .load_json import compose
from .machine import machine
from .plan import LoadPlan, refuse_strangers, scaled
from .reach import reach
from .rows import Log, read_log
from .side_by_side import Side, levels_up_to, side_by_side

CORES = 2
"""Cores that pinning needs: one for the generator, one for the probe server."""

PROBES = ("--first-s", "0.05", "--gap-s", "0.05", "--chunks", "20")
"""The probe streams that are read beside a load: one second long, so that few of them give many readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """What was ordered.

    Args:
        target: the server, None to calibrate. other: a second one to compare with, or None.
        plan: all that is known before anything is started. pace: the scripted model's. quantile: see load_json.
        rounds: of each side in a comparison. saturation: concurrent users there. named: what --host and --yes-load say.
        out: where the report goes. command: as typed. locust: more arguments for Locust.
    """

    plan: LoadPlan
    target: Target | None = None
    other: Target | None = None
    pace: Pace = field(default_factory=Pace)
    quantile: float = 0.95
    rounds: int = 3
    saturation: int = 64
    named: Sequence[str | None] = ()
    out: Path = Path("load-report")
    command: str = ""
    locust: Sequence[str] = ()


def conduct(request: LoadRequest) -> dict[str, Any]:
    """Do it; returns load.json's value, which is written with the report around it.

    Raises:
        ConfigError: the target is on another machine and was not named twice.
        Died: stand-in or target did not come up.
    """
    return asyncio.run(_conduct(request))


async def _conduct(request: LoadRequest) -> dict[str, Any]:
    stop = asyncio.Event()
    with _interruptible(stop):
        if request.target is None:
            return await _calibrate(request, stop)
        if request.target.url:
            refuse_strangers(request.target.url, request.named)
            await reach(request.target.url, request.plan.ca_file)
        if request.other is not None:
            return await _compare(request, request.target, request.other, stop)
        return await _load(request, request.target, stop)


async def _load(request: LoadRequest, target: Target, stop: asyncio.Event) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        about = _about(request, target.name)
        site = await stack.enter_async_context(site_of(target, request.pace))
        refuse_strangers(site.environment.target.url, request.named)
        measure = await stack.enter_async_context(probe_server(PROBES))
        plan = _plan_for(request, site, measure, "rows")
        held = await hold_round(plan, site, extra=request.locust, tell=_tell, stop=stop)
        about["note"] = site.note
        about = site.environment.secrets.scrub_json(about)
    log = read_log(held.folder, plan.loop)
    value = compose(log, held, latency=target.latency, quantile=request.quantile, about=about)
    return _written(request, value, log)


async def _calibrate(request: LoadRequest, stop: asyncio.Event) -> dict[str, Any]:
    """The generator against the probe server, each on a core of its own where the machine lets us pin."""
    import os

    pins: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    if shutil.which("taskset") and (os.cpu_count() or 1) >= CORES:
        pins = (("taskset", "-c", "0"), ("taskset", "-c", "1"))
    pace = request.pace
    chunks = -(-pace.answer_chars // pace.chunk_chars)
    options = ("--first-s", str(pace.first_s), "--gap-s", str(pace.gap_s), "--chunks", str(chunks))
    async with probe_server(options, pins[1]) as url:
        plan = replace(request.plan, url=f"{url}/chatkit", ruler_url=url, rows=str(_fresh(request.out, "rows")))
        held = await hold_round(plan, None, pin=pins[0], tell=_tell, stop=stop)
    log = read_log(held.folder, plan.loop)
    pinned = "generator pinned to core 0, probe server to core 1" if pins[0] else "not pinned"
    about = _about(request, f"the probe server ({chunks} deltas, {pace.gap_s * 1000:g} ms apart; {pinned})")
    return _written(request, compose(log, held, latency=LATENCY, quantile=request.quantile, about=about), log)


async def _compare(request: LoadRequest, first: Target, second: Target, stop: asyncio.Event) -> dict[str, Any]:
    """Rounds of the same load on two targets in turn: one stream at a time, some, then as many as saturate."""
    about = _about(request, f"{first.name} against {second.name}")
    sides: list[Side] = []
    async with AsyncExitStack() as stack:
        sites = [await stack.enter_async_context(site_of(target, request.pace)) for target in (first, second)]
        for site in sites:
            refuse_strangers(site.environment.target.url, request.named)
        measure = await stack.enter_async_context(probe_server(PROBES))
        shutil.rmtree(request.out / "rows", ignore_errors=True)
        for turn in range(request.rounds):
            for level in levels_up_to(request.saturation):
                # Who goes first takes turns: a machine that slows down slows neither of the two more.
                for name, site in list(zip("AB", sites, strict=True))[:: -1 if turn % 2 else 1]:
                    if stop.is_set():
                        continue
                    label = f"{turn + 1}-{name}-{level}"
                    base = scaled(request.plan, level, request.plan.seconds)
                    plan = replace(_plan_for(replace(request, plan=base), site, measure, f"rows/{label}"), round=label)
                    _tell(f"round {label}: {level} at once against {name}, {site.environment.target.name}")
                    held = await hold_round(plan, site, tell=_tell, stop=stop)
                    sides.append(Side(name=name, level=level, log=read_log(held.folder, plan.loop), held=held))
    value = {
        **about,
        **side_by_side(
            sides,
            names={"A": first.name, "B": second.name},
            complete=not stop.is_set(),
            tightest_s=min(first.latency.values()),
        ),
    }
    return _written(request, value, None)


def _plan_for(request: LoadRequest, site: Site, ruler_url: str, rows: str) -> LoadPlan:
    environment = site.environment
    known = tuple(kind.name for kind in site.kinds)
    return replace(
        request.plan,
        url=environment.target.url,
        users=site.users,
        kinds=known,
        standin_url=site.standin_url,
        ruler_url=ruler_url,
        rows=str(_fresh(request.out, rows)),
        answer_chars=len(site.kinds[0].script(request.pace, dict)[-1]["text"]) if site.standin_url else 0,
    )


def _fresh(out: Path, rows: str) -> Path:
    place = (out / rows).resolve()
    shutil.rmtree(place, ignore_errors=True)
    return place


def _about(request: LoadRequest, target: str) -> dict[str, Any]:
    return {
        "target": target,
        "command": request.command,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "note": "",
    }


def _written(request: LoadRequest, value: dict[str, Any], log: Log | None) -> dict[str, Any]:
    from .page import page
    from .summary import summary

    request.out.mkdir(parents=True, exist_ok=True)
    (request.out / "load.json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    (request.out / "load.html").write_text(page(value), encoding="utf-8")
    (request.out / "summary.md").write_text(summary(value), encoding="utf-8")
    return value


def _tell(line: str) -> None:
    complain(line)


@contextmanager
def _interruptible(stop: asyncio.Event) -> Iterator[None]:
    """SIGINT, SIGTERM and a terminal that is closed end the load, and not the report."""
    loop = asyncio.get_running_loop()
    known = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
    numbers = [n for n in known if n is not None and signal.getsignal(n) is not signal.SIG_IGN]
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
        for number in numbers:
            loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in numbers:
                loop.remove_signal_handler(number)
