"""`python -m odd_servers NAME`: start one of them on PORT; without a name, list them."""

from __future__ import annotations

import json
import os
import runpy
import sys
from dataclasses import asdict
from pathlib import Path

from .chat import Chat
from .model_face import model_of
from .odd_server import OddServer
from .table import BY_NAME, SERVERS
from .tasks import Tasks
from .threads import Threads

NODE = Path(__file__).parent / "node" / "server.mjs"


def main(arguments: list[str]) -> int:
    """Start one, or list all. Returns 2 for an unknown name."""
    if not arguments:
        print("\n".join(f"{server.name:<24} {server.says}" for server in SERVERS))
        return 0
    server = BY_NAME.get(arguments[0])
    if server is None:
        print(f"no server {arguments[0]!r}: `python -m odd_servers` lists them", file=sys.stderr)
        return 2
    _serve(server, int(os.environ["PORT"]))
    return 0


def _serve(server: OddServer, port: int) -> None:
    habits = server.habits
    if server.make == "node":
        os.environ["HABITS"] = json.dumps(asdict(habits))
        os.execvp("node", ["node", str(NODE)])  # noqa: S606 - the program is ours, and no shell is wanted
    if server.make == "alone":
        _alone(server.name.removeprefix("alone-"))
        return
    if server.make == "sdk":
        from . import on_sdk

        on_sdk.serve(habits, port)
        return
    if server.make == "agents":
        from . import on_agents

        on_agents.serve(habits, port)
        return
    file = Path(os.environ["DATABASE_URL"].partition(":///")[2]).with_suffix(".json") if habits.keeps else None
    tasks = Tasks(file=file.with_suffix(".tasks.json") if file else None)
    chat = Chat(habits, Threads(habits, file), tasks, model_of(habits))
    if server.make == "starlette":
        from . import over_starlette

        over_starlette.serve(chat, port)
    elif server.make == "threads":
        from . import over_threads

        over_threads.serve(chat, port)
    else:
        from . import over_sockets

        over_sockets.serve(chat, port)


def _alone(program: str) -> None:
    """Run a program that shares no code with the others."""
    script = NODE.parent.parent / "alone" / f"{program}.mjs"
    if script.is_file():
        os.execvp("node", ["node", str(script)])  # noqa: S606 - the program is ours, and no shell is wanted
    runpy.run_module(f"odd_servers.alone.{program}", run_name="__main__")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
