"""Who may read and change what: another user, nobody, forged and expired tokens."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Need, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import HTTP_401, SPEC_AUTH, SPEC_OWNER
from ..evidence import answered, calls_of, items_in, note, reloaded, replies, reply, shorten, text_of

BY_ID = "The store looks threads up by id only."
OWNER = "Filter every query of the store by user id, and answer as for an unknown thread."


def _leak(t: Transcript, r: Reply) -> str | None:
    """What of the private thread a reply gave away, or None."""
    private = str(note(t, "private"))
    if private in r.text or private in str(r.body) or any(private in e.raw for e in r.events):
        return f"its text {private!r}"
    return None


def _declare(id: str, label: str, requirement: str) -> None:
    """Declare the check that a reply to user b tells nothing of user a's thread."""

    def judge(t: Transcript) -> Findings:
        r = reply(t, label)
        found = _leak(t, r)
        if found is None and r.accepted and isinstance(r.body, dict) and r.body.get("id") == note(t, "thread"):
            found = "the thread itself"
        rows = r.body.get("data") if isinstance(r.body, dict) and label == "b-list" else None
        ids = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        if found is None and note(t, "thread") in ids:  # as an id: a short one may stand in anything
            found = f"the thread's id {t.notes['thread']!r}"
        if found:
            yield Finding(expected="nothing of another user's thread", got=f"{found}: {answered(r)}", reply=label)

    judge.__doc__ = requirement
    check(id, level=MUST, on=("strangers",), needs=("users",), clause=SPEC_OWNER, cause=BY_ID, fix=OWNER)(judge)


for _id, _label, _requirement in (
    ("security.other-user-cannot-read", "b-get", "A user cannot read another user's thread by its id."),
    ("security.other-user-cannot-read-items", "b-items", "A user cannot list the items of another user's thread."),
    (
        "security.other-user-threads-not-listed",
        "b-list",
        "A user's list of threads contains no thread of another user.",
    ),
):
    _declare(_id, _label, _requirement)


@check(
    "security.other-user-cannot-write",
    level=MUST,
    on=("strangers",),
    needs=("users",),
    clause=SPEC_OWNER,
    cause=BY_ID,
    fix=OWNER,
)
def other_user_cannot_write(t: Transcript) -> Findings:
    """A user cannot add messages to another user's thread or retry in it."""
    before = [(i.get("id"), text_of(i)) for i in reloaded(t, "before")]
    after = [(i.get("id"), text_of(i)) for i in reloaded(t, "after")]
    if before != after:
        new = [row for row in after if row not in before]
        gone = [row for row in before if row not in after]
        got = f"added {shorten(new)}, missing {shorten(gone)}"
        yield Finding(expected=f"the {len(before)} items unchanged", got=got, reply="after")


@check(
    "security.other-user-history-not-sent",
    level=MUST,
    on=("strangers",),
    needs=("users", "model"),
    clause=SPEC_OWNER,
    cause=BY_ID,
    fix=OWNER,
)
def other_user_history_not_sent(t: Transcript) -> Findings:
    """A message to another user's thread does not send that thread's history to the model."""
    r, private = reply(t, "b-say"), str(note(t, "private"))
    try:
        calls = calls_of(t, "b-say")
    except Untestable:
        calls = []
    for c in calls:
        if private in str(c.body):
            expected = "nothing of user a's thread in a request for user b"
            yield Finding(
                expected=expected, got=f"{private!r} among {len(c.messages)} messages", reply=r.label, call=c.n
            )


@check(
    "security.other-user-cannot-rename",
    level=MUST,
    on=("strangers",),
    needs=("users",),
    clause=SPEC_OWNER,
    cause=BY_ID,
    fix=OWNER,
)
def other_user_cannot_rename(t: Transcript) -> Findings:
    """A user cannot rename another user's thread."""
    r = reply(t, "after")
    title = r.body.get("title") if isinstance(r.body, dict) else None
    if title == reply(t, "b-rename").params.get("title"):
        yield Finding(expected=f"title {t.notes.get('title')!r}", got=f"title {title!r}", reply="after")


