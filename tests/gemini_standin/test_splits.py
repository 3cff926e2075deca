"""Bytes cut anywhere: the same answer in other writes, and what a client reads stays the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from gemini_standin.split import SPLITS
from tests.gemini_standin.plain_client import Answer, ask

JSON = Any

TEXT = "Ferns 🌿 have no flowers – à l’ombre they grow, and their leaves open in spring, one after the other."


def answered(standin: Any, *ways: str, accept: str = "identity", **more: Any) -> Answer:
    """What comes of one answer split in these ways, always by the same seed."""
    step = {"text": TEXT, "chunk_chars": 12, "split": {"by": list(ways), "seed": 7}}
    return ask(standin.url, standin.body(standin.script(step), **more), accept)


@pytest.mark.parametrize("way", SPLITS)
@pytest.mark.parametrize("accept", ["identity", "gzip"])
def test_a_split_answer_says_the_same(standin: Any, way: str, accept: str) -> None:
    """Whatever the way, all of the text comes, and [DONE]; only its bytes come in other writes."""
    plain, split = answered(standin, accept=accept), answered(standin, way, accept=accept)
    assert split.text == plain.text == TEXT
    assert split.done
    assert split.ended
    assert [len(frame) for frame in split.frames] != [len(frame) for frame in plain.frames]


def test_half_events_are_two_writes_each(standin: Any) -> None:
    """No write holds a whole event, and every second one ends an event."""
    frames = answered(standin, "half-event").frames
    assert [frame.endswith(b"\n\n") for frame in frames] == [False, True] * (len(frames) // 2)


def test_half_letters_are_cut_inside_a_letter(standin: Any) -> None:
    """Some writes begin with the inner bytes of a letter."""
    frames = answered(standin, "half-letter").frames
    assert sum(frame[0] & 0xC0 == 0x80 for frame in frames) >= 3


def test_many_events_come_in_one_write(standin: Any) -> None:
    """There are fewer writes than events, and each ends where an event ends."""
    frames = answered(standin, "many-events").frames
    assert max(frame.count(b"\n\n") for frame in frames) > 1
    assert all(frame.endswith(b"\n\n") for frame in frames)


def test_comments_stand_between_events_and_before_data(standin: Any) -> None:
    """A comment is a block of its own, or the first line of an event's block."""
    body = answered(standin, "comment").body
    assert b": keep-alive\n\ndata: " in body
    assert b": keep-alive\ndata: " in body


def test_lines_end_in_crlf_and_are_cut_between_its_halves(standin: Any) -> None:
    """Every line end is CRLF; cut in two as well, some writes end between CR and LF."""
    assert b"\n" not in answered(standin, "crlf").body.replace(b"\r\n", b"")
    frames = answered(standin, "crlf", "half-event").frames
    assert any(one.endswith(b"\r") and other.startswith(b"\n") for one, other in pairwise(frames))


@pytest.mark.parametrize("way", SPLITS)
@pytest.mark.parametrize("face", ["native", "responses"])
def test_what_a_face_writes_anew_is_cut_as_well(start_standin: Any, way: str, face: str) -> None:
    """Gemini's own API and the Responses API say the same however their bytes are cut, and cut they are."""
    standin = start_standin("--also-responses")
    plain, split = of_face(standin, face), of_face(standin, face, way)
    assert spoken(split) == spoken(plain) == TEXT
    assert split.ended
    same = {("native", "crlf"), ("native", "comment")}  # its lines end so anyway, and it sends no comments
    assert [len(frame) for frame in split.frames] != [len(frame) for frame in plain.frames] or (face, way) in same
    assert (b": keep-alive" in split.body) is ((face, way) == ("responses", "comment"))


async def test_google_s_own_client_reads_every_split(standin: Any) -> None:
    """However the bytes of Gemini's own API are cut, google-genai reads the whole answer."""
    genai = pytest.importorskip("google.genai", reason="google-genai is not installed here")
    client = genai.Client(api_key="canary", http_options={"base_url": standin.url})
    for way in SPLITS:
        nonce = standin.script({"text": TEXT, "chunk_chars": 12, "split": {"by": [way], "seed": 7}})
        asked = {"model": "gemini-3.8-flash", "contents": f"Hello (ref {nonce})"}
        said = [part.text or "" async for part in await client.aio.models.generate_content_stream(**asked)]
        assert "".join(said) == TEXT, way


