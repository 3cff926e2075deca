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
    ),
}
"""Rule -> what it says."""
