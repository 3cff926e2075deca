"""Where the suites are, and how they are loaded.

In a wheel they lie inside this package; in a checkout beside it. Either way they are imported as
`chatkit_conformance.suites`, so that they can import their siblings, and no generic name is ever taken.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
import types
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from ..check import AREAS, CHECKS, EVERYWHERE, WHOLE_RUN, Check
from ..exchange import EXCHANGES, Exchange
from .aliases import fits, notes
from .plugged_in import load_plugged_in

PACKAGE = "chatkit_conformance.suites"

ELSEWHERE = "CHATKIT_CONFORMANCE_SUITES"
"""Environment variable that names another folder of suites, for those who write their own."""


class NoSuites(FileNotFoundError):
    """There is no folder of suites."""


def suites_dir() -> Path:
    """The folder that holds the suites. Raises NoSuites with the places that were looked at."""
    here = Path(__file__).resolve().parents[1]
    named = os.environ.get(ELSEWHERE)
    places = (Path(named).resolve(),) if named else (here / "suites", here.parent / "suites")
    for place in places:
        if place.is_dir():
            return place
    instead = f"name a folder with {ELSEWHERE}, or unset it" if named else "install again"
    raise NoSuites(f"the suites are missing: looked at {' and '.join(map(str, places))}; {instead}.")


@cache
def load_suites() -> tuple[str, ...]:
    """Import every module of the suites, and those that packages plug in, once; returns the names below `suites`.

    After it, CHECKS and EXCHANGES are complete. Raises ValueError where a check names an exchange that is not there.
    """
    folder = suites_dir()
    if PACKAGE not in sys.modules:
        sys.modules[PACKAGE] = _package(folder)
    modules = tuple(_modules(folder))
    for module in modules:
        importlib.import_module(f"{PACKAGE}.{module}")
    load_plugged_in()
    for c in CHECKS.values():
        for name in c.on:
            if name not in EXCHANGES and name != WHOLE_RUN and name not in EVERYWHERE:
                near = difflib.get_close_matches(name, EXCHANGES, n=1)
                raise ValueError(f"check {c.id!r} is on exchange {name!r}, which does not exist; nearest: {near}")
    return modules


def checks() -> list[Check]:
    """Every check, by area and id."""
    load_suites()
    return sorted(CHECKS.values(), key=sort_key)


def exchanges(*, thorough: bool = False) -> dict[str, Exchange]:
    """Every exchange, by name. `thorough`: those too that only a thorough run holds."""
    load_suites()
    return {name: exchange for name, exchange in EXCHANGES.items() if thorough or not exchange.thorough}


def exchanges_for(wanted: Iterable[Check], known: Iterable[str] | None = None) -> set[str]:
    """Names of the exchanges to hold for these checks, the whole run's included. An invariant wants every one.

    Args:
        known: every exchange there is, where it is not what the suites declare for a usual run.
    """
    chosen = tuple(wanted)
    names = {name for check in chosen for name in check.on} - set(EVERYWHERE)
    return names | set(exchanges() if known is None else known) if any(c.everywhere for c in chosen) else names


def exchanges_fitting(patterns: Iterable[str], known: Iterable[str]) -> set[str]:
    """Names of the exchanges that fit one of the globs.

    Raises:
        LookupError: a pattern fits nothing. The message names the nearest.
    """
    names, found = sorted(known), set()
    for pattern in patterns:
        fitting = {name for name in names if fnmatchcase(name, pattern)}
        if not fitting:
            near = difflib.get_close_matches(pattern, names, n=3, cutoff=0.4)
            hint = f"Did you mean {' or '.join(near)}?" if near else "`run --list-exchanges` lists them."
            raise LookupError(f"--exchange {pattern!r} matches no conversation. {hint}")
        found |= fitting
    return found


def sort_key(check: Check) -> tuple[int, str]:
    """Where a check stands in lists: its area's place, then its id."""
    return AREAS.index(check.area), check.id


def selected(patterns: Iterable[str], levels: Iterable[str] = ()) -> list[Check]:
    """The checks whose id fits one of the globs, and whose level is one of these; an empty list fits all.

    Earlier ids count, too; `renamed` says which of the patterns use one.

    Raises:
        LookupError: a pattern fits nothing. The message names the nearest ids.
    """
    known = checks()
    wanted: set[str] = set()
    for pattern in patterns:
        fitting = {c.id for c in known if fits(c.id, _glob(pattern))}
        if not fitting:
            raise LookupError(f"--select {pattern!r} matches no check. {nearest(pattern)}")
        wanted |= fitting
    levels = set(levels)
    return [c for c in known if (not wanted or c.id in wanted) and (not levels or c.level in levels)]


def renamed(patterns: Iterable[str]) -> list[str]:
    """What to tell somebody who selects by an earlier id: a sentence for each, with the id of today."""
    return notes(map(_glob, patterns), (check.id for check in checks()))


def _glob(pattern: str) -> str:
    """An area's name selects all of its checks."""
    return pattern if "." in pattern or "*" in pattern else f"{pattern}.*"


def nearest(id: str) -> str:
    """A sentence with the ids that look most like this one."""
    close = difflib.get_close_matches(id, [c.id for c in checks()], n=3, cutoff=0.4)
    listing = "`chatkit-conformance list` shows all."
    return f"Did you mean {' or '.join(close)}? {listing}" if close else listing


def _package(folder: Path) -> types.ModuleType:
    init = folder / "__init__.py"
    if not init.exists():
        package = types.ModuleType(PACKAGE)
        package.__path__ = [str(folder)]
        return package
    spec = importlib.util.spec_from_file_location(PACKAGE, init, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{init} cannot be loaded as {PACKAGE}")
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    return package


def _modules(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if parts[-1].startswith("__") or "__pycache__" in parts:
            continue
        yield ".".join(parts)
