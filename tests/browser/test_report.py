"""The report of a bad run, as a person meets it in Chromium: on a desk, on a phone and on paper."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from chatkit_conformance.report import write_report
from tests.report.conversations import plain_turn, tool_turn
from tests.report.runs import finding, lay, result, run_json

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHEETS = 10  # of A4
DESK, PHONE = (1280, 800), (390, 844)  # a laptop's window, and the phone that most people have


@pytest.fixture
def bad_run(tmp_path: Path) -> Path:
    """The report of a run with 144 groups of findings; a backend as teams first write it has 94."""
    rows = []
    for n, (first, last) in enumerate(product("abcdefghijkl", repeat=2)):
        area, outcome = (("stream", "failed"), ("tools", "warned"), ("persistence", "failed"))[n % 3]
        named = f"{area}.promise-{first}{last}"
        seen = finding("an answer", f'answer "", error stream.error about {named}; HTTP 200, text/event-stream')
        words = f"Promise {named} holds in each later turn, and whatever happened before it."
        mend = {"cause": f"Nothing keeps {named}.", "fix": f"Keep {named} in the store, and read it from there."}
        rows.append(result(named, outcome, requirement=words, findings=[seen, seen], **mend))
    level = {"means": "What it means.", "outcome": "missed", "blocking": []}
    levels = dict.fromkeys(
        ("core", "streaming", "tools", "persistence", "robust", "feedback", "restart", "retry"), level
    )
    run = run_json(rows, verdict="findings", exit=1, warnings=["not declared, but found by a probe: feedback."])
    return write_report(lay(tmp_path, run | {"levels": levels}, [plain_turn(), tool_turn()]))


async def shown(browser: Browser, report: Path, size: tuple[int, int] = DESK) -> Page:
    """The page in a window of this size."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = await context.new_page()
    await page.goto(report.as_uri())
    return page


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_the_first_root_cause_stands_on_the_first_screen(
    browser: Browser, bad_run: Path, size: tuple[int, int]
) -> None:
    """Whoever opens the report sees what to mend first before scrolling, and nothing runs off the side."""
    page = await shown(browser, bad_run, size)
    got = await page.locator(".cause .saw").first.bounding_box()
    assert got
    assert got["y"] + got["height"] < size[1], f"the first cause ends at {got['y'] + got['height']:.0f} px"
    assert await page.evaluate("document.documentElement.scrollWidth") == size[0]
    await page.context.close()


async def test_a_bad_run_prints_on_ten_pages(browser: Browser, bad_run: Path) -> None:
    """A report with 144 groups of findings can be carried into a meeting."""
    page = await shown(browser, bad_run)
    printed = await page.pdf(format="A4")
    sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))
    assert 2 <= sheets <= SHEETS, f"{sheets} pages"
    await page.context.close()
