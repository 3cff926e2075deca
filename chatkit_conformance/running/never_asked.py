"""Why the first turn never reached our stand-in, as far as anything tells: what the server printed comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..diagnosis.asked import is_stray, wrong_path
from ..diagnosis.printed import DATABASE, UNASKED, sign_in
from ..diagnosis.tracebacks import tracebacks
from ..transcript import Call, Reply
from .environment import TestEnvironment

STARTED = (
    "Let it read GEMINI_BASE_URL from the environment, or write {gemini_base_url} where it takes its base URL, in its "
    "command or [target.env]."
)
BY_URL = (
    "Start the server with GEMINI_BASE_URL=http://127.0.0.1:PORT/v1beta/openai/ and run with --standin-port PORT, or "
    "let the run start it: chatkit-conformance run -- COMMAND."
)


async def why_never_asked(environment: TestEnvironment, turn: Reply) -> str:
    """What surrounds the target tells of its first turn, which asked no model."""
    journal = await environment.standin.journal() if environment.standin else ()
    return never_asked(
        turn,
        started=environment.process is not None,
        printed=environment.printed(),
        strays=[call for call in journal if is_stray(call.path)],
        hosts=[attempt.host for attempt in environment.egress.attempts],
    )


def never_asked(
    turn: Reply, *, started: bool, printed: Sequence[str] = (), strays: Iterable[Call] = (), hosts: Iterable[str] = ()
) -> str:
    """One or two sentences: what came of the first turn, why no model was asked, and what to do.

    Args:
        turn: the first turn. started: whether this run started the server.
        printed: what the server printed meanwhile. strays: requests to the stand-in on other paths than Gemini's.
        hosts: where else it tried to connect.
    """
    came = f"the server never called the stand-in (its first turn: {_came(turn)})"
    if wrong := next((wrong_path(call.path) for call in strays if call.method == "POST"), None):
        return f"{wrong} Its first turn: {_came(turn)}."
    failed = bool(turn.errors) or turn.status >= 500 or turn.ended != "closed"
    if failed and not sign_in(printed, DATABASE) and (sign := sign_in(printed, UNASKED)):
        return f"{came}. {sign}"
    asked = ", ".join(dict.fromkeys(hosts))
    if found := tracebacks(printed):
        errors = "; ".join(dict.fromkeys(str(row["error"])[:300] for row in found))
        if asked:
            return (
                f"{came}: it tried to reach {asked} instead, and its output has an exception, {errors}. If its model "
                f"is asked there: {STARTED if started else BY_URL} Else mend the exception first."
            )
        return f"{came}: its output has an exception, {errors}. Mend that first."
    if turn.ended in ("deadline", "refused") or turn.status == 0:
        return f"{came}: it gave no answer in time, and asked no model meanwhile. See what it waits for in its output."
    if turn.status >= 400:
        return f"{came}: it refused the message. See its output for the reason."
    if asked:
        return f"{came}: it tried to reach {asked} instead. {STARTED if started else BY_URL}"
    if turn.errors:
        last = next((line.strip()[:300] for line in reversed(printed) if line.strip()), "")
        told = f" The last that it printed: {last}." if last else " It printed nothing."
        why = f"{came}: it reported an error before it asked a model.{told if started else ' See its log.'}"
        return f"{why} If its model is elsewhere: {STARTED if started else BY_URL}"
    if turn.ended == "cut":
        return f"{came}: its stream broke off before it had asked a model. See its output for the reason."
    return f"{came}. {STARTED if started else BY_URL}"


def _came(turn: Reply) -> str:
    errors = "; ".join(str((e.data or {}).get("message") or e.raw)[:200] for e in turn.errors)
    ended = "" if turn.ended == "closed" else f", ended {turn.ended}"
    body = f", {str(turn.body)[:160]}" if turn.body is not None else ""
    return f"HTTP {turn.status}, {len(turn.events)} events{body}{ended}" + (f": {errors}" if errors else "")