@check(
    "security.other-user-cannot-delete",
    level=MUST,
    on=("strangers",),
    needs=("users",),
    clause=SPEC_OWNER,
    cause=BY_ID,
    fix=OWNER,
)
def other_user_cannot_delete(t: Transcript) -> Findings:
    """A user cannot delete another user's thread."""
    reloaded(t, "before")
    r = reply(t, "after-delete")
    if not r.accepted or not any(True for _ in items_in(r)):
        yield Finding(expected="the owner still has the thread", got=answered(r), reply="after-delete")


def _refused(t: Transcript, label: str) -> Findings:
    """Judge that a request was not accepted at all. Raises Untestable where a good token is refused as well."""
    good = reply(t, "good-token")
    if not good.accepted:
        raise Untestable(f"A request with valid credentials was answered with {answered(good)}.")
    r = reply(t, label)
    if r.accepted and not (r.streamed and r.errors and not r.of("thread.created")):
        yield Finding(expected="HTTP 401 or 403", got=answered(r), reply=label)


NO_AUTH = "The endpoint has no authentication, or accepts a request without a valid token."
ASK = "Check the token before calling process(), with a fixed algorithm and the expiry, and answer 401."

ANYBODY: tuple[Need, ...] = ("sign-in",)
FORGED: tuple[Need, ...] = ("sign-in", "token")
EXPIRED: tuple[Need, ...] = (*FORGED, "expiry")

for _id, _label, _needs, _requirement in (
    ("security.no-token-refused", "nobody-lists", ANYBODY, "A request without credentials is refused."),
    ("security.no-token-cannot-write", "nobody-writes", ANYBODY, "A message without credentials is refused."),
    ("security.forged-token-refused", "forged-token", FORGED, "A token with a wrong signature is refused."),
    ("security.unsigned-token-refused", "unsigned-token", FORGED, "An unsigned token (algorithm none) is refused."),
    ("security.expired-token-refused", "expired-token", EXPIRED, "An expired token is refused."),
):

    def _judge(t: Transcript, label: str = _label) -> Findings:
        yield from _refused(t, label)

    _judge.__doc__ = _requirement
    check(_id, level=MUST, on=("no_credentials",), needs=_needs, clause=SPEC_AUTH, cause=NO_AUTH, fix=ASK)(_judge)


@check(
    "security.refusal-is-401",
    level=SHOULD,
    on=("no_credentials",),
    needs=("sign-in",),
    clause=HTTP_401,
    cause="The missing token raises an exception that nothing turns into a response, or the response is a redirect.",
    fix="Answer 401 with a JSON body and a WWW-Authenticate header, or 403.",
)
def refusal_is_401(t: Transcript) -> Findings:
    """A request without valid credentials is answered with 401 or 403, not with 5xx."""
    replies(t)
    for label in ("nobody-lists", "forged-token", "expired-token"):
        r = next((r for r in t.replies if r.label == label), None)
        if r is not None and not r.accepted and r.status not in (401, 403):
            yield Finding(expected="HTTP 401 or 403", got=answered(r), reply=label)


@check(
    "security.no-secret-leaks",
    level=MUST,
    needs=("model",),
    on=("whole_run",),
    clause=SPEC_AUTH + "; a secret of the server is in no answer, no request's text and no log",
    cause="A request, a header or the environment is logged or echoed completely, or put into an error message.",
    fix="Log names instead of values, and never send str(exception) of a client library to the user.",
)
def no_secret_leaks(t: Transcript) -> Findings:
    """No secret of the run (keys, tokens, JWT secret) appears in a response, in a model request or in the log."""
    if not isinstance(t.notes.get("leaks"), list):
        raise Untestable("The run did not record where its secrets were seen.")
    for leak in note(t, "leaks"):
        place = ", ".join(f"{k} {v}" for k, v in leak.items() if k != "secret")
        yield Finding(
            expected=f"{leak.get('secret')} nowhere", got=f"seen in {place}", reply=str(leak.get("reply", ""))
        )
    if not t.notes["leaks"] and not t.calls:
        raise Untestable("The model was never asked, so nothing shows what a request to it, or its failure, tells.")
