"""The tables. Every row has an owner, and every key starts with it: one user's ids never meet another's.

`position` gives every list its order: the database hands it out in rising order, and an upsert keeps it. Clocks decide
nothing. Pages are cut by (owner, thread, position), so a page costs the same in a thread of ten items and of a million.
Ids are escaped by `stored_text.key`, bodies are JSON text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()


def _position() -> Column[int]:
    # SQLite gives a row number only to a column of exactly the type INTEGER; PostgreSQL makes a sequence.
    return Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _of_thread() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["owner", "thread_id"], ["threads.owner", "threads.id"], ondelete="CASCADE")


Table(
    "threads",
    METADATA,
    _position(),
    _text("owner"),
    _text("id"),
    _text("body"),
    UniqueConstraint("owner", "id"),
    Index("threads_in_order", "owner", "position"),
)

Table(
    "items",
    METADATA,
    _position(),
    _text("owner"),
    _text("thread_id"),
    _text("id"),
    _text("body"),
    _of_thread(),
    UniqueConstraint("owner", "thread_id", "id"),
    Index("items_in_order", "owner", "thread_id", "position"),
)

Table(
    "attachments",
    METADATA,
    _text("owner"),
    _text("id"),
    _text("thread_id", nullable=True),
    _text("body"),
    PrimaryKeyConstraint("owner", "id"),
    Index("attachments_of_thread", "owner", "thread_id"),
)

Table(
    "attachment_contents",
    METADATA,
    _text("owner"),
    _text("id"),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner", "id"),
    ForeignKeyConstraint(["owner", "id"], ["attachments.owner", "attachments.id"], ondelete="CASCADE"),
)

Table(
    "feedback",
    METADATA,
    _position(),
    _text("owner"),
    _text("thread_id"),
    _text("item_id"),
    _text("kind"),
    _of_thread(),
    UniqueConstraint("owner", "thread_id", "item_id"),
)

Table(
    "tasks",
    METADATA,
    _position(),
    _text("owner"),
    _text("id"),
    _text("body"),
    UniqueConstraint("owner", "id"),
    Index("tasks_in_order", "owner", "position"),
)

# Which process answers in which thread (leases.py); gone with the turn, so it needs no key to the thread.
Table(
    "turns",
    METADATA,
    _text("owner"),
    _text("thread_id"),
    _text("holder"),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("ending", Boolean, nullable=False),
    PrimaryKeyConstraint("owner", "thread_id"),
    Index("turns_of_holder", "holder"),
)
