"""A small right server made ill in one way: `python -m tests.doctor.patient NAME`; without a name, it is well.

The server is one of the odd servers, which are right. What makes it ill is a row of ward.py.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import uvicorn

from odd_servers.chat import Chat
from odd_servers.habits import Habits
from odd_servers.model_face import model_of
from odd_servers.over_starlette import application
from odd_servers.tasks import Tasks
from odd_servers.threads import Threads

from .annex import ODD
from .illness import Illness
from .ward import WARD


def made(illness: Illness) -> Any:
    """The ASGI application, ill in that way."""

    def fresh() -> Chat:
        habits = Habits(auth=illness.auth, answer="parts", tools=illness.tools)
        return Chat(habits, Threads(habits, None), Tasks(), model_of(habits))

    if illness.instead is not None:
        return illness.instead()
    chat = fresh()
    if illness.model is not None:
        illness.model(chat.model)
    app: Any = application(chat)
    if illness.forgets:

        async def forgetful(scope: Any, receive: Any, send: Any) -> None:
            await application(fresh())(scope, receive, send)

        app = forgetful
    return illness.wrap(app) if illness.wrap is not None else app


def main(name: str) -> None:
    """Serve until stopped."""
    illness = {**WARD, **ODD}[name] if name else Illness(name="", says="", id="", words="")
    if illness.begin is not None:
        illness.begin()
    port = int(illness.port or os.environ["PORT"])
    uvicorn.run(made(illness), host=illness.host, port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
