"""Conversations that are right: every request, rich ones, hostile ones, files, foreign hands."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.transcript import Reply, Transcript
from chatkit_conformance.wrong_requests.by_hand import EVERY
from tests.suites import conversations as c
from tests.suites import conversations_threads as paging
from tests.suites.build import (
    JSON_HEADERS,
    SSE,
    Data,
    answer,
    ask,
    asked,
    called,
    create,
    done,
    events_of,
    get,
    message,
    nonce_of,
    read,
    refusal,
    said,
    say,
    thread,
    transcript,
    user,
)
from tests.suites.conversations_together import plus

load_suites()

_PACKAGE = "chatkit_conformance.suites.exchanges"
# There only once the suites are loaded, so not to be imported in the usual way.
_asked, _hostile = (import_module(f"{_PACKAGE}.{name}") for name in ("every_request", "hostile"))
LONG, ABOUT_UNKNOWN_ITEMS, QUOTE = _asked.LONG, _asked.ABOUT_UNKNOWN_ITEMS, _asked.QUOTE
SPOKEN, TAG = _asked.SPOKEN, _asked.TAG
HOSTILE = _hostile.HOSTILE

FILE = {"id": "atc_1", "type": "file", "name": "Ferns – 植物 (2).txt", "mime_type": "text/plain"}
WORD = "Bracken grows here: marmalade-4711."
DOT = {
    "id": "atc_2",
    "type": "image",
    "name": "dot.png",
    "mime_type": "image/png",
    "preview_url": "http://127.0.0.1:1/atc_2",
}


def _both(label: str, text: str, id: str, said_: str) -> list[Data]:
    return [user(f"u-{label}", asked(text, label)), said(id, said_)]


def every_request() -> Transcript:
    """All sixteen requests, those out of place refused."""
    first, rows = (
        create("threads.create", "One.", answer("a1", "Here you are.")),
        _both("threads.create", "One.", "a1", "Here you are."),
    )
    own: dict[str, Data] = {
        "threads.get_by_id": {"thread_id": "thr_1"},
        "items.list": {"thread_id": "thr_1", "limit": 5, "order": "desc"},
        "items.feedback": {"thread_id": "thr_1", "item_ids": ["a1"], "kind": "positive"},
        "threads.update": {"thread_id": "thr_1", "title": "One of each"},
    }
    plain = {
        "threads.get_by_id": thread("thr_1", rows),
        "items.list": paging.page(rows[::-1]),
        "items.feedback": {},
        "threads.update": thread("thr_1", rows, title="One of each"),
        "threads.list": paging.page([]),
        "attachments.create": _registered({**FILE, "name": EVERY["attachments.create"]["name"]}),
    }
    replies = [
        first,
        *(refusal(type, type=type, thread_id="thr_1", **more) for type, more in ABOUT_UNKNOWN_ITEMS.items()),
    ]
    replies += [ask(type, type, own.get(type, EVERY[type]), value) for type, value in plain.items()]
    replies += [refusal(type, 400, type, **EVERY[type]) for type in ("attachments.delete", "input.transcribe")]
    replies += [read("reload"), say("threads.add_user_message", "On.", answer("a2", "On we go."))]
    return transcript("every_request", [*replies, ask("threads.delete", "threads.delete", {"thread_id": "thr_1"}, {})])


def _stream(label: str, type: str, content: list[Data], events: list[Data], **sent: str) -> Reply:
    request = {"type": type, "params": {"thread_id": "thr_1", "input": {**message(""), "content": content, **sent}}}
    return Reply(label=label, request=request, status=200, headers=SSE, events=events_of(events))


def rich_requests() -> Transcript:
    """Unknown fields, metadata, a tag, a quotation, a long text: all kept."""
    text = {"type": "input_text", "text": f"(ref {nonce_of('rich')})"}
    content = [{"type": "input_text", "text": "Look at "}, TAG, text]
    rich = {**user("u-rich", ""), "content": content, "quoted_text": QUOTE}
    long = f"{SPOKEN} {LONG} (ref {nonce_of('long')})"
    item = user("u-long", long)
    replies = [
        create("future", "From a newer client.", answer("a1", "Understood.")),
        ask("future-list", "items.list", {}, paging.page([])),
        read("metadata-get"),
        _stream(
            "rich", "threads.add_user_message", content, [done(rich), *answer("a2", "I see it.")], quoted_text=QUOTE
        ),
        _stream("long", "threads.add_user_message", item["content"], [done(item), *answer("a3", "That was long.")]),
        read("reload"),
    ]
    return transcript("rich_requests", replies, [called("long", [{"role": "user", "content": long}])])


def feedback() -> Transcript:
    """Opinions that were taken, and three that were not."""
    replies = [create("turn-1", "?", answer("a1", "I do.")), read("before")]
    replies += [ask(label, "items.feedback", {}, {}) for label in ("positive", "negative", "again", "several")]
    replies += [refusal(label, type="items.feedback") for label in ("unknown-item", "unknown-thread", "unknown-kind")]
    return transcript("feedback", [*replies, get("reload", _both("turn-1", "?", "a1", "I do."))])


def transcription() -> Transcript:
    """Speech that became text."""
    replies = [ask(label, "input.transcribe", {}, {"text": "Hello."}) for label in ("recorded", "plain-type")]
    return transcript("transcription", [*replies, refusal("not-base64", 422, "input.transcribe")])


def hostile_bodies() -> Transcript:
    """Hostile bodies that were refused."""
    replies = [refusal(label, 422) for label in (*HOSTILE, "minus-limit")]
    replies += [refusal("huge-body", 413), ask("next", "threads.list", {}, paging.page([]))]
    return transcript("hostile_bodies", replies, max_body_bytes=1024)


CORS = {"content-type": "application/json", "access-control-allow-origin": "http://localhost:5173"}


def other_origin() -> Transcript:
    """Requests from elsewhere, and of other kinds."""
    good = {
        label: ask(label, "threads.list", {}, paging.page([]), headers=CORS)
        for label in ("good", "plain", "charset", "text")
    }
    bad = {label: ask(label, "", {}, {"detail": "no"}, 404, headers=CORS) for label in ("bad-json", "bad-thread")}
    methods = [ask(label, "", {}, {"detail": "no"}, 405, headers={"allow": "POST"}) for label in ("get", "put")]
    replies = [*good.values(), *bad.values(), ask("bad-nobody", "", {}, {}, 401, headers=CORS), *methods]
    replies += [ask("strange", "threads.list", {}, paging.page([])), refusal("form", 415)]
    return transcript("other_origin", replies)


def public_pages(told: str = "") -> Transcript:
    """Pages that nobody finds, or that tell this."""
    status, body = 200 if told else 404, {"status": told or "not found"}
    pages = (
        Reply(label=f"page-{path}", request="", raw=True, status=status, headers=JSON_HEADERS, body=body)
        for path in ("/health", "/metrics")
    )
    replies = [create("turn", "The key.", answer("a1", "I see.", "thr_12345678"), id="thr_12345678"), *pages]
    return transcript("public_pages", replies, words="marmalade behind the fern")


def rate_limit() -> Transcript:
    """A burst that was stopped."""
    replies = [ask(f"burst-{n}", "threads.list", {}, paging.page([]), user="b") for n in range(3)]
    limited = ask("burst-3", "threads.list", {}, {"error": "later"}, 429, headers={"retry-after": "20"})
    return transcript(
        "rate_limit", [*replies, limited, ask("other-user", "threads.list", {}, paging.page([]))], limit=1
    )


def strangers() -> Transcript:
    """Every foreign request refused, as for a thread of nobody's."""
    acts = ("b-feedback", "b-action", "b-sync-action", "b-output", "b-structured")
    nowhere = ("nowhere-b-get", "nowhere-b-items", "nowhere-b-rename", "nowhere-b-delete")
    return plus(c.strangers(), *(refusal(label) for label in (*acts, *nowhere)))


