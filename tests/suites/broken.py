"""Conversations in which the model broke and all went well: see suites/exchanges/faults.py."""

from __future__ import annotations

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import (
    ERROR,
    SSE,
    added,
    answer,
    asked,
    called,
    create,
    delta,
    done,
    events_of,
    read,
    said,
    say,
    sent,
    transcript,
)


def fault(name: str, partial: str = "") -> Transcript:
    """A fault that was told, the next turn, a reload."""
    begun = [added(said("a1", "")), delta("a1", partial)] if partial else []
    told = {**ERROR, "allow_retry": name not in LASTING}
    questions = [{"role": "user", "content": asked("Tell me.", "fault")}, {"role": "user", "content": "There?"}]
    replies = [
        create("fault", "Tell me.", [*begun, told]),
        say("next", "There?", answer("a2", "Yes, I am here.")),
        read("reload"),
    ]
    calls = [called("fault", status=400 if name in LASTING else 500), called("next", questions, n=1)]
    return transcript(name, replies, calls, fault="it broke", partial=partial)


def fault_retried() -> Transcript:
    """A partial answer that a retry replaced."""
    broken = create("fault", "?", [added(said("a1", "")), delta("a1", "A fe"), done(said("a1", "A fe")), ERROR])
    request = {"type": "threads.retry_after_item", "params": {"thread_id": "thr_1", "item_id": "u-fault"}}
    again = Reply(
        label="retry", request=request, status=200, headers=SSE, events=events_of(answer("a3", "new")), sent_at=10.0
    )
    calls = [called("fault", sent=sent("A fe", finish="")), called("fault", n=1, attempt=1, at=11.0, sent=sent("new"))]
    return transcript("fault_retried", [broken, again, read("reload")], calls, new="new", partial="A fe")


def fault_passing() -> Transcript:
    """A short failure that was got over."""
    made = create("fault", "?", answer("a1", "Ferns like shade."))
    calls = [called("fault", status=503), called("fault", n=1, attempt=1)]
    return transcript("fault_passing", [made], calls, said="Ferns like shade.", fault="503 once")


FAULTS = (
    "rate_limited",
    "internal_error",
    "overloaded",
    "refused",
    "cut",
    "stalled",
    "error_in_stream",
    "empty",
    "filtered",
    "malformed_call",
    "garbage",
    "rate_limited_long",
    "key_refused",
    "key_invalid",
    "unknown_model",
    "no_answer",
    "html",
    "error_list",
    "bare_error",
    "length",
    "no_done",
    "slow_headers",
    "cut_in_call",
)
LASTING = ("fault_refused", "fault_key_refused", "fault_key_invalid", "fault_unknown_model")
