"""The event-stream reader agrees with the standard, however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatkit_conformance.wire.sse import Frame, SseParser, parse_json, read_event, read_events

# Pieces in which every rule of the standard can meet every other.
PIECES = st.sampled_from(
    [
        b"data: {}",
        b"data:x",
        b"data",
        b"data: ",
        b"data:  two",
        b":",
        b": ping",
        b"event: message",
        b"id: 1",
        b"id",
        b"retry: 10",
        b"foo: bar",
        b"foo",
        b"data:\xff\xfe",
        "data: é😀".encode(),
        b"\xef\xbb\xbf",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\r",
        b"\r\n\r\n",
        b"\n\r\n",
        b"data: [DONE]",
        b"\x00",
        b"a" * 30,
    ]
)
STREAMS = st.lists(PIECES, max_size=30).map(b"".join)


def frames(*chunks: bytes, max_event_bytes: int = 1000) -> tuple[list[Frame], str | None, str | None]:
    """All that a parser says of these chunks."""
    parser = SseParser(max_event_bytes=max_event_bytes)
    found = [frame for chunk in chunks for frame in parser.feed(chunk)]
    return found, parser.overflow, parser.end()


def texts(stream: bytes) -> list[str]:
    """The data of the events in this stream."""
    return [frame.data for frame in frames(stream)[0]]


@given(stream=STREAMS, cuts=st.lists(st.integers(0, 300)), bound=st.sampled_from([10, 40, 1000]))
def test_any_cut_gives_the_same_events(stream: bytes, cuts: list[int], bound: int) -> None:
    """Whole, in any pieces, or byte by byte: the same events, the same overflow, the same unfinished end."""
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    whole = frames(stream, max_event_bytes=bound)
    assert frames(*pieces, max_event_bytes=bound) == whole
    assert frames(*(bytes([byte]) for byte in stream), max_event_bytes=bound) == whole


@given(
    data=st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n", codec="utf-8")), min_size=1),
    end=st.sampled_from([b"\n", b"\r", b"\r\n"]),
)
def test_what_is_written_is_what_is_read(data: list[str], end: bytes) -> None:
    """Any text, on any number of data lines, under any line ending, is read back exactly."""
    stream = b"".join(b"data: " + line.encode() + end for line in data) + end
    assert [frame.data for frame in frames(stream, max_event_bytes=len(stream))[0]] == ["\n".join(data)]


@given(data=st.lists(st.text(alphabet="ab:\ufeff é"), max_size=6), end=st.sampled_from(["\n", "\r", "\r\n"]))
def test_line_endings_are_equal(data: list[str], end: str) -> None:
    """A stream means the same under each of the three line endings."""
    lines = [*(f"data: {text}" for text in data), "", "data: last", "", ""]
    assert texts(end.join(lines).encode()) == texts("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            ["first event", "second event", " third event"],
        ),
        (b"data\n\ndata\ndata\n\ndata:", ["", "\n"]),
        (b"data:test\n\ndata: test\n\n", ["test", "test"]),
        (b"\xef\xbb\xbfdata: bom\n\n", ["bom"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: two boms\n\n", []),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"]),
        (b"event: ping\n\ndata: x\n\n", ["x"]),
        (b"data: a\n\n\n\n\ndata: b\n\n", ["a", "b"]),
        (b"DATA: a\n\n data: b\n\n", []),
        (b"data: cut\n", []),
        (b"", []),
    ],
)
def test_the_standards_examples(stream: bytes, expected: list[str]) -> None:
    """The HTML standard's own examples, and the corners of its rules, give what it says."""
    assert texts(stream) == expected


def test_oddities_are_recorded() -> None:
    """Fields that ChatKit does not use, and comments, are noted on the event they came with."""
    (frame,), _, _ = frames(b": a\n: b\nevent: message\nid: 7\nfoo: bar\ndata: {}\n\n")
    assert (
        frame.oddity
        == "field 'event: message'; field 'id: 7'; unknown field 'foo: bar'; 2 comment lines before its end"
    )
    assert frames(b"data: {}\n\n")[0][0].oddity == ""


def test_bytes_that_are_not_utf8_are_reported() -> None:
    """A broken byte is named with its place, and the rest of the event can still be read."""
    (frame,), _, _ = frames(b'data: {"a": "\xff"}\n\n')
    assert frame.data == '{"a": "�"}'
    assert "0xff at column 13" in (frame.problem or "")


@pytest.mark.parametrize("end", [b"data: {}", b"data: {}\n", b"data: {}\ndata: x", b"da", b"event: x"])
def test_an_unfinished_event_is_told(end: bytes) -> None:
    """What lacks its empty line is no event, and the end says so."""
    found, _, trailing = frames(b"data: 1\n\n" + end)
    assert len(found) == 1
    assert "no empty line" in (trailing or "")


@pytest.mark.parametrize("end", [b"", b"\n", b": goodbye", b": goodbye\n"])
def test_a_clean_end_is_clean(end: bytes) -> None:
    """A stream may end after an empty line or in a comment."""
    assert frames(b"data: 1\n\n" + end)[2] is None


def test_an_event_too_large_stops_the_reader() -> None:
    """Beyond the bound the reader keeps nothing more and says what the bound was; heartbeats do not count."""
    found, overflow, _ = frames(b"data: 1\n\n", b":" * 9 + b"\n", *[b": ping\n"] * 100, b"data: " + b"x" * 2000)
    assert [frame.data for frame in found] == ["1"]
    assert overflow == "one event is larger than 1000 bytes"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[DONE]", "not JSON"),
        ('{"a": NaN}', "NaN is not JSON"),
        ("[1]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("", "not JSON"),
        ('{"a":' * 100_000, "not JSON"),
        ('{"a":' * 102 + "1" + "}" * 102, "nested deeper than 100 levels"),
        ("{} {}", "not JSON"),
        ('{"a": ' + "1" * 5000 + "}", "not JSON"),
    ],
)
def test_what_is_no_object_is_named(text: str, problem: str) -> None:
    """An event whose data is not one JSON object has no data, and the problem says what is there."""
    event = read_event(Frame(data=text), index=3, at=1.0)
    assert (event.data, event.index, event.raw) == (None, 3, text)
    assert problem in (event.problem or "")


def test_a_recorded_stream_is_read_whole() -> None:
    """A saved stream gives its events in order, and what is wrong with its end."""
    events, trouble = read_events(b'data: {"type": "notice"}\n\ndata: {"type": "error"}\n\ndata: {')
    assert [event.type for event in events] == ["notice", "error"]
    assert trouble


def test_lone_surrogates_are_json() -> None:
    """A browser reads an escaped half of a pair, so the reader does too."""
    assert parse_json('"\\ud800"') == "\ud800"


def test_nesting_up_to_the_bound_is_read() -> None:
    """A hundred levels are read; many brackets beside each other are no nesting."""
    assert parse_json("[" * 100 + "]" * 100)
    assert len(parse_json("[" + ",".join(["[]"] * 1000) + "]")) == 1000
