"""What can be wrong with a field and with a whole request: tables, by group and name.

A field's value is given as the text that takes its place, so that it may be what no JSON parser makes: `NaN`, a number
of four hundred digits, two thousand brackets. The groups are what a seed draws from, so that none is forgotten.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

HUGE = 65_536
"""Characters of a huge text, four times what the ids and titles of any server need."""

MANY = 2_000
"""Elements of a huge list and levels of a deep value: parsers that recurse fail at a thousand."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "another kind": {
        "null": "null",
        "true": "true",
        "zero": "0",
        "minus one": "-1",
        "a fraction": "1.5",
        "two to the 63rd": "9223372036854775808",
        "an empty text": '""',
        "a text": '"conformance"',
        "a text of digits": '"1"',
        "an empty list": "[]",
        "a list of null": "[null]",
        "an empty object": "{}",
        "an object": '{"$ne":null}',
    },
    "huge": {
        "a text of 65,536 characters": '"' + "x" * HUGE + '"',
        "a number of 400 digits": "1" + "0" * 399,
        "a negative number of 400 digits": "-1" + "0" * 399,
        "a number of 400 decimals": "0." + "1" * 400,
        "a list of 2,000": "[" + ",".join(["null"] * MANY) + "]",
        "an object of 2,000 fields": "{" + ",".join(f'"k{n}":0' for n in range(MANY)) + "}",
    },
    "deep": {
        "2,000 lists in each other": "[" * MANY + "]" * MANY,
        "2,000 objects in each other": '{"a":' * MANY + "0" + "}" * MANY,
        "2,000 lists that are not closed": "[" * MANY,
    },
    "no JSON": {
        "NaN": "NaN",
        "Infinity": "Infinity",
        "minus Infinity": "-Infinity",
        "a number beyond all": "1e999",
        "a number that begins with 0": "01",
        "a hexadecimal number": "0x1F",
        "undefined": "undefined",
        "a text in single quotes": "'conformance'",
        "nothing": "",
        "two values": "1 2",
    },
    "an odd text": {
        "NUL": '"a\\u0000b"',
        "half a surrogate pair": '"a\\ud800b"',
        "the wrong half of a surrogate pair": '"\\udc00"',
        "letters beyond ASCII": '"ü植🌿"',
        "letters beyond ASCII, escaped": '"\\u00fc\\u690d\\ud83c\\udf3f"',
        "marks that turn the direction": '"\\u202eabc\\u2066"',
        "line ends": '"a\\r\\nset-cookie: b=c\\r\\n\\u2028"',
        "control characters": '"\\u0001\\u001b[2J\\u007f"',
        "a raw control character": '"a\tb"',
        "digits of another script": '"１２"',
        "a query": "\"x' OR '1'='1\"",
        "a path": '"../../../../etc/passwd"',
        "marks of templates": '"%s%n{{7*7}}${x}"',
        "an escape that is none": '"\\x41"',
        "blanks": '"   "',
    },
}
"""Group -> name -> what stands in the field's place."""

MISSING = "missing"
"""The field is left out."""

TWICE = "there twice"
"""The field is there twice, first with another value."""

UNKNOWN = "beside fields that nobody knows"
"""Beside the field there are others, of names that mean something to some languages."""

STRANGE_FIELDS = '"__proto__":{"x":1},"constructor":null,"__class__":"x","":0'

FIELD_GROUPS: tuple[str, ...] = (*VALUES, MISSING, TWICE, UNKNOWN)
"""What can be wrong with a field."""


def _bytes(head: bytes) -> Callable[[bytes], bytes]:
    return lambda body: head + body


def _spelled(codec: str) -> Callable[[bytes], bytes]:
    """The body in another encoding, with a letter in its last text that ASCII has not."""
    return lambda body: _in_last_text("ü".encode())(body).decode("utf-8").encode(codec, "replace")


