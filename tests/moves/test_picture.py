"""Pictures of the run's own: each is known again by its bytes, and by nothing else."""

from __future__ import annotations

import struct
import zlib

import pytest

from chatkit_conformance.moves.marks import mark
from chatkit_conformance.moves.picture import PICTURED, WIDTH, large_png, picture

MARKS = [mark(f"zq{'ab' * 5}", "file", n) for n in (0, 1, 2)]


def chunks(png: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by their kind, each with a checksum that is right."""
    found, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size]) == (zlib.crc32(kind + data),)
        found[kind] = data
        at += 12 + size
    return found


def test_pictures_are_told_apart_by_their_bytes_alone() -> None:
    """All are valid and equally long, and each has its own mark in its bytes, which a transcript's text keeps."""
    made = [picture(one) for one in MARKS]
    assert len({len(one) for one in made}) == 1
    for one, png in zip(MARKS, made, strict=True):
        assert PICTURED.findall(png.decode("latin-1")) == [one]
        assert PICTURED.findall(png.decode(errors="replace")) == [one]
        assert zlib.decompress(chunks(png)[b"IDAT"]) == b"\0" + one.encode().ljust(WIDTH)


def test_a_mark_that_has_no_room_is_told() -> None:
    """A mark of more letters than the picture has pixels would be cut."""
    with pytest.raises(ValueError, match="17 letters; a picture has 16 pixels"):
        picture("z" * 17)


def test_a_large_picture_is_the_same_each_time_and_no_mark_is_in_it() -> None:
    """Its dots are by chance, and may not look like somebody's picture."""
    png = large_png(64)
    assert png == large_png(64)
    assert len(zlib.decompress(chunks(png)[b"IDAT"])) == 64 * (3 * 64 + 1)
    assert not PICTURED.findall(large_png().decode("latin-1"))
