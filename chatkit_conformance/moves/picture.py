"""A picture that is known again: its pixels are the letters of a mark."""

from __future__ import annotations

import random
import re
import struct
import zlib
from functools import cache

from .marks import KINDS

WIDTH = 16
"""Pixels of each of these pictures, in one line of greys: as many as a mark has letters at most."""

LARGE = 512
"""Pixels on a side of a picture as large as a phone makes it, after compression: about 790 kB."""

BROKEN = 128
"""Pixels on a side of a picture whose upload breaks off: about 49 kB, half of which is more than a buffer holds."""

PICTURED = re.compile(rf"(?<![0-9A-Za-z]){KINDS['file']}[0-9a-z]{{10}}(?:v\d+)?")
"""The mark in the bytes of such a picture."""


def picture(mark: str) -> bytes:
    """A PNG whose bytes hold the mark. All are equally long, so that a name and a size tell none from another.

    Raises ValueError for a mark of more than WIDTH letters, or of others than ASCII has.
    """
    greys = mark.encode("ascii")
    if len(greys) > WIDTH:
        raise ValueError(f"the mark {mark!r} has {len(greys)} letters; a picture has {WIDTH} pixels")
    header = struct.pack(">IIBBBBB", WIDTH, 1, 8, 0, 0, 0, 0)
    # Level 0 stores what it is given, so the letters stand in the file as they are (RFC 1951 section 3.2.4).
    dots = zlib.compress(b"\0" + greys.ljust(WIDTH), 0)
    return png((b"IHDR", header), (b"IDAT", dots), (b"IEND", b""))


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks, each a kind and its data (PNG specification, section 5)."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


@cache
def large_png(side: int = LARGE) -> bytes:
    """A PNG of so many pixels on each side, in colours by chance, which no compression makes smaller."""
    dots = random.Random(side)
    rows = b"".join(b"\0" + dots.randbytes(3 * side) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