def no_credentials() -> Transcript:
    """No request let anybody in."""
    kinds = ("nobody", "garbage", "forged", "expired")
    extra = [replace(refusal(f"{kind}:{type}", 401, type), user="", raw=True) for kind in kinds for type in EVERY]
    t = c.no_credentials()
    named = {"content-type": "application/json", "www-authenticate": "Bearer"}
    return plus(
        type(t)(
            exchange=t.exchange,
            replies=(
                ask("nobody-lists", "threads.list", {}, {"detail": "no"}, 401, headers=named, user="", raw=True),
                *t.replies[1:],
            ),
        ),
        *extra,
    )


def expired_midway() -> Transcript:
    """A token that expired, and a thread that went on."""
    replies = [
        create("turn-1", "Good evening.", answer("a1", "Good evening to you.")),
        refusal("expired", 401, "threads.add_user_message"),
        get("reload", _both("turn-1", "Good evening.", "a1", "Good evening to you.")),
        say("next", "Again.", answer("a2", "There you are.")),
    ]
    return transcript("expired_midway", replies)


def token_ends() -> Transcript:
    """A token that is refused once it has ended, as is another of its age."""
    replies = [
        Reply(label=label, request="{}", raw=True, status=200, body={"data": []}) for label in ("good", "good-again")
    ]
    ended = [Reply(label=f"ended-{name}", request="{}", raw=True, status=401, body={}) for name in ("unused", "used")]
    return transcript("token_ends", [*replies, *ended])


