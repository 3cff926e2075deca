"""Keep secrets out of what is written: transcripts, reports, logs.

Checks look for leaked secrets, so a transcript in memory is left as it came; it is scrubbed when it is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ..transcript import JSON

_SHORTEST = 6
"""Anything shorter is a word rather than a secret, and replacing it would wreck the text."""


def fingerprint(secret: str) -> str:
    """A stand-in for a secret that lets two be told apart: `<secret 3f2a91c0>`."""
    return f"<secret {hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}>"


def scrub_text(text: str, secrets: Iterable[str]) -> str:
    """The text with each of the secrets replaced by its fingerprint, the longest first."""
    return _text(text, _longest_first(secrets))


def scrub_json(value: JSON, secrets: Iterable[str]) -> JSON:
    """The JSON value with each of the secrets replaced, in keys and in texts."""
    return _json(value, _longest_first(secrets))


def _longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True))


def _text(text: str, known: tuple[str, ...]) -> str:
    for secret in known:
        if secret in text:
            text = text.replace(secret, fingerprint(secret))
    return text


def _json(value: JSON, known: tuple[str, ...]) -> JSON:
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, dict):
        return {_json(key, known): _json(item, known) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item, known) for item in value]
    return value


def scrub_set_cookie(header: str) -> str:
    """A `set-cookie` line whose secret is replaced: name and attributes stay, for the checks that read them."""
    pair, semicolon, attributes = header.partition(";")
    name, equals, value = pair.partition("=")
    return f"{name}{equals}{fingerprint(value) if value else ''}{semicolon}{attributes}"
