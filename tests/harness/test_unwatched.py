"""Where a server connects to is judged only where it can be seen; else it is neither passed nor red."""

from __future__ import annotations

import pytest

from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.judge import judge
from chatkit_conformance.running.unwatched import NOT_STARTED, unwatched
from chatkit_conformance.transcript import Call, Transcript

ASKED = Call(n=1, path="/v1beta/openai/chat/completions", body={"model": "gemini-3.8-flash"})
HOST = next(check for check in checks() if check.id == "gemini.no-openai-host")


@pytest.mark.parametrize(
    ("lines", "version", "heeds"),
    [
        (["python -m server", "/usr/bin/python3 worker.py"], "", True),
        (["node server.mjs"], "v20.20.2\n", False),
        (["npm start", "/usr/local/bin/node dist/index.js"], "v22.12.0\n", False),
        (["node server.mjs"], "v22.21.1\n", True),
        (["node server.mjs"], "v24.4.0\n", False),
        (["node server.mjs"], "v24.5.0\n", True),
        (["node server.mjs"], "v26.0.0\n", True),
        (["node server.mjs"], "", False),
        (["bun run server.ts"], "", True),
    ],
)
def test_who_takes_no_notice_of_a_proxy_is_known(lines: list[str], version: str, heeds: bool) -> None:
    """Node before it read the variable, by whatever it was begun; the sentence says which version does."""
    why = unwatched(lines, lambda _: version)
    assert (why == "") is heeds
    assert heeds or "24.5" in why


@pytest.mark.parametrize(
    ("notes", "outcome", "said"),
    [
        ({"egress_watched": True, "egress": []}, "passed", ""),
        ({"egress_watched": True, "egress": [{"host": "api.openai.com", "port": 443}]}, "failed", ""),
        ({"egress_watched": False, "egress_unseen": NOT_STARTED, "egress": []}, "not_judged", "run -- COMMAND"),
        ({"egress_watched": False, "egress_unseen": "Node 20", "egress": []}, "not_judged", "Node 20"),
    ],
)
def test_what_cannot_be_seen_is_not_judged(notes: dict[str, object], outcome: str, said: str) -> None:
    """By URL, with the stand-in behind it, a server is not red for what only a started one can show."""
    judged = judge(HOST, [Transcript(exchange="whole_run", calls=(ASKED,), notes=notes)])
    assert judged.outcome == outcome
    assert said in judged.reason
