"""Rules about threads, and about the methods themselves."""

from __future__ import annotations

from .rule import SDK_DOC, SDK_SERVER, SDK_TESTS, WILD, StoreRule

THREADS: dict[str, StoreRule] = {
    "signature.as-the-sdk-calls": StoreRule(
        must="Every method can be called positionally and by the names that `Store` gives its parameters.",
        why="The SDK mixes both: a swapped `after` and `limit` breaks one request type and not another.",
        source=SDK_SERVER,
    ),
    "store.keeps-what-it-is-given": StoreRule(
        must="A thread that was saved is loaded and listed, and an item that was added is loaded and in a page.",
        why="Without this nothing works, and nothing else is judged.",
        source=SDK_DOC,
        stands_on=("signature.as-the-sdk-calls",),
    ),
    "thread.image-domains": StoreRule(
        must="`allowed_image_domains` comes back: None, an empty list and a list of domains are three things.",
        why="Images of widgets stay blank, or every image is allowed.",
        source="ThreadMetadata in chatkit/types.py",
    ),
    "thread.saved-is-loaded": StoreRule(
        must="A loaded thread equals the saved one in every field, for every status.",
        why="A lock, a title or a model's response id that is lost changes the conversation.",
        source=SDK_TESTS,
    ),
    "thread.locked-is-written": StoreRule(
        must="An assistant's message is written to a thread that is locked or closed.",
        left_open="What becomes of a user's message there.",
        why="A server locks a thread while it answers; the SDK saves the lock first, and the rest of the answer next.",
        source=SDK_SERVER,
        stands_on=("thread.saved-is-loaded",),
    ),
    "thread.second-save-updates": StoreRule(
        must="Saving a thread again replaces its metadata.",
        why="The SDK saves a thread on creation and again when the title changes; a plain INSERT fails there.",
        source=SDK_TESTS,
    ),
    "thread.fields-can-be-emptied": StoreRule(
        must="What a second save leaves out is gone: the title, keys of metadata, the reason of a lock.",
        left_open="A thread saved without a title may get one that the store makes; not the one it had.",
        why="`COALESCE(new, old)` and merged JSON bring back what was taken away: a title, a response id, a lock.",
        source="how chatkit/server.py calls it",
        stands_on=("thread.second-save-updates",),
    ),
    "thread.save-keeps-items": StoreRule(
        must="Saving a thread leaves its items alone.",
        why="DELETE and INSERT with a cascading foreign key empties the conversation when a title is set.",
        source=WILD,
        stands_on=(
            "item.listed-in-order",
            "thread.second-save-updates",
        ),
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
        stands_on=("thread.unknown-is-not-found",),
    ),
    "thread.delete-takes-items": StoreRule(
        must="Deleting a thread deletes its items; a new thread of that id starts empty. Other threads stay.",
        why="What a user deleted must be gone.",
        source=SDK_DOC,
        stands_on=("thread.unknown-is-not-found", "read.after-not-found"),
    ),
    "thread.writing-does-not-resurrect": StoreRule(
        must="An item written to a deleted thread does not bring the thread back.",
        left_open="The write may raise, or be accepted and never seen, also where the id is used again.",
        why="An answer still streaming when the user deletes the conversation writes its last item late.",
        source=WILD,
        stands_on=("write.refused", "thread.delete-takes-items"),
    ),
    "thread.delete-unknown": StoreRule(
        must="Deleting what does not exist is a no-op or `NotFoundError`, and changes nothing else.",
        why="Two tabs delete the same thing; the second must not crash.",
        source=SDK_SERVER,
    ),
}
"""Rule -> what it says."""
