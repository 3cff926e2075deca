"""Credentials on every request, and what a foreign user's requests may do beyond reading."""

from __future__ import annotations

from itertools import pairwise

from chatkit_conformance.check import MAY, MUST, SHOULD, Finding, Findings, Need, NotJudged, Untestable, check
from chatkit_conformance.transcript import Transcript
from chatkit_conformance.wrong_requests.by_hand import EVERY

from ..clauses import HTTP_401, SPEC_AUTH, SPEC_OWNER
from ..evidence import (
    answer_text,
    answered,
    left_standing,
    let_in,
    note,
    outcome,
    reloaded,
    reply,
    said_errors,
    says,
    shorten,
    text_of,
    turn,
    turned_away,
    turns,
)
from ..exchanges.strangers import FOREIGN
from .access import ANYBODY, BY_ID, EXPIRED, FORGED, OWNER

ONE_ROUTE = "The token is checked in some handlers only, or only when a thread is loaded."
FIRST = "Check the token first, for the whole endpoint."


def _declare(id: str, kind: str, needs: tuple[Need, ...], requirement: str) -> None:
    """Declare the check that no request type lets this kind of caller in."""

    def judge(t: Transcript) -> Findings:
        if not (good := reply(t, "good-token")).accepted:
            raise Untestable(f"A request with valid credentials was answered with {answered(good)}.")
        for type in EVERY:
            if let_in(r := reply(t, f"{kind}:{type}")):
                yield Finding(expected=f"HTTP 401 or 403 for {type}", got=answered(r), reply=r.label)

    judge.__doc__ = requirement
    check(id, level=MUST, on=("no_credentials",), needs=needs, clause=SPEC_AUTH, cause=ONE_ROUTE, fix=FIRST)(judge)


for _id, _kind, _needs, _requirement in (
    (
        "security.no-token-refused-everywhere",
        "nobody",
        ANYBODY,
        "None of the sixteen request types is accepted without credentials.",
    ),
    (
        "security.garbage-token-refused-everywhere",
        "garbage",
        FORGED,
        "None of the sixteen request types is accepted with a made-up token.",
    ),
    (
        "security.forged-token-refused-everywhere",
        "forged",
        FORGED,
        "None of the sixteen request types is accepted with a forged token.",
    ),
    (
        "security.expired-token-refused-everywhere",
        "expired",
        EXPIRED,
        "None of the sixteen request types is accepted with an expired token.",
    ),
):
    _declare(_id, _kind, _needs, _requirement)


@check(
    "security.bad-tokens-refused-cleanly",
    level=SHOULD,
    on=("no_credentials",),
    needs=("sign-in",),
    clause=HTTP_401,
    cause="Decoding raises something else than the token library's own error, and nothing catches it.",
    fix="Catch every error of the token library, and answer 401.",
)
def bad_tokens_refused_cleanly(t: Transcript) -> Findings:
    """Any invalid token is answered with 401 or 403, on every request type."""
    reply(t, "good-token")
    for r in t.replies:
        if ":" in r.label and not let_in(r) and r.status not in (401, 403):
            yield Finding(expected="HTTP 401 or 403", got=answered(r), reply=r.label)


@check(
    "security.refusal-names-scheme",
    level=SHOULD,
    on=("no_credentials",),
    needs=("sign-in", "token"),
    clause="RFC 9110 section 15.5.2: a 401 has a WWW-Authenticate header with at least one challenge",
    cause="The framework's own 401 was replaced by one without the header.",
    fix="Send WWW-Authenticate: Bearer with every 401.",
)
def refusal_names_scheme(t: Transcript) -> Findings:
    """A 401 to a request without its token names the authentication scheme."""
    r = reply(t, "nobody-lists")
    if r.status == 401 and not r.headers.get("www-authenticate"):
        yield Finding(expected="WWW-Authenticate: Bearer", got="no such header", reply=r.label)


@check(
    "security.expired-token-mid-thread-refused",
    level=MUST,
    on=("expired_midway",),
    needs=("token", "expiry"),
    clause="user specification, edge cases: credentials that expire in mid-conversation; an expired session",
    cause="The token is checked when a thread is created, and afterwards the thread's id is enough.",
    fix="Check the token's expiry on every request.",
)
def expired_token_mid_thread_refused(t: Transcript) -> Findings:
    """A message in the user's own thread is refused and not stored once the token has expired."""
    turn(t, "turn-1")
    if let_in(r := reply(t, "expired")):
        yield Finding(expected="HTTP 401 or 403", got=answered(r), reply="expired")
    if late := [text_of(i) for i in reloaded(t, "reload") if "Too late." in text_of(i)]:
        yield Finding(expected="nothing of the refused message", got=shorten(late), reply="reload")


@check(
    "security.ended-token-not-remembered",
    level=SHOULD,
    on=("token_ends",),
    needs=EXPIRED,
    clause=SPEC_AUTH + "; RFC 7519 section 4.1.4: a token is not accepted on or after its exp",
    cause="The user of a token is kept in a cache by the token, for longer than the token is good.",
    fix="Keep it until the token's exp at most, or look at exp in each request.",
)
def ended_token_not_remembered(t: Transcript) -> Findings:
    """A token that was taken while it was good is refused after its end, like one that ended then and is new."""
    if not (good := reply(t, "good")).accepted:
        raise NotJudged(f"A token that is good for some seconds was answered with {answered(good)}.")
    if let_in(reply(t, "ended-unused")):
        raise NotJudged("The server takes any token for some time after its end: clocks differ.")
    if let_in(r := reply(t, "ended-used")):
        yield Finding(
            expected="HTTP 401 or 403, as for a token of that age that is new", got=answered(r), reply=r.label
        )


