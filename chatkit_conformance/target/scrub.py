"""Keep secrets out of what is written: transcripts, reports, logs.

Checks look for leaked secrets, so a transcript in memory is left as it came; it is scrubbed when it is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from ..transcript import JSON

_SHORTEST = 6
"""Anything shorter is a word rather than a secret, and replacing it would wreck the text."""


_HEAD = 6
"""First letters by which a text is looked for."""


def fingerprint(secret: str) -> str:
    """A stand-in for a secret that lets two be told apart: `<secret 3f2a91c0>`."""
    return f"<secret {hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}>"


class Known:
    """Texts that may not be written, and what is written for each.

    A run knows thousands of spellings, and most begin like others: what does not hold their first letters holds none.

    Args:
        marks: each text, and what stands for it.
    """

    def __init__(self, marks: Mapping[str, str]) -> None:
        self._rows: dict[str, tuple[tuple[str, str], ...]] = {}
        self._take(marks)

    def with_more(self, marks: Mapping[str, str]) -> Known:
        """These and those."""
        made = Known({})
        made._rows = dict(self._rows)
        made._take(marks)
        return made

    def _take(self, marks: Mapping[str, str]) -> None:
        by_head: dict[str, list[tuple[str, str]]] = {}
        for text, mark in marks.items():
            if len(text) >= _SHORTEST:
                by_head.setdefault(text[:_HEAD], []).append((text, mark))
        for head, rows in by_head.items():
            self._rows[head] = (*self._rows.get(head, ()), *rows)

    def found_in(self, text: str) -> list[str]:
        """Those that the text holds, the longest first."""
        return [known for known, _ in self._found(text)]

    def scrub(self, text: str) -> str:
        """The text with each of them replaced, the longest first."""
        for known, mark in self._found(text):
            text = text.replace(known, mark)
        return text

    def scrub_json(self, value: JSON) -> JSON:
        """The JSON value with each of them replaced, in keys and in texts."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {self.scrub_json(key): self.scrub_json(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.scrub_json(item) for item in value]
        return value

    def _found(self, text: str) -> list[tuple[str, str]]:
        there = (row for head, rows in self._rows.items() if head in text for row in rows)
        return sorted((row for row in there if row[0] in text), key=lambda row: -len(row[0]))


def scrub_text(text: str, secrets: Iterable[str]) -> str:
    """The text with each of the secrets replaced by its fingerprint, the longest first."""
    return Known({secret: fingerprint(secret) for secret in secrets}).scrub(text)


def scrub_json(value: JSON, secrets: Iterable[str]) -> JSON:
    """The JSON value with each of the secrets replaced, in keys and in texts."""
    return Known({secret: fingerprint(secret) for secret in secrets}).scrub_json(value)


def scrub_set_cookie(header: str) -> str:
    """A `set-cookie` line whose secret is replaced: name and attributes stay, for the checks that read them."""
    pair, semicolon, attributes = header.partition(";")
    name, equals, value = pair.partition("=")
    return f"{name}{equals}{fingerprint(value) if value else ''}{semicolon}{attributes}"
