"""The journal: what is kept, what is not, how to wait for it, and when the peer went away."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any

import httpx

from gemini_standin.journal import Journal


def test_call_has_what_was_sent_and_answered(standin: Any) -> None:
    """A call shows the request's body, every chunk with its time in order, and when it was finished."""
    nonce = standin.script({"chunks": ["a", "b"], "gap_s": 0.05})
    standin.ask(nonce)
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert call["body"] == standin.body(nonce)
    assert (call["status"], call["profile"], call["path"]) == (200, "gemini-3", "/v1beta/openai/chat/completions")
    times = [sent["at"] for sent in call["sent"]]
    assert times == sorted(times)
    assert times[1] - times[0] >= 0.03
    assert call["sent"][-1]["data"] == "[DONE]"
    assert call["at"] <= times[0]
    assert times[-1] <= call["finished_at"] <= time.monotonic()
    assert call["gone_at"] is None


def test_the_call_fits_the_transcripts_call(standin: Any) -> None:
    """Its fields are those of the harness's Call, no more."""
    from chatkit_conformance.transcript import Call

    nonce = standin.script({"text": "a"})
    standin.ask(nonce)
    assert Call(**standin.calls(nonce)[0]).model == "gemini-3.8-flash"


def test_credentials_are_fingerprints(standin: Any) -> None:
    """A key, an organisation and a cookie are kept as eight digits of their hash, never themselves."""
    nonce = standin.script({"text": "a"})
    secret = "AIza-very-secret"
    head = {"authorization": f"Bearer {secret}", "openai-organization": "org-secret", "cookie": "sid=secret-cookie"}
    standin.ask(nonce, headers=head)
    answer = standin.http.get("/_standin/journal", params={"nonce": nonce})
    digest = hashlib.sha256(secret.encode()).hexdigest()[:8]
    kept = answer.json()["calls"][0]["headers"]
    assert kept["authorization"] == f"Bearer sha256:{digest}"
    assert kept["openai-organization"].startswith("sha256:")
    assert not any(word in answer.text for word in (secret, "org-secret", "secret-cookie"))


def test_long_poll_waits_for_the_call_to_end(standin: Any) -> None:
    """With finished=1 the answer comes when the call has ended, not when it began and not at the deadline."""
    gate = "journal-long-poll"
    nonce = standin.script({"chunks": ["a", "b"], "hold": {"after": 1, "gate": gate, "max_s": 9}})
    asking = threading.Thread(target=standin.ask, args=(nonce,))
    asking.start()
    (begun,) = standin.calls(nonce, calls=1, timeout=30)
    assert begun["finished_at"] is None
    still = standin.calls(nonce, calls=1, finished=1, timeout=0.1)
    assert still[0]["finished_at"] is None
    standin.http.post(f"/_standin/gates/{gate}")
    began = time.monotonic()
    (ended,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert ended["finished_at"] is not None
    assert time.monotonic() - began < 4
    asking.join(60)


def test_long_poll_gives_up_at_its_deadline(standin: Any) -> None:
    """A call that never comes ends the wait after the time given, with nothing."""
    began = time.monotonic()
    assert standin.calls("zqzzzzzzzzzz", calls=1, timeout=0.2) == []
    assert 0.2 <= time.monotonic() - began < 2


def test_peer_gone_is_stamped_at_once(standin: Any) -> None:
    """When the client leaves during a silence, gone_at is set within a tenth of a second or so."""
    nonce = standin.script({"text": "hello there", "fault": {"kind": "stall", "after": 1, "max_s": 20}})
    url = f"{standin.face}chat/completions"
    head = {"authorization": "Bearer k"}
    with httpx.stream("POST", url, json=standin.body(nonce), headers=head, trust_env=False) as answer:
        next(answer.iter_raw())
    left = time.monotonic()
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert call["finished_at"] is None
    assert abs(call["gone_at"] - left) < 0.5
    assert len(call["sent"]) == 1


def test_peer_gone_before_headers(standin: Any) -> None:
    """A client that leaves before any byte is noticed as well."""
    nonce = standin.script({"text": "a", "wait_gate": {"gate": "never-opened", "max_s": 20}})
    try:
        standin.http.post("/v1beta/openai/chat/completions", json=standin.body(nonce), timeout=0.3)
    except httpx.ReadTimeout:
        (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert call["gone_at"] is not None
    assert call["sent"] == []


def test_other_paths_are_journaled_too(standin: Any) -> None:
    """A call of an API that Gemini does not have is a 404 and is seen, under its nonce."""
    answer = standin.http.post("/v1beta/openai/responses", json={"model": "m", "input": "hello zqresponses0"})
    assert answer.status_code == 404
    (call,) = standin.calls("zqresponses0")
    assert (call["path"], call["status"], call["matched"]) == ("/v1beta/openai/responses", 404, False)


def test_the_journal_is_bounded() -> None:
    """Beyond its number of calls the oldest ended ones go, and are counted."""
    journal = Journal(calls=3)
    for n in range(5):
        entry = journal.add(method="POST", path="/", headers=[], raw=b"{}")
        entry.nonce = f"n{n}"
        journal.file(entry)
        entry.finished_at = 1.0
        journal.close(entry)
    assert [entry.n for entry in journal.find(())] == [2, 3, 4]
    assert journal.dropped == 2
    assert journal.find(("n0",)) == []


def test_a_fault_that_the_server_left_before_is_told_as_not_met(standin: Any) -> None:
    """`fault` names what was to break, `fault_at` says when it did: never, where the server went away before."""
    step = {"text": "Hello there, friend.", "chunk_chars": 4, "gap_s": 0.2, "fault": {"kind": "cut", "at": "mid-text"}}
    nonce = standin.script(step)
    url = f"{standin.face}chat/completions"
    with standin.http.stream("POST", url, json=standin.body(nonce), headers={"accept-encoding": "identity"}) as answer:
        next(answer.iter_raw())
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    assert (call["fault"], call["fault_at"], call["finished_at"]) == ("cut", None, None)
    assert call["gone_at"] is not None


def test_a_call_without_a_fault_names_none(standin: Any) -> None:
    """A plain answer has neither."""
    nonce = standin.script({"text": "a"})
    standin.ask(nonce)
    (call,) = standin.calls(nonce)
    assert (call["fault"], call["fault_at"]) == ("", None)
