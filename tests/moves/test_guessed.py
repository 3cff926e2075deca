"""Where a stranger would upload over a file of which only the id is known: told from a file of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chatkit_conformance.exchange import Exchange
from chatkit_conformance.http.pending_reply import Limits
from chatkit_conformance.moves.files import guessed
from chatkit_conformance.talk import Talk
from tests.harness.conftest import odd_server
from tests.harness.test_in_time import host_of

Made = Callable[[str], Any]


@dataclass
class Files:
    """Registers files under these ids, one after the other, each with this descriptor; None: it refuses."""

    ids: list[Any]
    descriptor: Made

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-l")))
        await reader.readexactly(length)
        id = self.ids.pop(0)
        file = {
            "type": "file",
            "id": id,
            "name": "n",
            "mime_type": "text/plain",
            "upload_descriptor": self.descriptor(id),
        }
        body = json.dumps(file).encode() if id is not None else b""
        status = b"200 OK" if id is not None else b"403 Forbidden"
        head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
        writer.write(head + body)
        await writer.drain()


def _put(url: str, **headers: str) -> dict[str, Any]:
    return {"url": url, "method": "PUT", "headers": headers}


@pytest.mark.parametrize(
    ("ids", "descriptor", "found"),
    [
        (["f-1", "f-2"], lambda id: _put(f"http://h/upload/{id}"), _put("http://h/upload/f-1")),
        (["f-1", "f-2"], lambda id: _put("http://h/up", **{"X-File": id}), _put("http://h/up", **{"X-File": "f-1"})),
        (["1", "11"], lambda id: _put(f"http://h/{id}?part=111"), _put("http://h/1?part=111")),
        (['a"b', 'c"d'], lambda id: _put("http://h/x", name=id), _put("http://h/x", name='a"b')),
        (["f-1", "f-2"], lambda id: _put("http://h/the-only-one"), None),
        (["f-1", "f-2"], lambda id: None, None),
        (["f-1", None], lambda id: _put(f"http://h/{id}"), None),
    ],
)
async def test_the_address_of_anothers_file_is_told_from_ones_own(ids: list[Any], descriptor: Made, found: Any) -> None:
    """The own file's descriptor with the other id in its place, wherever that stands; None where it stands nowhere."""
    told: list[Any] = []

    async def hold(talk: Talk) -> None:
        file = {"name": "theirs.txt", "size": 3, "mime_type": "text/plain"}
        made = await talk.ask("attachments.create", file, label="made")
        told.append(await guessed(talk, made, label="own", user="a"))

    async with odd_server(Files(list(ids), descriptor)) as url, host_of(url, Limits()) as host:
        await host.hold(Exchange(name="made", story="made", hold=hold, deadline_s=5), "")
    assert told == [found]
