"""Three readers of event streams agree: the browser's own, our page's, and the judge's."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from playwright.async_api import Browser

from chatkit_conformance.wire.sse import SseParser

from .conftest import Person
from .pages import served

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Pieces in which every rule of the standard can meet every other. Each text is JSON: our page reads nothing else.
PIECES = [
    b'data: {"a":1}',
    b"data: 3\n\n",
    b"data:4\r\r",
    b"data: 5\r\n\r\n",
    b"data:1",
    b"data",
    b"data: ",
    b"data:  2",
    'data: "é😀世"'.encode(),
    b'data: "\xff\xfe"',
    b'data: "\xe2\x82',
    b":",
    b": ping",
    b"id: 1",
    b"id",
    b"foo: bar",
    b"foo",
    b"datax: 1",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\r\r",
    b"\r\n\r\n",
    b"\n\r\n",
    b"\xe2\x80\xa8",
    b"\x00",
]
STREAMS = 400

OF_THE_BROWSER = """(paths) => Promise.all(paths.map((path) => new Promise((resolve) => {
  const source = new EventSource(path), seen = [];
  source.onmessage = (event) => seen.push(event.data);
  source.onerror = () => { source.close(); resolve(seen); };
})))"""

OF_THE_PAGE = """async (streams) => {
  const all = [], parse = JSON.parse;
  JSON.parse = (text) => text;
  for (const pieces of streams) {
    const body = new ReadableStream({
      start(control) { pieces.forEach((p) => control.enqueue(new Uint8Array(p))); control.close(); },
    });
    const seen = [];
    for await (const event of events(body)) seen.push(event);
    all.push(seen);
  }
  JSON.parse = parse;
  return all;
}"""


def drawn(seed: int) -> list[bytes]:
    """A stream from this seed, cut at any byte."""
    dice = random.Random(seed)
    stream = b"".join(dice.choices(PIECES, k=dice.randint(1, 24)))
    cuts = sorted(dice.sample(range(1, max(len(stream), 2)), k=min(dice.randint(0, 5), len(stream) - 1)))
    return [piece for a, b in pairwise([0, *cuts, len(stream)]) if (piece := stream[a:b])]


def of_the_judge(pieces: list[bytes]) -> list[str]:
    """The events that the judge reads."""
    parser = SseParser()
    return [frame.data for piece in pieces for frame in parser.feed(piece)]


async def test_the_judge_reads_what_a_browser_reads(browser: Browser) -> None:
    """Of hundreds of streams in which every rule meets every other, cut anywhere, the same events."""
    streams = {f"/stream/{seed}": drawn(seed) for seed in range(STREAMS)}
    with served(streams) as origin:
        page = await browser.new_page()
        await page.goto(origin)
        read: list[list[str]] = []
        paths = list(streams)
        for start in range(0, STREAMS, 50):
            read += await page.evaluate(OF_THE_BROWSER, paths[start : start + 50])
        await page.close()
    wrong = {
        path: (b"".join(pieces), seen, judged)
        for (path, pieces), seen in zip(streams.items(), read, strict=True)
        if seen != (judged := of_the_judge(pieces))
    }
    assert not wrong
    assert sum(map(len, read)) > STREAMS


async def test_our_page_reads_what_a_browser_reads(person: Person) -> None:
    """The page's reader and the judge's, which is held against the browser's own, give the same events."""
    page = await person.opens()
    streams = [drawn(seed) for seed in range(STREAMS)]
    read = await page.evaluate(OF_THE_PAGE, [[list(piece) for piece in pieces] for pieces in streams])
    wrong = {
        seed: (b"".join(pieces), seen, judged)
        for seed, (pieces, seen) in enumerate(zip(streams, read, strict=True))
        if seen != (judged := of_the_judge(pieces))
    }
    assert not wrong
