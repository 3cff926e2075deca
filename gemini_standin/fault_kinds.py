"""The kinds of faults that a script can ask for. What they do stands in fault.py."""

from __future__ import annotations

from collections.abc import Mapping

FAULT_KEYS: Mapping[str, frozenset[str]] = {
    "http": frozenset({"status", "body", "retry_delay", "content_type"}),
    "cut": frozenset({"after", "text"}),
    "stall": frozenset({"after", "max_s", "gate", "text"}),
    "no-answer": frozenset(),
    "no-done": frozenset({"text"}),
    "error-event": frozenset({"after", "text", "status", "body"}),
    "error-event-list": frozenset({"after", "text", "status", "body"}),
    "bare-error": frozenset({"after", "text", "status", "body"}),
    "empty": frozenset(),
    "empty-choices": frozenset({"text"}),
    "malformed-call": frozenset({"text"}),
    "filtered": frozenset({"reason", "text", "after"}),
    "length": frozenset({"text"}),
    "thought-leak": frozenset({"text", "thought"}),
    "bad-json-arguments": frozenset({"name", "arguments"}),
    "garbage": frozenset({"text"}),
    "html": frozenset({"status"}),
    "slow-headers": frozenset({"max_s", "gate", "text"}),
}
"""Every kind of fault and the keys it takes besides `kind`."""