@check(
    "security.renewed-token-mid-thread-accepted",
    level=MUST,
    on=("expired_midway",),
    needs=("token", "expiry"),
    clause="user specification, edge cases: credentials that expire in mid-conversation; SC-008: never a broken thread",
    cause="The refused request changed the thread, or a refused user stays refused.",
    fix="Refuse before anything is read or written.",
    criteria=("SC-008",),
)
def renewed_token_mid_thread_accepted(t: Transcript) -> Findings:
    """With a renewed token, the conversation continues where it was."""
    was = [item.get("id") for item in left_standing(turn(t, "turn-1"))]
    now = [i.get("id") for i in reloaded(t, "reload")]
    if lost := [id for id in was if id not in now]:
        yield Finding(expected=f"items {was}", got=f"without {lost}", reply="reload")
    r = reply(t, "next")
    if not says(t, r, "There you are."):
        yield Finding(expected="answer “There you are.”", got=outcome(r), reply="next")


@check(
    "security.other-user-cannot-act",
    level=MUST,
    on=("strangers",),
    needs=("users",),
    clause=SPEC_OWNER + "; actions, client tool output, structured input and feedback are about a thread",
    cause=BY_ID,
    fix=OWNER,
)
def other_user_cannot_act(t: Transcript) -> Findings:
    """Actions, tool output and structured input in another user's thread add no item and get no answer."""
    for label in ("b-action", "b-sync-action", "b-output", "b-structured", "b-retry"):
        r = reply(t, label)
        items = r.of("thread.item.done", "thread.item.added", "thread.item.replaced")
        updated = isinstance(r.body, dict) and r.accepted and r.body.get("updated_item")
        if items or updated:
            got = f"{len(items)} items, answer {shorten(answer_text(r))}; {answered(r)}"
            yield Finding(expected="a refusal", got=got, reply=label)


@check(
    "security.other-user-learns-nothing",
    level=MUST,
    on=("strangers",),
    needs=("users",),
    clause=SPEC_OWNER,
    cause=BY_ID,
    fix=OWNER,
)
def other_user_learns_nothing(t: Transcript) -> Findings:
    """No response to one user contains another user's messages."""
    private = str(note(t, "private"))
    asked = [r for r in t.replies if r.label.startswith("b-")]
    if len(asked) < len(FOREIGN):
        raise Untestable(f"User b made {len(asked)} requests.")
    for r in asked:
        if private in r.text or private in str(r.body) or any(private in e.raw for e in r.events):
            yield Finding(expected="nothing of another user's thread", got=answered(r), reply=r.label)


@check(
    "security.other-user-refused",
    level=SHOULD,
    on=("strangers",),
    needs=("users",),
    clause=SPEC_OWNER + "; RFC 9110 section 15.5.4: 403, or 404 to hide that it exists",
    cause="The refusal is an exception in mid-stream, or a 200 that does nothing.",
    fix="Look the thread and its items up by owner first, and answer 404.",
)
def other_user_refused(t: Transcript) -> Findings:
    """Each request about another user's thread is refused with 4xx, or with an error event."""
    for label in ("b-say", "b-feedback", "b-action", "b-sync-action", "b-output", "b-structured", *FOREIGN):
        r = reply(t, label)
        if not turned_away(r):
            got = f"{answered(r)}, {said_errors(r)}, ended {r.ended}"
            yield Finding(expected="4xx, or an `error` event", got=got, reply=label)


@check(
    "security.other-user-thread-looks-unknown",
    level=SHOULD,
    on=("strangers",),
    needs=("users",),
    clause="RFC 9110 section 15.5.4: 404 in place of 403 hides that there is anything; OWASP, insecure references",
    cause="Another user's thread is found and then refused, an unknown one is not found.",
    fix="Query by thread and owner together, and answer the same whenever there is no row.",
)
def other_user_thread_looks_unknown(t: Transcript) -> Findings:
    """Another user's thread is answered like an unknown one, so nobody learns which ids exist."""
    for label in FOREIGN:
        foreign, nowhere = reply(t, label), reply(t, f"nowhere-{label}")
        if foreign.status != nowhere.status:
            expected = f"HTTP {nowhere.status}, as for an unknown thread"
            yield Finding(expected=expected, got=answered(foreign), reply=label)


NEAR = 10_000
"""Two ids whose numbers are this close are sequential, not random."""


@check(
    "security.ids-not-sequential",
    level=MAY,
    on=("several_threads",),
    clause="RFC 9562 section 8 and OWASP: ids that can be guessed are a danger where one check of ownership is missing",
    cause="Ids are a counter, in the database or in the process.",
    fix="Use random ids: the SDK's default_generate_id, or uuid4.",
)
def ids_not_sequential(t: Transcript) -> Findings:
    """Thread ids are not sequential, so nobody can guess another user's."""
    ids = list(dict.fromkeys(r.thread_id for r in turns(t) if r.thread_id))
    if len(ids) < 2:
        raise Untestable(f"{t.exchange} has {len(ids)} threads.")
    for one, two in pairwise(ids):
        a, b = (id.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-:./") for id in (one, two))
        if a.isdecimal() and b.isdecimal() and abs(int(a) - int(b)) < NEAR:
            yield Finding(expected="random ids", got=f"{one!r}, {two!r}", reply=turns(t)[0].label)
