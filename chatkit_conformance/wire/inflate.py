"""Undo gzip and deflate within a bound, so that a small answer cannot become a large one in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_STEP = 64 * 1024
_GZIP_OR_ZLIB = 47
"""zlib's window bits for "detect gzip or zlib by its header" (32 + 15)."""


class TooMuch(ValueError):
    """The answer inflates beyond the bound; the message says which."""


class Inflater:
    """Decodes one response body.

    Args:
        encoding: the content-encoding header, "" for none.
        max_bytes: the most that may come out, over the whole body.

    Raises:
        ValueError: the encoding is not one that we asked for.
    """

    def __init__(self, encoding: str, *, max_bytes: int) -> None:
        self._name = encoding.strip().lower()
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ValueError(f"content-encoding {encoding!r}, though only gzip was accepted")
        self._max = max_bytes
        self._left = max_bytes
        self._stream = self._fresh() if self._name not in ("", "identity") else None

    def feed(self, chunk: bytes) -> bytes:
        """The bytes that this chunk decodes to. Raises as `pieces`."""
        return b"".join(self.pieces(chunk))

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """The same a piece at a time: a thousandth of what a chunk can decode to is in memory, and can be counted.

        Raises:
            TooMuch: more came out than `max_bytes`. ValueError: the chunk is not what content-encoding says.
        """
        if self._stream is None:
            yield self._counted(chunk)
            return
        try:
            full = False
            while chunk or full:
                piece = self._counted(self._stream.decompress(chunk, _STEP))
                yield piece
                chunk = self._stream.unconsumed_tail
                full = len(piece) == _STEP  # more may wait inside zlib, without input to go with it
                if self._stream.eof:  # gzip allows one member after another
                    chunk = self._stream.unused_data
                    full = False
                    self._stream = self._fresh()
        except zlib.error as error:
            raise ValueError(f"the body is not {self._name}: {error}") from error

    def _fresh(self) -> zlib._Decompress:
        return zlib.decompressobj(_GZIP_OR_ZLIB)

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise TooMuch(f"the body is larger than {self._max} bytes")
        return piece
