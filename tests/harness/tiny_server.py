"""A ChatKit server of one page, for the tests of the harness: it answers as the model does, and keeps nothing long.

`--how` breaks it: dies (ends at the first message), dies-later (asked to add), leaks (asks OpenAI through the proxy,
logs its key), leaks-later (from the third message on), locked (401), slow-start (takes connections three seconds before
it answers), deaf (never asks the model), waits (from the second message on, for ever), mute-again (gives no word if it
is asked to say it again). `--path` is where it answers, and the model's base URL is that of TINY_MODEL where it is set.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

TOOL = {
    "type": "function",
    "function": {
        "name": "add_todo",
        "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    },
}
LIST = {"type": "function", "function": {"name": "show_todos", "parameters": {"type": "object", "properties": {}}}}

app = FastAPI()
threads: dict[str, list[Any]] = {}
ids = itertools.count()
counted = itertools.count()
HOW = ""
MODEL = "gemini-3.8-flash"


async def model(messages: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    """The deltas of the model's answer."""
    url = (os.environ.get("TINY_MODEL") or os.environ["GEMINI_BASE_URL"]).rstrip("/") + "/chat/completions"
    body = {"model": MODEL, "stream": True, "messages": messages, "tools": [TOOL, LIST]}
    headers = {"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"}
    async with (
        httpx.AsyncClient(trust_env=False) as http,
        http.stream("POST", url, json=body, headers=headers, timeout=30) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"]


async def leak() -> None:
    """Ask OpenAI, as tracing does, and log the key."""
    sys.stderr.write(f"key {os.environ['OPENAI_API_KEY']}\n")
    try:
        async with httpx.AsyncClient() as http:
            await http.get("https://api.openai.com/v1/models", timeout=5)
    except httpx.HTTPError as e:
        sys.stderr.write(f"refused {type(e).__name__}\n")


async def turn(thread: str, text: str, created: bool) -> AsyncIterator[bytes]:
    """One turn's events."""

    def event(**data: Any) -> bytes:
        return b"data: " + json.dumps(data).encode() + b"\n\n"

    if created:
        yield event(type="thread.created", thread={"id": thread, "items": {"data": [], "has_more": False}})
    turns = next(counted)
    if HOW == "dies" or (HOW == "dies-later" and text.startswith("Add it")):
        sys.stderr.write("out of luck\n")
        sys.stderr.flush()
        os._exit(7)
    if HOW == "waits" and turns:
        _, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["TINY_TELLS"]))
        writer.write(f"{os.getpid()}\n".encode())
        await asyncio.Event().wait()
    if HOW == "mute-again" and "again" in text:
        await asyncio.Event().wait()
    if HOW == "leaks" or (HOW == "leaks-later" and turns >= 2):
        await leak()
    if HOW == "deaf":
        return
    messages: list[dict[str, Any]] = [{"role": "user", "content": text}]
    said = ""
    for _ in range(4):
        made = []
        async for delta in model(messages):
            made += delta.get("tool_calls", ())
            if delta.get("content"):
                said += delta["content"]
                update = {"type": "assistant_message.content_part.text_delta", "delta": delta["content"]}
                yield event(type="thread.item.updated", item_id="m", update=update)
        if not made:
            break
        messages.append({"role": "assistant", "tool_calls": made})
        messages += [{"role": "tool", "tool_call_id": call["id"], "content": "done"} for call in made]
    threads[thread].append({"id": f"m{next(ids)}", "type": "assistant_message", "text": said})


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """Every request type that the harness's own tests use."""
    body = await request.json()
    params = body["params"]
    if HOW == "locked":
        return JSONResponse({"detail": "who are you?"}, 401)
    if body["type"] == "threads.list":
        return JSONResponse({"data": [], "has_more": False, "after": None})
    if body["type"] == "threads.get_by_id":
        page = {"data": threads.get(params["thread_id"], []), "has_more": False}
        return JSONResponse({"id": params["thread_id"], "items": page})
    thread = params.get("thread_id") or f"thr_{next(ids)}"
    threads.setdefault(thread, [])
    text = params["input"]["content"][0]["text"]
    stream = turn(thread, text, body["type"] == "threads.create")
    return StreamingResponse(stream, media_type="text/event-stream")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--how", default="")
    parser.add_argument("--path", default="/chatkit")
    parser.add_argument("--model", default=MODEL)
    given = parser.parse_args()
    HOW, MODEL = given.how, given.model
    if given.path != "/chatkit":
        app.router.routes.clear()
        app.post(given.path)(chatkit)
    if HOW == "slow-start":
        listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
        threading.Event().wait(3)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
        sys.exit()
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", timeout_graceful_shutdown=1)
