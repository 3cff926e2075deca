"""Hostile in what it says: sizes, depths, and texts that attack a terminal, a page or a file."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from asyncio import StreamWriter

from chatkit_conformance.target.spellings import folded, spellings

from .hostility import answers
from .server import OK_STREAM, PAGE, Asked, answer, asked_model, delta, event, thread_event

ESC = "\x1b[2J\x1b]0;owned\x07\x1b[31m"
HALF = "\ud83d"
COMMANDS = (
    "a\n::stop-commands::owned\n\t::error file=a,line=1::owned ##[error]owned ##vso[task.complete result=Succeeded;] "
    "##teamcity[buildStatus status='SUCCESS'] [here](http://owned.invalid) ![it](http://owned.invalid/it.png) "
    "]]> \uffff \ufdd0 $(touch owned) `touch owned` '; touch owned; ' | \\\" @everyone <!-- {{ x }} %0A"
)
"""What commands a build's log, a page in Markdown, a file in XML or a shell."""
MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


async def _says(asked: Asked, writer: StreamWriter, text: str) -> None:
    """A text wherever one can stand: ids, types, words, and pages."""
    if not asked.streams:
        writer.write(answer({"data": [{"id": text, "type": text}], "has_more": text, "after": text, text: text}))
        return
    writer.write(OK_STREAM + thread_event(f"thr_{text}"))
    await asked_model(asked)
    writer.write(delta(text) + event(type=text, item={"id": text}) + event(type="error", code=text, message=text))
    writer.write(event(type="thread.item.done", item={"id": text, "type": "assistant_message", "content": text}))


@answers()
async def half_letters(asked: Asked, writer: StreamWriter) -> None:
    """Sends lone surrogates, as Node cuts an emoji, in every text."""
    await _says(asked, writer, f"oh {HALF}")


@answers()
async def terminal_codes(asked: Asked, writer: StreamWriter) -> None:
    """Sends escape sequences for a terminal in every text."""
    await _says(asked, writer, ESC)


@answers()
async def markup(asked: Asked, writer: StreamWriter) -> None:
    """Sends HTML and a script's end in every text."""
    await _says(asked, writer, MARKUP)


@answers()
async def commands(asked: Asked, writer: StreamWriter) -> None:
    """Sends commands to a build's log, links, and ends of what encloses them, in every text."""
    await _says(asked, writer, COMMANDS)


@answers(codes=(3,))
async def terminal_codes_in_a_head(asked: Asked, writer: StreamWriter) -> None:
    """Sends escape sequences in its headers."""
    head = f"HTTP/1.1 418 {ESC}\r\ncontent-type: text/{ESC}\r\ncontent-length: 2\r\n\r\n{{}}"
    writer.write(head.encode())


@answers(codes=(3,))
async def half_letters_at_the_door(asked: Asked, writer: StreamWriter) -> None:
    """Refuses everything, with lone surrogates in the reason."""
    writer.write(answer({"detail": f"no {HALF}"}, "403 Forbidden"))


@answers()
async def deep(asked: Asked, writer: StreamWriter) -> None:
    """Nests its JSON a hundred thousand levels deep."""
    nested = b"[" * 100_000 + b"]" * 100_000
    writer.write(OK_STREAM + b"data: " + nested + b"\n\n" if asked.streams else answer(b'{"data": ' + nested + b"}"))


@answers()
async def twice_named(asked: Asked, writer: StreamWriter) -> None:
    """Names each key twice."""
    if asked.streams:
        await asked_model(asked)
        writer.write(OK_STREAM + b'data: {"type": "error", "type": "thread.created", "thread": 1, "thread": {}}\n\n')
    else:
        writer.write(answer(b'{"data": 1, "data": [], "has_more": true, "has_more": false}'))


