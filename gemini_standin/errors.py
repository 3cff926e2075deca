"""Gemini's error bodies: the native error object, pretty-printed, in a list of one. A newline before `]`, none after.

`FAILURES` names those that a script can ask for; `failure` finds one by name or by HTTP status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .nearest import hint

STATUS_NAMES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""google.rpc.Code's names for the HTTP statuses it maps to."""

LONGEST_MESSAGE = 4_000
"""Characters. A name of a hundred kilobytes, which a request may have, is not said back whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One error as Gemini words it. `{model}` in the message is replaced by the model asked for."""

    code: int
    message: str
    status: str = ""
    details: tuple[Mapping[str, Any], ...] = ()

    def error(self) -> dict[str, Any]:
        """The native error object, without its list."""
        made: dict[str, Any] = {
            "code": self.code,
            "message": self.message[:LONGEST_MESSAGE],
            "status": self.status or STATUS_NAMES.get(self.code, "UNKNOWN"),
        }
        if self.details:
            made["details"] = [dict(d) for d in self.details]
        return {"error": made}

    def body(self) -> str:
        """The HTTP body."""
        return f"[{json.dumps(self.error(), indent=2, ensure_ascii=False)}\n]"


def detail(kind: str, **fields: Any) -> dict[str, Any]:
    """One entry of `details`, a google.rpc message of that kind."""
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


def missing_signature(tool: str, position: int) -> Failure:
    """The 400 for a call that came back without its thought signature.

    Args:
        position: of the content with the call, counted from 1.
    """
    return Failure(
        code=400,
        message="Function call is missing a thought_signature in functionCall parts. This is required for tools to "
        "work correctly, and missing thought_signature may lead to degraded model performance. Additional data, "
        f"function call `default_api:{tool}` , position {position}. Please refer to "
        "https://ai.google.dev/gemini-api/docs/thought-signatures for more details.",
    )


def unknown_name(name: str, where: str = "") -> str:
    """What Google's JSON reader says of a field that it does not know; `where` is the path it stands at."""
    at = f" at '{where}'" if where else ""
    return f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'


def unknown_fields(problems: Sequence[tuple[str, str]]) -> Failure:
    """The 400 for fields that Gemini does not know.

    Args:
        problems: (path, message) of each; a path of "" leaves `field` out, as for a name at the top level.
    """
    violations = [
        {"field": path, "description": message} if path else {"description": message} for path, message in problems
    ]
    return Failure(
        code=400,
        message="\n".join(message for _, message in problems),
        details=(detail("BadRequest", fieldViolations=violations),),
    )


_KEY_INVALID = "API key not valid. Please pass a valid API key."

