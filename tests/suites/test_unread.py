"""No request is made for nothing: every reply of every exchange is evidence for some check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chatkit_conformance.check import CHECKS, Check, Finding
from chatkit_conformance.exchange import EXCHANGES
from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.test_checks import SOUND, judged


def spoilt(reply: Reply, t: Transcript) -> Iterator[Reply]:
    """What a faulty server might have answered: that it broke down, nothing, or what it should have refused."""
    as_json = {"content-type": "application/json"}
    yield replace(reply, status=500, headers=as_json, events=(), body={"error": "spoilt"}, text="")
    yield replace(reply, status=200, headers=as_json, events=(), body={}, text="")
    accepted = (r for r in t.replies if r.status == 200 and r.type in (reply.type, "threads.create"))
    for other in accepted if reply.status >= 400 or reply.errors else ():
        yield replace(other, label=reply.label, request=reply.request, user=reply.user, raw=reply.raw)


def reads(check: Check, t: Transcript, before: list[Finding] | None, n: int, instead: Reply) -> bool:
    """Whether the check judges otherwise where the nth reply is another one."""
    replies = tuple(instead if at == n else reply for at, reply in enumerate(t.replies))
    return judged(check, replace(t, replies=replies)) != before


@pytest.mark.parametrize("name", sorted(SOUND.keys() & EXCHANGES.keys()))
def test_every_reply_of_an_exchange_is_read_by_a_check(name: str) -> None:
    """Spoil any reply of a sound conversation, and some check's judgement changes."""
    t = SOUND[name]
    checks = sorted((c for c in CHECKS.values() if c.judges(name)), key=lambda c: c.everywhere)
    before = {check.id: judged(check, t) for check in checks}
    unread = [
        reply.label
        for n, reply in enumerate(t.replies)
        if not any(reads(c, t, before[c.id], n, instead) for instead in spoilt(reply, t) for c in checks)
    ]
    assert unread == [], f"{name} makes requests whose answers nobody looks at: {unread}"
