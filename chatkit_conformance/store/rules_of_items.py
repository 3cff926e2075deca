"""Rules about items."""

from __future__ import annotations

from ..check import SHOULD
from .rule import SDK_AGENTS, SDK_DOC, SDK_SERVER, SDK_TESTS, WILD, StoreRule

ITEMS: dict[str, StoreRule] = {
    "item.saved-is-loaded": StoreRule(
        must="A loaded item equals the saved one field by field, for every item type of the SDK.",
        left_open="A time may come back in another zone if it is the same instant; 1 may come back as 1.0.",
        why="A reload shows what the store kept, not what was streamed.",
        source=SDK_TESTS,
    ),
    "item.hidden-are-kept": StoreRule(
        must="Hidden context items are in the pages and can be loaded.",
        why="The SDK stores 'the user cancelled' there for the model, and filters them for the client itself.",
        source=SDK_SERVER,
    ),
    "item.listed-in-order": StoreRule(
        must="Items that were added one after the other, with rising times, are listed in that order, or in reverse.",
        why="A conversation whose answers stand before its questions.",
        source=SDK_SERVER,
    ),
    "item.save-inserts": StoreRule(
        must="`save_item` with an id the thread does not have inserts the item.",
        why="A replaced item is saved without ever having been added; an UPDATE alone loses it silently.",
        source=SDK_DOC,
        stands_on=("item.listed-in-order",),
    ),
    "item.save-replaces": StoreRule(
        must="`save_item` with a known id replaces that item, once, in its thread; others stay as they are.",
        why="A client tool's output is saved over the pending call.",
        source=SDK_DOC,
        stands_on=("item.listed-in-order",),
    ),
    "item.save-keeps-its-place": StoreRule(
        must="A replaced item keeps its place in both orders when its `created_at` is unchanged.",
        left_open="Where an item goes whose `created_at` was changed.",
        why="An answer that moves below later ones when it is updated.",
        source=WILD,
        stands_on=(
            "item.listed-in-order",
            "item.save-replaces",
        ),
    ),
    "item.second-add": StoreRule(
        must="Adding an id again either raises and keeps the first, or keeps the second; the id exists once.",
        left_open="Which of the two.",
        why="The SDK adds a continued workflow again; a dropped second write loses its tasks, a copy shows it twice.",
        source=SDK_AGENTS,
        stands_on=("item.listed-in-order",),
    ),
    "item.id-in-two-threads": StoreRule(
        must="An item id that exists in another thread of the user never changes or moves that other item.",
        left_open="The second write may be refused with an error, or be a separate item.",
        why="Models give equal ids to different answers (`__fake_id__`): one conversation overwrites another.",
        source="openai/chatkit-python#36",
    ),
    "item.delete-takes-one": StoreRule(
        must="Deleting an item removes it from its thread, and nothing else.",
        why="Retry deletes the items after a message, one by one.",
        source=SDK_DOC,
        stands_on=(
            "item.listed-in-order",
            "item.unknown-is-not-found",
        ),
    ),
    "item.belongs-to-its-thread": StoreRule(
        must="An item cannot be loaded, or deleted, through another thread's id.",
        why="Actions name a thread and an item; checking the thread alone lets any item through.",
        source=SDK_TESTS,
        stands_on=("item.unknown-is-not-found",),
    ),
    "item.unknown-is-not-found": StoreRule(
        must="Loading an item that does not exist raises `NotFoundError`.",
        why="Otherwise a stale button is an AttributeError on None.",
        source=SDK_TESTS,
    ),
    "item.ids-are-exact": StoreRule(
        must="Ids that differ only in case or in spaces at the end are different ids.",
        why="Case-insensitive collations merge `msg_aB` and `msg_Ab`.",
        source=WILD,
        level=SHOULD,
        stands_on=("item.listed-in-order",),
    ),
    "item.added-again": StoreRule(
        must="An item that was deleted and is added again is there, as it was added.",
        why="A column `deleted_at` that an upsert forgets hides the item for ever.",
        source=WILD,
        level=SHOULD,
        needs="reuse_of_ids",
        stands_on=("item.delete-takes-one",),
    ),
    "id.likely": StoreRule(
        must="Ids of one prefix, with an underscore, or sixty characters long are kept apart.",
        why="Every id of the SDK has an underscore, which LIKE takes for any character; OpenAI's are 50 long.",
        source="default_generate_id in chatkit/store.py",
        stands_on=("item.delete-takes-one", "thread.delete-takes-items"),
    ),
    "id.of-the-model": StoreRule(
        must="An item is kept under the id that the model's API gave it, 54 characters of text.",
        why="The SDK stores an answer under the id that the response has for it: a column of UUIDs refuses it.",
        source="`id=item.id` in chatkit/agents.py",
    ),
    "id.odd": StoreRule(
        must="Ids with `%`, `*`, `/`, `..`, `:`, quotes, backslashes and accents are kept apart.",
        left_open="They may be refused with an error.",
        why="Two threads in one file, or a file outside its folder.",
        source=WILD,
        level=SHOULD,
        stands_on=("id.likely",),
    ),
    "id.generated-after-reopening": StoreRule(
        must="A store that was opened again generates no id of a thread or an item that is there.",
        left_open="What the ids look like.",
        why="A counter that starts again replaces the first conversations with new ones.",
        source=SDK_SERVER,
        needs="reopen",
        stands_on=("id.generated",),
    ),
    "id.generated": StoreRule(
        must="`generate_thread_id` and `generate_item_id` give text, and another one each time.",
        left_open="What the ids look like.",
        why="A second thread under the id of the first replaces it.",
        source=SDK_SERVER,
    ),
}
"""Rule -> what it says."""
