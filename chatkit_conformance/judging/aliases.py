"""Earlier names of checks, so that baselines, selections and marks that were written with them still hold.

An id is for ever from the first release on. One that has to change gets a row here; no row is ever taken out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from ..check import TOOL_ROLES

_FAULTS = (
    "bare-error",
    "cut",
    "cut-in-call",
    "empty",
    "error-in-stream",
    "error-list",
    "filtered",
    "garbage",
    "html",
    "internal-error",
    "key-invalid",
    "key-refused",
    "length",
    "malformed-call",
    "no-answer",
    "no-done",
    "overloaded",
    "rate-limited",
    "rate-limited-long",
    "refused",
    "slow-headers",
    "stalled",
    "unknown-model",
)
RENAMED: Mapping[str, str] = {
    "protocol.answers-in-kind": "protocol.stream-or-json",
    "protocol.feedback-again": "protocol.feedback-repeated",
    "protocol.feedback-leaves-thread": "protocol.feedback-keeps-items",
    "protocol.locked-thread-takes-nothing": "protocol.locked-thread-refuses-messages",
    "protocol.locked-thread-told": "protocol.locked-thread-announced",
    "protocol.more-has-cursor": "protocol.has-more-has-cursor",
    "protocol.out-of-place-harmless": "protocol.unknown-item-harmless",
    "protocol.out-of-place-refused": "protocol.unknown-item-refused",
    "protocol.out-of-place-then-next-turn": "protocol.unknown-item-then-next-turn",
    "stream.annotation-dense": "stream.annotations-without-gaps",
    "stream.answer-is-models": "stream.answer-from-model",
    "stream.created-first": "stream.thread-created-first",
    "stream.created-once": "stream.thread-created-once",
    "stream.events-as-sdk": "stream.events-match-sdk",
    "stream.index-sound": "stream.index-valid",
    "stream.known-item": "stream.item-known",
    "stream.part-dense": "stream.parts-without-gaps",
    "stream.part-open": "stream.part-after-done",
    "stream.removed-known": "stream.removed-item-known",
    "stream.task-dense": "stream.tasks-without-gaps",
    "stream.uncached": "stream.not-cacheable",
    "stream.unnamed-events": "stream.no-event-names",
    "stream.update-after-done-shown": "stream.update-after-done-other-items",
    "stream.update-fits": "stream.update-fits-item",
    **{f"tools.{role}-result-told": f"tools.{role}-result-returned" for role in TOOL_ROLES},
    "tools.bad-arguments-stated": "tools.bad-arguments-handled",
    "tools.bulk-complete-bare-refused": "tools.bulk-complete-without-arguments",
    "tools.bulk-delete-bare-refused": "tools.bulk-delete-without-arguments",
    "tools.unknown-tool-stated": "tools.unknown-tool-handled",
    "persistence.deleted-not-answered": "persistence.deleted-not-retried",
    "persistence.left-message-kept": "persistence.disconnect-keeps-message",
    "persistence.meanwhile-answered": "persistence.concurrent-messages-answered",
    "persistence.meanwhile-keeps-all": "persistence.concurrent-messages-kept",
    "persistence.nothing-twice": "persistence.no-duplicate-items",
    "persistence.turn-after-leaving-works": "persistence.turn-after-disconnect-works",
    "persistence.turn-after-meanwhile": "persistence.turn-after-concurrent-messages",
    **{f"errors.{fault}-stated": f"errors.{fault}-reported" for fault in _FAULTS},
    "errors.asks-sparingly": "errors.permanent-error-not-retried",
    "errors.message-for-people": "errors.message-readable",
    "errors.passing-fault-one-answer": "errors.transient-fault-one-answer",
    "errors.passing-fault-recovered": "errors.transient-fault-recovered",
    "errors.question-stays-known": "errors.unanswered-message-in-history",
    "security.bad-tokens-are-no-failure": "security.bad-tokens-refused-cleanly",
    "security.expired-midway-goes-on": "security.renewed-token-mid-thread-accepted",
    "security.expired-midway-refused": "security.expired-token-mid-thread-refused",
    "security.expired-token-anywhere": "security.expired-token-refused-everywhere",
    "security.foreign-looks-unknown": "security.other-user-thread-looks-unknown",
    "security.forged-token-anywhere": "security.forged-token-refused-everywhere",
    "security.garbage-token-anywhere": "security.garbage-token-refused-everywhere",
    "security.ids-not-counted": "security.ids-not-sequential",
    "security.no-token-anywhere": "security.no-token-refused-everywhere",
    "security.rate-limit-says-when": "security.rate-limit-retry-after",
    "security.strangers-cannot-act": "security.other-user-cannot-act",
    "security.strangers-cannot-delete": "security.other-user-cannot-delete",
    "security.strangers-cannot-read": "security.other-user-cannot-read",
    "security.strangers-cannot-read-items": "security.other-user-cannot-read-items",
    "security.strangers-cannot-rename": "security.other-user-cannot-rename",
    "security.strangers-cannot-write": "security.other-user-cannot-write",
    "security.strangers-history-not-sent": "security.other-user-history-not-sent",
    "security.strangers-not-listed": "security.other-user-threads-not-listed",
    "security.strangers-refused": "security.other-user-refused",
    "security.strangers-told-nothing": "security.other-user-learns-nothing",
    "security.threads-apart": "security.threads-isolated",
    "gemini.call-ends-with-client": "gemini.call-cancelled-on-disconnect",
    "gemini.foreign-model-not-asked": "gemini.non-gemini-model-not-requested",
    "gemini.no-complaints": "gemini.requests-valid",
    "gemini.old-fact-known": "gemini.early-message-in-history",
    "gemini.history-after-tools": "gemini.history-user-messages",
    "gemini.path-right": "gemini.request-path",
    "gemini.words-unchanged": "gemini.user-text-unchanged",
    "widgets.action-makes-no-thread": "widgets.action-creates-no-thread",
    "widgets.reload-shows": "widgets.shown-after-reload",
    "attachments.foreign-not-deleted": "attachments.other-user-cannot-delete",
    "attachments.foreign-not-overwritten": "attachments.other-user-cannot-overwrite",
    "attachments.foreign-not-sent": "attachments.other-user-cannot-send",
    "attachments.message-carries": "attachments.message-shows-files",
    "client-tools.answers-of-nothing": "client-tools.unexpected-answers-harmless",
    "client-tools.answers-of-strangers": "client-tools.other-user-cannot-answer",
    "client-tools.call-id-models": "client-tools.call-id-from-model",
    "client-tools.ignored-call-unpaired": "client-tools.ignored-call-not-sent-unpaired",
    "client-tools.output-of-strangers": "client-tools.other-user-cannot-send-output",
}
"""Earlier id -> the id of today."""

_EARLIER: defaultdict[str, list[str]] = defaultdict(list)
for _old, _new in RENAMED.items():
    _EARLIER[_new].append(_old)


def current(id: str) -> str:
    """The id of today, of an id from any release."""
    return RENAMED.get(id, id)


def fits(id: str, pattern: str) -> bool:
    """Whether a check's id, or one of its earlier ones, fits a glob."""
    return any(fnmatchcase(name, pattern) for name in (id, *_EARLIER.get(id, ())))


def notes(patterns: Iterable[str], known: Iterable[str]) -> list[str]:
    """A sentence for each pattern that fits only an earlier id, with the id of today. `known`: the ids of today."""
    ids = tuple(known)
    return [
        f"{old} is now called {new}."
        for pattern in patterns
        if not any(fnmatchcase(id, pattern) for id in ids)
        for old, new in RENAMED.items()
        if new in ids and fnmatchcase(old, pattern)
    ]
