"""The command `python -m reference_server`: read the settings, listen, print the address."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from reference_server import workers
from reference_server.database import database_url
from reference_server.log import WithoutSecrets
from reference_server.settings import Settings, SettingsError
from reference_server.slow_heads import timely
from reference_server.speed import collector, loading

if TYPE_CHECKING:
    from reference_server.app import Web

# A stream that is cancelled at the end saves what was shown and says so; that takes far less.
_GRACE_S = 2
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_QUIET = ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "chatkit")


class Server(uvicorn.Server):
    """Calls `ready` once it answers, and ends running turns first when it is told to stop."""

    def __init__(self, config: uvicorn.Config, web: Web, *, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._web = web
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        collector.settle()
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._web.chat.busy.end_all()
        await super().shutdown(sockets)


def main(arguments: list[str] | None = None) -> int:
    """Run the server. Returns 2 when a setting or an option is wrong, with one line that says what to do."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format=_FORMAT)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        settings = Settings.from_environment(os.environ)
        port = _port(options.port)
        if options.demo_user and not _is_loopback(options.host):
            raise SettingsError("--demo-user is for this machine only: leave --host out, or make it 127.0.0.1")
        _check_workers(options.workers, settings)
    except SettingsError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    for handler in logging.getLogger().handlers:
        handler.setFormatter(WithoutSecrets(_FORMAT, (settings.gemini_api_key, settings.jwt_secret)))
    # The database is the users' own; whoever else is on this machine has no business in it.
    os.umask(0o077)
    try:
        listener = socket.create_server((options.host, port), backlog=2048)
    except OSError as refusal:
        print(f"cannot listen on {options.host}:{port}: {refusal.strerror}; choose another --port", file=sys.stderr)
        return 2
    host, bound = listener.getsockname()[:2]
    address = f"http://{host}:{bound}"
    with loading.lightly():
        # Imported only now: a wrong setting is told at once, not after two seconds of loading the SDKs.
        from reference_server.app import Web, make_app
        from reference_server.database_away import AwayInALine

    for handler in logging.getLogger().handlers:
        handler.addFilter(AwayInALine())
    web = Web(settings, demo_user=options.demo_user)
    lines = [address]
    if options.demo_user:
        lines.append(f"{address}/demo?key={web.demo_key} signs in as {options.demo_user}")
    config = uvicorn.Config(
        make_app(web),
        http=timely(settings.head_timeout),
        ws="none",  # "auto" loads a library that is never used: 0.15 s of each start
        access_log=False,
        log_level="warning",
        log_config=None,
        timeout_graceful_shutdown=_GRACE_S,
        lifespan="on",
    )

    def serve(ready: Callable[[], None]) -> int:
        server = Server(config, web, ready=ready)
        # uvicorn raises the signal again once it has stopped; being told to stop is no failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server.run(sockets=[listener])
        return 0 if server.started else 1

    def ready() -> None:
        print(*lines, sep="\n", flush=True)

    return serve(ready) if options.workers == 1 else workers.run(options.workers, serve, ready=ready)


def _check_workers(count: int, settings: Settings) -> None:
    if count < 1:
        raise SettingsError(f"--workers {count} is too few; one is the least")
    if count == 1:
        return
    if database_url(settings.database_url).get_backend_name() == "sqlite":
        raise SettingsError(
            f"--workers {count} needs PostgreSQL, because SQLite has one writer: leave --workers out, or set"
            " DATABASE_URL to postgresql+asyncpg://user:password@host/name"
        )
    if not hasattr(os, "fork"):
        raise SettingsError(f"--workers {count} needs a system that can fork; leave --workers out")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reference_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, help="the port; 0 takes a free one (default: PORT, else 8000)")
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="processes; more than one needs PostgreSQL (default: 1)",
    )
    parser.add_argument("--demo-user", metavar="NAME", help="offer a sign-in as NAME, for a look on this machine")
    return parser.parse_args(arguments)


def _port(option: int | None) -> int:
    text = os.environ.get("PORT", "").strip() or "8000"
    port = option if option is not None else int(text) if text.isdecimal() else -1
    if not 0 <= port <= 65535:
        raise SettingsError(f"PORT is wrong: {text if option is None else option!r} is no port; put in 0 to 65535")
    return port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