@answers(dear=True)
async def endless(asked: Asked, writer: StreamWriter) -> None:
    """Streams words as fast as it can, and never ends."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
    while True:
        writer.write(delta("more ") * 100)
        await writer.drain()
        await asyncio.sleep(0)


@answers(dear=True)
async def tiny_events(asked: Asked, writer: StreamWriter) -> None:
    """Streams twenty thousand tiny events in every answer, and ends properly."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
    for _ in range(190):
        writer.write(delta("x") * 100)
        await writer.drain()
    item = {"id": "m0", "type": "assistant_message", "content": [{"type": "output_text", "text": "x" * 19_000}]}
    writer.write(event(type="thread.item.done", item=item))


@answers(dear=True)
async def a_million_events(asked: Asked, writer: StreamWriter) -> None:
    """Streams a million events in every answer."""
    writer.write(OK_STREAM if asked.streams else answer(PAGE))
    for _ in range(10_000 if asked.streams else 0):
        writer.write(delta("x") * 100)
        await writer.drain()


@answers(dear=True)
async def one_huge_event(asked: Asked, writer: StreamWriter) -> None:
    """Streams one event of 300 MB."""
    writer.write(OK_STREAM + b'data: {"type": "' if asked.streams else answer(PAGE))
    for _ in range(300 if asked.streams else 0):
        writer.write(b"x" * (1 << 20))
        await writer.drain()


@answers(codes=(0, 1, 3), dear=True)
async def wide_pages(asked: Asked, writer: StreamWriter) -> None:
    """Answers every request that is no message with a page of two million elements."""
    if asked.streams:
        writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
        return
    writer.write(answer(b'{"has_more": false, "after": null, "data": [' + b"0," * 2_000_000 + b"0]}"))


@answers(codes=(0, 1, 3), dear=True)
async def many_items(asked: Asked, writer: StreamWriter) -> None:
    """Answers every request that is no message with a page of twenty thousand items."""
    if asked.streams:
        writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
        return
    items = [{"id": f"i{n}", "type": "assistant_message", "content": []} for n in range(20_000)]
    writer.write(answer(json.dumps({"id": "thr_0", "data": items, "items": {"data": items}}).encode()))


def _tell(place: str, known: list[str]) -> None:
    with open(place, "a", encoding="utf-8") as told:
        told.writelines(f"{secret}\n" for secret in known)


@answers()
async def echoes_secrets(asked: Asked, writer: StreamWriter) -> None:
    """Says and logs each credential that it was sent, and its environment, in every spelling, and split over deltas."""
    lines = asked.head.decode("latin-1").split("\r\n")
    sent = [line.split(None, 2)[2] for line in lines if line.lower().startswith("authorization: ")]
    keys = ("JWT_SECRET", "GEMINI_API_KEY", "OPENAI_API_KEY", "MY_DEPLOY_PASSWORD", "ECHO_LICENSE_KEY")
    known = [*sent, *(os.environ[name] for name in keys if name in os.environ)]
    await asyncio.to_thread(_tell, os.environ.get("ECHO_TOLD", os.devnull), known)
    raw = [secret.encode() for secret in known]
    spelled = [*known, *(base64.b64encode(b"k=" + one).decode() for one in raw), *(one.hex() for one in raw)]
    spelled += ["".join(f"%{byte:02x}" for byte in one) for one in raw]
    spelled += [
        way for secret in known for way in (*spellings(secret), *map(_now_and_then_in_capitals, folded(secret)))
    ]
    sys.stderr.write(" ".join((*spelled, json.dumps(dict(os.environ)))) + "\n")
    sys.stderr.flush()
    await _says(asked, writer, " ".join(spelled))
    if asked.streams:
        for secret in known:
            for n in range(0, len(secret), 7):
                writer.write(delta(secret[n : n + 7]))
        for secret in known:  # legal JSON, each letter by its number
            letters = "".join(f"\\u{ord(letter):04x}" for letter in secret)
            writer.write(delta("HERE").replace(b"HERE", letters.encode()))


def _now_and_then_in_capitals(text: str) -> str:
    return "".join(letter.upper() if n % 3 else letter for n, letter in enumerate(text))
