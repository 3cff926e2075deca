"""Ids: of items, threads and the events that speak of them."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.transcript import Event, Reply, Transcript

from ..clauses import types
from ..evidence import items_in, replies, text_of, turns

FAKE = "Chat Completions models give every message the id __fake_id__; the SDK's stream_agent_response passes it on."
GIVE_IDS = (
    "Give each item its own id when it is added, with store.generate_item_id(...), and keep it until its done event: "
    "map the model's ids to yours in a table that is new for every response."
)


@check(
    "stream.ids-unique",
    level=MUST,
    clause=types("640-645") + ": an item's `id`; clients and stores keep items by it (openai/chatkit-python#36)",
    cause=FAKE,
    fix=GIVE_IDS,
    criteria=("SC-005",),
)
def ids_unique(t: Transcript) -> Findings:
    """An item id names one item of its thread: it is never reused in another turn or for another item."""
    # Requests and the store's methods name an item by its thread, too, so that another thread may have an id again.
    owner: dict[tuple[str, str], tuple[str, str]] = {}
    turns(t)
    for a in asked_in(t):
        r = a.reply
        mine: set[str] = set()
        for e in r.of("thread.item.added", "thread.item.done"):
            id, kind = e.item_id, e.item.get("type")
            if not id or not isinstance(kind, str):
                continue  # not readable as an item: stream.events-valid
            before = owner.get((a.thread_id, id))
            if before and id not in mine:
                got = f"id {id!r} again, after {before[1]} of {before[0]} had it"
                yield Finding(expected=f"a new id for this {kind}", got=got, reply=r.label, event=e.index)
            elif before and before[1] != kind:
                got = f"id {id!r} for a {kind} and for a {before[1]}"
                yield Finding(expected="one id, one item", got=got, reply=r.label, event=e.index)
            mine.add(id)
            owner.setdefault((a.thread_id, id), (r.label, kind))


def _follows(r: Reply, added: Event, done: Event) -> bool:
    """Whether a finished item may be the one that was begun: it came later, and has what was shown of that one."""
    said = "".join(str(e.update.get("delta") or "") for e in r.deltas if e.item_id == added.item_id)
    return done.index > added.index and said.strip() in text_of(done.item)


@check(
    "stream.item-id-stable",
    level=MUST,
    clause=types("368-391") + ": added, updated and done speak of an item by its id",
    cause="The finished item is built again with a new id instead of the id that it was added with.",
    fix="Keep the id of thread.item.added and use it in every update and in thread.item.done.",
)
def item_id_stable(t: Transcript) -> Findings:
    """An assistant message keeps its id from added to done."""
    for r in turns(t):
        added = {e.item_id: e for e in r.of("thread.item.added") if e.item.get("type") == "assistant_message"}
        done = {e.item_id: e for e in r.items_done("assistant_message")}
        lost = [id for id in added if id not in done and id not in {e.item_id for e in r.of("thread.item.removed")}]
        fresh = [id for id in done if id not in added]
        for old, new in ((o, n) for o in lost for n in fresh if _follows(r, added[o], done[n])):
            got = f"added as {old!r}, done as {new!r}"
            yield Finding(expected=f"done under id {old!r}", got=got, reply=r.label, event=done[new].index)


@check(
    "stream.item-thread",
    level=MUST,
    clause=types("640-645") + ": an item names the thread that it belongs to",
    cause="The item was built with a placeholder or with a run's id instead of the thread's.",
    fix="Set thread_id=thread.id on every item.",
)
def item_thread(t: Transcript) -> Findings:
    """Every item carries the id of its thread."""
    for r in replies(t):
        thread = r.thread_id
        for item, event in items_in(r) if thread else ():
            if "thread_id" in item and item["thread_id"] != thread:
                got = f"item {item.get('id')!r} has thread_id {item['thread_id']!r}"
                yield Finding(expected=f"thread_id {thread!r}", got=got, reply=r.label, event=event)


@check(
    "stream.thread-ids-unique",
    level=MUST,
    clause=types("593-601") + ": a thread's `id`",
    cause="The thread's id is a constant, or derived from the user or the session.",
    fix="Give every new thread its own id: store.generate_thread_id(context).",
)
def thread_ids_unique(t: Transcript) -> Findings:
    """Two threads of one user have different ids."""
    seen: dict[str, str] = {}
    for r in turns(t):
        if r.type == "threads.create" and r.thread_id:
            if r.thread_id in seen:
                got = f"thread id {r.thread_id!r} again, after {seen[r.thread_id]}"
                yield Finding(expected="a new thread id", got=got, reply=r.label, event=0)
            seen[r.thread_id] = r.label
