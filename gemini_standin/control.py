"""The control side, JSON under /_standin/: scripts, gates, the journal, settings, health.

GET    /_standin/health                 who and how it is, and its clock
PUT    /_standin/scripts/{nonce}        take a script; DELETE forgets it
POST   /_standin/gates/{name}           open a gate
GET    /_standin/journal?nonce=&calls=&finished=1&timeout=   calls, once there are enough or the time is up
POST   /_standin/settings               change settings; GET shows them
GET    /_standin/stamps?since=N         the moments of calls that ended, from mark N (0) on, and the next mark
GET    /_standin/cassettes              which recorded calls were played how often, and what none of them answered;
                                        DELETE rewinds them
GET    /_standin/lateness               the stand-in's own lateness in seconds; DELETE begins anew
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from .bounds import LONGEST_WAIT_S
from .cassettes import Shelf
from .script import ScriptError, parse
from .settings import SettingsError, changed

if TYPE_CHECKING:
    from .app import Standin

PREFIX = "/_standin/"
Answer = tuple[int, dict[str, Any]]
Handler = Callable[["Standin", str, Mapping[str, list[str]], bytes], Awaitable[Answer]]


class ControlError(ValueError):
    """A control request that cannot be done as it stands."""


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"{}")
    except ValueError as error:
        raise ControlError(f"the body is not JSON: {error}") from None


def _number(query: Mapping[str, list[str]], name: str, default: float, most: float) -> float:
    text = query.get(name, [str(default)])[-1]
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise ControlError(f"{name}={text} is not a number from 0 to {most:g}")
    return value


async def _health(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    return 200, {
        "ok": True,
        "profile": standin.settings.profile,
        "clock": time.monotonic(),
        "pid": os.getpid(),
        "scripts": len(standin.book.scripts),
        "calls": len(standin.journal),
        "calls_dropped": standin.journal.dropped,
    }


async def _put_script(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    if not name:
        raise ControlError("name the nonce in the path: PUT /_standin/scripts/zq0123456789")
    standin.book.put(name, parse(_json(raw)))
    return 201, {"nonce": name}


async def _delete_script(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    return 200, {"nonce": name, "deleted": standin.book.drop(name)}


async def _open_gate(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    if not name:
        raise ControlError("name the gate in the path: POST /_standin/gates/NAME")
    standin.gates.open(name)
    return 200, {"gate": name, "open": True}


async def _journal(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    found = await standin.journal.wait(
        query.get("nonce", []),
        calls=int(_number(query, "calls", 0, 1e9)),
        finished=query.get("finished", ["0"])[-1] not in ("0", "", "false"),
        timeout_s=_number(query, "timeout", 0, LONGEST_WAIT_S),
    )
    return 200, {"calls": [entry.to_json() for entry in found]}


async def _stamps(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    return 200, standin.journal.stamps.since(int(_number(query, "since", 0, 1e12)))


async def _settings(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    return 200, standin.settings.to_json()


async def _set(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    standin.set(changed(standin.settings, _json(raw)))
    return 200, standin.settings.to_json()


async def _cassettes(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    return 200, (standin.shelf or Shelf()).to_json()


async def _rewind(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    shelf = standin.shelf or Shelf()
    shelf.rewind()
    return 200, shelf.to_json()


async def _lateness(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    return 200, standin.lateness.to_json()


async def _lateness_anew(standin: Standin, name: str, query: Mapping[str, list[str]], raw: bytes) -> Answer:
    standin.lateness.clear()
    return 200, standin.lateness.to_json()


ROUTES: Mapping[tuple[str, str], Handler] = {
    ("GET", "health"): _health,
    ("PUT", "scripts"): _put_script,
    ("DELETE", "scripts"): _delete_script,
    ("POST", "gates"): _open_gate,
    ("GET", "journal"): _journal,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _set,
    ("GET", "stamps"): _stamps,
    ("GET", "cassettes"): _cassettes,
    ("DELETE", "cassettes"): _rewind,
    ("GET", "lateness"): _lateness,
    ("DELETE", "lateness"): _lateness_anew,
}


async def control(standin: Standin, method: str, path: str, query: bytes, raw: bytes) -> Answer:
    """Do one control request: HTTP status and JSON body; errors are 400 or 404 with an `error` text."""
    noun, _, name = path.removeprefix(PREFIX).partition("/")
    handler = ROUTES.get((method, noun))
    if handler is None:
        known = ", ".join(f"{m} {PREFIX}{n}" for m, n in ROUTES)
        return 404, {"error": f"no {method} {path} here; there are: {known}"}
    try:
        return await handler(standin, unquote(name), parse_qs(query.decode("latin-1")), raw)
    except (ControlError, ScriptError, SettingsError) as error:
        return 400, {"error": str(error)}