def _in_last_text(raw: bytes) -> Callable[[bytes], bytes]:
    """The last text of the body begins with these bytes."""
    return lambda body: (b':"' + raw).join(body.rsplit(b':"', 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How a request is sent.

    Args:
        change: what becomes of its body. headers: sent with it; None for a header that is left out.
        pieces: in so many, its length unsaid; 0: at once.
    """

    change: Callable[[bytes], bytes] = bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: int = 0


def _typed(value: str) -> Sending:
    return Sending(headers={"content-type": value})


def _packed(name: str, change: Callable[[bytes], bytes]) -> Sending:
    return Sending(change=change, headers={"content-encoding": name})


WHOLE: Mapping[str, Mapping[str, Sending]] = {
    "in another encoding": {
        "UTF-16 with its mark": Sending(change=_spelled("utf-16")),
        "UTF-16 without a mark": Sending(change=_spelled("utf-16-be")),
        "UTF-32": Sending(change=_spelled("utf-32")),
        "Latin-1": Sending(change=_spelled("latin-1")),
        "UTF-8 with its mark": Sending(change=_bytes(b"\xef\xbb\xbf")),
        "UTF-7": Sending(change=_spelled("utf-7")),
        "an overlong letter": Sending(change=_in_last_text(b"\xc0\xaf")),
        "half a letter": Sending(change=_in_last_text(b"\xe6\xa4")),
        "a surrogate in UTF-8": Sending(change=_in_last_text(b"\xed\xa0\x80")),
    },
    "cut or more than one": {
        "empty": Sending(change=lambda body: b""),
        "only blanks": Sending(change=lambda body: b" \r\n\t"),
        "cut in the middle": Sending(change=lambda body: body[: len(body) // 2]),
        "without its last bracket": Sending(change=lambda body: body[:-1]),
        "twice": Sending(change=lambda body: body + body),
        "in a list": Sending(change=lambda body: b"[" + body + b"]"),
        "as a text": Sending(change=lambda body: text_bytes(body)),
        "with a comma too many": Sending(change=lambda body: body[:-1] + b",}"),
        "with a comment": Sending(change=lambda body: b"/* a */" + body),
        "with NUL behind it": Sending(change=lambda body: body + b"\0"),
    },
    "as another type": {
        "no content type": _typed(""),
        "text/plain": _typed("text/plain"),
        "a form": _typed("application/x-www-form-urlencoded"),
        "a form in parts that has no boundary": _typed("multipart/form-data"),
        "XML": _typed("application/xml"),
        "an unknown charset": _typed("application/json; charset=x-nobody"),
        "UTF-16 that is UTF-8": _typed("application/json; charset=utf-16"),
        "no media type": _typed(";;;/=,"),
        "a long one": _typed("application/json; x=" + "y" * 2_000),
    },
    "packed": {
        "gzip": _packed("gzip", gzip.compress),
        "no gzip": _packed("gzip", bytes),
        "half a gzip": _packed("gzip", lambda body: gzip.compress(body)[:-9]),
        "gzip in gzip": _packed("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
        "a gzip of a million blanks": _packed("gzip", lambda body: gzip.compress(b" " * 1_000_000 + body)),
        "deflate": _packed("deflate", zlib.compress),
        "no brotli": _packed("br", bytes),
        "a packing that nobody knows": _packed("x-nobody", bytes),
    },
    "in pieces": {
        "two pieces, the length unsaid": Sending(pieces=2),
        "seven pieces, the length unsaid": Sending(pieces=7),
        "one piece, the length unsaid": Sending(pieces=1),
    },
}
"""Group -> name -> what is done with the whole request."""


def text_bytes(body: bytes) -> bytes:
    """The body as a JSON text of itself."""
    return b'"' + body.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


MAY_BE_CLOSED_ON = ("as another type", "in pieces", "packed", "huge")
"""Groups for which a server may close the connection in place of an answer: it need not read what it will not take."""
