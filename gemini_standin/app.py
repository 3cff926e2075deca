"""The stand-in itself: what it holds, and how a request for words is answered. Its routes stand in routes.py."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .cassettes import CassettePlayer
from .conversation import nonces
from .dialect import dialect
from .entry import Entry
from .errors import LONGEST_MESSAGE, Failure
from .gates import Gates
from .ids import Draws
from .improvise import improvised
from .journal import Journal
from .lateness import Lateness
from .match import Match, ScriptRegistry
from .native.writer import NativeSend
from .nesting import read_json
from .passing import Upstream, heeded
from .refuse import Request, authorization, judge
from .replay import Replay, miss
from .reply import Reply
from .routes import routes
from .settings import Settings
from .split import Splitter
from .step import Step
from .structured import fitted, schema_asked
from .wire import End, Line, Receive, Scope, Send, headers, send_whole


class Standin:
    """Gemini, standing in.

    Args:
        settings: what it begins with.
        player: cassettes that answer what no script does; None: there are none.
    """

    def __init__(self, settings: Settings, player: CassettePlayer | None = None) -> None:
        self.player = player
        self._first = settings
        self.lateness = Lateness()
        self.reset()
        self._router = routes(self)

    def reset(self) -> None:
        """Forget scripts, gates, requests and changed settings. What is still being answered is answered to its end."""
        self.journal = Journal()
        self.gates = Gates()
        self.registry = ScriptRegistry(opened=self.gates.opened)
        self.set(self._first)

    def set(self, settings: Settings) -> None:
        """Change the settings from the next request on."""
        self.settings = settings
        self.registry.default = settings.default_script
        self.registry.families = settings.family_scripts
        self.journal.light = settings.journal == "light"
        self.upstream = Upstream(settings.upstream) if settings.upstream else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        await self._router(scope, receive, send)

    async def chat(self, head: Mapping[str, str], send: Send, entry: Entry, line: Line | None) -> End:
        """Answer a request for words; returns what is left to do with its connection.

        Args:
            head: the request's headers, in small letters. line: the connection below HTTP, where there is one.
        """
        body = _object(entry.raw)
        # By its key: a guardrail may well ask with another HTTP client than the agent does.
        match = self.registry.match(body or {}, str(entry.headers.get("authorization")))
        spoken = dialect(match.profile or self.settings.profile)
        entry.nonce, entry.position = match.place.nonce, match.place.position
        entry.attempt, entry.side, entry.matched = match.attempt, match.side, match.step is not None
        entry.profile, entry.status, entry.title = spoken.name, 200, match.title
        zipped = self.settings.gzip and "gzip" in head.get("accept-encoding", "")
        found = self.player.find(entry.method, entry.path, body) if self.player and not entry.matched and body else None
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
        if self.player and not entry.matched and not refusal:
            refusal = miss(self.player.misses[-1])
        self.journal.file(entry)
        if refusal:
            entry.status = refusal.code
            text = refusal.body()
            entry.sent.append((time.monotonic(), text))
            took = time.monotonic() - entry.at
            await send_whole(send, refusal.code, headers("application/json", took, zipped), text.encode(), zipped)
            return End.WHOLE
        step = self._step(match, body or {})
        splitter = self._splitter(step, match, entry)
        if isinstance(send, NativeSend):
            send.splitter = splitter.in_front(send.NEVER)
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
            splitter=splitter,
            line=line,
            earlier_id=self.journal.last_id(nonces(body)) if step.fault and step.fault.kind == "repeated-ids" else "",
        )
        return await reply.write()

    async def pass_on(
        self,
        upstream: Upstream,
        head: Mapping[str, str],
        send: Send,
        entry: Entry,
        *,
        raw: bytes,
        sent: Mapping[str, str],
        query: str = "",
    ) -> End:
        """Have the real Gemini answer a request for words; returns what is left to do with its connection.

        Args:
            head: the request's headers, in small letters. raw, sent: its body and its headers as they came; entry and
                head hold the chat completion that asks for the same.
        """
        body = _object(entry.raw)
        match = self.registry.match(body or {}, str(entry.headers.get("authorization")))
        entry.nonce, entry.position = match.place.nonce, match.place.position
        entry.attempt, entry.side, entry.matched = match.attempt, match.side, True
        self._refusal(entry, head, body, self.settings.profile)
        ours, entry.complaints = entry.complaints, ()
        self.journal.file(entry)
        end = await upstream.answer(entry, raw, sent, send, query=query, native=raw is not entry.raw)
        entry.complaints = heeded(entry, ours)
        return end

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

    def _refusal(
        self, entry: Entry, head: Mapping[str, str], body: dict[str, Any] | None, profile: str
    ) -> Failure | None:
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
        entry.complaints = tuple(complaint[:LONGEST_MESSAGE] for complaint in complaints)
        return found


def _key(match: Match, entry: Entry) -> str:
    """What a reply's random values hang on: the conversation, so that they do not depend on what runs beside it."""
    if not match.place.nonce:
        return f"call {entry.n}"
    return f"{match.place.nonce} {match.place.position} {match.attempt} {match.side}"


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = read_json(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _excerpt(raw: bytes) -> str:
    return raw[:40].decode("utf-8", "replace")
