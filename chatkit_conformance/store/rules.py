"""What a ChatKit store must do, what is left open, why, and who says so.

`chatkit.store.Store` has one line of text per method, so most rules come from how the SDK calls a store and from the
SDK's own tests of its sample store. Where neither speaks, any choice passes that loses nothing and repeats nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

SDK_DOC = "docstring in chatkit/store.py"
SDK_SERVER = "how chatkit/server.py calls it"
SDK_AGENTS = "how chatkit/agents.py calls it"
SDK_TESTS = "openai/chatkit-python tests/test_store.py"
WILD = "common mistakes of stores and of what they are built on"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRule:
    """One rule of the Store contract.

    Args:
        must: what every store must do.
        left_open: what a store may choose freely, "" when nothing is.
        why: what a user of the chat notices when the rule is broken.
        source: where the rule comes from.
        needs: name of the capability without which the rule does not apply, "" for none.
    """

    must: str
    why: str
    source: str
    left_open: str = ""
    needs: str = ""


RULES: dict[str, StoreRule] = {
    "signature.as-the-sdk-calls": StoreRule(
        must="Every method can be called positionally and by the names that `Store` gives its parameters.",
        why="The SDK mixes both: a swapped `after` and `limit` breaks one request type and not another.",
        source=SDK_SERVER,
    ),
    "thread.saved-is-loaded": StoreRule(
        must="A loaded thread equals the saved one in every field, for every status.",
        why="A lock, a title or a model's response id that is lost changes the conversation.",
        source=SDK_TESTS,
    ),
    "thread.second-save-updates": StoreRule(
        must="Saving a thread again replaces its metadata.",
        why="The SDK saves a thread on creation and again when the title changes; a plain INSERT fails there.",
        source=SDK_TESTS,
    ),
    "thread.save-keeps-items": StoreRule(
        must="Saving a thread leaves its items alone.",
        why="DELETE and INSERT with a cascading foreign key empties the conversation when a title is set.",
        source=WILD,
    ),
    "thread.of-the-stream": StoreRule(
        must="A `Thread` that carries items is saved as metadata; what is loaded has no field `items`.",
        why="The SDK passes a `Thread` while it streams, and adds `items=` to what it loads.",
        source="openai/chatkit-python#9",
    ),
    "thread.unknown-is-not-found": StoreRule(
        must="Loading a thread that does not exist raises `NotFoundError`.",
        why="None, or an empty thread made on the spot, turns a wrong link into a conversation.",
        source=SDK_TESTS,
    ),
    "thread.reading-creates-nothing": StoreRule(
        must="Reading or deleting with an unknown thread id creates no thread.",
        left_open="A page of an unknown thread is empty or `NotFoundError`.",
        why="Deleted conversations come back to the list as soon as a tab requests their items.",
        source=WILD,
    ),
    "thread.delete-takes-items": StoreRule(
        must="Deleting a thread deletes its items; a new thread of that id starts empty. Other threads stay.",
        why="What a user deleted must be gone.",
        source=SDK_DOC,
    ),
    "thread.writing-does-not-resurrect": StoreRule(
        must="An item written to a deleted thread does not bring the thread back.",
        left_open="The write may raise, or be accepted and never seen.",
        why="An answer still streaming when the user deletes the conversation writes its last item late.",
        source=WILD,
    ),
    "thread.delete-unknown": StoreRule(
        must="Deleting what does not exist is a no-op or `NotFoundError`, and changes nothing else.",
        why="Two tabs delete the same thing; the second must not crash.",
        source=SDK_SERVER,
    ),
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
    "item.save-inserts": StoreRule(
        must="`save_item` with an id the thread does not have inserts the item.",
        why="A replaced item is saved without ever having been added; an UPDATE alone loses it silently.",
        source=SDK_DOC,
    ),
    "item.save-replaces": StoreRule(
        must="`save_item` with a known id replaces that item, once, in its thread; others stay as they are.",
        why="A client tool's output is saved over the pending call.",
        source=SDK_DOC,
    ),
    "item.save-keeps-its-place": StoreRule(
        must="A replaced item keeps its place in both orders when its `created_at` is unchanged.",
        left_open="Where an item goes whose `created_at` was changed.",
        why="An answer that moves below later ones when it is updated.",
        source=WILD,
    ),
    "item.second-add": StoreRule(
        must="Adding an id again either raises and keeps the first, or keeps the second; the id exists once.",
        left_open="Which of the two.",
        why="The SDK adds a continued workflow again; a dropped second write loses its tasks, a copy shows it twice.",
        source=SDK_AGENTS,
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
    ),
    "item.belongs-to-its-thread": StoreRule(
        must="An item cannot be loaded, or deleted, through another thread's id.",
        why="Actions name a thread and an item; checking the thread alone lets any item through.",
        source=SDK_TESTS,
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
    ),
    "value.text": StoreRule(
        must="Text comes back code point by code point: emoji, right-to-left marks, combining forms, long text.",
        why="A store that normalizes or truncates changes what a person wrote.",
        source=WILD,
    ),
    "value.nul": StoreRule(
        must="U+0000 inside text comes back.",
        why="It arrives in pasted text; PostgreSQL's text and jsonb refuse it, C strings end there.",
        source=WILD,
        needs="nul_text",
    ),
    "value.lone-surrogate": StoreRule(
        must="A lone surrogate is kept, or refused with an error that leaves nothing behind.",
        left_open="Which of the two.",
        why="`json.loads` of a model's tool arguments makes them; half a write, or '?', is worse than an error.",
        source=WILD,
    ),
    "value.metadata": StoreRule(
        must="Metadata comes back deep, with its nulls, empty lists, large integers and odd keys.",
        why="`exclude_none` drops keys, string columns turn numbers into text.",
        source=SDK_TESTS,
    ),
    "value.large-item": StoreRule(
        must="An item of two megabytes comes back whole.",
        why="Column limits cut text silently: 64 KiB in MySQL's TEXT.",
        source=WILD,
    ),
    "time.zone": StoreRule(
        must="A time with a zone comes back as the same instant with a zone, a time without one without.",
        why="The SDK writes local time without a zone; adding one shifts every message by hours.",
        source=SDK_TESTS,
    ),
    "time.microseconds": StoreRule(
        must="Times keep their microseconds.",
        why="Items of one turn are milliseconds apart; whole seconds make them ties.",
        source=SDK_TESTS,
    ),
    "object.not-shared": StoreRule(
        must="Changing an object after it was saved, or one that was loaded, does not change what is stored.",
        why="The SDK changes what it loads and decides by comparison whether to save.",
        source=SDK_SERVER,
    ),
    "object.argument-untouched": StoreRule(
        must="A store does not change the objects given to it.",
        why="A user id written into `thread.metadata` is sent on, and makes the SDK see a change in every turn.",
        source=WILD,
    ),
    "paging.every-item-once": StoreRule(
        must="Walking all pages gives every item exactly once, also when items have equal times.",
        why="Paging by time alone skips the rest of a tie, or repeats it.",
        source=SDK_TESTS,
    ),
    "paging.orders-mirror": StoreRule(
        must="Descending is the reverse of ascending, ties and backward-running times included.",
        left_open="The order of ties, and whether time or insertion wins where they disagree.",
        why="The reload reads one way, the model's history the other: they must be one conversation.",
        source=SDK_SERVER,
    ),
    "paging.in-time-order": StoreRule(
        must="Items that were added later with a later time are listed later, whatever their zones and fractions.",
        why="Times compared as text put 10:00+02:00 after 09:00Z.",
        source=SDK_TESTS,
    ),
    "paging.has-more": StoreRule(
        must="`has_more` is true exactly when items follow; then `after` is given and the page is full.",
        left_open="`after` when nothing follows.",
        why="Wrongly true: the client requests a page that does not exist. Wrongly false: the last item is hidden.",
        source=SDK_TESTS,
    ),
    "paging.cursor-is-exclusive": StoreRule(
        must="A page starts behind its cursor.",
        left_open="What a cursor is made of: only `Page.after` is given back.",
        why="The item at the edge is shown twice.",
        source=SDK_TESTS,
    ),
    "paging.unknown-cursor": StoreRule(
        must="A cursor that is unknown, or another thread's, gives an error or an empty last page.",
        left_open="Which error; what follows a cursor whose item was deleted, short of starting over.",
        why="Silently starting over shows the conversation twice, or loops.",
        source=SDK_TESTS,
    ),
    "paging.while-changing": StoreRule(
        must="Items added or deleted while someone pages: what stays is seen once, what was deleted before is not.",
        left_open="Whether items added while paging are seen.",
        why="Offsets shift: a deletion skips one, an addition repeats one.",
        source=WILD,
    ),
    "paging.limit-not-positive": StoreRule(
        must="A limit of 0 or below never gives `has_more` with no data.",
        left_open="An error, nothing, or everything.",
        why="The wire lets -1 through; a client that follows such a page never ends.",
        source=SDK_SERVER,
    ),
    "paging.threads": StoreRule(
        must="Threads are paged by the same rules as items.",
        left_open="By creation or by last use.",
        why="The list of conversations is the first thing a returning user sees.",
        source=SDK_TESTS,
    ),
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
    "isolation.reads": StoreRule(
        must="Nothing of one user is loaded, listed or paged for another.",
        left_open="A page of the other's thread is empty or `NotFoundError`.",
        why="Ids travel in links and logs; knowing one must give nothing.",
        source=SDK_TESTS,
    ),
    "isolation.writes": StoreRule(
        must="No method called by one user with the other's ids changes what the other has.",
        left_open="The call may raise, or do nothing, or write something of the caller's own.",
        why="Anyone who saw an id could rewrite a conversation.",
        source=SDK_TESTS,
    ),
    "isolation.ids-never-block": StoreRule(
        must="A user can use an id that another user has, for threads, items and attachments.",
        why="The SDK's ids have 32 random bits: at some 65,000 threads two users share one, and a failing save tells "
        "one user what exists at another's.",
        source="default_generate_id in chatkit/store.py",
    ),
    "isolation.attachments": StoreRule(
        must="An attachment is loaded, changed and deleted by its owner alone.",
        why="The sample store leaves the owner unchecked; its own comment says so.",
        source="openai/chatkit-python tests/helpers/mock_store.py",
        needs="attachments",
    ),
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
    ),
    "concurrency.reads-see-writes": StoreRule(
        must="A read that begins after a write was acknowledged sees it, and no later read forgets it.",
        why="The model's history lacks the message it should answer.",
        source=SDK_SERVER,
    ),
    "concurrency.thread-metadata": StoreRule(
        must="Of concurrent `save_thread` calls the last acknowledged wins whole; an earlier one never comes back.",
        why="A title that reverts; half of one save and half of another.",
        source=SDK_SERVER,
    ),
    "concurrency.save-thread-keeps-items": StoreRule(
        must="Items added while the thread is saved are kept.",
        why="A thread stored as one document is read, changed and written back without the new item.",
        source=WILD,
    ),
    "concurrency.loop-stays-free": StoreRule(
        must="No call keeps the event loop for more than 50 ms.",
        why="While one user's write blocks, every stream of every user stops.",
        source="asyncio: a callback that blocks delays all others",
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
    ),
    "scaling.page-cost": StoreRule(
        must="The cost of a page does not grow with the length of the thread.",
        left_open="Growth too small to notice: 5 ms a page.",
        why="Every turn reads the newest page; a store that reads all items makes long conversations slow.",
        source="openai/chatkit-python#98",
    ),
}
