"""Where a list of tasks has pages, each conversation about tasks has a user of its own, if the server takes any."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from chatkit_conformance.exchange import Exchange
from chatkit_conformance.running.discovery import Discovered
from chatkit_conformance.running.environment import TestEnvironment
from chatkit_conformance.running.host import Host
from chatkit_conformance.talk import Talk
from chatkit_conformance.target.target import Target, User
from chatkit_conformance.target.tools import Tool

SECRET = "a-secret-of-the-test-that-is-long-enough"


async def ask(talk: Talk) -> None:
    """One request of user a's, and one of user b's."""
    for user in ("a", "b"):
        await talk.ask("threads.list", {}, label=user, user=user)


@pytest.mark.parametrize(
    ("argument", "visitors", "roles", "tokens"),
    [
        ("offset", True, ("read",), 3),
        ("offset", False, ("read",), 2),
        ("offset", True, (), 2),
        ("status", True, ("read",), 2),
    ],
)
async def test_a_conversation_about_tasks_has_its_own_list(
    serving: Any, argument: str, visitors: bool, roles: tuple[str, ...], tokens: int
) -> None:
    """Two conversations are held: user a is somebody else in each where the list has pages; user b never is."""
    seen: set[str] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.update(re.findall(r"(?im)^authorization: (.*)$", head))
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{"data": []}')
        await writer.drain()

    users = {name: User(name=name, headers={"Authorization": f"Bearer {{token:{name}}}"}) for name in ("a", "b")}
    async with serving(answer) as url:
        target = Target(url=f"{url}/chatkit", upstream="none", users=users, jwt_secret=SECRET)
        environment = TestEnvironment(target)
        await environment.start()
        host = Host(environment)
        read = Tool(name="list_tasks", schema={"properties": {argument: {"type": "string"}}})
        host.state.discovered = Discovered(directed=True, tools={"read": read})
        host.state.visitors = visitors
        try:
            for name in ("one", "two"):
                held = await host.hold(Exchange(name=name, story="made", hold=ask, roles=roles), "")
                assert [r.status for r in held.replies] == [200, 200]
        finally:
            await environment.stop()
    assert len(seen) == tokens
