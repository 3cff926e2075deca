"""The ASGI application: Gemini's face under /v1beta/openai/, the control side under /_standin/."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from datetime import date
from typing import Any

from .cassettes import Shelf
from .control import PREFIX, control
from .conversation import NONCE, nonces
from .dialect import dialect
from .errors import Failure, failure
from .gates import Gates
from .ids import Draws
from .improvise import improvised
from .journal import Entry, Journal
from .lateness import Lateness
from .match import Match, ScriptRegistry
from .models import MODELS, listing, notice
from .refuse import Request, authorization, judge
from .replay import Replay, miss
from .reply import Reply
from .settings import Settings
from .split import Splitter
from .step import Step
from .stream import until_gone
from .structured import fitted, schema_asked
from .wire import LINE, End, Line, Receive, Scope, Send, headers, send_whole

FACE = "/v1beta/openai/"
LARGEST_BODY = 20 * 1024 * 1024
"""Bytes. Gemini's own limit for a request with inline data."""

DROPPED_WITHIN_S = 5.0

NOT_FOUND = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That\u2019s an error.</ins>
  <p>The requested URL <code>{path}</code> was not found on this server.  <ins>That\u2019s all we know.</ins>
</html>
"""


class TooLarge(Exception):
    """A request body beyond LARGEST_BODY."""


class Standin:
    """Gemini, standing in.

    Args:
        settings: what it begins with. today: the day on which models retire or not; None asks the calendar.
        shelf: cassettes that answer what no script does; None: there are none.
    """

    def __init__(self, settings: Settings, today: date | None = None, shelf: Shelf | None = None) -> None:
        self.shelf = shelf
        self.journal = Journal()
        self.gates = Gates()
        self.book = ScriptRegistry(opened=self.gates.opened)
        self.lateness = Lateness()
        self._today = today
        self.set(settings)

    def set(self, settings: Settings) -> None:
        """Change the settings from the next request on."""
        self.settings = settings
        self.book.default = settings.default_script
        self.book.families = settings.family_scripts
        self.journal.light = settings.journal == "light"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]
        try:
            raw = await _body(receive)
        except TooLarge:
            text = f"Request payload size exceeds the limit: {LARGEST_BODY} bytes."
            body = Failure(code=400, message=text).body().encode()
            await send_whole(send, 400, headers("application/json", 0.0, zipped=False), body)
            return
        if path.startswith(PREFIX):
            status, value = await control(self, method, path, scope["query_string"], raw)
            head = [(b"content-type", b"application/json")]
            await send_whole(send, status, head, json.dumps(value).encode())
            return
        entry = self.journal.add(method=method, path=path, headers=scope["headers"], raw=raw)
        try:
            await self._answer(scope, receive, send, entry)
        finally:
            if not entry.ended:
                entry.gone_at = time.monotonic()
            self.journal.close(entry)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        if (entry.method, entry.path) == ("POST", f"{FACE}chat/completions"):
            line = scope.get("extensions", {}).get(LINE)
            end = await until_gone(self._chat(_plain(scope["headers"]), send, entry, line), receive, entry)
            if line and end in (End.CLOSE, End.RESET):
                await _drop(line, receive, reset=end is End.RESET)
            return
        entry.nonce = next(reversed(NONCE.findall(entry.raw.decode("utf-8", "replace"))), "")
        self.journal.file(entry)
        status, content_type, text = self._listed(entry, _plain(scope["headers"]))
        entry.status = status
        entry.sent.append((time.monotonic(), text))
        await send_whole(send, status, headers(content_type, 0.0, zipped=False), text.encode())
        entry.finished_at = time.monotonic()

    def _listed(self, entry: Entry, head: dict[str, str]) -> tuple[int, str, str]:
        """The model list, one model, or the front end's 404 for a path that is not Gemini's."""
        noun, _, name = entry.path.removeprefix(FACE).partition("/")
        if entry.method != "GET" or noun != "models" or not entry.path.startswith(FACE):
            return 404, "text/html; charset=UTF-8", NOT_FOUND.format(path=entry.path)
        refused = next(authorization(head), None)
        if refused is None and name and name.removeprefix("models/") not in MODELS:
            refused = failure("not-found", None, name)
        if refused:
            entry.complaints = (refused.message,)
            return refused.code, "application/json", refused.body()
        entry.matched = True
        value = listing()
        if name:
            value = next(m for m in value["data"] if m["id"] == f"models/{name.removeprefix('models/')}")
        return 200, "application/json", json.dumps(value, separators=(",", ":"))

    async def _chat(self, head: dict[str, str], send: Send, entry: Entry, line: Line | None) -> End:
        body = _object(entry.raw)
        match = self.book.match(body or {}, f"{entry.headers.get('authorization')}/{head.get('user-agent')}")
        spoken = dialect(match.profile or self.settings.profile)
        entry.nonce, entry.position = match.place.nonce, match.place.position
        entry.attempt, entry.side, entry.matched = match.attempt, match.side, match.step is not None
        entry.profile, entry.status = spoken.name, 200
        zipped = self.settings.gzip and "gzip" in head.get("accept-encoding", "")
        found = self.shelf.find(entry.method, entry.path, body) if self.shelf and not entry.matched and body else None
        if found:
            entry.matched, entry.profile = True, found.cassette.name
            self.journal.file(entry)
            return await Replay(
                call=found.call,
                names=found.cassette.names,
                entry=entry,
                send=send,
                lateness=self.lateness,
                zipped=zipped,
                speed=self.settings.cassette_speed,
            ).write()
        refusal = self._refusal(entry, head, body, spoken.name)
        if self.shelf and not entry.matched and not refusal:
            refusal = miss(self.shelf.misses[-1])
        self.journal.file(entry)
        if refusal:
            entry.status = refusal.code
            text = refusal.body()
            entry.sent.append((time.monotonic(), text))
            took = time.monotonic() - entry.at
            await send_whole(send, refusal.code, headers("application/json", took, zipped), text.encode(), zipped)
            return End.WHOLE
        step = self._step(match, body or {})
        reply = Reply(
            step=step,
            body=body or {},
            dialect=spoken,
            entry=entry,
            send=send,
            draws=Draws(self.settings.seed, _key(match, entry)),
            gates=self.gates,
            lateness=self.lateness,
            pace=self.settings.pace,
            zipped=zipped,
            splitter=self._splitter(step, match, entry),
            line=line,
            earlier_id=self.journal.last_id(nonces(body)) if step.fault and step.fault.kind == "repeated-ids" else "",
        )
        return await reply.write()

    def _step(self, match: Match, body: dict[str, Any]) -> Step:
        """What is said: the script's step, or what was made up, as JSON where the request asks for that."""
        step = match.step or improvised(body) or Step(text=match.why)
        schema = schema_asked(body)
        return step if schema is None or match.side else fitted(step, schema)

    def _splitter(self, step: Step, match: Match, entry: Entry) -> Splitter:
        split = step.split
        if split is None or split.seed is None:
            return Splitter(split.by if split else (), Draws(self.settings.seed, f"split {_key(match, entry)}").random)
        return Splitter(split.by, Draws(split.seed, f"{match.place.position} {match.attempt}").random)

    def _refusal(self, entry: Entry, head: dict[str, str], body: dict[str, Any] | None, profile: str) -> Failure | None:
        if body is None:
            refusal = next(authorization(head), None) or Failure(
                code=400, message="Invalid JSON payload received. Unexpected token.\n" + _excerpt(entry.raw)
            )
            entry.complaints = (refusal.message,)
            return refusal
        request = Request(
            headers=head,
            body=body,
            dialect=dialect(profile),
            doubtful=self.settings.doubtful_fields == "refuse",
            schema_keywords=self.settings.schema_keywords,
        )
        found, complaints = judge(request, self.settings.silent_rules)
        retired = notice(str(body.get("model")), self._today or date.today())
        entry.complaints = (*complaints, retired) if retired else complaints
        return found


def _key(match: Match, entry: Entry) -> str:
    """What a reply's random values hang on: the conversation, so that they do not depend on what runs beside it."""
    if not match.place.nonce:
        return f"call {entry.n}"
    return f"{match.place.nonce} {match.place.position} {match.attempt} {match.side}"


def _plain(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _excerpt(raw: bytes) -> str:
    return raw[:40].decode("utf-8", "replace")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise TooLarge
        if not message.get("more_body"):
            return b"".join(parts)


async def _drop(line: Line, receive: Receive, reset: bool) -> None:
    """End the connection and wait until it is ended, so that the server adds no answer of its own."""
    if reset:
        await line.reset()
    else:
        line.close()
    async with asyncio.timeout(DROPPED_WITHIN_S):
        while (await receive())["type"] != "http.disconnect":
            pass
