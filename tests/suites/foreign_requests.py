"""Conversations of wrong requests, bad tokens and foreign pages: all right, and those that checks must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import (
    JSON_HEADERS,
    SSE,
    Data,
    answer,
    ask,
    asked,
    create,
    edit,
    events_of,
    refusal,
    said,
    thread,
    transcript,
    user,
)
from tests.suites.conversations_threads import page
from tests.suites.edits import CRASH

load_suites()

_PACKAGE = "chatkit_conformance.suites.exchanges"
# There only once the suites are loaded, so not to be imported in the usual way.
_tokens, _sites = (import_module(f"{_PACKAGE}.{name}") for name in ("bad_tokens", "cross_site"))

UNANSWERED = {
    "status": 0,
    "ended": "deadline",
    "headers": {},
    "body": None,
    "events": (),
    "trouble": "not finished after 30 s",
}
CLOSED = {"status": 0, "ended": "cut", "headers": {}, "body": None, "events": (), "trouble": "the connection broke"}


def wrong(name: str = "wrong_requests") -> Transcript:
    """Three wrong requests that were refused, one that could not be read by anybody, and a new thread."""
    rows = {
        "wrong-0000": {"words": "input.transcribe with `params.audio_base64` NUL", "may_be_closed_on": False},
        "wrong-0001": {"words": "threads.list with the whole packed: no gzip", "may_be_closed_on": True},
        "wrong-0002": {"words": "threads.list with `params.limit` NaN and `metadata` null", "may_be_closed_on": False},
    }
    replies = [replace(refusal(label, 422, ""), raw=True) for label in rows]
    begin, after = answer("a1", "I am ready."), answer("a2", "Yes, I am here.", "thr_2")
    made = [create("begin", "Before all that.", begin), *replies, create("next", "There?", after, id="thr_2")]
    return transcript(name, made, wrong=rows)


def shrunk() -> Transcript:
    """One wrong request that was refused with 500, and the one of its changes that did it."""
    t = edit(wrong(), "wrong-0002", **CRASH)
    again = replace(t.reply("wrong-0002"), label="wrong-0002-0")
    words = {"words": "threads.list with `params.limit` NaN", "may_be_closed_on": False}
    rows = {**t.notes["wrong"], "wrong-0002-0": words}
    rows["wrong-0002"] = {**rows["wrong-0002"], "smaller": "wrong-0002-0"}
    return replace(t, replies=(*t.replies, again), notes={"wrong": rows})


def bad_tokens() -> Transcript:
    """No token signed anybody in but the good ones."""
    good = [ask(label, "threads.list", {}, page([])) for label in ("good-token", _tokens.AS_GOOD)]
    labels = [f"{label}{kind}" for label in _tokens.TOKENS if label != _tokens.AS_GOOD for kind in ("", ":write")]
    refused = [replace(refusal(label, 401, "threads.list"), user="", raw=True) for label in labels]
    ways = [ask("other-way", "threads.list", {}, page([]), user="b")]
    ways += [
        replace(refusal(f"other-way:{name}", 401, "threads.list"), user="", raw=True) for name in ("nobody", "expired")
    ]
    return transcript("bad_tokens", [good[0], replace(good[1], user="", raw=True), *refused, *ways])


def _thread(title: str) -> Data:
    items = [user("u-turn-1", asked("Who?", "turn-1")), said("a1", "You alone.")]
    return thread("thr_1", items, title=title)


def _renamed(label: str, title: str) -> Reply:
    made = ask(label, "threads.update", {"thread_id": "thr_1", "title": title}, _thread(title))
    return replace(made, raw=True)


def _read(label: str, title: str) -> Reply:
    return ask(f"after-{label}", "threads.get_by_id", {"thread_id": "thr_1"}, _thread(title))


def cross_site() -> Transcript:
    """The own page renames a thread, and nobody else."""
    own = "Renamed by own-page"
    made = [create("turn-1", "Who?", answer("a1", "You alone.")), _renamed("own-page", own), _read("own-page", own)]
    for label in (*_sites.FOREIGN, _sites.SCHEME):
        refused = refusal(label, 403, "threads.update", thread_id="thr_1", title=f"Renamed by {label}")
        made += [replace(refused, raw=True), _read(label, own)]
    return transcript("cross_site", made)


def _taken(label: str) -> list[Transcript]:
    title = f"Renamed by {label}"
    t = edit(cross_site(), label, status=200, headers=JSON_HEADERS, body=_thread(title))
    return [edit(t, f"after-{label}", body=_thread(title))]


def _signed_in(label: str) -> list[Transcript]:
    taken = {"status": 200, "headers": JSON_HEADERS, "body": page([])}
    streamed = {"status": 200, "headers": SSE, "events": events_of(answer("x1", "As you wish."))}
    return [edit(bad_tokens(), label, **taken), edit(bad_tokens(), f"{label}:write", **streamed)]


def sound_foreign() -> list[Transcript]:
    """All that are right."""
    return [wrong(), wrong("many_wrong_requests"), bad_tokens(), cross_site()]


def odd_foreign() -> list[Transcript]:
    """Odd and right: a server that closes the connection on what it will not read, and one that asks another first."""
    closed = edit(wrong(), "wrong-0001", **CLOSED)
    return [closed, edit(wrong(), "wrong-0000", status=501), edit(wrong(), "wrong-0002", status=429)]


BREAKS: Mapping[str, list[Transcript]] = {
    "security.bad-tokens-refused-in-every-way": [
        edit(bad_tokens(), "other-way:expired", status=200, body=page([])),
    ],
    "errors.drawn-requests-answered": [
        edit(wrong(), "wrong-0000", **UNANSWERED),
        edit(wrong(), "wrong-0001", **UNANSWERED),
        edit(wrong("many_wrong_requests"), "wrong-0002", **CLOSED),
    ],
    "errors.drawn-requests-no-internal-error": [edit(wrong(), "wrong-0001", **CRASH), shrunk()],
    "errors.survives-drawn-requests": [edit(wrong(), "next", **CRASH), edit(wrong(), "next", **CLOSED)],
    "security.unsigned-token-refused-in-any-spelling": [
        *_signed_in("none-in-capitals"),
        *_signed_in("none-mixed"),
        *_signed_in("no-algorithm"),
    ],
    "security.empty-key-token-refused": _signed_in("empty-key"),
    "security.other-algorithm-forgery-refused": _signed_in("rs256"),
    "security.key-in-token-not-trusted": _signed_in("key-in-header"),
    "security.token-not-yet-valid-refused": _signed_in("not-yet"),
    "security.other-audience-refused": _signed_in("other-audience"),
    "security.token-without-expiry-refused": _signed_in("no-expiry"),
    "security.one-algorithm-accepted": _signed_in("hs512"),
    "security.bad-tokens-no-internal-error": [edit(bad_tokens(), "rs256", **CRASH)],
    "security.foreign-origin-changes-nothing": [*_taken("foreign-origin"), *_taken("foreign-frame")],
    "security.other-credentials-change-no-origin": [*_taken("basic-beside-cookie"), *_taken("unknown-beside-cookie")],
    "security.cross-site-fetch-changes-nothing": _taken("cross-site-fetch"),
    "security.form-bodies-refused-with-cookie": [*_taken("plain-text"), *_taken("plain-text-charset")],
    "security.same-host-by-other-scheme-refused": _taken(_sites.SCHEME),
}
