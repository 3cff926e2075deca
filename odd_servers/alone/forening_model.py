"""The club's model: a thread that listens to it, and another that hangs up where nobody wants to hear more."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

JSON = Any


class Inget(Exception):
    """The model gave no answer. `args[0]`: whether asking again may help."""


def listen(body: JSON, heard: queue.Queue[JSON], left: threading.Event) -> None:
    url = os.environ["GEMINI_BASE_URL"].rstrip("/") + "/chat/completions"
    headers = {"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"}
    try:
        with httpx.Client(timeout=httpx.Timeout(15, connect=3), trust_env=False) as client:
            for pause in (0.1, 0.3, None):
                with client.stream("POST", url, json=body, headers=headers) as response:
                    busy = response.status_code in (429, 500, 502, 503, 504)
                    if busy and pause is not None:
                        time.sleep(pause)
                        continue
                    if response.status_code != 200:
                        raise Inget(busy, f"HTTP {response.status_code}")
                    threading.Thread(target=hang_up, args=(response, left), daemon=True).start()
                    for delta in deltas_of(response):
                        heard.put(delta)
                    break
        heard.put(None)
    except Exception as error:
        heard.put(error)
    finally:
        left.set()


def hang_up(response: httpx.Response, left: threading.Event) -> None:
    left.wait()
    with contextlib.suppress(Exception):
        stream = response.extensions["network_stream"]
        stream.get_extra_info("socket").shutdown(2)


def deltas_of(response: httpx.Response) -> Iterator[JSON]:
    rest, reason = b"", ""
    for part in response.iter_bytes():
        *lines, rest = (rest + part).split(b"\n")
        for line in (each.decode().rstrip("\r") for each in lines):
            if not line or line.startswith(":") or line[5:].strip() == "[DONE]":
                continue
            if not line.startswith("data:"):
                raise Inget(True, "inget svar")
            chunk = json.loads(line[5:])
            if "error" in chunk:
                raise Inget(True, "avbrutet")
            for choice in chunk.get("choices") or ():
                reason = choice.get("finish_reason") or reason
                delta = choice.get("delta") or {}
                if not isinstance(delta.get("content") or "", str):
                    raise Inget(True, "inga ord")
                yield delta
    if reason == "length":
        yield {"content": " (avkortat)"}
    elif reason not in ("stop", "tool_calls"):
        raise Inget(not reason, reason or "avbrutet")


def collect(calls: list[JSON], piece: JSON) -> None:
    function, id = piece.get("function") or {}, piece.get("id")
    known = next((c for c in calls if id and c["id"] == id), None)
    if known is None and not function.get("name") and calls:
        known = calls[-1]
    if known is None:
        known = {"id": id or f"anrop{time.time_ns()}", "type": "function"}
        known["function"] = {"name": function.get("name") or "", "arguments": ""}
        calls.append(known)
    known["function"]["arguments"] += function.get("arguments") or ""
    known.update({name: piece[name] for name in ("extra_content",) if name in piece})
