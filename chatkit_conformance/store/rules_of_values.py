"""Rules about values: what goes in comes out."""

from __future__ import annotations

from ..check import SHOULD
from .rule import SDK_SERVER, SDK_TESTS, WILD, StoreRule

VALUES: dict[str, StoreRule] = {
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
        level=SHOULD,
    ),
    "value.lone-surrogate": StoreRule(
        must="A lone surrogate is kept, or refused with an error that leaves nothing behind.",
        left_open="Which of the two.",
        why="`json.loads` of a model's tool arguments makes them; half a write, or '?', is worse than an error.",
        source=WILD,
        level=SHOULD,
    ),
    "value.metadata": StoreRule(
        must="Metadata comes back deep, with its nulls, empty lists, large integers and odd keys.",
        why="`exclude_none` drops keys, string columns turn numbers into text.",
        source=SDK_TESTS,
    ),
    "value.long-fields": StoreRule(
        must="1,500 characters in the id of a call, an address, the reason of a lock or a title come back.",
        why="An id that a column cut answers no call: Gemini's thought signature travels in ids of calls.",
        source="`str` without a bound in chatkit/types.py; BerriAI/litellm#16895",
    ),
    "value.zeros": StoreRule(
        must="An optional field that holds 0 or an empty text comes back so, and not as None.",
        why="`value or None` in a mapping: the note at the first letter of an answer loses its place.",
        source=SDK_TESTS,
    ),
    "value.order": StoreRule(
        must="Parts of a message, its files, annotations, tasks and sources come back in their order.",
        why="Rows of a second table that are read without ORDER BY, or kinds of parts in columns of their own.",
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
    "time.local": StoreRule(
        must="A time without a zone comes back the same where local time is not UTC.",
        why="Local time that is taken for UTC moves every message by hours, on every machine but the developer's.",
        source="`datetime.now()` in chatkit/server.py",
        stands_on=("time.zone",),
    ),
    "time.naive-beside-zoned": StoreRule(
        must="Times with and without a zone in one thread are kept, paged and listed.",
        left_open="How the two kinds are ordered.",
        why="The SDK writes naive times and application code zoned ones; comparing them is a TypeError in Python.",
        source="`datetime.now()` in chatkit/server.py, and `created_at: datetime` in chatkit/types.py",
        stands_on=("time.zone",),
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
}
"""Rule -> what it says."""
