"""A real Chromium, without a window and without a network but loopback, in front of a real reference server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.reference_server.conftest import Chat, server, token, upstream, user_input

from .chromium import MISSING, found

SameSite = Literal["Lax", "None", "Strict"]

__all__ = ["server", "upstream"]  # fixtures

expect.set_options(timeout=30_000)  # what a busy machine may take; what comes sooner is not waited for

ARGUMENTS = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",)
"""No name is looked up: OpenAI's script is as far away as behind a firewall that refuses."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests; each has a profile of its own."""
    path = found()
    if path is None:
        pytest.skip(MISSING)
    async with async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield launched
        await launched.close()


@dataclass(kw_only=True)
class Person:
    """A user at a browser: a profile with its cookies, in which tabs are opened."""

    chat: Chat
    context: BrowserContext

    async def sign_in(self, *, lifetime_s: float = 3600, same_site: SameSite | None = "Strict") -> None:
        """Set the cookie as the application would; a lifetime below zero is a session that has ended."""
        value = token(self.chat.user, lifetime_s=lifetime_s)
        cookie: Any = {"name": "access_token", "value": value, "url": self.chat.url, "httpOnly": True}
        if same_site:
            cookie["sameSite"] = same_site
        await self.context.add_cookies([cookie])

    async def opens(self, path: str = "/") -> Page:
        """A new tab at this path, its chat ready to be written to."""
        page = await self.context.new_page()
        await page.goto(self.chat.url + path)
        await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
        return page

    async def says(self, page: Page, text: str, *steps: dict[str, Any]) -> str:
        """Type a message and press Enter, with the model's answer scripted. Returns the nonce."""
        nonce = self.chat.script(*steps)
        await page.get_by_role("textbox", name="Message").fill(f"{text} (ref {nonce})")
        await page.keyboard.press("Enter")
        return nonce

    def opened(self, gate: str) -> None:
        """Let the model go on."""
        assert self.chat.http.post(f"{self.chat.upstream}/_standin/gates/{gate}").is_success

    def wrote(self, thread: str | None, text: str, *steps: dict[str, Any]) -> str:
        """A message sent from elsewhere. Returns the thread."""
        turn = self.chat.say(text, *steps, thread=thread)
        return thread or turn.thread


@pytest_asyncio.fixture(loop_scope="session")
async def person(browser: Browser, server: Chat, request: pytest.FixtureRequest) -> AsyncIterator[Person]:
    """A signed-in user of their own for each test; what their pages complain of fails it."""
    context = await browser.new_context()
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    found = Person(chat=server.as_user(f"user of {request.node.nodeid}"), context=context)
    await found.sign_in()
    yield found
    await context.close()
    assert not complaints


def held(before: str, after: str, gate: str) -> dict[str, Any]:
    """An answer that stands still between two words until the gate is opened."""
    return {"chunks": [before, after], "hold": {"after": 1, "gate": gate, "max_s": 30}}


def input_of(text: str) -> dict[str, Any]:
    """The parameters of a message from elsewhere."""
    return {"input": user_input(text)}
