"""README's lines to chat with the reference server, typed as they stand in two terminals, and a person at the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from chatkit_conformance.running.process import free_port

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.asyncio(loop_scope="session")

PORT = "9100"
"""The stand-in's port in README, which may be taken here."""


def lines() -> tuple[str, str]:
    """What README has people type in the first terminal, and in the second."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"in two terminals:\n\n```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None, "README has no block for two terminals any more"
    first, second = block[1].replace("\\\n", "").strip().split("\n")
    return first, second


@contextmanager
def terminal(line: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A shell of its own in an empty folder, in which the line is typed; it ends with the test."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = subprocess.Popen(
        ["sh", "-c", f"exec env {line}" if re.match(r"\w+=", line) else f"exec {line}"],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def test_the_lines_of_readme_lead_to_a_page_to_chat_on(browser: Browser, tmp_path: Path) -> None:
    """The stand-in, the server on it, the address that signs in, a message in a browser, and an answer."""
    first, second = lines()
    port = str(free_port())
    assert PORT in first
    assert PORT in second
    with terminal(first.replace(PORT, port), tmp_path) as standin:
        assert standin.stdout is not None
        assert port in standin.stdout.readline()
        with terminal(second.replace(PORT, port), tmp_path, PORT=str(free_port())) as server:
            assert server.stdout is not None
            url, signs_in = (server.stdout.readline().split()[0] for _ in range(2))
            context = await browser.new_context()
            page = await context.new_page()
            await page.goto(signs_in)
            await expect(page).to_have_url(f"{url.rstrip('/')}/")
            box = page.get_by_role("textbox", name="Message")
            await box.fill("Hello there.")
            await box.press("Enter")
            await expect(page.get_by_text("Gemini stand-in").first).to_be_visible()
            await page.goto(f"{url.rstrip('/')}/?client=own")
            await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
            await context.close()
