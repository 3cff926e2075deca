"""The timeline: where things lie, that labels keep clear of each other, and that a break is owned up to."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from chatkit_conformance.report.axis import axis_of
from chatkit_conformance.report.moments import ReplyTimeline, TimelineMark, timeline_of
from chatkit_conformance.report.timeline import LEFT, RIGHT, _labels, timeline
from chatkit_conformance.transcript import Transcript

from .conversations import START, plain_turn, second_turn_dead, tool_turn


def story(transcript: Transcript, label: str = "turn-1") -> ReplyTimeline:
    """The story of that reply."""
    return timeline_of(transcript, transcript.reply(label))


def test_spans_are_those_of_the_criteria() -> None:
    """Session creation, first token and tool visibility run from and to what the criteria name."""
    found = {span.criterion: round(span.seconds * 1000, 1) for span in story(tool_turn()).spans}
    assert found == {"SC-009": 7.2, "SC-001": 472.0, "SC-002": 5.0}


def test_the_servers_share_leaves_out_what_it_waited_for_the_model() -> None:
    """Of the time to the first token, the time in which the model was being asked is not the server's."""
    first = next(span for span in story(plain_turn()).spans if span.criterion == "SC-001")
    assert first.share == pytest.approx(0.0145 + 0.005, abs=1e-6)


def test_a_tool_that_nobody_sees_has_no_span() -> None:
    """Where no event shows the tool, none is drawn as if it had."""
    assert "SC-002" not in {span.criterion for span in story(tool_turn(visible=False)).spans}


def test_a_reply_takes_only_its_own_calls() -> None:
    """A reply whose request reached no model shows none, though another of the exchange ran at the same time."""
    assert story(second_turn_dead(), "turn-2").bars == ()
    assert len(story(second_turn_dead(), "turn-1").bars) == 1


def test_a_message_from_a_second_tab_takes_nothing_from_the_first() -> None:
    """A reply keeps the calls that it causes after another tab has sent its message; a retry ends them."""
    turn = tool_turn()
    first, words = turn.replies[0], json.dumps(turn.replies[0].request)
    tab = {"type": "threads.add_user_message", "params": {"input": "Hello (ref zqxxxxxxxxxx)"}}
    between = (turn.calls[0].at + turn.calls[1].at) / 2
    second = replace(first, label="turn-2", request=tab, sent_at=between)
    other = replace(turn.calls[0], nonce="zqxxxxxxxxxx", at=between + 0.001, n=9)
    both = replace(turn, replies=(first, second), calls=(*turn.calls, other))
    assert turn.calls[0].nonce in words
    assert (len(story(both).bars), len(story(both, "turn-2").bars)) == (2, 1)
    retry = replace(second, request={"type": "threads.retry_after_item", "params": {"item_id": "msg_1"}})
    assert len(story(replace(both, replies=(first, retry))).bars) == 1


@pytest.mark.parametrize(
    "transcript", [plain_turn(), tool_turn(), tool_turn(idle_ms=4000), tool_turn(visible=False, idle_ms=900)]
)
def test_labels_do_not_lie_on_each_other(transcript: Transcript) -> None:
    """No two labels of a row overlap, and no leader runs through a label nearer to the lane."""
    told = story(transcript)
    axis = axis_of(told.times, LEFT, RIGHT)
    for moments in (told.browser, told.model):
        clear(moments, _labels(moments, axis, told.start))


def test_a_crowd_of_moments_is_thinned_not_piled_up() -> None:
    """Forty moments within two milliseconds get marks, and as many labels as keep clear."""
    crowd = [
        TimelineMark(at=START + n / 20000, kind="event", label=f"something long number {n}", rank=n % 4)
        for n in range(40)
    ]
    axis = axis_of([START, START + 1], LEFT, RIGHT)
    placed = _labels(crowd, axis, START)
    assert 1 <= len(placed) <= 8
    clear(crowd, placed)


def clear(moments: object, placed: list) -> None:  # type: ignore[type-arg]  # labels are the module's own
    for one in placed:
        for other in placed:
            if other is not one and other.row == one.row:
                assert one.x + one.width <= other.x or other.x + other.width <= one.x, (one, other)
            if other.row < one.row:
                assert not other.x < one.x < other.x + other.width, (one, other)


def test_an_idle_stretch_is_shortened_and_said() -> None:
    """A wait of four seconds takes little room, its true length is written, and what is around stays in order."""
    told = story(tool_turn(idle_ms=4000, visible=False))
    axis = axis_of(told.times, LEFT, RIGHT)
    [gap] = axis.breaks
    assert gap.seconds == pytest.approx(4.04, abs=0.05)
    assert gap.right - gap.left < 80
    assert all(axis.x(a) <= axis.x(b) for a, b in pairwise(told.times))
    assert "4.04 s not to scale" in timeline(told, "a tool turn", "tl")


def test_a_short_turn_is_drawn_to_scale() -> None:
    """A wait that a person can read off is not shortened."""
    assert axis_of(story(plain_turn()).times, LEFT, RIGHT).breaks == ()


def test_the_scale_has_room_between_its_marks() -> None:
    """Marks of the scale are apart, and none stands in a break."""
    axis = axis_of(story(tool_turn(idle_ms=4000)).times, LEFT, RIGHT)
    marks = axis.marks(86)
    assert all(b - a >= 86 for (_, a), (_, b) in pairwise(marks))
    assert not [x for _, x in marks for gap in axis.breaks if gap.left + 1 < x < gap.right - 1]


def test_all_that_is_drawn_lies_in_the_picture() -> None:
    """Every mark and text begins inside the view box, also for a reply that has nothing in it."""
    bare = replace(plain_turn().replies[0], events=(), headers_at=None, ended_at=None)
    for told in (story(tool_turn()), story(tool_turn(idle_ms=9000)), timeline_of(Transcript(exchange="none"), bare)):
        root = ElementTree.fromstring(timeline(told, "a turn", "tl"))
        width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
        for text in root.iter("text"):
            assert 0 <= float(text.attrib["x"]) <= width - 20
            assert 0 < float(text.attrib["y"]) <= height
        for path in root.iter("path"):
            if place := re.match(r"translate\(([\d.]+),([\d.]+)\)", path.attrib.get("transform", "")):
                assert LEFT <= float(place[1]) <= RIGHT


def test_hundreds_of_deltas_take_one_small_path() -> None:
    """A reply with five thousand deltas makes a picture of less than 20 kB."""
    told = replace(story(plain_turn()), deltas=tuple(START + n / 5000 for n in range(5000)))
    assert len(timeline(told, "many", "tl")) < 20_000