FAILURES: Mapping[str, Failure] = {
    "invalid-argument": Failure(code=400, message="Request contains an invalid argument."),
    "key-invalid": Failure(
        code=400,
        message=_KEY_INVALID,
        details=(
            detail(
                "ErrorInfo",
                reason="API_KEY_INVALID",
                domain="googleapis.com",
                metadata={"service": "generativelanguage.googleapis.com"},
            ),
            detail("LocalizedMessage", locale="en-US", message=_KEY_INVALID),
        ),
    ),
    "missing-signature": missing_signature("a_tool", 2),
    "unknown-field": unknown_fields([("", unknown_name("store"))]),
    "location": Failure(
        code=400, status="FAILED_PRECONDITION", message="User location is not supported for the API use."
    ),
    "thinking-budget": Failure(code=400, message="Thinking budget is not supported for this model."),
    # No 401 of this endpoint was ever published (a bad key is a 400); the wording is that of Google's other APIs.
    "unauthenticated": Failure(
        code=401,
        message="Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    ),
    "key-leaked": Failure(code=403, message="Your API key was reported as leaked. Please use another API key."),
    "project-denied": Failure(code=403, message="Your project has been denied access. Please contact support."),
    "not-found": Failure(
        code=404,
        message="models/{model} is not found for API version v1main, or is not supported for generateContent. "
        "Call ModelService.ListModels to see the list of available models and their supported methods.",
    ),
    "closed-model": Failure(
        code=404,
        message="This model models/{model} is no longer available to new users. Please update your code to use a "
        "newer model for the latest features and improvements.",
    ),
    "quota-short": Failure(code=429, message="Resource has been exhausted (e.g. check quota)."),
    "prepay-depleted": Failure(
        code=429,
        message="Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage "
        "your project and billing.",
    ),
    "internal": Failure(code=500, message="Internal error encountered."),
    "high-demand": Failure(
        code=503,
        message="This model is currently experiencing high demand. Spikes in demand are usually temporary. "
        "Please try again later.",
    ),
    "overloaded": Failure(code=503, message="The model is overloaded. Please try again later."),
    # No 504 of this endpoint was ever published; the wording is that of Google's other APIs.
    "deadline": Failure(code=504, message="Deadline expired before operation could complete."),
}
"""The errors with a name, but for those of the quota, which are built from the model and the delay."""

NAMES = ("quota", "quota-day", *FAILURES)
"""Every name that a script's `body` may say."""

BY_STATUS: Mapping[int, str] = {
    400: "invalid-argument",
    401: "unauthenticated",
    403: "project-denied",
    404: "not-found",
    429: "quota",
    500: "internal",
    503: "high-demand",
    504: "deadline",
}
"""Which named error stands for a status when a script says no more."""

QUOTA_DELAY = "47.618338084s"
"""The wait in the quota error when a script names none: that of a published body of August 2026."""


DAY_DELAY = "19h34m29.8s"
"""The wait in the error of a day's quota when a script names none, as Google writes it since autumn 2026."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One of the free tier's quotas: the name that Google gives it, how much it is, and whether RetryInfo comes."""

    id: str
    limit: int
    has_delay: bool


MINUTE = Quota(id="GenerateRequestsPerMinutePerProjectPerModel-FreeTier", limit=15, has_delay=True)
DAY = Quota(id="GenerateRequestsPerDayPerProjectPerModel-FreeTier", limit=20, has_delay=False)


def quota(model: str, delay: str, which: Quota = MINUTE) -> Failure:
    """The 429 of the free tier: the wait is in the text, of a minute's quota in RetryInfo too, and in no header.

    Args:
        model: bare model name. delay: such as "1s" or "41.71s"; RetryInfo gets whole seconds of a fractional one.
    """
    metric = "generativelanguage.googleapis.com/generate_content_free_tier_requests"
    limits = "https://ai.google.dev/gemini-api/docs/rate-limits"
    violation = {
        "quotaMetric": metric,
        "quotaId": which.id,
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": str(which.limit),
    }
    return Failure(
        code=429,
        message="You exceeded your current quota, please check your plan and billing details. For more information on "
        f"this error, head to: {limits}. To monitor your current usage, head to: https://ai.dev/rate-limit. \n"
        f"* Quota exceeded for metric: {metric}, limit: {which.limit}, model: {model}\nPlease retry in {delay}.",
        details=(
            detail("Help", links=[{"description": "Learn more about Gemini API quotas", "url": limits}]),
            detail("QuotaFailure", violations=[violation]),
            *(_retry(_whole(delay)) if which.has_delay else ()),
        ),
    )


def _whole(delay: str) -> str:
    seconds = delay.removesuffix("s").partition(".")[0]
    return f"{seconds}s" if seconds.strip("0") else delay


def failure(name: str | None, code: int | None, model: str, retry_delay: str | None = None) -> Failure:
    """The failure of this name, else the one that stands for this status.

    Raises:
        ValueError: there is no such name.
    """
    model = model.removeprefix("models/")
    name = name or BY_STATUS.get(code or 500)
    if name is None:
        return Failure(code=code or 500, message=f"HTTP status {code}.", details=_retry(retry_delay))
    if name == "quota":
        found = quota(model, retry_delay or QUOTA_DELAY)
    elif name == "quota-day":
        found = quota(model, retry_delay or DAY_DELAY, DAY)
    elif name in FAILURES:
        row = FAILURES[name]
        found = Failure(
            code=row.code,
            status=row.status,
            message=row.message.replace("{model}", model),
            details=(*row.details, *_retry(retry_delay)),
        )
    else:
        raise ValueError(f"no error body {name!r}{hint(name, NAMES)}; bodies: {', '.join(NAMES)}")
    return found


def _retry(delay: str | None) -> tuple[Mapping[str, Any], ...]:
    return (detail("RetryInfo", retryDelay=delay),) if delay else ()
