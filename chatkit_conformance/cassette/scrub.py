"""What must not be in a cassette, taken out before anything is kept: on the way in, not on the way to the file.

Headers are kept by a list of those that are wanted; texts are searched for the secrets that are known, and for anything
that is shaped like a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..target.scrub import Known
from ..target.secret import SHORTEST
from ..target.spellings import folded, spellings

SCRUBBED = "<scrubbed>"

KEPT_REQUEST_HEADERS = ("accept", "content-type", "user-agent")
"""What tells how a server asks. All others are dropped, whatever they are called."""

NAMED_REQUEST_HEADERS = ("authorization", "x-goog-api-key", "openai-organization", "openai-project", "cookie")
"""Headers whose presence matters and whose value is secret: the name stays."""

DROPPED_RESPONSE_HEADERS = frozenset(
    {
        "set-cookie",
        "openai-organization",
        "openai-project",
        "x-request-id",
        "transfer-encoding",
        "content-length",
        "content-encoding",
        "connection",
        "keep-alive",
        "date",
        "report-to",
        "nel",
        "cf-ray",
    }
)
"""Headers of an answer that are secret, that name an account or a request, or that speak of the transfer."""

KEY_SHAPES = re.compile(
    r"\bAIza[0-9A-Za-z_-]{16,}"  # Google API keys; the real ones have 35 characters after the prefix
    r"|\bAQ\.[0-9A-Za-z_.-]{8,}"  # Google's newer keys
    r"|\bya29\.[0-9A-Za-z_.-]{8,}"  # Google OAuth tokens
    r"|\bsk-[0-9A-Za-z_-]{12,}"  # OpenAI keys
    r"|\b(?:org|proj)-[0-9A-Za-z-]{8,}"  # OpenAI organisations and projects
    r"|\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*"  # JSON Web Tokens
    r"|(?<=\bBearer )(?!<scrubbed>)[0-9A-Za-z_.~+/=-]{8,}"
    r"|(?<=[?&]key=)(?!<scrubbed>)[^&\s\"']+"
    r"|\bprojects/\d{6,}|\bproject_number:\d{6,}"
)
"""Anything that is shaped like a credential, or names an account."""


def scrub_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the known secrets and without anything shaped like one."""
    return KEY_SHAPES.sub(SCRUBBED, _known(frozenset(secrets)).scrub(text))


@lru_cache(maxsize=16)
def _known(secrets: frozenset[str]) -> Known:
    """The secrets in every spelling; of one that is as short as a word, only itself."""
    long = [secret for secret in secrets if len(secret) >= SHORTEST]
    exact = {*secrets, *(text for secret in long for text in spellings(secret))}
    small = {text for secret in long for text in folded(secret)}
    return Known(dict.fromkeys(exact, SCRUBBED), dict.fromkeys(small, SCRUBBED))


def request_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """The headers of a request that are kept."""
    made = {}
    for name, value in headers.items():
        bare = name.lower()
        if bare in KEPT_REQUEST_HEADERS:
            made[bare] = scrub_text(value, secrets)
        elif bare in NAMED_REQUEST_HEADERS:
            made[bare] = f"Bearer {SCRUBBED}" if value.startswith("Bearer ") else SCRUBBED
    return dict(sorted(made.items()))


def response_headers(headers: Iterable[tuple[str, str]], secrets: Iterable[str] = ()) -> dict[str, list[str]]:
    """The headers of an answer that are kept, those that came several times with each value."""
    made: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() not in DROPPED_RESPONSE_HEADERS:
            made.setdefault(name.lower(), []).append(scrub_text(value, secrets))
    return dict(sorted(made.items()))


def found_secrets(text: str) -> list[str]:
    """Everything in a text that is shaped like a credential, cut short for a message."""
    return [f"{found[:10]}…" for found in KEY_SHAPES.findall(text)]
