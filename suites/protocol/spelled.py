"""What a server takes though few clients send it: HTTP's own spellings, and a message that is a tag alone."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import types
from ..evidence import answered, reply

ON = ("spelled_otherwise",)


@check(
    "protocol.scheme-in-any-case",
    level=SHOULD,
    on=ON,
    clause="RFC 9110 section 11.1: an authentication scheme is a case-insensitive token",
    cause='The header is compared with "Bearer " letter by letter.',
    fix="Compare the scheme in small letters.",
)
def scheme_in_any_case(t: Transcript) -> Findings:
    """Credentials are taken whether their scheme is written Bearer or bearer."""
    if not t.replies:
        raise Untestable("Nothing was asked.")
    for r in t.replies:
        if r.label == "small-scheme" and not r.accepted:
            yield Finding(expected="HTTP 200, as with Bearer", got=answered(r), reply=r.label)


@check(
    "protocol.tag-alone-taken",
    level=SHOULD,
    on=ON,
    clause=types("846-866") + ": a message's content is a list of texts and tags, of which no text is demanded",
    cause="A message without a typed word is refused as an empty one.",
    fix="Refuse a message only if it has neither text nor tags nor files.",
)
def tag_alone_taken(t: Transcript) -> Findings:
    """A message of a tag alone is taken."""
    r = reply(t, "tag-alone")
    if not r.streamed or not r.items_done("user_message"):
        yield Finding(expected="the message, and an answer to it", got=answered(r), reply=r.label)
