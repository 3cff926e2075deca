"""A value for an argument that a tool must be given, and of which we have nothing to say.

It is made from what the schema tells: its format, its pattern, an example or a shape in its description, its name. A
tool that refuses the word `date` as a day is right, so no such word is sent where anything tells more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .vocabulary import words

DAY, MOMENT, CLOCK = "2030-01-01", "2030-01-01T10:00:00Z", "10:00"
"""A day, a moment and a time of day; the year is one that no server takes for past."""

FORMATS: Mapping[str, str] = {
    "date": DAY,
    "date-time": MOMENT,
    "time": "10:00:00",
    "duration": "PT30M",
    "email": "ann@example.com",
    "uri": "https://example.com/",
    "uuid": "6f1f3c1e-6d0c-4a51-9f0e-2b7f6d1a9c3e",
}
"""Values of the formats that JSON Schema names."""

SHAPES: Mapping[str, str] = {
    r"YYYY-MM-DD[T ]HH:MM": "2030-01-01T10:00:00",
    r"YYYY-MM-DD|ISO[- ]?8601 (?:day|date)\b|ISO date\b": DAY,
    r"ISO[- ]?8601|RFC ?3339": MOMENT,
    r"(?:DD|TT)\.MM\.(?:YYYY|JJJJ)": "01.01.2030",
    r"(?:DD/MM|MM/DD)/YYYY": "01/01/2030",
    r"YYYY/MM/DD": "2030/01/01",
    r"HH:MM:SS": "10:00:00",
    r"HH:MM": CLOCK,
    r"\bcron\b": "0 10 * * *",
}
"""What descriptions write of a value's shape, the longer ones first, and a value of it."""

NAMED: Mapping[str, str] = {
    **dict.fromkeys(("date", "day", "datum", "fecha", "on"), DAY),
    **dict.fromkeys(("datetime", "timestamp", "at", "moment", "deadline"), MOMENT),
    **dict.fromkeys(("time", "uhrzeit", "hora", "heure"), CLOCK),
    **dict.fromkeys(("email", "mail"), FORMATS["email"]),
    **dict.fromkeys(("url", "uri", "link", "website"), FORMATS["uri"]),
    **dict.fromkeys(("timezone", "tz"), "UTC"),
    "currency": "EUR",
    "country": "DE",
    "phone": "+49301234567",
}
"""Last words of names that tell what a value is."""

_EXAMPLE = re.compile(
    r"(?:\be\.\s?g\.|\beg\b|\bfor (?:example|instance)\b|\bexamples?\b|\bsuch as\b|\bz\.\s?B\.|\bpar exemple\b"
    r"|\bpor ejemplo\b|\bper esempio\b)[\s:,=(]*"
    r"(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)'|`(?P<code>[^`]+)`|“(?P<curly>[^”]+)”|(?P<bare>[^\s,;()]+))",
    re.IGNORECASE,
)
"""An example in a description, within quotation marks or one word."""

_YEAR = re.compile(r"\b20\d\d(?=[-/]\d\d)|(?<=\d\d[./])20\d\d\b")


def plausible_text(name: str, schema: Mapping[str, Any]) -> str:
    """A text for an argument of this name, as far as its schema tells what it is; else the name itself."""
    pattern = schema.get("pattern")
    found = [text for text in _candidates(name, schema) if _fits(pattern, text)]
    text = found[0] if found else name
    if isinstance(least := schema.get("minLength"), int) and 0 < len(text) < least:
        text = (text * least)[:least]
    most = schema.get("maxLength")
    return text[:most] if isinstance(most, int) and most > 0 else text


def plausible_number(schema: Mapping[str, Any]) -> int | float:
    """A number that the schema takes: its least, else 1 or its most."""
    for key, more in (("minimum", 0), ("exclusiveMinimum", 1)):
        if isinstance(least := schema.get(key), int | float) and not isinstance(least, bool):
            return least + more
    most = schema.get("maximum")
    return min(1, most) if isinstance(most, int | float) else 1


def _candidates(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Values, the likeliest first; the last ones are for a pattern that none of the others fits."""
    if (told := FORMATS.get(str(schema.get("format")))) is not None:
        yield told
    said = str(schema.get("description") or "")
    if (example := _EXAMPLE.search(said)) is not None:
        # The day of an example may well be over by now, and a tool may refuse it for that.
        yield _YEAR.sub(DAY[:4], next(text for text in example.groups() if text)).rstrip(".:").strip()
    for shape, value in SHAPES.items():
        if re.search(shape, said, re.IGNORECASE):
            yield value
    if (told := NAMED.get((words(name) or [""])[-1])) is not None:
        yield told
    yield name
    if schema.get("pattern"):
        yield from (*FORMATS.values(), *SHAPES.values(), *NAMED.values(), "1", "A1", "a", "A", "AB", "ABC", "12345")


def _fits(pattern: object, text: str) -> bool:
    try:
        return pattern is None or re.search(str(pattern), text) is not None
    except re.error:  # a pattern in another dialect
        return True
