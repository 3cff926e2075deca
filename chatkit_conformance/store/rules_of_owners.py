"""Rules about attachments, and about users among themselves."""

from __future__ import annotations

from ..check import SHOULD
from .rule import SDK_DOC, SDK_SERVER, SDK_TESTS, WILD, StoreRule

OWNERS: dict[str, StoreRule] = {
    "attachment.saved-is-loaded": StoreRule(
        must="A loaded attachment equals the saved one field by field, private metadata included.",
        why="The SDK strips private metadata itself when it answers.",
        source=SDK_TESTS,
        needs="attachments",
    ),
    "attachment.save-replaces": StoreRule(
        must="Saving an attachment again replaces it.",
        why="The SDK saves it with its thread id once the message is stored.",
        source=SDK_DOC,
        needs="attachments",
    ),
    "attachment.delete": StoreRule(
        must="A deleted or unknown attachment is `NotFoundError`; deleting it again is quiet or the same.",
        why="An orphan that can still be loaded was not deleted.",
        source=SDK_DOC,
        needs="attachments",
    ),
    "attachment.stays": StoreRule(
        must="Deleting a thread or an item takes no file of another thread, and none that is in no thread yet.",
        left_open="What becomes of the files of the thread that is deleted.",
        why="A file that was uploaded, and not yet sent, is gone when another conversation is deleted.",
        source=WILD,
        needs="attachments",
        stands_on=("thread.delete-takes-items", "attachment.save-replaces"),
    ),
    "isolation.reads": StoreRule(
        must="Nothing of one user is loaded, listed or paged for another.",
        left_open="A page of the other's thread is empty or `NotFoundError`.",
        why="Ids travel in links and logs; knowing one must give nothing.",
        source=SDK_TESTS,
        stands_on=("thread.unknown-is-not-found", "read.after-not-found"),
        needs="users",
    ),
    "isolation.pages": StoreRule(
        must="Threads of others take no place on a page of threads, and change nothing in `has_more`.",
        why="LIMIT before the filter by owner: the list is empty as soon as enough others have chatted since.",
        source=SDK_SERVER,
        stands_on=("isolation.reads", "paging.threads"),
        needs="users",
    ),
    "isolation.writes": StoreRule(
        must="No method called by one user with the other's ids changes what the other has.",
        left_open="The call may raise, or do nothing, or write something of the caller's own.",
        why="Anyone who saw an id could rewrite a conversation.",
        source=SDK_TESTS,
        stands_on=(
            "item.listed-in-order",
            "isolation.reads",
            "write.refused",
        ),
        needs="users",
    ),
    "isolation.ids-never-block": StoreRule(
        must="A user can use an id that another user has, for threads, items and attachments.",
        why="The SDK's ids have 32 random bits: at some 65,000 threads two users share one, and a failing save tells "
        "one user what exists at another's.",
        source="default_generate_id in chatkit/store.py",
        level=SHOULD,
        stands_on=(
            "item.listed-in-order",
            "isolation.reads",
        ),
        needs="users",
    ),
    "isolation.users-alike": StoreRule(
        must="Users whose names begin alike, or are nearly alike, read and change nothing of each other.",
        left_open="`make_context` may make one user of them.",
        why="Names from a sign-in service are long and begin alike: a column that cuts them makes one user of two.",
        source=WILD,
        needs="users",
        stands_on=("isolation.writes",),
    ),
    "isolation.many-users": StoreRule(
        must="What a user has is there after 130 others have written.",
        why="A cache of so many entries in place of a store: the first users lose their conversations on a busy day.",
        source=SDK_DOC,
        needs="users",
        stands_on=("isolation.writes",),
    ),
    "isolation.users-exact": StoreRule(
        must="Users whose names differ in case, an accent or a space at the end read and change nothing of each other.",
        left_open="`make_context` may make one user of them.",
        why="Collations without case and accents give Anna what is anna's, and Zoe what is Zoë's.",
        source=WILD,
        level=SHOULD,
        needs="users",
        stands_on=("isolation.writes",),
    ),
    "isolation.nobody": StoreRule(
        must="A context whose user is None, where `make_context(None)` makes one, reads nothing of anybody.",
        left_open="Any error.",
        why="`if user_id:` before the filter: a request without a session sees every conversation.",
        source=WILD,
        level=SHOULD,
        needs="users",
        stands_on=("isolation.reads",),
    ),
    "isolation.attachments": StoreRule(
        must="An attachment is loaded, changed and deleted by its owner alone.",
        why="The sample store leaves the owner unchecked; its own comment says so.",
        source="openai/chatkit-python tests/helpers/mock_store.py",
        needs="attachments users",
    ),
}
"""Rule -> what it says."""
