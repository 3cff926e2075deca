"""The whole run as one transcript: what no single exchange can tell.

Its calls are all that the model was asked. Its notes:
    directed        whether the model was our stand-in
    egress_watched  whether it is seen where the target connects to: the egress proxy is its proxy, and is heeded
    egress_unseen   why it is not, or ""
    egress          every attempt to leave the machine: at, method, host, port
    gemini_share    percent of the requests to the model and connections to OpenAI that asked for a gemini-* model
    canaries        fingerprint of each secret of the run, by name
    leaks           secrets seen where none may be: secret, where (exchange, dialect, reply, or the server's log)
    chosen_models   the model that a user chose for a message, by its nonce
    clashes         ids that two items, threads or files have: kind, id, one_user, and where each was seen
    in_words        only where the model was asked in words
    turned_away     requests that met a 429 to the last: in_vain, how many came again for MOST_S; told_s, the longest
                    wait that the server named
    log             of a started server: lines, and the tracebacks in it, each its last line with how often it came
    deaths          ends of the server that no conversation brought about again, rows as of the note DIED
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..check import WHOLE_RUN
from ..diagnosis.asked import is_beside, is_responses
from ..diagnosis.tracebacks import tracebacks
from ..stream.chosen import chosen_models
from ..stream.clashes import clashes
from ..transcript import IN_WORDS, Call, Transcript
from .environment import TestEnvironment
from .leak_search import LeakSearch
from .unwatched import NOT_STARTED, unwatched


async def whole_run(
    environment: TestEnvironment,
    held: Iterable[Transcript],
    *,
    directed: bool,
    leaks: LeakSearch,
    deaths: Sequence[Mapping[str, Any]] = (),
    died_at: Sequence[float] = (),
) -> Transcript:
    """Make it, from the surroundings and the transcripts of the exchanges.

    Args:
        leaks: what was searched for secrets before.
        deaths: what `unexplained` tells. died_at: when the server ended by itself, each time: from then on, one that
            keeps nothing may give the same ids again.
    """
    transcripts = tuple(held)
    calls = await environment.standin.all_calls() if environment.standin else ()
    lines = list(environment.process.lines) if environment.process else []
    family = environment.process.family().values() if environment.process else ()
    unseen = await asyncio.to_thread(unwatched, family) if environment.process else NOT_STARTED
    times = [t.started_at for t in transcripts] + [t.ended_at for t in transcripts]
    return Transcript(
        exchange=WHOLE_RUN,
        calls=calls,
        started_at=min(times, default=0.0),
        ended_at=max(times, default=0.0),
        notes={
            "directed": directed,
            "egress_watched": not unseen,
            "egress_unseen": unseen,
            "egress": [asdict(attempt) for attempt in environment.egress.attempts],
            "gemini_share": gemini_share(calls, (attempt.host for attempt in environment.egress.attempts)),
            "canaries": environment.secrets.fingerprints(),
            "chosen_models": {nonce: model for t in transcripts for nonce, model in chosen_models(t).items()},
            "clashes": [clash for life in _lives(transcripts, died_at) for clash in clashes(life)],
            "leaks": list(leaks.found(environment.secrets, transcripts, calls, lines)),
            "turned_away": {"in_vain": environment.client.limit.vain, "told_s": environment.client.limit.longest_s},
            "log": {"lines": len(lines), "tracebacks": tracebacks(lines)},
            "exchanges": sorted({t.exchange for t in transcripts}),
            **({IN_WORDS: True} if any(IN_WORDS in t.notes for t in transcripts) else {}),
            "deaths": [dict(row) for row in deaths],
        },
    )


def _lives(transcripts: Sequence[Transcript], died_at: Sequence[float]) -> list[list[Transcript]]:
    """The transcripts of each life of the server."""
    lives: dict[int, list[Transcript]] = {}
    for t in transcripts:
        lives.setdefault(sum(at <= t.started_at for at in died_at), []).append(t)
    return list(lives.values())


def gemini_share(calls: Iterable[Call], hosts: Iterable[str]) -> float | None:
    """Percent of the model requests and connections to OpenAI that asked for a gemini-* model, or None without any.

    What asks the Responses API asks for no model of Gemini's, whatever its name: Gemini does not have that API.
    """
    read = [call for call in calls if not call.unread and not is_beside(call.path)]
    models = ["" if is_responses(call.path) else call.model.removeprefix("models/") for call in read]
    strays = [host for host in hosts if host == "openai.com" or host.endswith(".openai.com")]
    seen = len(models) + len(strays)
    return round(100 * len([m for m in models if m.startswith("gemini-")]) / seen, 1) if seen else None
