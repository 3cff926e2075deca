"""Rules about much at once, long, and after a restart."""

from __future__ import annotations

from ..check import SHOULD
from .rule import SDK_DOC, SDK_SERVER, WILD, StoreRule

TIME: dict[str, StoreRule] = {
    "model.agrees": StoreRule(
        must="Any sequence of calls gives what a plain model of the rules above gives.",
        why="Faults that need three steps to show.",
        source="all rules above",
    ),
    "concurrency.one-thread": StoreRule(
        must="With many writers on one thread, every acknowledged item exists once, in an order of some serial run.",
        why="Two tabs and a background job write one conversation; 'database is locked' loses an answer.",
        source=SDK_SERVER,
    ),
    "concurrency.many-threads": StoreRule(
        must="Writers on different threads and of different users lose nothing to each other.",
        why="Stores that rewrite a file or a row of everything drop what was written at the same time.",
        source=WILD,
        stands_on=("concurrency.one-thread",),
    ),
    "concurrency.reads-see-writes": StoreRule(
        must="A read that begins after a write was acknowledged sees it, and no later read forgets it.",
        why="The model's history lacks the message it should answer.",
        source=SDK_SERVER,
        stands_on=("concurrency.one-thread",),
    ),
    "concurrency.reads-at-once": StoreRule(
        must="As many reads at once as `writers` says, of each kind, all end and give what is there.",
        why="A call that takes two connections of a pool stops the server as soon as enough users read at once.",
        source=WILD,
        stands_on=("item.listed-in-order",),
    ),
    "concurrency.thread-metadata": StoreRule(
        must="Of concurrent `save_thread` calls the last acknowledged wins whole; an earlier one never comes back.",
        why="A title that reverts; half of one save and half of another.",
        source=SDK_SERVER,
        stands_on=("thread.second-save-updates",),
    ),
    "concurrency.save-thread-keeps-items": StoreRule(
        must="Items added while the thread is saved are kept.",
        why="A thread stored as one document is read, changed and written back without the new item.",
        source=WILD,
        stands_on=(
            "concurrency.one-thread",
            "thread.save-keeps-items",
        ),
    ),
    "concurrency.loop-stays-free": StoreRule(
        must="No call keeps the event loop for more than 50 ms.",
        why="While one user's write blocks, every stream of every user stops.",
        source="asyncio: a callback that blocks delays all others",
        level=SHOULD,
        stands_on=("thread.second-save-updates",),
    ),
    "read.after-not-found": StoreRule(
        must="What was asked for and not found is found once it has been saved.",
        why="`NotFoundError` is cached, or leaves a transaction open that sees no later write: a new chat stays away.",
        source=SDK_SERVER,
    ),
    "read.sees-every-write": StoreRule(
        must="Each kind of read gives what is there after each kind of write, also when it was made before it.",
        why="A cached page still has the deleted item; the list still has the old title.",
        source=SDK_SERVER,
        stands_on=(
            "read.after-not-found",
            "item.save-replaces",
            "item.save-inserts",
            "item.delete-takes-one",
            "thread.second-save-updates",
            "thread.delete-takes-items",
        ),
    ),
    "read.sees-own-writes": StoreRule(
        must="Within one request, with one context, each read sees the writes before it.",
        left_open="What other requests wrote since the request began.",
        why="The SDK saves a tool's output and reads the thread in the same request: the model does not see it.",
        source=SDK_SERVER,
        stands_on=("read.sees-every-write",),
    ),
    "read.sees-other-workers": StoreRule(
        must="A second store on the same data sees each write of the first.",
        why="Two workers of one server: a reload shows the answer or not, by chance.",
        source=WILD,
        level=SHOULD,
        needs="reopen workers",
        stands_on=("read.sees-every-write",),
    ),
    "write.cancelled": StoreRule(
        must="A write that is cancelled, once or often, keeps no lock or connection, and is there whole or not at all.",
        left_open="Which of the two.",
        why="The SDK's server cancels when a browser closes the tab, and writes to the store next.",
        source="`except asyncio.CancelledError` in chatkit/server.py",
        stands_on=("item.save-inserts",),
    ),
    "write.refused": StoreRule(
        must="After calls that raised, a dozen of each kind, the store answers as before.",
        why="An aborted transaction, or a connection that is not given back, fails the next user's request.",
        source=WILD,
    ),
    "concurrency.delete-while-writing": StoreRule(
        must="A thread that is deleted while items are written to it is gone afterwards, with its items.",
        left_open="How the writes end.",
        why="The user deletes a conversation while its answer streams, and it comes back.",
        source=WILD,
        stands_on=("thread.delete-takes-items", "thread.writing-does-not-resurrect"),
    ),
    "concurrency.same-thing-twice": StoreRule(
        must="One new thread, or one new item, that several tasks save at once is saved by each of them, once.",
        why="SELECT, then INSERT: the second request of a retry fails.",
        source=SDK_DOC,
        level=SHOULD,
        stands_on=("thread.second-save-updates", "item.save-replaces"),
    ),
    "durability.reopen": StoreRule(
        must="Acknowledged writes exist after the store was closed and opened again.",
        why="Conversations survive a restart.",
        source=SDK_DOC,
        needs="reopen",
    ),
    "durability.kill": StoreRule(
        must="Acknowledged writes exist completely, and nothing partially, after the writing process was killed.",
        why="Servers are killed in the middle of answers.",
        source="SIGKILL at deploys and out of memory",
        needs="reopen",
        stands_on=("durability.reopen",),
    ),
    "scaling.page-cost": StoreRule(
        must="The cost of a page does not grow with the length of the thread.",
        left_open="Growth too small to notice: 5 ms a page.",
        why="Every turn reads the newest page; a store that reads all items makes long conversations slow.",
        source="openai/chatkit-python#98",
        level=SHOULD,
        stands_on=("concurrency.one-thread",),
    ),
}
"""Rule -> what it says."""
