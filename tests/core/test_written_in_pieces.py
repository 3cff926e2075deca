"""A transcript is written a reply or a call at a time, and read back as it was."""

from __future__ import annotations

import json

from chatkit_conformance.transcript import Call, Sent, Transcript, pieces


def test_pieces_are_one_json_text() -> None:
    """Joined, the pieces are the JSON of the transcript, half a letter in it too."""
    calls = [
        Call(n=n, at=1.0, method="POST", path="/x", headers={}, body={"a": "\ud83d"}, sent=(Sent(at=1.0, data="x"),))
        for n in range(3)
    ]
    made = Transcript(exchange="hello", calls=tuple(calls), started_at=0.0, ended_at=1.0)
    for t in (made, Transcript(exchange="hello", started_at=0.0, ended_at=1.0)):
        text = "".join(pieces(t))
        assert text.isascii()
        assert Transcript.from_json(json.loads(text)) == t
