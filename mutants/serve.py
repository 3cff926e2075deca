"""Start the reference server as `python -m reference_server` does, with one mutant's change in place."""

from __future__ import annotations

import asyncio
import os
import runpy
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

import uvicorn

from .between import App, Between
from .gateway import Gateway
from .mutant import Mutant, Upstream, Wire

GOOGLE = "https://generativelanguage.googleapis.com/v1beta/openai/"
"""What the reference server talks to when GEMINI_BASE_URL is not set."""


def serve(mutant: Mutant, argv: Sequence[str]) -> None:
    """Run the mutated reference server in this process until it is stopped.

    Args:
        argv: options of `python -m reference_server`.
    """
    apply(mutant)
    sys.argv = ["reference_server", *argv]
    runpy.run_module("reference_server", run_name="__main__", alter_sys=True)


def apply(mutant: Mutant) -> None:
    """Put a mutant's change in place, in this process."""
    os.environ.update(mutant.env)
    if isinstance(mutant.change, Wire):
        layer(mutant.change)
    elif isinstance(mutant.change, Upstream):
        os.environ["GEMINI_BASE_URL"] = gateway(mutant.change, os.environ.get("GEMINI_BASE_URL", GOOGLE))
    else:
        mutant.change()


def layer(wire: Wire) -> None:
    """Put `wire` in front of whatever application is given to uvicorn next."""
    real = uvicorn.Config.__init__

    def instead(self: uvicorn.Config, app: App, *args: Any, **more: Any) -> None:
        real(self, Between(app, wire), *args, **more)

    # By name: the signature is wider than a type checker can be told in one line, and the start-up stays as it is.
    setattr(uvicorn.Config, "__init__", instead)  # noqa: B010 - see above


def gateway(change: Upstream, base_url: str) -> str:
    """Start a gateway to the model in a thread of its own; returns its base URL."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(Gateway(base_url, change), log_level="error", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
