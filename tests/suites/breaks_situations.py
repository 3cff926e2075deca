"""Promises broken in another situation than the usual one: in a later turn, after a tool, on a retry, in any item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites import conversations as c
from tests.suites import conversations_together as k
from tests.suites.breaks_endless import too_slow
from tests.suites.breaks_history import STEP
from tests.suites.breaks_pictures import drawn, of_nobody
from tests.suites.build import (
    ERROR,
    PROGRESS,
    SSE,
    Data,
    added,
    answer,
    asked,
    called,
    create,
    delta,
    done,
    edit,
    events_of,
    nonce_of,
    read,
    recall,
    replaced,
    restream,
    said,
    say,
    sent,
    transcript,
    user,
)
from tests.suites.edits import CRASH, items, plus, refused, silent, spoken
from tests.suites.moved import FIRST, THERE, moved

PARTIAL = "Ferns are"


def broken_later(*told: Data, text: str = PARTIAL, finish: str = "") -> Transcript:
    """A turn that works, and a second one in which the model breaks after some words; then one more."""
    begun = [added(said("a2", "")), delta("a2", text)] if text else []
    whole = [done(said("a2", text))] if text else []
    replies = [
        create("first", "Hello.", answer("a1", "Hello to you.")),
        say("broken", "What are ferns?", [*begun, *whole, *told]),
        say("next", "There?", answer("a3", "Yes, I am here.")),
        read("reload"),
    ]
    question = {"role": "user", "content": asked("What are ferns?", "broken")}
    calls = [
        called("first", [{"role": "user", "content": asked("Hello.", "first")}]),
        called("broken", [question], n=1, sent=sent(text, finish=finish)),
        called("next", [{"role": "user", "content": asked("There?", "next")}], n=2),
    ]
    return transcript("broken_later", replies, calls)


def shortened_answers() -> Transcript:
    """Two answers that were cut short, and said so."""
    replies = [
        create("length", "Ferns?", [*answer("a1", PARTIAL), {**ERROR, "allow_retry": False}]),
        say("filtered", "Mosses?", [*answer("a2", "Mosses are"), {**ERROR, "allow_retry": False}]),
        read("reload"),
    ]
    calls = [
        called("length", [{"role": "user", "content": asked("Ferns?", "length")}], sent=sent(PARTIAL, finish="length")),
        called(
            "filtered",
            [{"role": "user", "content": asked("Mosses?", "filtered")}],
            n=1,
            sent=sent("Mosses are", finish="content_filter"),
        ),
    ]
    return transcript("shortened_answers", replies, calls)


def sound_situations() -> list[Transcript]:
    """The same, and all went well."""
    return [broken_later(ERROR), shortened_answers(), replace(two_users(), exchange="two_users")]


def two_users() -> Transcript:
    """Two users, each with a thread of their own."""
    return edit(c.two_threads(), "second", user="b")


def _guarded() -> Transcript:
    """A guard that is asked in words, and fails: the agent that knows the conversation is not asked."""
    judging = {"role": "system", "content": "Is this message safe? Answer with one word."}
    helping = {"role": "system", "content": "You help the visitors of a garden."}

    def told(call: Call) -> Call:
        question = {"role": "user", "content": asked("What are ferns?", "broken")}
        messages = [judging, question] if call.n == 1 else [helping, *call.messages]
        return replace(call, body={**call.body, "messages": messages})

    return recall(broken_later(ERROR, text=""), told)


def said_elsewhere() -> Transcript:
    """What a user wrote in one thread, the model says in another of theirs, and is told in its next turn."""
    words = "Once upon a time there was a fern."
    replies = [
        create("one", words, answer("a1", "A fine beginning.", "thr_1")),
        create("two", "Tell me a story.", answer("a2", words, "thr_2"), "thr_2"),
        say("more", "Go on.", answer("a3", "It grew.", "thr_2"), "thr_2"),
    ]
    asks = [{"role": "user", "content": asked("Tell me a story.", "two")}]
    told = [*asks, {"role": "assistant", "content": words}, {"role": "user", "content": asked("Go on.", "more")}]
    calls = [
        called("one", [{"role": "user", "content": asked(words, "one")}], sent=sent("A fine beginning.")),
        called("two", asks, n=1, sent=sent(words)),
        called("more", told, n=2, sent=sent("It grew.")),
    ]
    return transcript("said_elsewhere", replies, calls)


def odd_situations() -> list[Transcript]:
    """Situations that are met oddly and rightly."""
    program = 'Traceback (most recent call last)\n  File "/srv/app/chat.py", line 7'
    note = {"type": "notice", "level": "warning", "message": "That is not the whole answer."}
    about = transcript("about", [create("first", f"What is this? {program}", answer("a1", f"A traceback: {program}"))])
    asks = "What does “KeyError: 'choices'” mean?"
    explains = "A KeyError: the dict has no such key. It says so as KeyError: 'choices'."
    explained = transcript("explained", [create("first", asks, answer("a1", explains))])
    ended = said("a2", f"{PARTIAL} … [cut off]")
    marked = restream(broken_later(), "broken", lambda old: [*old[:-1], done(ended)])
    return [
        replace(told_so_far(), exchange="told_so_far"),
        broken_later(note),
        items(marked, "reload", lambda old: [ended if i["id"] == "a2" else i for i in old]),
        about,
        explained,
        said_elsewhere(),
        _guarded(),
        edit(k.two_tabs(), "second", status=409, headers={"content-type": "application/json"}, events=(), body={}),
    ]


def instructed(*which: int) -> Transcript:
    """Three turns of which only these requests have instructions."""
    told = {"role": "system", "content": "You help with cats, briefly and kindly, in the user's language."}
    return recall(
        c.three_turns(),
        lambda call: replace(call, body={**call.body, "messages": [told] * (call.n in which) + call.messages}),
    )


def _shortly(t: Transcript) -> Transcript:
    cut = {"role": "system", "content": "You help"}
    return recall(
        t,
        lambda call: replace(call, body={**call.body, "messages": [cut, *call.messages[1:]]}) if call.n else call,
    )


def told_so_far() -> Transcript:
    """Instructions that hold the conversation so far, and are short again in a thread that begins."""
    told = "You help with cats."
    so_far = f"{told}\n\nSo far:\nUser: {'Hello, and tell me more. ' * 4}(ref {nonce_of('before')})"
    first = {"role": "system", "content": so_far}
    return recall(
        instructed(0, 1, 2),
        lambda call: replace(
            call,
            body={
                **call.body,
                "messages": [{"role": "system", "content": told} if call.n else first, *call.messages[1:]],
            },
        ),
    )


def retried_silently() -> Transcript:
    """A retry in which the model breaks without a word to the user."""
    request = {"type": "threads.retry_after_item", "params": {"thread_id": "thr_1", "item_id": "u-first"}}
    replies = [
        create("first", "Hello.", answer("a1", "Hello to you."), sent_at=1.0, ended_at=2.0),
        Reply(label="retry", request=request, status=200, headers=SSE, events=events_of([PROGRESS]), sent_at=5.0),
    ]
    question = [{"role": "user", "content": asked("Hello.", "first")}]
    calls = [called("first", question), called("first", question, n=1, attempt=1, at=6.0, status=503)]
    return transcript("retried", replies, calls)


def _in_item(t: Transcript, words: str) -> Transcript:
    step = {**STEP, "workflow": {**STEP["workflow"], "summary": {"title": words}}}
    return restream(t, "turn-2", lambda old: [*old[:1], done(step), *old[1:]])


TRACE = "GeminiFailure at /srv/app/chat.py:142"


def _helping(name: str) -> Transcript:
    """The model is told in its instructions to help this user."""
    return spoken(moved(), lambda old: [{"role": "system", "content": f"You help {name} with tasks."}, *old])


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.instructions-in-every-request": [instructed(0), _shortly(instructed(0, 1, 2))],
    "gemini.instructions-once": [spoken(instructed(0, 1, 2), lambda old: [old[0], *old])],
    "stream.turn-works": [
        silent(c.three_turns(), "turn-2"),
        edit(c.tool_create(), "after", **CRASH),
        edit(c.two_threads(), "second", **CRASH),
        restream(refused(c.three_turns()), "turn-2", lambda old: [*old[:1], ERROR]),
    ],
    "errors.next-turn-works": [
        edit(c.fault("fault_cut", PARTIAL), "next", **CRASH),
        silent(broken_later(ERROR), "next"),
        restream(broken_later(ERROR), "next", lambda old: [*old[:1], ERROR]),
    ],
    "stream.answer-from-model": [
        replaced(c.three_turns(), "turn-2", "Quillfeather", "Tom"),
        replaced(c.tool_create(), "after", "welcome", "most welcome"),
    ],
    "stream.one-answer-item": [
        plus(c.three_turns(), "turn-1", done(said("again", c.A[0]))),
        plus(c.tool_create(), "create", done(said("again", str(c.tool_create().notes["answer"])))),
    ],
    "persistence.answer-stored-once": [items(c.three_turns(), "reload-2", lambda old: [*old, said("a9", c.A[0])])],
    "errors.fault-reported": [broken_later(), broken_later(text=""), retried_silently(), too_slow(40)],
    "errors.shortened-reported": [broken_later(finish="length"), broken_later(finish="content_filter: OTHER")],
    "errors.one-error": [plus(c.fault("fault_cut", PARTIAL), "fault", ERROR), broken_later(ERROR, ERROR)],
    "errors.retry-only-where-useful": [
        restream(c.fault("fault_refused"), "fault", lambda old: [*old[:-1], {**ERROR, "allow_retry": True}])
    ],
    "errors.retry-offered": [
        restream(c.fault("fault_overloaded"), "fault", lambda old: [*old[:-1], {**ERROR, "allow_retry": False}])
    ],
    "errors.message-readable": [broken_later({**ERROR, "message": ""})],
    "errors.permanent-error-not-retried": [
        replace(c.fault("fault_refused"), calls=(called("fault", status=400), called("fault", n=1, status=400)))
    ],
    "errors.user-message-kept": [
        items(broken_later(ERROR), "reload", lambda old: [i for i in old if i["id"] != "u-broken"])
    ],
    "errors.finished-items-kept": [
        items(broken_later(ERROR), "reload", lambda old: [i for i in old if i["id"] != "a2"])
    ],
    "errors.nothing-invented": [
        items(broken_later(ERROR), "reload", lambda old: [*old, said("a9", "Sorry, I am ill.")]),
        items(c.fault("fault_overloaded"), "reload", lambda old: [*old, said("a9", "Sorry, I am ill.")]),
    ],
    "errors.no-traceback": [
        _in_item(c.three_turns(), TRACE),
        plus(c.three_turns(), "turn-1", {**PROGRESS, "text": 'File "/srv/app/x.py", line 3'}),
        edit(c.three_turns(), "turn-3", headers={**SSE, "x-debug": TRACE}),
        items(c.three_turns(), "reload-1", lambda old: [*old[:1], said("a1", f"at\n    at run ({'/srv/a.js'}:1:2)")]),
    ],
    "security.no-internals": [
        edit(c.three_turns(), "turn-3", headers={**SSE, "x-query": "SELECT body FROM threads WHERE id = 7"}),
        plus(c.three_turns(), "turn-1", {**ERROR, "message": "sqlalchemy.exc.IntegrityError: [SQL: INSERT INTO t]"}),
        edit(c.strangers(), "b-get", body={"detail": "psycopg.errors.UndefinedTable"}),
    ],
    "errors.no-upstream-address": [
        broken_later({**ERROR, "message": "POST https://generativelanguage.googleapis.com/v1beta/openai failed"}),
    ],
    "errors.no-exception-text": [
        broken_later({**ERROR, "message": "KeyError: 'choices'"}),
        broken_later(*answer("a9", "Error code: 503 - the model is overloaded"), text=""),
        broken_later(*answer("a9", "Sorry: 'NoneType' object is not subscriptable"), text=""),
    ],
    "security.threads-isolated": [
        spoken(
            c.two_threads(), lambda old: [{"role": "user", "content": asked("The word is marzipan.", "first")}, *old]
        ),
        spoken(c.two_threads(), lambda old: [{"role": "user", "content": "The word is marzipan."}, *old]),
        spoken(
            two_users(),
            lambda old: [{"role": "system", "content": f"Lately: {asked('The word is marzipan.', 'first')}"}, *old],
        ),
        drawn(second="one", apart=True),
        of_nobody(),
        *map(_helping, (THERE, FIRST, "user-visitor-0a1b2c3d", "user-moves_02-0a1b2c-12")),
    ],
    "security.other-users-words-unseen": [
        plus(
            two_users(),
            "second",
            {**PROGRESS, "text": f"Others ask: {asked('The word is marzipan.', 'first')}"},
        ),
        plus(two_users(), "second", {**PROGRESS, "text": f"Others do: Water the ferns zt{nonce_of('first')[2:]}"}),
        plus(
            moved(), "1-begin", {**PROGRESS, "text": f"While answering: {asked('Where do ferns grow?', 'elsewhere')}"}
        ),
    ],
    "security.messages-isolated": [
        plus(c.two_threads(), "second", done(user("u9", asked("The word is marzipan.", "first"), "thr_2"))),
        items(c.three_turns(), "reload-3", lambda old: [*old, user("u9", asked("Name a colour.", "other-1"))]),
    ],
}
