"""Equal words, pictures without any, ids of calls that come again, a cursor from before a restart."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.moves.files import PIXEL
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites import trials as t
from tests.suites.build import (
    CREATED,
    SSE,
    Data,
    answer,
    ask,
    called,
    calling,
    create,
    done,
    edit,
    events_of,
    get,
    item,
    nonce_of,
    result,
    say,
    sent,
    thread,
    transcript,
    user,
)
from tests.suites.timed import held_answer

MARK = nonce_of("next")
NEXT: Data = {"content": f"Next. (ref {MARK})", "role": "user"}
ANSWERS = ("The moss.", "The fern.", "The moss again.")


def _repeated(n: int) -> Reply:
    """The message, sent for the nth time, each time under an id of its own."""
    made = say(f"next-{n}", "Next.", answer(f"a{n}", ANSWERS[n - 1]))
    item = user(f"u-next-{n}", NEXT["content"])
    events = tuple(
        replace(e, data={**(e.data or {}), "item": item}, raw=json.dumps({**(e.data or {}), "item": item}))
        if e.item.get("type") == "user_message"
        else e
        for e in made.events
    )
    params = {**made.params, "input": {**made.params["input"], "content": item["content"]}}
    return replace(made, events=events, request={"type": made.type, "params": params})


def equal_words(*, told: int = 3, taken: int = 3) -> Transcript:
    """A message that is sent three times; a page before a restart, and the next one after it.

    Args:
        told: how often the model is told it. taken: how often it was answered.
    """
    times = [_repeated(n) if n <= taken else _turned_away(n) for n in (1, 2, 3)]
    first = create("first", "Let us name plants.", answer("a0", "Gladly."))
    laugh = say("laugh", "Now laugh.", answer("a4", "Ha, ha."))
    shown = [e.item for r in (first, *times, laugh) for e in r.items_done()]
    paged = {"thread_id": "thr_1", "limit": 3, "order": "asc"}
    pages = [
        ask("page-1", "items.list", paged, {"data": shown[:3], "has_more": True, "after": shown[2]["id"]}),
        ask(
            "page-2",
            "items.list",
            {**paged, "after": shown[2]["id"]},
            {"data": shown[3:6], "has_more": True, "after": shown[5]["id"]},
        ),
    ]
    then = say("then", "What did I ask for?", answer("a5", "The next."))
    replies = [first, *times, laugh, get("reload", shown), *pages, get("back", shown), then]
    opened = [_told("user", first, "Let us name plants."), {"role": "assistant", "content": "Gladly."}]
    between = [m for n in range(told) for m in (NEXT, {"role": "assistant", "content": ANSWERS[n]})]
    closed = [_told("user", laugh, "Now laugh."), {"role": "assistant", "content": "Ha, ha."}]
    said_before = [*opened, *between, *closed]
    asked_last = {"role": "user", "content": f"What did I ask for? (ref {nonce_of('then')})"}
    return transcript("equal_words", replies, [called("then", [*said_before, asked_last])])


def _told(role: str, r: Reply, text: str) -> Data:
    return {"role": role, "content": f"{text} (ref {nonce_of(r.label)})"}


def _turned_away(n: int) -> Reply:
    made = _repeated(n)
    return replace(made, status=409, headers={}, events=(), body={"error": "You have said that already."})


def _refused_page() -> Transcript:
    """The cursor died with the process that had made it."""
    return edit(equal_words(), "page-2", status=404, body={"detail": "no such cursor"})


def _other_page() -> Transcript:
    """The second page begins anew."""
    t = equal_words()
    return edit(t, "page-2", body=t.reply("page-1").body)


def _picture(text: str) -> Data:
    url = f"data:image/png;base64,{text}"
    return {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}


DOT = base64.b64encode(PIXEL).decode()


def pictures(*, later: int = 2, dot: str = DOT, kept: int = 1) -> Transcript:
    """A picture with words, one without, and a question about both; `later` of them are in the next request.

    Then one is deleted, and `kept` are in the last request.
    """
    first = create("first", "Remember FERN-4711.", answer("a1", "I do."))
    garden = say("garden", "What is this?", answer("a2", "A garden."))
    between = say("between", "And where?", answer("a3", "Behind a house."), sent_at=3.0, ended_at=4.0)
    item = {**user("u-4", ""), "content": [], "attachments": []}
    params = {"thread_id": "thr_1", "input": {"content": [], "attachments": ["atc_2"], "inference_options": {}}}
    wordless = Reply(
        label="wordless",
        request={"type": "threads.add_user_message", "params": params},
        status=200,
        headers=SSE,
        events=events_of([done(item), *answer("a4", "And a dot.")]),
        sent_at=5.0,
        ended_at=6.0,
    )
    then = say("then", "Which pictures were there?", answer("a5", "A garden and a dot."), sent_at=7.0, ended_at=8.0)
    both = [_picture(DOT), _picture(dot)]
    calls = [
        called("between", both[:1], n=0, at=3.5),
        called("between", both, n=1, attempt=1, at=5.5, sent=sent("And a dot.")),
        called("then", both[:later], n=2, at=7.5),
    ]
    gone = ask("delete", "attachments.delete", {"attachment_id": "atc_1"}, {})
    last = say("deleted", "And now?", answer("a6", "A dot."), sent_at=9.0, ended_at=10.0)
    calls.append(called("deleted", both[2 - kept :], n=3, at=9.5))
    return transcript("pictures", [first, garden, between, wordless, then, gone, last], calls)


def reused_call_ids(results: tuple[str, str] = ("task fern-1 was made", "task fern-2 was made")) -> Transcript:
    """Two turns make a task each, both calls under one id; these results are told of them in the end."""
    replies: list[Reply] = []
    calls: list[Call] = []
    told: list[Data] = []
    for n, (title, now) in enumerate(zip(("fern-1", "fern-2"), results, strict=True), 1):
        label = f"made-{n}"
        say_it = create if n == 1 else say
        step = done(
            item("task", f"t{n}", task={"type": "custom", "title": f"Made {title}", "status_indicator": "none"})
        )
        replies.append(say_it(label, f"Make task {n}.", [step, *answer(f"a{n}", "Made.")]))
        asked: Data = {"role": "user", "content": f"Make task {n}. (ref {nonce_of(label)})"}
        made = calling(("call_0", "create_task", {"title": title}))
        before = [*told, asked]
        written = sent("", ("call_0", "create_task", {"title": title}))
        calls.append(called(label, before, n=2 * n, sent=written))
        own = result("call_0", f"task {title} was made")
        calls.append(called(label, [*before, made, own], n=2 * n + 1, position=1))
        told += [asked, made, result("call_0", now), {"role": "assistant", "content": "Made."}]
    replies.append(say("then", "What have you done?", answer("a3", "I made two tasks.")))
    last: Data = {"role": "user", "content": f"What have you done? (ref {nonce_of('then')})"}
    return transcript("reused_call_ids", replies, [*calls, called("then", [*told, last], n=9)])


def begun_at_once(titles: tuple[str, str] = ("one", "two")) -> Transcript:
    """Two threads are begun, and listed with the titles that were made for these messages."""
    replies = [
        create(label, "Hello.", answer(f"a-{label}", "Hi.", f"thr_{label}"), id=f"thr_{label}")
        for label in ("one", "two")
    ]
    rows = [
        thread(f"thr_{label}", title=f"A short title, {KINDS['title']}{nonce_of(title)[2:]}")
        for label, title in zip(("one", "two"), titles, strict=True)
    ]
    listed = ask("list", "threads.list", {}, {"data": rows, "has_more": False})
    return transcript("begun_at_once", [*replies, listed], [called("one"), called("two", n=1)])


def tagged(title: str = "Water the Boston fern") -> Transcript:
    """A thread is begun with a tag, and listed under this title."""
    tag = {
        "type": "input_tag",
        "id": "plant-1",
        "text": "Boston fern",
        "data": {"latin": "Nephrolepis"},
        "interactive": False,
    }
    text = {"type": "input_text", "text": f"Water the (ref {nonce_of('tag')})"}
    item = {**user("u-tag", ""), "content": [text, tag]}
    events = events_of([CREATED, done(item), *answer("a1", "I will.")])
    made = create("tag", "Water the", [])
    message = {**made.params["input"], "content": [text, tag]}
    made = replace(made, request={"type": made.type, "params": {"input": message}}, events=events)
    listed = ask("list", "threads.list", {}, {"data": [thread(title=title)], "has_more": False})
    return transcript("tagged", [made, listed], [called("tag")])


def paged(*, more: bool = True) -> Transcript:
    """Two threads in pages of one; whether the second of them says that there is a third, which is empty."""
    made = [
        create(label, "Hello.", answer(f"a-{label}", "Hi.", id), id=id) for label, id in (("one", "t1"), ("two", "t2"))
    ]
    cursors = [None, "t2", "t1"]
    bodies = [
        {"data": [thread("t2")], "has_more": True, "after": "t2"},
        {"data": [thread("t1")], "has_more": more, **({"after": "t1"} if more else {})},
        {"data": [], "has_more": False},
    ]
    pages = [
        ask(f"page-{n}", "threads.list", {"limit": 1, **({"after": after} if after else {})}, body, user="ann")
        for n, (after, body) in enumerate(zip(cursors, bodies, strict=True), 1)
    ]
    people = {"users": ["ann"], "own": True}
    made = [replace(r, user="ann") for r in made]
    calls = [called("one"), called("two", n=1)]
    return transcript("paged_to_the_end", [*made, *(pages if more else pages[:2])], calls, people=people)


def held_after_tool() -> Transcript:
    """An answer behind a tool's call, whose words come while the model pauses."""
    return replace(held_answer(), exchange="held_after_tool")


