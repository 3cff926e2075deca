"""Threads and lists that a conversation of moves reads, compared whole with the state that is expected.

The expected state is in the notes that chatkit_conformance/moves/notes.py describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED, TURNS
from chatkit_conformance.stream.asked import NONCE
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_OWNER, SPEC_SURVIVES, types
from ..evidence import answer_text, answered, body, page, same_title, shorten, shown_text, text_of

READS = (
    "The store loses, repeats or reorders items in some situation: after a retry, a restart, a cut, in a second tab."
)
WHOLE = "Store each item once, when it is done, in the order of the conversation; page by a sequence number."

Expected = Mapping[str, Any]


def expected(t: Transcript, key: str) -> list[tuple[Reply, Expected]]:
    """The replies of which this is expected. Raises Untestable where there is none."""
    found = expected_if_held(t, key)
    if not found:
        raise Untestable(f"no reply of {t.exchange} has an expected {key}")
    return found


def expected_if_held(t: Transcript, key: str) -> list[tuple[Reply, Expected]]:
    """The same; empty where the conversation could not be held so far, as with users that others share."""
    told = {label: what for label, what in t.notes.get(EXPECTED, {}).items() if key in what}
    return [(r, told[r.label]) for r in t.replies if r.label in told]


def _pages_of(t: Transcript, r: Reply) -> list[Reply]:
    """A read's first reply and its further pages."""
    return [r, *(m for m in t.replies if m.label.startswith(f"{r.label}-page-"))]


def _last_page(pages: list[Reply]) -> dict[str, Any]:
    """The last page of a read, or {} where it was refused."""
    last = pages[-1].body if pages[-1].accepted and isinstance(pages[-1].body, dict) else {}
    items = last.get("items", last)
    return items if isinstance(items, dict) else {}


def read_whole(t: Transcript, r: Reply) -> bool:
    """Whether a read came to its end: its last page was answered, and says that there is no more."""
    last = _last_page(_pages_of(t, r))
    return bool(last) and last.get("has_more") is not True


def items_read(t: Transcript, r: Reply) -> list[dict[str, Any]]:
    """The items that a read showed, its further pages too, the oldest first. Raises Untestable where it failed."""
    own = body(r)
    rows = list(page(own.get("items") or {} if "items" in own else own, r.label))
    for more in _pages_of(t, r)[1:]:
        rows += page(body(more), more.label)
    return rows[::-1] if r.type == "items.list" and r.params.get("order") != "asc" else rows


@check(
    "persistence.thread-as-expected",
    level=MUST,
    clause=SPEC_SURVIVES,
    cause=READS,
    fix=WHOLE,
    criteria=("SC-005",),
)
def thread_as_expected(t: Transcript) -> Findings:
    """Whenever a thread is read, it shows each message that was acknowledged and each answer that was shown, once."""
    for r, what in expected(t, "thread"):
        if not r.accepted:
            yield Finding(expected=f"thread {what['thread']['id']!r}", got=answered(r), reply=r.label)
            continue
        yield from _thread(t, r, what["thread"])


def _thread(t: Transcript, r: Reply, thread: Mapping[str, Any]) -> Findings:
    items = items_read(t, r)
    users = [item for item in items if item.get("type") == "user_message"]
    at = {str(item.get("id")): n for n, item in enumerate(items)}
    known = {turn["nonce"] for turn in thread["turns"]}
    for item in users:
        if not any(nonce in text_of(item) for nonce in known):
            yield Finding(expected="messages that were sent to this thread", got=shorten(item), reply=r.label)
    turns = [turn for turn in thread["turns"] if turn["nonce"] not in thread["under_way"]]
    for turn in turns:
        if turn["kept"] and turn["item"] not in at and not read_whole(t, r):
            continue  # it may be on a page that was not read
        if turn["kept"] and turn["item"] not in at:
            got = f"{len(users)} messages, without it"
            yield Finding(expected=f"message {turn['item']!r} {shorten(turn['words'])}", got=got, reply=r.label)
        elif turn["kept"] and turn["sure"]:
            yield from _answer(t, r, turn, [text_of(i) for i in items[at[turn["item"]] :] if _said(i)], turns)
    yield from _order(t, r, [turn for turn in turns if turn["item"] in at], at)


def _said(item: Mapping[str, Any]) -> bool:
    return item.get("type") == "assistant_message"