def test_a_letter_is_cut_in_gemini_s_own_api(standin: Any) -> None:
    """Some writes of streamGenerateContent begin with the inner bytes of a letter."""
    assert sum(frame[0] & 0xC0 == 0x80 for frame in of_face(standin, "native", "half-letter").frames) >= 3


def of_face(standin: Any, face: str, *ways: str) -> Answer:
    """What comes of one answer of another API of Gemini's, split in these ways."""
    nonce = standin.script({"text": TEXT, "chunk_chars": 12, "split": {"by": list(ways), "seed": 7}})
    if face == "native":
        path = "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse&key=canary"
        declared: JSON = [{"functionDeclarations": [{"name": "get_weather", "parameters": {"type": "OBJECT"}}]}]
        said: JSON = [{"role": "user", "parts": [{"text": f"Hello (ref {nonce})"}]}]
        return ask(standin.url, {"contents": said, "tools": declared}, path=path)
    tools: JSON = [{"type": "function", "name": "get_weather", "parameters": {"type": "object"}}]
    made = {"model": "gemini-3.8-flash", "input": f"Hello (ref {nonce})", "tools": tools, "stream": True}
    return ask(standin.url, made, path="/v1beta/openai/responses")


def spoken(answer: Answer) -> str:
    """The text of such an answer."""
    deltas = [event["delta"] for event in answer.events if event.get("type") == "response.output_text.delta"]
    parts = [part for e in answer.events for c in e.get("candidates", ()) for part in c["content"]["parts"]]
    return "".join((*deltas, *(part.get("text", "") for part in parts)))


TRIES = 10
"""Answers that a reader may sleep through on a busy machine; one of them must show that its writes were apart."""


def test_each_piece_is_a_write_of_its_own(standin: Any) -> None:
    """A reader that is awake gets many reads of one answer; the same answer unsplit comes in a few."""
    answers = (answered(standin, "bytes") for _ in range(TRIES))
    assert any(len(answer.reads) > 50 for answer in answers)
    assert len(answered(standin).reads) < 20


def test_a_seed_cuts_at_the_same_places(standin: Any) -> None:
    """The same seed makes the same writes in another conversation; another seed makes others."""
    first, again = ([len(frame) for frame in answered(standin, "bytes", "comment").frames[:20]] for _ in range(2))
    assert first == again
    step = {"text": TEXT, "chunk_chars": 12, "split": {"by": ["bytes", "comment"], "seed": 8}}
    other = ask(standin.url, standin.body(standin.script(step)))
    assert [len(frame) for frame in other.frames[:20]] != first


def test_a_script_splits_every_step_without_a_way_of_its_own(standin: Any) -> None:
    """`split` beside `turn` counts for all steps; a step's own counts more, and [] turns it off."""
    nonce = standin.script({"attempts": [{"text": TEXT}, {"text": TEXT, "split": []}]}, split=["comment"])
    first, second = (ask(standin.url, standin.body(nonce)) for _ in range(2))
    assert b": keep-alive" in first.body
    assert b": keep-alive" not in second.body


def test_a_script_splits_the_answer_to_a_side_request(standin: Any) -> None:
    """A request for a title, beside the conversation, is answered in cut bytes as well."""
    nonce = standin.script({"text": TEXT}, side={"text": "Ferns"}, split=["comment"])
    asked = [{"role": "system", "content": "Write a short title."}, {"role": "user", "content": f"Hi (ref {nonce})"}]
    assert b": keep-alive" in ask(standin.url, {"model": "gemini-3.8-flash", "messages": asked, "stream": True}).body


def test_faults_and_splits_go_together(standin: Any) -> None:
    """A cut answer is split as well: what came before the cut is whole, in small writes."""
    step = {"text": TEXT, "split": ["bytes"], "fault": {"kind": "cut", "at": "mid-text"}}
    answer = ask(standin.url, standin.body(standin.script(step)))
    assert 0 < len(answer.text) < len(TEXT)
    assert not answer.ended
    assert len(answer.frames) > 20


def test_an_answer_that_is_not_streamed_is_split_too(standin: Any) -> None:
    """Its JSON comes in several writes under one Content-Length."""
    for _ in range(TRIES):
        answer = answered(standin, "bytes", stream=False)
        assert answer.ended
        assert TEXT.encode() in answer.body
        if len(answer.reads) > 10:
            return
    raise AssertionError(f"{TRIES} answers came in one piece each")