def with_cookie(**headers: str) -> Transcript:
    """A message that came with a cookie of another page, and the request to the model with these headers."""
    made = create("with-cookie", "Hello.", answer("a1", "Noted."))
    call = called("with-cookie")
    return transcript("cookies_along", [made], [replace(call, headers={**call.headers, **headers})])


def spelled_otherwise(status: int = 200, *, taken: bool = True) -> Transcript:
    """A list is read with the scheme in small letters, and a thread begun with a tag alone."""
    listed = ask("small-scheme", "threads.list", {}, {"data": [], "has_more": False}, status)
    made = replace(tagged().replies[0], label="tag-alone")
    refused = replace(made, status=422, headers={}, events=(), body={"detail": "Say something."})
    return transcript("spelled_otherwise", [listed, made if taken else refused], [called("tag", sent=sent("I will."))])


def _two_rounds(ids: tuple[str, str]) -> Transcript:
    """Calls without an id, of which the list's goes back under the last of these."""
    made = t.empty_ids()
    return replace(made, calls=tuple(_numbered(call, *ids) for call in made.calls))


def _numbered(call: Call, old: str, new: str) -> Call:
    text = json.dumps(call.messages).replace(f'"{old}"', f'"{new}"')
    return replace(call, body={**call.body, "messages": json.loads(text)})


