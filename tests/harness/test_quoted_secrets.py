"""A reply is cleared of secrets before a sentence quotes the beginning of it."""

from __future__ import annotations

from chatkit_conformance.diagnosis.answered import answered_wrongly
from chatkit_conformance.running.environment import TestEnvironment
from chatkit_conformance.target.secret import Secrets
from chatkit_conformance.target.target import Target
from chatkit_conformance.transcript import Event, Reply

KEY = "zL3x9Qw7Rt5Yp1Ks8Vb2"


def test_a_secret_that_a_quotation_would_cut_is_not_quoted_in_part() -> None:
    """An error that says a key at the place where its quotation ends shows none of the key."""
    environment = TestEnvironment(Target(url="http://127.0.0.1:1/"))
    environment.secrets = Secrets(values={"key": KEY})
    told = {"type": "error", "code": "custom", "message": "x" * 190 + KEY}
    event = Event(index=0, at=0.0, raw="", data=told)
    reply = Reply(label="one", status=200, headers={"content-type": "text/event-stream"}, events=(event,))
    said = str(answered_wrongly(environment.without_secrets(reply), ()))
    assert "xxx" in said
    assert KEY[:6] not in said