def _registered(file: Data) -> Data:
    return {**file, "upload_descriptor": {"url": f"http://127.0.0.1:1/{file['id']}", "method": "PUT", "headers": {}}}


def _with(item: Data, *files: Data) -> Data:
    return {**item, "attachments": [{**file, "thread_id": "thr_1"} for file in files]}


def _attached(item: Data) -> Data:
    """The message that a user's item was made from."""
    return {**message(""), "content": item["content"], "attachments": [file["id"] for file in item["attachments"]]}


def uploaded(label: str, text: str) -> Reply:
    """The bytes of a text file, taken."""
    return Reply(label=label, request=text, status=200, headers=JSON_HEADERS, body=FILE, raw=True)


def _given(label: str) -> list[Data]:
    """The parts in which a message with a file and a picture reaches the model."""
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    texts = [{"type": "text", "text": text} for text in (asked("What?", label), f"(File) {WORD}")]
    return [*texts, picture]


def attachments() -> Transcript:
    """Files that were registered, uploaded, sent, kept and deleted."""
    sent = _with(user("u-turn", asked("What?", "turn")), FILE, DOT)
    events = [{"type": "thread.created", "thread": thread()}, done(sent), *answer("a1", "A fern.")]
    turn = Reply(
        label="turn",
        request={"type": "threads.create", "params": {"input": _attached(sent)}},
        status=200,
        headers=SSE,
        events=events_of(events),
    )
    spare = {**FILE, "id": "atc_3"}
    replies = [
        ask("create", "attachments.create", {}, _registered(FILE)),
        uploaded("upload", WORD),
        ask("create-image", "attachments.create", {}, _registered(DOT)),
        ask("upload-image", "", {}, DOT),
        turn,
        get("reload", [sent, said("a1", "A fern.")]),
        refusal("unknown", type="threads.create"),
        ask("create-spare", "attachments.create", {}, _registered(spare)),
        ask("delete", "attachments.delete", {}, {}),
        refusal("deleted", type="threads.create"),
        refusal("delete-unknown", type="attachments.delete"),
        say("next", "Thanks.", answer("a2", "You are welcome.")),
    ]
    given: list[Data] = [{"role": "user", "content": _given("turn")}]
    told: list[Data] = [
        *given,
        {"role": "assistant", "content": "A fern."},
        {"role": "user", "content": asked("Thanks.", "next")},
    ]
    calls = [called("turn", given), called("next", told, n=1)]
    notes = {"name": FILE["name"], "mime_type": "text/plain", "id": "atc_1", "sent": ["atc_1", "atc_2"]}
    return transcript("attachments", replies, calls, **notes)


def foreign_attachments() -> Transcript:
    """A file that stayed its owner's."""
    sent = _with(user("u-turn", asked("What?", "turn")), FILE)
    own = attachments().reply("turn")
    events = [{"type": "thread.created", "thread": thread()}, done(sent), *answer("a1", "A fern.")]
    later = [refusal("b-turn-later", type="threads.create"), refusal("b-delete-later", type="attachments.delete")]
    replies = [
        ask("create", "attachments.create", {}, _registered(FILE)),
        ask("upload", "", {}, FILE),
        refusal("b-upload"),
        refusal("b-turn", type="threads.create"),
        refusal("b-delete", type="attachments.delete"),
        Reply(label="turn", request=own.request, status=200, headers=SSE, events=events_of(events)),
        *later,
        get("later", [sent, said("a1", "A fern.")]),
    ]
    calls = [called("turn", [{"role": "user", "content": "the file says marmalade-4711"}])]
    return transcript("foreign_attachments", replies, calls, id="atc_1")


def requested() -> list[Transcript]:
    """All of them."""
    return [
        every_request(),
        rich_requests(),
        feedback(),
        transcription(),
        hostile_bodies(),
        other_origin(),
        public_pages(),
        rate_limit(),
        strangers(),
        no_credentials(),
        expired_midway(),
        token_ends(),
        attachments(),
        foreign_attachments(),
    ]
