"""`python -m chatkit_conformance.running.asgi module:app` serves an ASGI application on a port of its own, for a run.

httpx's ASGITransport hands out an answer only when it is whole, so a stream is judged over a real port. The address
is printed first; PORT of the environment is obeyed, else any free port is taken. `module:make()` calls a factory.
"""

from __future__ import annotations

import argparse
import importlib
import os
import socket
import sys
from typing import Any

import uvicorn

WRONG = 2
"""Exit code where the application cannot be loaded."""


class BadName(Exception):
    """The application's name leads nowhere. The message says what was found, and what to write."""


def load_app(name: str) -> Any:
    """The application that `module:attribute` or `module:factory()` names.

    Raises:
        BadName: there is no such module or attribute, or it is none that can be called.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise BadName(f"{name!r} is not module:attribute; write, for example, myproject.main:app.")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as e:
        if e.name is None or not (module_name == e.name or module_name.startswith(f"{e.name}.")):
            raise
        raise BadName(f"no module {module_name!r} from {os.getcwd()}; run from the folder that contains it.") from e
    found: Any = module
    for part in attribute.removesuffix("()").split("."):
        if not hasattr(found, part):
            names = ", ".join(n for n in vars(found) if not n.startswith("_"))
            raise BadName(f"{module_name} has no {part!r}; it has {names or 'nothing'}.")
        found = getattr(found, part)
    made = found() if attribute.endswith("()") else found
    if not callable(made):
        raise BadName(f"{name} is a {type(made).__name__}, not an ASGI application.")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Serve it until told to stop; returns 2 where its name is wrong."""
    parser = argparse.ArgumentParser(prog="python -m chatkit_conformance.running.asgi", description=__doc__)
    parser.add_argument("app", metavar="MODULE:APP")
    parser.add_argument("--path", default="/chatkit", help="path of its ChatKit endpoint (default /chatkit)")
    options = parser.parse_args(arguments)
    sys.path.insert(0, os.getcwd())
    try:
        app = load_app(options.app)
    except BadName as e:
        print(f"chatkit_conformance.running.asgi: {e}", file=sys.stderr)  # noqa: T201  # its caller reads it
        return WRONG
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}{options.path}", flush=True)  # noqa: T201  # its caller reads it
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def command(app: str, path: str = "") -> tuple[str, ...]:
    """The command that serves this application."""
    return (sys.executable, "-m", "chatkit_conformance.running.asgi", app, *(("--path", path) if path else ()))


if __name__ == "__main__":
    sys.exit(main())
