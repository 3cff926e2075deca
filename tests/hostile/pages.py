"""Hostile in its lists, its cookies and the names it gives to its bytes: what makes a client go on for ever."""

from __future__ import annotations

import itertools
import os
import signal
from asyncio import StreamWriter

from chatkit_conformance.transcript import JSON

from .hostility import answers
from .server import OK_STREAM, PAGE, Asked, answer, asked_model, delta, event, thread_event

_NEXT = itertools.count()
PLAIN = "application/json"


def _row(number: int) -> JSON:
    date = "2026-01-01T00:00:00Z"
    thread = {"id": f"thr_{number}", "title": "x", "created_at": date, "status": {"type": "active"}, "metadata": {}}
    return {**thread, "items": PAGE}


async def _turn(asked: Asked, writer: StreamWriter, *, more: bytes = b"", said: str = "") -> None:
    words = said or await asked_model(asked)
    writer.write(OK_STREAM + thread_event("thr_0") + delta(words) + more)


@answers(codes=(0, 1, 3))
async def pages_without_end(asked: Asked, writer: StreamWriter) -> None:
    """Has one more page behind each page of every list, each with a new row and a new cursor."""
    if asked.streams:
        await _turn(asked, writer)
        return
    number = next(_NEXT)
    page: JSON = {"data": [_row(number)], "has_more": True, "after": f"thr_{number}"}
    writer.write(answer({**_row(number), **page, "items": page}))


@answers(codes=(0, 1, 3))
async def pages_in_a_circle(asked: Asked, writer: StreamWriter) -> None:
    """Gives the same page with the same cursor for ever."""
    if asked.streams:
        await _turn(asked, writer)
        return
    page: JSON = {"data": [_row(0)], "has_more": True, "after": "thr_0"}
    writer.write(answer({**_row(0), **page, "items": page}))


@answers(codes=(0, 1, 3))
async def bakes_cookies(asked: Asked, writer: StreamWriter) -> None:
    """Sets forty cookies of four kilobytes, each of another name, with every answer."""
    baked = "".join(f"set-cookie: c{next(_NEXT)}={'v' * 4000}; Path=/\r\n" for _ in range(40))
    if asked.streams:
        writer.write(
            OK_STREAM[:-2] + baked.encode() + b"\r\n" + thread_event("thr_0") + delta(await asked_model(asked))
        )
    else:
        writer.write(answer(PAGE).replace(b"connection: close\r\n", b"connection: close\r\n" + baked.encode(), 1))


@answers(codes=(0, 1, 3))
async def charset_that_is_dear(asked: Asked, writer: StreamWriter) -> None:
    """Says that its megabyte of letters is Punycode, which takes minutes to read."""
    if asked.streams:
        await _turn(asked, writer)
        return
    body = b'{"data": [], "has_more": false, "after": "' + b"a" * 1_000_000 + b'-99999"}'
    writer.write(answer(body, kind="application/json; charset=punycode"))


@answers(codes=(0, 1, 3))
async def charsets_that_are_none(asked: Asked, writer: StreamWriter) -> None:
    """Gives its answers character sets that are no texts, one after the other."""
    names = ("zlib_codec", "hex", "undefined", "unicode_escape", "utf-7", "idna", "mbcs", "x" * 5000, "utf-16", "rot13")
    kind = f"{'text/event-stream' if asked.streams else PLAIN}; charset={names[next(_NEXT) % len(names)]}"
    if asked.streams:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode()
        writer.write(head + thread_event("thr_0") + delta(await asked_model(asked)))
    else:
        writer.write(answer(PAGE, kind=kind))


@answers(codes=(0, 1, 3))
async def packed_a_thousand_times(asked: Asked, writer: StreamWriter) -> None:
    """Names a thousand codings, one inside the other."""
    packed = ", ".join(["gzip"] * 1000)
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {PLAIN}\r\ncontent-encoding: {packed}\r\ncontent-length: 2\r\n\r\n{{}}"
    writer.write(head.encode())


@answers(codes=(0, 1, 3))
async def waits_ordered(asked: Asked, writer: StreamWriter) -> None:
    """Orders its clients to come back in three hundred years, in words, numbers and dates that are none."""
    when = ("9999999999", "-1", "Fri, 31 Dec 9999 23:59:59 GMT", "1e999", "soon", "Fri, 99 Dec 2026 99:99:99 GMT")
    head = f"429 Too Many Requests\r\nretry-after: {when[next(_NEXT) % len(when)]}"
    writer.write(answer({"detail": "later"}, head))


@answers(codes=(0, 1, 3))
async def redirects_nowhere(asked: Asked, writer: StreamWriter) -> None:
    """Redirects to addresses that are none, to files, to scripts and to other ports of its host."""
    where = ("file:///etc/passwd", "javascript:alert(1)", "//", "http://[::1", "http://127.0.0.1:99999/", "\xff", "")
    head = f"307 Temporary Redirect\r\nlocation: {where[next(_NEXT) % len(where)]}"
    writer.write(answer({}, head))


@answers(codes=(0, 1, 3))
async def texts_against_patterns(asked: Asked, writer: StreamWriter) -> None:
    """Answers with texts that make a careless pattern try for ever: open quotes, brackets, dates, digits, blanks."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    await asked_model(asked)
    n = 20_000
    texts = ("{'id': '" * n, "[" * n, "(" * n, "1." * n, "- " * n + "x", " " * n + "x", '"\\' * n, "<a " * n, "a@" * n)
    sent = b"".join(delta(text) for text in (*texts, "\t\n" * n, "data:" * n, "|-" * n, "2026-" * n, 'File "' * n))
    await _turn(asked, writer, said="x", more=sent + event(type="error", message=texts[0] + texts[5]))


@answers(codes=(0, 1, 3))
async def keys_of_languages(asked: Asked, writer: StreamWriter) -> None:
    """Names its ids, types and keys as the parts of programs are named: __proto__, __class__, constructor."""
    word = ("__proto__", "__class__", "constructor", "__init__", "toString", "None")[next(_NEXT) % 6]
    if not asked.streams:
        writer.write(answer({"data": [{"id": word, "type": word, word: {word: 1}}], word: {}, "has_more": False}))
        return
    item = {"id": word, "type": word, "content": [{"type": word}], word: {word: word}}
    sent = event(type="thread.item.added", item=item) + event(type="thread.item.done", item=item)
    sent += event(type="thread.item.updated", item_id=word, update={"type": word, word: 1}) + event(type=word)
    await _turn(asked, writer, more=sent)


@answers(codes=(0, 1, 3), dear=True)
async def stops_itself(asked: Asked, writer: StreamWriter) -> None:
    """Stops its own process at the first message, as a debugger does: it is neither dead nor alive."""
    if asked.streams:
        os.kill(os.getpid(), signal.SIGSTOP)
    writer.write(answer(PAGE))
