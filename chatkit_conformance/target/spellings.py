"""How a secret may be spelled: as it is, and in what programs make of a text before they show it.

A server that echoes a token in base64 has told it, and so has a log in hexadecimal. In base64 the letters depend on
where in three bytes the secret begins, so each of the three is looked for, without the letters that it shares with its
neighbours. Each spelling may stand in a JSON text, and that in another.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

_NUMBER = re.compile("%[0-9A-F]{2}")

LINE = 76
"""Letters of base64 in a line of MIME (RFC 2045)."""

BYTEWISE = (("%", ""), ("\\x", ""), ("\\u00", ""), ("&#x", ";"), ("", ":"), ("", " "), ("", ""))
"""What stands before and behind each byte's number where all are written so."""


def spellings(secret: str) -> tuple[str, ...]:
    """The secret in every spelling whose letters' case matters, each once."""
    return _in_json(_as_text(secret))


def folded(secret: str) -> tuple[str, ...]:
    """The secret in numbers, whose letters may be capitals, or partly so; here in small ones."""
    return _in_json(_as_numbers(secret))


def _in_json(plain: Iterator[str]) -> tuple[str, ...]:
    """Each as it is, and as JSON writes it, once and twice."""
    found: dict[str, None] = {}
    for spelled in plain:
        once = json.dumps(spelled)[1:-1]
        found.update(dict.fromkeys((spelled, once, json.dumps(once)[1:-1])))
    return tuple(found)


def _as_text(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1].replace("/", "\\/")
    yield html.escape(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    yield (percent := quote(raw, safe=""))
    yield _NUMBER.sub(lambda found: found[0].lower(), percent)
    yield (wide := base64.b32encode(raw).decode().rstrip("="))
    yield wide.lower()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            text = encode(b"\0" * before + raw).decode()
            first = -(-before * 8 // 6)
            yield text[first : (before + len(raw)) * 8 // 6]
    lines = [text[n : n + LINE] for text in (base64.b64encode(raw).decode(),) for n in range(0, len(text), LINE)]
    yield from ("\n".join(lines), "\r\n".join(lines))


def _as_numbers(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    for before, behind in BYTEWISE:
        yield (before + raw.hex("\n").replace("\n", behind + before) + behind).rstrip(" :")
    if not secret.isascii():
        yield "".join(f"\\u{ord(letter):04x}" for letter in secret)