def _answer(
    t: Transcript, r: Reply, turn: Mapping[str, Any], texts: list[str], turns: list[Mapping[str, Any]]
) -> Findings:
    answer = turn["answer"].strip()
    streamed = [made for label in _labels(t, turn["nonce"]) for made in t.replies if made.label == label]
    if not any(answer in shown_text(made) for made in streamed):
        return  # what never was on the screen is another check's finding
    times = sum(answer in text for text in texts) or int(answer in "".join(texts))  # a long one may go on in others
    sent = sum(other["nonce"] == turn["nonce"] for other in turns)
    if any(t.notes[TURNS][label]["beside"] for label in _labels(t, turn["nonce"])):
        # Two messages at once may both be in what either turn tells the model, which then answers the newer one twice.
        sent = max(sent, sum(answer in shown_text(made) for made in t.replies if made.streamed))
    if not 1 <= times <= sent:
        yield Finding(expected=f"answer {shorten(answer)} once", got=f"{times} times", reply=r.label)


def _labels(t: Transcript, nonce: str) -> list[str]:
    return [label for label, note in t.notes.get(TURNS, {}).items() if note["nonce"] == nonce]


def _order(t: Transcript, r: Reply, turns: list[Mapping[str, Any]], at: Mapping[str, int]) -> Findings:
    """Messages that were sent one after another are read in that order; those sent at the same time in any."""
    notes = t.notes.get(TURNS, {})
    beside = {
        turn["nonce"]: {b for label in _labels(t, turn["nonce"]) for b in notes[label]["beside"]} for turn in turns
    }
    for n, earlier in enumerate(turns):
        for later in turns[n + 1 :]:
            together = any(label in beside[earlier["nonce"]] for label in _labels(t, later["nonce"]))
            if at[earlier["item"]] > at[later["item"]] and not together:
                words = [shorten(turn["words"], 60) for turn in (earlier, later)]
                yield Finding(expected=f"{words[0]} before {words[1]}", got="the other way round", reply=r.label)
                return


@check(
    "persistence.title-as-expected",
    level=MUST,
    clause=types("277-288") + ": threads.update sets the title",
    cause="A title is overwritten by a later save of the thread, or by the title that the server makes up itself.",
    fix="Save only the fields that changed, and make up a title only where there is none.",
    criteria=("SC-005",),
)
def title_as_expected(t: Transcript) -> Findings:
    """A thread keeps the title that a user gave it, in the thread and in the list."""
    judged = False
    for r in t.replies:
        what = t.notes.get(EXPECTED, {}).get(r.label, {})
        for id, title, shown in _titles(what, r):
            judged = True
            if not same_title(title, shown):
                yield Finding(expected=f"title {title!r} of {id}", got=f"title {shown!r}", reply=r.label)
    if not judged:
        raise Untestable(f"no thread of {t.exchange} was renamed and then read")


def _titles(what: Expected, r: Reply) -> Iterator[tuple[str, str, Any]]:
    if not r.accepted or not isinstance(r.body, dict):
        return
    thread = what.get("thread")
    if thread and thread["title"] is not None and r.type == "threads.get_by_id":
        yield thread["id"], thread["title"], r.body.get("title")
    rows = r.body.get("data")
    for row in rows if isinstance(rows, list) and "titles" in what else []:
        if isinstance(row, dict) and row.get("id") in what["titles"]:
            yield str(row["id"]), what["titles"][row["id"]], row.get("title")


@check(
    "persistence.list-as-expected",
    level=MUST,
    clause=types("63-80") + ": threads.list returns the user's threads",
    cause="A thread is listed under another user, missing from a page, listed twice, or still listed after its delete.",
    fix="List by user, in a total order, and delete the thread's row.",
    criteria=("SC-005",),
)
def list_as_expected(t: Transcript) -> Findings:
    """The list of threads, read to its last page, shows each of the user's threads once, and no other."""
    for r, what in expected(t, "threads"):
        if not r.accepted:
            yield Finding(expected="the list of threads", got=answered(r), reply=r.label)
            continue
        pages = [m for m in _pages_of(t, r) if m.accepted]
        ids = [str(row.get("id")) for made in pages for row in page(body(made), made.label)]
        # What other conversations do meanwhile may move a page's beginning, or delete the thread at which it begins.
        steady = what["whole"] or (read_whole(t, r) and len(set(ids)) == len(ids))
        for id in what["threads"]:
            if steady and ids.count(id) != 1:
                yield Finding(expected=f"thread {id!r} once", got=f"{ids.count(id)} times", reply=r.label)
        for id in what["gone"]:
            if id in ids:
                yield Finding(expected=f"no thread {id!r}, it was deleted", got="it is listed", reply=r.label)
        if what["whole"] and (more_ids := sorted(set(ids) - set(what["threads"]) - set(what["gone"]))):
            expects = f"the user's {len(what['threads'])} threads"
            yield Finding(expected=expects, got=f"others as well: {shorten(more_ids)}", reply=r.label)


