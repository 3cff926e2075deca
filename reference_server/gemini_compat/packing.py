"""Bytes as they were before they were packed, a bounded piece at a time: what inflates without end fills no memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from reference_server.gemini_compat.failure import GeminiFailure

# Unpacked at a time: what inflates without end is seen before it fills the memory.
_PIECE = 256 * 1024
_PLAIN = ("", "identity")
_KNOWN = ("gzip", "x-gzip", "deflate")
# zlib's window bits for "gzip or zlib, as the header says".
_EITHER = 47


class Unpacker:
    """Undoes one response's content-encoding. They were asked for unpacked; a gateway may pack them all the same.

    `ended` is true once the packed stream is over: what follows is of no use, however long.
    """

    def __init__(self, packing: str) -> None:
        """Raises GeminiFailure for an encoding that is not read: what Brotli or Zstandard can become has no bound."""
        named = packing.strip().lower()
        if named not in (*_PLAIN, *_KNOWN):
            raise GeminiFailure("Gemini's answer was packed in a way that was not asked for.", passing=False)
        self._inflating = None if named in _PLAIN else zlib.decompressobj(wbits=_EITHER)

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be unpacked."""
        return self._inflating is not None and self._inflating.eof

    def feed(self, read: bytes) -> Iterator[bytes]:
        """The pieces that `read` holds. Raises GeminiFailure when it is not what its name says."""
        if self._inflating is None:
            yield read
            return
        try:
            full = False
            while (read or full) and not self._inflating.eof:
                piece = self._inflating.decompress(read, _PIECE)
                yield piece
                read = self._inflating.unconsumed_tail
                full = len(piece) == _PIECE  # more may wait inside zlib, without input to go with it
        except zlib.error as refusal:
            raise GeminiFailure("Gemini's answer could not be unpacked.") from refusal
