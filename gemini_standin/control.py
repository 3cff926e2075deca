"""The control side, JSON under /_standin/: scripts, gates, the journal, settings, health.

GET    /_standin/health                 who and how it is, and its clock
PUT    /_standin/scripts/{nonce}        take a script; DELETE forgets it
POST   /_standin/gates/{name}           open a gate
GET    /_standin/journal?nonce=&calls=&finished=1&timeout=   calls, once there are enough or the time is up;
                                        &since=N&most=M: of those from N on that were not told whole yet, the first M
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
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .bounds import LONGEST_WAIT_S
from .cassettes import CassettePlayer
from .nesting import read_json
from .script import ScriptError, parse
from .settings import SettingsError, changed

if TYPE_CHECKING:
    from .app import Standin

PREFIX = "/_standin"
Handler = Callable[["Standin", Request], Awaitable[dict[str, Any]]]


class ControlError(ValueError):
    """A control request that cannot be done as it stands."""


async def _json(request: Request) -> Any:
    raw = await request.body()
    try:
        return read_json(raw or b"{}")
    except ValueError as error:
        raise ControlError(f"the body is not JSON: {error}") from None


def _number(request: Request, name: str, most: float) -> float:
    text = request.query_params.get(name, "0")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise ControlError(f"{name}={text} is not a number from 0 to {most:g}")
    return value


async def _health(standin: Standin, request: Request) -> dict[str, Any]:
    return {
        "ok": True,
        "profile": standin.settings.profile,
        "clock": time.monotonic(),
        "pid": os.getpid(),
        "scripts": len(standin.registry.scripts),
        "calls": len(standin.journal),
        "calls_dropped": standin.journal.dropped,
    }


async def _put_script(standin: Standin, request: Request) -> dict[str, Any]:
    nonce = request.path_params["nonce"]
    if not nonce:
        raise ControlError(f"name the nonce in the path: PUT {PREFIX}/scripts/zq0123456789")
    standin.registry.put(nonce, parse(await _json(request)))
    return {"nonce": nonce}


async def _delete_script(standin: Standin, request: Request) -> dict[str, Any]:
    nonce = request.path_params["nonce"]
    return {"nonce": nonce, "deleted": standin.registry.drop(nonce)}


async def _open_gate(standin: Standin, request: Request) -> dict[str, Any]:
    name = request.path_params["name"]
    if not name:
        raise ControlError(f"name the gate in the path: POST {PREFIX}/gates/NAME")
    standin.gates.open(name)
    return {"gate": name, "open": True}


async def _journal(standin: Standin, request: Request) -> dict[str, Any]:
    found = await standin.journal.wait(
        request.query_params.getlist("nonce"),
        calls=int(_number(request, "calls", 1e9)),
        finished=request.query_params.get("finished", "0") not in ("0", "", "false"),
        timeout_s=_number(request, "timeout", LONGEST_WAIT_S),
    )
    if "since" in request.query_params:
        since, most = int(_number(request, "since", 1e12)), int(_number(request, "most", 1e6))
        found = [entry for entry in found if entry.n >= since and not entry.told][:most]
    told = [entry.to_json() for entry in found]
    for entry in found:
        entry.told = entry.ended
    return {"calls": told}


async def _stamps(standin: Standin, request: Request) -> dict[str, Any]:
    return standin.journal.stamps.since(int(_number(request, "since", 1e12)))


async def _settings(standin: Standin, request: Request) -> dict[str, Any]:
    return standin.settings.to_json()


async def _set(standin: Standin, request: Request) -> dict[str, Any]:
    standin.set(changed(standin.settings, await _json(request)))
    return standin.settings.to_json()


async def _reset(standin: Standin, request: Request) -> dict[str, Any]:
    standin.reset()
    return standin.settings.to_json()


async def _cassettes(standin: Standin, request: Request) -> dict[str, Any]:
    return (standin.player or CassettePlayer()).to_json()


async def _rewind(standin: Standin, request: Request) -> dict[str, Any]:
    player = standin.player or CassettePlayer()
    player.rewind()
    return player.to_json()


async def _lateness(standin: Standin, request: Request) -> dict[str, Any]:
    return standin.lateness.to_json()


async def _lateness_anew(standin: Standin, request: Request) -> dict[str, Any]:
    standin.lateness.clear()
    return standin.lateness.to_json()


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", _health),
    ("PUT", "/scripts/{nonce:path}", _put_script),
    ("DELETE", "/scripts/{nonce:path}", _delete_script),
    ("POST", "/gates/{name:path}", _open_gate),
    ("GET", "/journal", _journal),
    ("GET", "/settings", _settings),
    ("POST", "/settings", _set),
    ("POST", "/reset", _reset),
    ("GET", "/stamps", _stamps),
    ("GET", "/cassettes", _cassettes),
    ("DELETE", "/cassettes", _rewind),
    ("GET", "/lateness", _lateness),
    ("DELETE", "/lateness", _lateness_anew),
)
"""Method, path below PREFIX, and what it does."""


def control(standin: Standin) -> Starlette:
    """The control side of a stand-in. Errors are 400 or 404 with an `error` text."""
    return Starlette(
        routes=[Route(path, _answering(standin, method, do), methods=[method]) for method, path, do in ROUTES],
        exception_handlers={404: _unknown, 405: _unknown, **dict.fromkeys(WRONG, _refused)},
    )


def _answering(standin: Standin, method: str, do: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return _json_response(201 if method == "PUT" else 200, await do(standin, request))

    return answer


def _json_response(status: int, value: dict[str, Any]) -> Response:
    """A value as ASCII JSON: a journal may hold halves of letters, which UTF-8 cannot."""
    return Response(json.dumps(value), status, media_type="application/json")


WRONG = (ControlError, ScriptError, SettingsError)


async def _refused(request: Request, error: Exception) -> Response:
    return _json_response(400, {"error": str(error)})


async def _unknown(request: Request, error: Exception) -> Response:
    known = ", ".join(f"{method} {PREFIX}{path.replace(':path', '')}" for method, path, _ in ROUTES)
    return _json_response(404, {"error": f"no {request.method} {request.url.path} here; there are: {known}"})
