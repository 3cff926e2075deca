"""Nothing of the server's inside reaches the browser: in no item, step, notice, title, header or refusal.

What the user or the model said may come back as it is: a program that is talked about is no leak.
"""

from __future__ import annotations

import re

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.received import received_in, spoken_in, texts_in
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import shorten

TRACES = re.compile(
    r"Traceback \(most recent call last\)"
    r'|File "[^"\n]+", line \d+'
    r"|(?:site|dist)-packages[/\\]|node_modules[/\\]"
    r"|\n\s+at (?:async )?[\w.$<>\[\] ]{1,80} ?\([^()\n]{1,200}:\d+:\d+\)"
    r"|\n\s+at (?:file://)?/[^\s:]+:\d+:\d+"
    r"|\tat [\w.$]+\([\w.]+\.java:\d+\)"
    r"|goroutine \d+ \[running\]"
    r"|(?<![\w:/.])(?:/[\w.@~+-]+){2,}\.(?:py|js|mjs|cjs|ts|tsx|rb|go|java|php|cs)\b"
)
"""Tracebacks and frames of Python, JavaScript, Java and Go, and paths of source files."""

INTERNALS = re.compile(
    TRACES.pattern
    + r"|\bsqlalchemy\.|\bsqlite3\.|\bpsycopg|\basyncpg\.|\bpydantic_core|\[SQL: |\bSQLSTATE\b|\bORA-\d{5}"
    + r"|\bSELECT .{1,200} FROM |\bINSERT INTO |\bUPDATE .{1,80} SET |\bDELETE FROM "
)
"""What stands in tracebacks, queries and exceptions, and not in a message for a user."""

UPSTREAM = re.compile(r"/v1beta/|://generativelanguage\.|https?://127\.0\.0\.1|\bAIza|\bError code: \d|\bBearer \S")
"""What only the model's address, its key or a client library's exception text have."""

EXCEPTIONS = re.compile(
    r"\b[A-Z]\w*(?:Error|Exception|Failure)\b ?[:(]"
    r"|\bError code: \d{3}\b"
    r"|'NoneType' object|object has no attribute|object is not (?:subscriptable|iterable|callable)"
    r"|\b(?:list|tuple|string) index out of range|\bindices must be integers|\bunhashable type\b"
    r"|\bmissing \d+ required (?:positional|keyword)|\bgot an unexpected keyword argument\b"
    r"|\bExpecting (?:value|property name|',' delimiter)\b|\bcould not convert string to\b"
    r"|\bCannot read propert(?:y|ies) of\b|\bis not a function\b|\bUnexpected token\b.{0,40}\bJSON\b"
)
"""What exceptions of Python and JavaScript, and those of the model's client library, say when they are printed."""


def _found(
    t: Transcript, pattern: re.Pattern[str], expected: str, *, event: bool | None = None, report: bool | None = None
) -> Findings:
    """Where what was received holds the pattern. `event`, `report`: only such texts, see `received.texts_in`."""
    places: dict[str, int] = {}
    judged = False
    for text in texts_in(t, event=event, report=report):
        judged = True
        for match in pattern.finditer(text):
            if match.group().strip() not in spoken_in(t):
                places[text] = max(0, match.start() - 20)
                break
    for row in received_in(t) if places else ():
        if row.text in places and event in (None, row.event is not None) and report in (None, row.report):
            got = shorten(row.text[places[row.text] : places[row.text] + 160])
            yield Finding(expected=expected, got=got, reply=row.reply.label, event=row.event)
    if not judged:
        raise Untestable(f"{t.exchange} has no response of that kind.")


@check(
    "errors.no-traceback",
    level=MUST,
    clause=SPEC_FAULTS + ", never a traceback",
    cause="Debug mode is on, or str(exception) is put into a response, a step or a notice.",
    fix="Log the exception, and write your own message for the user.",
    criteria=("SC-008",),
)
def no_traceback(t: Transcript) -> Findings:
    """Nothing that the browser receives shows the server's code: no traceback and no source file path."""
    yield from _found(t, TRACES, "no traceback")


@check(
    "security.no-internals",
    level=MUST,
    clause=SPEC_FAULTS + ", never a traceback; OWASP, improper error handling",
    cause="Debug mode is on, or str(exception) is put into the response.",
    fix="Log the exception, and write your own message for the user.",
    criteria=("SC-008",),
)
def no_internals(t: Transcript) -> Findings:
    """Errors and refusals show no internals: no traceback, query, path or exception name."""
    yield from _found(t, INTERNALS, "a message without internals", report=True)


@check(
    "errors.no-upstream-address",
    level=SHOULD,
    clause="CWE-209: generation of error message containing sensitive information; " + SPEC_FAULTS,
    cause="str(exception) of the model's client is put into the message.",
    fix="Write your own message about what happened, and log the exception.",
)
def no_upstream_address(t: Transcript) -> Findings:
    """Error messages contain no address or key of the model and no exception text of a client library."""
    expected = "nothing of the model's address, key or client library"
    yield from _found(t, UPSTREAM, expected, event=True, report=True)


@check(
    "errors.no-exception-text",
    level=SHOULD,
    clause=SPEC_FAULTS + ": in words of its own; CWE-209: generation of error message with sensitive information",
    cause="str(exception) is given as the answer, as a step or as the error's message.",
    fix="Log the exception. Tell the user what happened in your own words, in an `error` event.",
)
def no_exception_text(t: Transcript) -> Findings:
    """No answer, step, notice or error that the user reads is the text of an exception."""
    yield from _found(t, EXCEPTIONS, "what happened, in words of the server's own", event=True)
