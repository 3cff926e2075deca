"""One kind of failure for everything that Gemini can do wrong, with words that a user can read.

Gemini's error bodies are one-element lists around the native error object. The OpenAI SDK reads only bare objects: it
loses the message, and it does not know that the wait stands in `RetryInfo` or in the text ("Please retry in 41.7s.").

The user reads our words. Gemini's, or a gateway's, may quote the request, a key or a traceback: they go to the log,
under a reference that the user is shown as well.
"""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import openai

# What the interface of Google's errors calls "try again later": rate limit and the server's own troubles.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_LONGEST_SAID = 2000
# Beyond an hour nobody waits in front of the window: to offer "retry" would be to send the user into the same wall.
_LONGEST_WAIT_S = 3600.0
_NUMBER = r"\d{1,9}(?:\.\d{1,12})?"
_WAIT_IN_TEXT = re.compile(rf"[Rr]etry in (?:(\d{{1,6}})h)?(?:(\d{{1,6}})m)?({_NUMBER})\s*(ms|s)\b")
_SECONDS = re.compile(rf"^({_NUMBER})s?$")
# A key in Google's two forms, and as gateways write theirs; the log must not hold one either.
_KEY = re.compile(r"\b(AIza[0-9A-Za-z_-]{8,}|AQ\.[0-9A-Za-z_.-]{8,}|sk-[0-9A-Za-z_-]{8,}|Bearer\s+[^\s\"']{8,})")
# A word of Google's for what went wrong: RESOURCE_EXHAUSTED, function_call_filter: MALFORMED_FUNCTION_CALL.
_WORD = re.compile(r"[A-Za-z_]{1,40}(?:: [A-Za-z_]{1,40})?")


class GeminiFailure(Exception):
    """Gemini did not give an answer.

    `message` is for the user, in our words, and names the `reference` under which the log has what Gemini `said`.
    `passing`: the same request may succeed later. `retry_after_s`: how long Gemini asks to
    wait, in seconds. `ask_again`: worth one immediate second request (an empty or malformed answer recovers often).
    `status`: the HTTP status or the code in the error body.
    """

    def __init__(
        self,
        message: str,
        *,
        passing: bool = True,
        retry_after_s: float | None = None,
        ask_again: bool = False,
        status: int | None = None,
        said: str = "",
    ) -> None:
        self.reference = secrets.token_hex(4) if said else ""
        self.message = f"{message} (reference {self.reference})" if said else message
        self.said = _KEY.sub("[key]", said).strip()[:_LONGEST_SAID]
        super().__init__(self.message)
        self.passing = passing
        self.retry_after_s = retry_after_s
        self.ask_again = ask_again
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """What Gemini's error body says. `code` is its number, `status` its word ("NOT_FOUND")."""

    code: int | None
    status: str
    message: str
    retry_after_s: float | None


def error_in(value: Any) -> ErrorBody | None:
    """The error that `value` (parsed JSON) carries, bare or in Gemini's one-element list; None when it is none."""
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, dict) and one.get("error")), None)
    if not isinstance(value, dict) or not value.get("error"):
        return None
    error = value["error"]
    if not isinstance(error, dict):
        return ErrorBody(code=None, status="", message=str(error), retry_after_s=None)
    code = error.get("code")
    message = str(error.get("message") or "no message")
    return ErrorBody(
        code=code if isinstance(code, int) and 0 < code < 1000 else None,
        status=str(error.get("status") or ""),
        message=message,
        retry_after_s=_wait_in(error.get("details"), message),
    )


def from_body(body: ErrorBody, *, http_status: int | None = None) -> GeminiFailure:
    """The failure that an error body means."""
    code = body.code or http_status
    said = body.message
    name = " ".join(part for part in (str(code) if code else "", word(body.status)) if part)
    if code == 429:
        when = f" Try again in {_seconds(body.retry_after_s)}." if body.retry_after_s is not None else ""
        return GeminiFailure(
            f"Gemini's rate limit is reached.{when} ({name})",
            said=said,
            retry_after_s=body.retry_after_s,
            # A spent prepayment does not come back by waiting, nor does a day's quota while the user looks.
            passing="depleted" not in said and (body.retry_after_s or 0.0) < _LONGEST_WAIT_S,
            status=429,
        )
    if code in _PASSING:
        return GeminiFailure(
            f"Gemini is not available right now ({name}).", said=said, retry_after_s=body.retry_after_s, status=code
        )
    # Inside a stream an error may come without a code: nobody knows whether it passes, so trying again is offered.
    why = {
        401: "does not accept this server's key",
        403: "does not accept this server's key",
        404: "does not know this model",
    }
    what = why.get(code or 0, "refused the request")
    return GeminiFailure(f"Gemini {what} ({name or 'error'}).", said=said, passing=code is None, status=code)


def word(text: str) -> str:
    """A word of Google's for what went wrong, or "" where it is anything else, which no user is to read."""
    return text if _WORD.fullmatch(text) else ""


def from_exception(error: Exception, *, silence_s: float) -> GeminiFailure | None:
    """The failure that an exception of the OpenAI SDK means; None for one that is not about Gemini."""
    if isinstance(error, GeminiFailure):
        return error
    if isinstance(error, openai.APITimeoutError) and timed_out(error):
        return GeminiFailure(f"Gemini said nothing for {silence_s:g} s.")
    if isinstance(error, openai.APIStatusError):
        try:
            body = error_in(error.response.json())
        except (ValueError, RuntimeError):
            body = None
        if body is None:
            body = ErrorBody(code=None, status="", message="no readable error body", retry_after_s=None)
        if body.retry_after_s is None:
            body = replace(body, retry_after_s=_wait_in_header(error.response.headers))
        return from_body(body, http_status=error.status_code)
    if isinstance(error, openai.APIConnectionError):
        return GeminiFailure("Gemini could not be reached.")
    if isinstance(error, openai.OpenAIError):
        return GeminiFailure(f"Gemini's answer could not be read ({type(error).__name__}).")
    return None


def timed_out(error: BaseException) -> bool:
    """Whether a deadline is at the root of `error`. The aiohttp transport calls a lost connection a timeout too."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TimeoutError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def from_text(text: str) -> GeminiFailure:
    """The failure that a text means which should have been a stream: an error body, or something else altogether."""
    try:
        body = error_in(json.loads(text))
    except (ValueError, RecursionError):
        body = None
    if body is not None:
        return from_body(body)
    return GeminiFailure("Gemini's answer was not an event stream.")


def _wait_in_header(headers: Mapping[str, str]) -> float | None:
    """The wait of a Retry-After header, as seconds or as a date (RFC 9110, section 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if found := _SECONDS.match(text):
        return float(found[1])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _wait_in(details: Any, message: str) -> float | None:
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and (found := _SECONDS.match(delay)) and math.isfinite(wait := float(found[1])):
            return wait
    if found := _WAIT_IN_TEXT.search(message):
        seconds = float(found[3].rstrip(".")) * (0.001 if found[4] == "ms" else 1.0)
        wait = seconds + 60 * float(found[2] or 0) + 3600 * float(found[1] or 0)
        return wait if math.isfinite(wait) else None
    return None


def _seconds(wait_s: float | None) -> str:
    return f"{max(1, round(wait_s or 0))} s" if (wait_s or 0) < 600 else f"{round((wait_s or 0) / 3600, 1):g} h"
