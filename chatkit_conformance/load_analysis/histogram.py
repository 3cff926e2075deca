"""A histogram in HdrHistogram's own format (V2, compressed, base64): it merges, and its tools read it.

Values are whole microseconds up to an hour, three significant digits: each is within 0.1 % of the truth. Format:
https://github.com/HdrHistogram/HdrHistogram, AbstractHistogram.encodeIntoCompressedByteBuffer.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

LOWEST, HIGHEST, DIGITS = 1, 3_600_000_000, 3
_SUB_BITS = 11
"""Sub-buckets of one bucket, as a power of two: the first that holds 2 * 10**DIGITS."""

_HALF_BITS = _SUB_BITS - 1
_COOKIE, _ZIPPED_COOKIE = 0x1C849303 | 0x10, 0x1C849304 | 0x10


def index_of(value: int) -> int:
    """The place of a value among the counts."""
    bucket = max(0, value.bit_length() - _SUB_BITS)
    return ((bucket + 1) << _HALF_BITS) + (value >> bucket) - (1 << _HALF_BITS)


def value_at(index: int) -> int:
    """The middle of the values that share a place."""
    bucket = (index >> _HALF_BITS) - 1
    sub = (index & ((1 << _HALF_BITS) - 1)) + (1 << _HALF_BITS)
    if bucket < 0:
        bucket, sub = 0, sub - (1 << _HALF_BITS)
    return (sub << bucket) + ((1 << bucket) >> 1)


def encode(seconds: Iterable[float]) -> str:
    """The histogram of these times, as text."""
    counts = Counter(index_of(max(0, min(HIGHEST, round(value * 1e6)))) for value in seconds)
    payload = bytearray()
    place = 0
    for index in sorted(counts):
        if index > place:
            payload += _zigzag(place - index)
        payload += _zigzag(counts[index])
        place = index + 1
    body = struct.pack(">iiiiqqd", _COOKIE, len(payload), 0, DIGITS, LOWEST, HIGHEST, 1.0) + bytes(payload)
    zipped = zlib.compress(body)
    return base64.b64encode(struct.pack(">ii", _ZIPPED_COOKIE, len(zipped)) + zipped).decode()


def decode(text: str) -> list[float]:
    """The times in a histogram, sorted, in seconds.

    Raises:
        ValueError: the text is no histogram of this format.
    """
    try:
        raw = base64.b64decode(text, validate=True)
        cookie, length = struct.unpack_from(">ii", raw)
        body = zlib.decompress(raw[8 : 8 + length])
        inner, size, _, digits, lowest, _, _ = struct.unpack_from(">iiiiqqd", body)
    except (ValueError, struct.error, zlib.error) as error:
        raise ValueError(f"no HdrHistogram: {error}") from None
    if (cookie, inner, digits, lowest) != (_ZIPPED_COOKIE, _COOKIE, DIGITS, LOWEST):
        raise ValueError(f"an HdrHistogram of another kind: cookies {cookie:#x} {inner:#x}, {digits} digits")
    times: list[float] = []
    place = 0
    for number in _numbers(body[40 : 40 + size]):
        if number < 0:
            place -= number
        else:
            times += [value_at(place) / 1e6] * number
            place += 1
    return times


def _zigzag(number: int) -> bytes:
    """A number in zig-zag LEB128, nine bytes at most, the ninth whole."""
    left = (number << 1) ^ (number >> 63)
    made = bytearray()
    while left > 0x7F and len(made) < 8:
        made.append(0x80 | (left & 0x7F))
        left >>= 7
    made.append(left)
    return bytes(made)


def _numbers(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        whole = shift == 56
        value |= (byte if whole else byte & 0x7F) << shift
        if byte & 0x80 and not whole:
            shift += 7
            continue
        yield (value >> 1) ^ -(value & 1)
        value = shift = 0