def _last_id() -> str:
    last = t.empty_ids().calls[-1]
    return str([row["id"] for m in last.messages for row in m.get("tool_calls") or ()][-1])


def sound_again() -> list[Transcript]:
    """Conversations that are right."""
    return [
        equal_words(),
        pictures(),
        reused_call_ids(),
        begun_at_once(),
        tagged(),
        paged(more=False),
        with_cookie(),
        spelled_otherwise(),
        held_after_tool(),
    ]


def odd_again() -> list[Transcript]:
    """A server without a restart; one that tells no tools of earlier turns; titles that say nothing of the thread."""
    whole = equal_words()
    away: Any = ("page-1", "page-2", "back")
    plain = reused_call_ids()
    told = [m for m in plain.calls[-1].messages if m["role"] != "tool" and "tool_calls" not in m]
    last = replace(plain.calls[-1], body={**plain.calls[-1].body, "messages": told})
    return [
        replace(whole, replies=tuple(r for r in whole.replies if r.label not in away)),
        replace(plain, calls=(*plain.calls[:-1], last)),
        begun_at_once(("elsewhere", "nowhere")),
        pictures(dot="\n".join(DOT[n : n + 76] for n in range(0, len(DOT), 76))),
    ]


BREAKS: Mapping[str, list[Transcript]] = {
    "persistence.equal-messages-remembered": [equal_words(told=1), equal_words(told=2)],
    "persistence.equal-message-taken": [equal_words(taken=2)],
    "persistence.cursor-outlives-restart": [_refused_page(), _other_page()],
    "gemini.wordless-picture-told": [pictures(later=1)],
    "gemini.reused-call-ids": [reused_call_ids(("task fern-2 was made", "task fern-2 was made"))],
    "gemini.empty-ids-apart": [_two_rounds((_last_id(), "m0"))],
    "gemini.pictures-readable": [
        pictures(dot=base64.urlsafe_b64encode(PIXEL + b"\xfb\xef\xff" * 3).decode()),
        pictures(dot=base64.b64encode(PIXEL.decode(errors="replace").encode()).decode()),
    ],
    "persistence.title-without-tag-data": [tagged("Water the Boston fern [plant-1]"), tagged('{"latin": "Neph')],
    "protocol.has-more-means-more": [paged()],
    "protocol.scheme-in-any-case": [spelled_otherwise(401)],
    "protocol.tag-alone-taken": [spelled_otherwise(taken=False)],
    "attachments.deleted-not-told": [pictures(kept=2)],
    "security.cookies-stay-here": [with_cookie(cookie="sha256:12345678")],
    "security.title-of-own-thread": [begun_at_once(("two", "two")), begun_at_once(("two", "one"))],
}
