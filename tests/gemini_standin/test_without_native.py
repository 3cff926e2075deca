"""The stand-in where neither httptools nor uvloop is installed, as on Windows: the same bytes, by h11 and asyncio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.gemini_standin import test_faults as faults
from tests.gemini_standin.conftest import Running, start

WITHOUT = (
    "-c",
    "import sys; sys.modules.update(httptools=None, uvloop=None);"
    "from gemini_standin.__main__ import main; sys.exit(main(sys.argv[1:]))",
)
BELOW_HTTP: tuple[Callable[[Any], None], ...] = (
    faults.test_http_error_is_a_pretty_printed_list,
    faults.test_http_body_can_be_anything_or_nothing,
    faults.test_cut_breaks_the_transfer,
    faults.test_no_answer_closes_before_any_byte,
    faults.test_stall_sends_nothing_more_until_the_time_is_up,
    faults.test_no_done_ends_without_done,
    faults.test_garbage_and_html_are_no_streams,
    faults.test_slow_headers_hold_the_status_line,
    faults.test_a_gzip_bomb_is_small_on_the_wire_and_huge_unpacked,
)
"""What reaches below HTTP, or writes what a parser could refuse."""


@pytest.fixture(scope="module")
def plain() -> Iterator[Running]:
    """A stand-in without them."""
    running = start(program=WITHOUT)
    yield running
    assert running.stop() == 0


@pytest.mark.parametrize("fault", BELOW_HTTP, ids=lambda fault: fault.__name__)
def test_a_fault_is_the_same_there(fault: Callable[[Any], None], plain: Running) -> None:
    """Each fault that HTTP does not allow, or that a parser would refuse, comes as it comes elsewhere."""
    fault(plain)


def test_a_long_head_is_read_there(plain: Running) -> None:
    """A request whose head is longer than h11 reads by itself is answered, as it is elsewhere."""
    nonce = plain.script({"text": "Hello there."})
    assert plain.ask(nonce, headers={"x-long": "a" * 100_000}).status_code == 200


def test_answers_stream_there(plain: Running) -> None:
    """A plain answer comes in chunks and ends in [DONE]."""
    words = [chunk["choices"][0]["delta"].get("content", "") for chunk in plain.chunks(plain.script({"text": "One."}))]
    assert "".join(words) == "One."
