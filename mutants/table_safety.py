"""The mutants that break promises about credentials, secrets and files."""

from __future__ import annotations

from . import answer_lies as wire
from . import file_lies as files
from . import inside
from . import promise_lies as lie
from . import turn_lies as turns
from .mutant import Memory, Mutant, Wire

RELOAD = "threads.get_by_id items.list"
SQL = "'1'='1"
"""A word of the hostile body that the suite sends: what a lie about hostile bodies goes by."""


def _hostile(memory: Memory) -> bool:
    return SQL in str(memory.request)


def _broken_by_hostile(status: int, memory: Memory) -> int:
    memory.server["broken"] = memory.server.get("broken", False) or _hostile(memory)
    return 503 if memory.server["broken"] else status


def _told_of_query(value: object, memory: Memory) -> object:
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        return {"error": {**value["error"], "message": "sqlalchemy.exc.NoResultFound: SELECT * FROM threads"}}
    return value


def _after_401(status: int, memory: Memory) -> bool:
    return status == 401


SAFETY = (
    Mutant(
        name="uploads-unguarded",
        lie="Whoever asks may register a file, as the first who showed a token.",
        change=Wire(headers=lie.first_token_for("attachments.create")),
        named=(
            "security.no-token-refused-everywhere",
            "security.garbage-token-refused-everywhere",
            "security.forged-token-refused-everywhere",
            "security.expired-token-refused-everywhere",
        ),
    ),
    Mutant(
        name="expiry-ignored-in-thread",
        lie="In a thread that was begun, a token may be as old as it likes.",
        change=Wire(headers=lie.owner_for("threads.add_user_message"), event=wire.note_owner),
        named=("security.expired-token-mid-thread-refused", "security.impostor-refused"),
    ),
    Mutant(
        name="refusal-locks-thread",
        lie="A thread for which a token was refused stays silent.",
        change=Wire(status=lie.condemn(_after_401), event=lie.condemned),
        named=("security.renewed-token-mid-thread-accepted",),
    ),
    Mutant(
        name="stranger-retries",
        lie="Who knows a thread's id may have its messages asked again.",
        change=Wire(headers=lie.owner_for("threads.retry_after_item"), event=wire.note_owner),
        named=("security.other-user-cannot-act",),
    ),
    Mutant(
        name="stranger-pages",
        lie="Who knows a thread's id may list its items.",
        change=Wire(headers=lie.owner_for("items.list"), event=wire.note_owner),
        named=("security.other-user-learns-nothing",),
    ),
    Mutant(
        name="hostile-unanswered",
        lie="An id that looks like a query is never answered.",
        change=Wire(mute=_hostile),
        named=("security.hostile-bodies-answered",),
    ),
    Mutant(
        name="no-json-unanswered",
        lie="What is no JSON is never answered.",
        change=Wire(mute=lambda memory: not memory.request),
        named=("errors.wrong-request-answered",),
        also=("errors.bad-json",),
    ),
    Mutant(
        name="hostile-breaks",
        lie="After an id that looks like a query, nothing works any more.",
        change=Wire(status=_broken_by_hostile),
        named=("security.survives-hostile-bodies",),
    ),
    Mutant(
        name="refusals-tell-query",
        lie="A refusal shows the query that found nothing.",
        change=Wire(answer=_told_of_query),
        named=("security.no-internals",),
    ),
    Mutant(
        name="limit-not-counted",
        lie="A rate limit is declared, and nobody counts.",
        change=Wire(),
        named=("security.rate-limit-429",),
        target="limited-target.toml",
        env={"RATE_LIMIT": "0"},
    ),
    Mutant(
        name="limit-for-all",
        lie="Requests are counted for all users together.",
        change=inside.merge_users,
        named=("security.rate-limit-per-user",),
        target="limited-target.toml",
        env={"RATE_LIMIT": "40"},
    ),
)

FILES = (
    Mutant(
        name="picture-without-preview",
        lie="A picture has no preview.",
        change=Wire(answer=lie.told("attachments.create", files.no_preview)),
        named=("attachments.create-answers",),
        also=("attachments.registered-as-asked",),
    ),
    Mutant(
        name="file-name-in-ascii",
        lie="Letters of a file's name that are not English become question marks.",
        change=Wire(
            answer=lie.told(
                "attachments.create", lambda value, memory: value.update(name=turns.ascii_only(value.get("name", "")))
            )
        ),
        named=("attachments.name-kept",),
        also=("attachments.registered-as-asked",),
    ),
    Mutant(
        name="file-ids-repeated",
        lie="Two files of one media type have one id.",
        change=files.repeat_file_ids,
        named=("attachments.ids-unique", "attachments.registered-as-asked"),
    ),
    Mutant(
        name="descriptor-of-before",
        lie="The upload address stands in `upload_url`.",
        change=Wire(answer=lie.told("attachments.create", files.old_descriptor)),
        named=("attachments.descriptor-usable",),
        also=("attachments.registered-as-asked",),
    ),
    Mutant(
        name="upload-to-nowhere",
        lie="The upload address is that of nothing.",
        change=Wire(answer=lie.told("attachments.create", files.wrong_address)),
        named=("attachments.upload-accepted",),
        also=("attachments.registered-as-asked",),
    ),
    Mutant(
        name="message-without-files",
        lie="A message comes back without its files.",
        change=Wire(event=files.bare_message),
        named=("attachments.message-shows-files", "attachments.shown-as-sent"),
    ),
    Mutant(
        name="reload-without-files",
        lie="A message's files are gone after a reload.",
        change=Wire(answer=lie.told(RELOAD, files.bare_items)),
        named=("attachments.reload-keeps",),
    ),
    Mutant(
        name="file-metadata-told",
        lie="What the server keeps about a file is in its answers.",
        change=Wire(
            answer=lie.told("attachments.create", lambda value, memory: value.update(metadata={"path": "/srv/files/1"}))
        ),
        named=("attachments.metadata-private",),
        also=("attachments.registered-as-asked",),
    ),
    Mutant(
        name="file-delete-refused",
        lie="A file cannot be deleted.",
        change=Wire(status=wire.refuse("attachments.delete")),
        named=("attachments.delete-accepted", "attachments.own-file-deleted"),
    ),
    Mutant(
        name="file-delete-pretended",
        lie="A file's deletion is answered as if it had been done.",
        change=Wire(request=files.delete_nothing, answer=files.pretend_deleted),
        named=("attachments.deleted-is-gone",),
    ),
    Mutant(
        name="turn-after-file-dead",
        lie="The turn after a message with a file is never answered.",
        change=Wire(event=turns.dies(files.has_file), end=turns.dead_end),
        named=("attachments.next-turn-works",),
    ),
    Mutant(
        name="files-of-anyone",
        lie="Who knows a file's id may do with it what its owner may.",
        change=files.files_of_anyone,
        named=(
            "attachments.other-user-cannot-send",
            "attachments.other-user-cannot-overwrite",
            "attachments.other-user-cannot-delete",
        ),
    ),
)