SAYING_NOTHING = ("threads.delete", "attachments.delete", "items.feedback")
"""Requests that are answered with an empty object, by many servers also where they find nothing of the caller's."""


def _success(r: Reply) -> str:
    """What a reply claims that was to be refused, or "" where it is a refusal or says nothing."""
    if r.type in SAYING_NOTHING and r.body in ({}, None):
        return ""  # that nothing was done, the owner's own reading shows
    if r.type == "threads.sync_custom_action" and r.body in ({}, {"updated_item": None}):
        return ""
    if r.streamed:
        if text := answer_text(r):
            return f"answer {shorten(text)}"
        items = [e.type for e in r.events if e.type.startswith("thread.")]
        return f"{len(items)} events: {shorten(sorted(set(items)))}" if items and not r.errors else ""
    if not r.accepted:
        return ""
    told = r.body if isinstance(r.body, dict) else {}
    return "" if "error" in told or told.get("success") is False else answered(r)


@check(
    "security.stranger-refused",
    level=MUST,
    needs=("users",),
    clause=SPEC_OWNER,
    cause="A request is carried out by the id alone, without a look at whose it is.",
    fix="Filter every query by user, and answer as for an unknown id.",
)
def stranger_refused(t: Transcript) -> Findings:
    """A request about another user's thread, item, cursor, button or file is refused, and shows nothing of it."""
    strange = [(r, what) for r, what in _refusable(t) if r.label in _of_strangers(t) and "impostor" not in what]
    if not strange:
        raise Untestable(f"nobody in {t.exchange} tried to use what belongs to another")
    for r, what in strange:
        if "refused" in what and (claimed := _success(r)):
            yield Finding(expected=f"a refusal: {what['refused']}", got=claimed, reply=r.label)
        for word in what.get("without", ()):
            if word and word in _received(r) and word not in str(r.request) and not _in_cursor(r, word):
                yield Finding(expected=f"a reply without {word!r}", got=answered(r), reply=r.label)
        nonce = what.get("nonce")
        for c in t.calls:
            leaked = [word for word in what.get("without", ()) if word in str(c.body)]
            if nonce and c.nonce == nonce and (leaked or "refused" in what):
                got = f"it was, with {leaked}" if leaked else "it was"
                yield Finding(expected="the model not asked for a stranger", got=got, reply=r.label, call=c.n)


def _in_cursor(r: Reply, word: str) -> bool:
    """Whether a refusal names an id that the cursor may hold which the stranger sent: cursors are not for reading."""
    return "after" in r.params and r.refused and not NONCE.search(word)


def _refusable(t: Transcript) -> Iterator[tuple[Reply, Expected]]:
    told = t.notes.get(EXPECTED, {})
    yield from ((r, told[r.label]) for r in t.replies if {"refused", "without"} & set(told.get(r.label, ())))


def _of_strangers(t: Transcript) -> set[str]:
    return {label for row in t.notes.get("moves", ()) if row["who"] == "stranger" for label in row["replies"]}


def _received(r: Reply) -> str:
    return "\n".join([str(r.body) if r.body is not None else r.text, *(e.raw for e in r.events)])


@check(
    "persistence.deleted-is-gone",
    level=MUST,
    clause=types("291-301") + " and store.py L152-155: a thread and its items are deleted",
    cause="A turn that was under way, a retry or a rename brings the deleted thread back with its next save.",
    fix="Load the thread first and refuse where there is none; end its turns when it is deleted.",
    criteria=("SC-005",),
)
def deleted_is_gone(t: Transcript) -> Findings:
    """A thread that was deleted cannot be read again, whatever happened since."""
    gone = [(r, what) for r, what in _refusable(t) if "refused" in what and r.label not in _of_strangers(t)]
    if not gone:
        raise Untestable(f"no thread of {t.exchange} was deleted and then asked for")
    for r, what in gone:
        if r.type == "threads.get_by_id" and (claimed := _success(r)):
            yield Finding(expected=f"a refusal: {what['refused']}", got=claimed, reply=r.label)
