"""How a secret may be spelled: as it is, and in what programs make of a text before they show it.

A server that echoes a token in base64 has told it, and so has a log in hexadecimal. In base64 the letters depend on
where in three bytes the secret begins, so each of the three is looked for, without the letters that it shares with its
neighbours.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote


def spellings(secret: str) -> tuple[str, ...]:
    """The secret in every spelling, each once."""
    return tuple(dict.fromkeys(_all(secret)))


def _all(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1].replace("/", "\\/")
    yield html.escape(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    yield (percent := quote(raw, safe=""))
    yield _lower_percent(percent)
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield "".join(f"%{byte:02x}" for byte in raw)
    yield raw.hex()
    yield raw.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            text = encode(b"\0" * before + raw).decode()
            first = -(-before * 8 // 6)
            yield text[first : (before + len(raw)) * 8 // 6]


def _lower_percent(text: str) -> str:
    parts = text.split("%")
    return "%".join((parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])))
