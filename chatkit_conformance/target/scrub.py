"""Keep secrets out of what is written: transcripts, reports, logs.

Checks look for leaked secrets, so a transcript in memory is left as it came; it is scrubbed when it is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from ..transcript import JSON

_SHORTEST = 6
"""Anything shorter is a word rather than a secret, and replacing it would wreck the text."""


DIGITS = 12
"""First digits by which a text is looked for that is written in numbers."""

_BETWEEN = b"0%\\xu&#;: \r\n"

_HEAD = 6
"""First letters by which a text is looked for."""


def fingerprint(secret: str) -> str:
    """A stand-in for a secret that lets two be told apart: `<secret 3f2a91c0>`."""
    return f"<secret {hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}>"


class Known:
    """Texts that may not be written, and what is written for each.

    A run knows thousands of spellings, and most begin like others: what does not hold their first letters holds none.

    Args:
        marks: each text, and what stands for it. folded: the same of texts that are written in hexadecimal numbers, in
        small letters; they count in capitals too.
    """

    def __init__(self, marks: Mapping[str, str], folded: Mapping[str, str] | None = None) -> None:
        self._exact: Rows = {}
        self._folded: Rows = {}
        self._digits: set[bytes] = set()
        self._take(marks, folded or {})

    def with_more(self, marks: Mapping[str, str], folded: Mapping[str, str] | None = None) -> Known:
        """These and those."""
        made = Known({})
        made._exact, made._folded, made._digits = dict(self._exact), dict(self._folded), set(self._digits)
        made._take(marks, folded or {})
        return made

    def _take(self, marks: Mapping[str, str], folded: Mapping[str, str]) -> None:
        for rows, more in ((self._exact, marks), (self._folded, folded)):
            by_head: dict[str, dict[int, dict[str, str]]] = {}
            for text, mark in more.items():
                if len(text) >= _SHORTEST:
                    by_head.setdefault(text[:_HEAD], {}).setdefault(len(text), {})[text] = mark
            for head, found in by_head.items():
                before = rows.get(head, {})
                rows[head] = {n: {**before.get(n, {}), **found.get(n, {})} for n in (*before, *found)}
        self._digits |= {_digits_of(text)[:DIGITS] for text in folded if len(text) >= _SHORTEST}

    def found_in(self, text: str) -> list[str]:
        """Those that the text holds, the longest first."""
        return [known for known, _, _ in self._found(text)]

    def scrub(self, text: str) -> str:
        """The text with each of them replaced, the longest first."""
        for known, mark, exact in self._found(text):
            text = text.replace(known, mark) if exact else mark.join(_folded(known).split(text))
        return text

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """From where to where each of them stands in the text, with its mark, in order and apart from one another."""
        spans: list[tuple[int, int, str]] = []
        for known, mark, exact in self._found(text):
            for found in (re.compile(re.escape(known)) if exact else _folded(known)).finditer(text):
                if all(found.end() <= since or found.start() >= to for since, to, _ in spans):
                    spans.append((found.start(), found.end(), mark))
        return sorted(spans)

    def scrub_json(self, value: JSON) -> JSON:
        """The JSON value with each of them replaced, in keys and in texts."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {self.scrub_json(key): self.scrub_json(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.scrub_json(item) for item in value]
        return value

    def _found(self, text: str) -> list[tuple[str, str, bool]]:
        """Those that are there: the text, its mark, and whether its letters' case counts; the longest first."""
        found = [(*row, True) for row in _rows_in(text, self._exact)]
        if self._digits:
            # Each of a dozen ways to write numbers has the same digits, which are looked for at once.
            small = text.lower()
            digits = _digits_of(small)
            if any(first in digits for first in self._digits):
                found += [(*row, False) for row in _rows_in(small, self._folded)]
        return sorted(found, key=lambda row: -len(row[0]))


Rows = dict[str, dict[int, dict[str, str]]]
"""Texts and their marks, by the first letters of the text and its length: a thousand tokens have the same beginning."""


def _rows_in(text: str, known: Rows) -> Iterator[tuple[str, str]]:
    return (row for head, by_length in known.items() if head in text for row in _begun_by(head, text, by_length))


def _begun_by(head: str, text: str, by_length: dict[int, dict[str, str]]) -> Iterable[tuple[str, str]]:
    """Those that stand where the head stands: each place is looked up once for each length, and not for each text."""
    found: dict[str, str] = {}
    at = text.find(head)
    while at >= 0:
        for length, marks in by_length.items():
            if (mark := marks.get(there := text[at : at + length])) is not None:
                found[there] = mark
        at = text.find(head, at + 1)
    return found.items()


def _digits_of(text: str) -> bytes:
    """The text without what stands between numbers, and without noughts, with which some begin."""
    return text.encode("utf-8", "surrogatepass").translate(None, _BETWEEN)


def _folded(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text), re.IGNORECASE)


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
