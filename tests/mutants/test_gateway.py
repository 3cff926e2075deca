"""The gateway between a server and its model, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import uvicorn

from mutants.gateway import Gateway
from mutants.model_lies import other_model
from mutants.mutant import Upstream

END = b"\n\ndata: [DONE]\n\n"


class Model:
    """A model that says one chunk, waits, and says another; it remembers what it was asked and who left."""

    def __init__(self, second: bytes = b'{"n":2}') -> None:
        self.second = second
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.go_on = asyncio.Event()
        self.left = asyncio.Event()
        self.finished = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        self.asked.append(json.loads((await receive())["body"]))
        self.paths.append(scope["path"])
        self.headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        head = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b'data: {"n":1}\n\n', "more_body": True})
        waiting = asyncio.create_task(self.go_on.wait())
        leaving = asyncio.create_task(receive())
        done, _ = await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if leaving in done:
            waiting.cancel()
            self.left.set()
            return
        leaving.cancel()
        await send({"type": "http.response.body", "body": b"data: " + self.second + END, "more_body": False})
        self.finished.set()


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """An application on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@contextlib.asynccontextmanager
async def asked(change: Upstream, model: Model) -> AsyncIterator[httpx.Response]:
    """The answer of the model through a gateway with that change, its body not yet read."""
    async with (
        served(model) as real,
        served(Gateway(f"{real}/v1", change)) as url,
        httpx.AsyncClient(timeout=60) as client,
        client.stream(
            "POST", f"{url}/chat/completions", json={"model": "gemini-x"}, headers={"authorization": "k"}
        ) as answer,
    ):
        yield answer


async def test_a_chunk_passes_while_the_model_still_speaks() -> None:
    """Nothing is held back, changed or lost where the change is about something else."""
    model = Model()
    async with asked(Upstream(request=other_model), model) as answer:
        pieces = answer.aiter_raw()
        first = await asyncio.wait_for(anext(pieces), 5)
        assert first == b'data: {"n":1}\n\n'
        model.go_on.set()
        assert b"".join([piece async for piece in pieces]) == b'data: {"n":2}\n\ndata: [DONE]\n\n'
    assert model.asked == [{"model": "gpt-4o-mini"}]
    assert model.paths == ["/v1/chat/completions"]
    assert model.headers[0]["authorization"] == "k"


async def test_a_chunk_is_changed_or_dropped() -> None:
    """A change of chunks meets each chunk, and the end of the stream stays."""
    model = Model()
    model.go_on.set()
    change = Upstream(chunk=lambda chunk, scratch: None if chunk["n"] == 1 else {"n": 20})
    async with asked(change, model) as answer:
        assert await answer.aread() == b'data: {"n": 20}\n\ndata: [DONE]\n\n'


async def test_when_the_server_leaves_the_gateway_leaves() -> None:
    """A cancelled call is cancelled at the model too, so that only the mutant that says so goes on."""
    model = Model()
    async with asked(Upstream(request=other_model), model) as answer:
        await asyncio.wait_for(anext(answer.aiter_raw()), 5)
        await answer.aclose()
        await asyncio.wait_for(model.left.wait(), 5)


async def test_a_detached_gateway_stays_when_the_server_leaves() -> None:
    """The model that is not stopped speaks to its end."""
    model = Model()
    async with asked(Upstream(detached=True), model) as answer:
        await asyncio.wait_for(anext(answer.aiter_raw()), 5)
        await answer.aclose()
        model.go_on.set()
        await asyncio.wait_for(model.finished.wait(), 5)
    assert not model.left.is_set()


async def test_another_path_and_more_headers_are_sent() -> None:
    """The model is asked where and with what the change says."""
    model = Model()
    model.go_on.set()
    async with asked(Upstream(path="/completions", headers={"openai-organization": "org"}), model) as answer:
        await answer.aread()
    assert model.paths == ["/v1/completions"]
    assert model.headers[0]["openai-organization"] == "org"


async def test_letters_that_end_lines_elsewhere_stay_inside_their_event() -> None:
    """A chunk with U+2028 and U+0085 in it comes through a change as one event."""
    text = "one\u2028two\x85three"
    model = Model(json.dumps({"n": text}, ensure_ascii=False).encode())
    model.go_on.set()
    async with asked(Upstream(chunk=lambda chunk, scratch: chunk), model) as answer:
        body = await answer.aread()
    assert json.loads(body.split(b"\n\n")[1].removeprefix(b"data: ")) == {"n": text}
