"""The mutants that break promises about requests, pages, several things at once, credentials and files."""

from __future__ import annotations

from . import answer_lies as wire
from . import file_lies as files
from . import inside
from . import promise_lies as lie
from . import turn_lies as turns
from .mutant import Memory, Mutant, Upstream, Wire

RELOAD = "threads.get_by_id items.list"
SQL = "'1'='1"
"""A word of the hostile body that the suite sends: what a lie about hostile bodies goes by."""


def _large(memory: Memory) -> bool:
    limit = lie.params(memory).get("limit")
    return isinstance(limit, int) and limit > 100


def _hostile(memory: Memory) -> bool:
    return SQL in str(memory.request)


def _broken_by_hostile(status: int, memory: Memory) -> int:
    memory.server["broken"] = memory.server.get("broken", False) or _hostile(memory)
    return 503 if memory.server["broken"] else status


def _told_of_query(value: object, memory: Memory) -> object:
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        return {"error": {**value["error"], "message": "sqlalchemy.exc.NoResultFound: SELECT * FROM threads"}}
    return value


def _opinion_given(memory: Memory) -> bool:
    if not lie.asks(memory, "items.feedback"):
        return False
    given: set[str] = memory.server.setdefault("given", set())
    again = bool(given & set(lie.params(memory).get("item_ids", ())))
    given.update(lie.params(memory).get("item_ids", ()))
    return again


def _heard(value: object, memory: Memory) -> object:
    if not lie.asks(memory, "input.transcribe"):
        return value
    return {"text": "Hello."} if "codecs" in str(lie.params(memory).get("mime_type")) else {"words": ["Hello."]}


def _stuck(given: dict[str, object], memory: Memory) -> None:
    if given.get("limit") == 1:
        given["after"] = None


def _null_is_text(given: dict[str, object], memory: Memory) -> None:
    if "after" in given and given["after"] is None:
        given["after"] = "None"


def _after_output(status: int, memory: Memory) -> bool:
    return lie.asks(memory, "threads.add_client_tool_output")


def _after_401(status: int, memory: Memory) -> bool:
    return status == 401


REQUESTS = (
    Mutant(name="page-of-one-stuck", lie="Pages of one are all the first one.",
           change=Wire(request=lie.changed("items.list threads.list", _stuck)),
           named=("protocol.items-limit-one", "protocol.threads-limit-one")),
    Mutant(name="large-limit-refused", lie="A limit above a hundred is refused.",
           change=Wire(status=lie.refused_if(_large)), named=("protocol.items-limit-large",)),
    Mutant(name="null-is-text", lie="A cursor of null is taken for the word None.",
           change=Wire(request=lie.changed("items.list threads.list", _null_is_text)), named=("protocol.null-params",)),
    Mutant(name="threads-never-ascend", lie="Threads are listed newest first, whatever was asked for.",
           change=Wire(request=wire.with_params("threads.list", order="desc")), named=("protocol.threads-ascending",)),
    Mutant(name="sync-action-unanswered", lie="A sync action is never answered.",
           change=Wire(mute=lambda memory: lie.asks(memory, "threads.sync_custom_action")),
           named=("protocol.every-request-answered",)),
    Mutant(name="streams-called-json", lie="Streams say that they are JSON.",
           change=Wire(content_type="application/json"), named=("protocol.answers-in-kind",),
           also=("stream.content-type",)),
    Mutant(name="unknown-item-is-first", lie="A retry after an unknown item begins at the thread's first message.",
           change=Wire(event=lie.first_asked_again,
                       request=lie.changed("threads.retry_after_item", lie.unknown_is_first)),
           named=("protocol.out-of-place-harmless",)),
    Mutant(name="needless-output-kills", lie="After tool output that nobody waited for, the thread is silent.",
           change=Wire(status=lie.condemn(_after_output), event=lie.condemned),
           named=("protocol.out-of-place-then-next-turn",)),
    Mutant(name="metadata-refused", lie="A request with metadata is refused.",
           change=Wire(status=lie.refused_if(lambda memory: memory.request.get("metadata"))),
           named=("protocol.metadata-accepted",)),
    Mutant(name="message-flattened", lie="Of a message its text is kept: no tag, no quotation.",
           change=Wire(request=lie.in_message(lie.flattened)),
           named=("protocol.quoted-text-kept", "protocol.tags-kept")),
    Mutant(name="message-cut", lie="A message is kept up to its 20,000th character.",
           change=Wire(request=lie.in_message(lie.texts(lambda text: text[:20_000]))),
           named=("protocol.long-message-kept",)),
    Mutant(name="message-in-ascii", lie="Letters of a message that are not English become question marks.",
           change=Wire(request=lie.in_message(lie.texts(turns.ascii_only))), named=("protocol.request-utf-8",)),
    Mutant(name="dislike-refused", lie="Only praise is accepted as feedback.",
           change=Wire(status=lie.refused_if(lambda memory: lie.params(memory).get("kind") == "negative")),
           named=("protocol.feedback-accepted",)),
    Mutant(name="opinion-once", lie="An opinion can be given once.",
           change=Wire(status=lie.refused_if(_opinion_given, 409)), named=("protocol.feedback-again",)),
    Mutant(name="feedback-removes-answer", lie="An answer that was rated is gone after a reload.",
           change=Wire(request=lie.remembering("items.feedback", "rated"),
                       answer=lie.told(RELOAD, lie.emptied("rated", "assistant_message"))),
           named=("protocol.feedback-leaves-thread",)),
    Mutant(name="transcription-by-letter", lie="Speech is understood where its media type has parameters.",
           change=Wire(answer=_heard, status=lambda status, memory: 200 if lie.asks(memory, "input.transcribe")
                       else status),
           named=("protocol.transcription-answers",)),
)  # fmt: skip

TOGETHER = (
    Mutant(name="rename-empties", lie="A thread that is renamed loses its items.",
           change=Wire(request=lie.remembering("threads.update", "renamed"),
                       answer=lie.told(RELOAD, lie.emptied("renamed"))),
           named=("persistence.rename-keeps-items",)),
    Mutant(name="deleted-listed-again", lie="A deleted thread is back in the second list after its deletion.",
           change=Wire(request=lie.remembering("threads.delete", "deleted"),
                       answer=lie.told("threads.list", lie.listed_again)),
           named=("persistence.deleted-stays-deleted",)),
    Mutant(name="deleted-asked-again", lie="A message of a deleted thread can be asked again.",
           change=Wire(request=lie.dead_retry_creates), named=("persistence.deleted-not-answered",)),
    Mutant(name="delete-takes-others", lie="With one thread, the items of all others are deleted.",
           change=Wire(request=lie.remembering("threads.delete", "deleted"),
                       answer=lie.told(RELOAD, lie.others_emptied)),
           named=("persistence.delete-spares-others",)),
    Mutant(name="retry-keeps-questions", lie="A retry removes answers, and keeps what the user said later.",
           change=files.keep_questions, named=("persistence.retry-removes-later-turns",)),
    Mutant(name="model-never-forgets", lie="The model is told what a retry removed.",
           change=Upstream(request=files.never_forgets()), named=("persistence.retry-forgets-removed",)),
    Mutant(name="reload-first-page-only", lie="A long thread is read back up to its first page, as if it were all.",
           change=Wire(answer=lie.told("threads.get_by_id", lambda value, memory: value.get("items", {}).update(
               has_more=False, after=None))),
           named=("persistence.long-thread-whole",)),
    Mutant(name="message-hidden-midway", lie="While it is answered, a message is not there for who reloads.",
           change=Wire(event=turns.watched, end=turns.dead_end,
                       answer=wire.on(RELOAD, turns.lost_after_leaving("user_message"))),
           named=("persistence.message-visible-at-once",)),
    Mutant(name="reload-stale", lie="Every other reload is without the last item.",
           change=Wire(answer=lie.told("threads.get_by_id", lie.stale_second)), named=("persistence.two-tabs-agree",)),
    Mutant(name="second-turn-silent", lie="A thread that was answered once stays silent, without a word.",
           change=Wire(event=turns.locked),
           named=("persistence.meanwhile-answered", "persistence.turn-after-meanwhile")),
    Mutant(name="answers-mixed", lie="Each answer begins with the one before, whosever it was.",
           change=Wire(event=lie.mixed), named=("persistence.answers-not-mixed",)),
    Mutant(name="first-answer-overwritten", lie="Of several answers in a thread, the first is gone after a reload.",
           change=Wire(answer=lie.told("threads.get_by_id", lie.overwritten)),
           named=("persistence.meanwhile-keeps-all",)),
    Mutant(name="one-thread-at-a-time", lie="While one thread is answered, others stay silent.",
           change=Wire(event=lie.one_at_a_time, end=lie.over), named=("persistence.threads-at-once-answered",)),
    Mutant(name="answers-in-wrong-thread", lie="A reload shows the newest answer of all threads.",
           change=Wire(event=lie.last_said, answer=lie.told("threads.get_by_id", lie.said_everywhere)),
           named=("persistence.threads-at-once-kept",)),
    Mutant(name="title-lost-midway", lie="A title that is given in mid-answer is lost.",
           change=Wire(event=lie.open_threads, end=turns.dead_end, request=lie.renamed_while_open,
                       answer=lie.told("threads.get_by_id", lie.title_of_before)),
           named=("persistence.renamed-midway-kept",)),
    Mutant(name="delete-lost-midway", lie="A thread that is deleted in mid-answer comes back.",
           change=Wire(event=lie.open_threads, end=turns.dead_end, request=lie.kept_while_open, answer=lie.spared),
           named=("persistence.deleted-midway-stays-deleted",)),
    Mutant(name="done-before-stored", lie="An item is told to be done, and stored some time later.",
           change=inside.save_late, named=("persistence.done-is-durable",)),
    Mutant(name="kill-forgets-all", lie="After a kill nothing is known any more.", change=inside.fresh_database,
           named=("persistence.turn-after-kill", "persistence.killed-keeps-message")),
    Mutant(name="history-slow", lie="A history of more than one turn takes more than two seconds to load.",
           change=files.load_slowly, named=("latency.first-token-later",)),
)  # fmt: skip

SAFETY = (
    Mutant(name="uploads-unguarded", lie="Whoever asks may register a file, as the first who showed a token.",
           change=Wire(headers=lie.first_token_for("attachments.create")),
           named=("security.no-token-anywhere", "security.garbage-token-anywhere", "security.forged-token-anywhere",
                  "security.expired-token-anywhere")),
    Mutant(name="expiry-ignored-in-thread", lie="In a thread that was begun, a token may be as old as it likes.",
           change=Wire(headers=lie.owner_for("threads.add_user_message"), event=wire.note_owner),
           named=("security.expired-midway-refused",)),
    Mutant(name="refusal-locks-thread", lie="A thread for which a token was refused stays silent.",
           change=Wire(status=lie.condemn(_after_401), event=lie.condemned),
           named=("security.expired-midway-goes-on",)),
    Mutant(name="stranger-retries", lie="Who knows a thread's id may have its messages asked again.",
           change=Wire(headers=lie.owner_for("threads.retry_after_item"), event=wire.note_owner),
           named=("security.strangers-cannot-act",)),
    Mutant(name="stranger-pages", lie="Who knows a thread's id may list its items.",
           change=Wire(headers=lie.owner_for("items.list"), event=wire.note_owner),
           named=("security.strangers-told-nothing",)),
    Mutant(name="hostile-unanswered", lie="An id that looks like a query is never answered.",
           change=Wire(mute=_hostile), named=("security.hostile-bodies-answered",)),
    Mutant(name="hostile-breaks", lie="After an id that looks like a query, nothing works any more.",
           change=Wire(status=_broken_by_hostile), named=("security.survives-hostile-bodies",)),
    Mutant(name="refusals-tell-query", lie="A refusal shows the query that found nothing.",
           change=Wire(answer=_told_of_query), named=("security.no-internals",)),
    Mutant(name="limit-not-counted", lie="A rate limit is declared, and nobody counts.",
           change=Wire(), named=("security.rate-limit-429",), target="limited-target.toml", env={"RATE_LIMIT": "0"}),
    Mutant(name="limit-for-all", lie="Requests are counted for all users together.", change=inside.merge_users,
           named=("security.rate-limit-per-user",), target="limited-target.toml", env={"RATE_LIMIT": "40"}),
)  # fmt: skip

FILES = (
    Mutant(name="picture-without-preview", lie="A picture has no preview.",
           change=Wire(answer=lie.told("attachments.create", files.no_preview)), named=("attachments.create-answers",)),
    Mutant(name="file-name-in-ascii", lie="Letters of a file's name that are not English become question marks.",
           change=Wire(answer=lie.told("attachments.create", lambda value, memory: value.update(
               name=turns.ascii_only(value.get("name", ""))))),
           named=("attachments.name-kept",)),
    Mutant(name="file-ids-repeated", lie="Two files of one media type have one id.", change=files.repeat_file_ids,
           named=("attachments.ids-unique",)),
    Mutant(name="descriptor-of-before", lie="The upload address stands in `upload_url`.",
           change=Wire(answer=lie.told("attachments.create", files.old_descriptor)),
           named=("attachments.descriptor-usable",)),
    Mutant(name="upload-to-nowhere", lie="The upload address is that of nothing.",
           change=Wire(answer=lie.told("attachments.create", files.wrong_address)),
           named=("attachments.upload-accepted",)),
    Mutant(name="message-without-files", lie="A message comes back without its files.",
           change=Wire(event=files.bare_message), named=("attachments.message-carries",)),
    Mutant(name="reload-without-files", lie="A message's files are gone after a reload.",
           change=Wire(answer=lie.told(RELOAD, files.bare_items)), named=("attachments.reload-keeps",)),
    Mutant(name="file-metadata-told", lie="What the server keeps about a file is in its answers.",
           change=Wire(answer=lie.told("attachments.create", lambda value, memory: value.update(
               metadata={"path": "/srv/files/1"}))),
           named=("attachments.metadata-private",)),
    Mutant(name="file-delete-refused", lie="A file cannot be deleted.",
           change=Wire(status=wire.refuse("attachments.delete")), named=("attachments.delete-accepted",)),
    Mutant(name="file-delete-pretended", lie="A file's deletion is answered as if it had been done.",
           change=Wire(request=files.delete_nothing, answer=files.pretend_deleted),
           named=("attachments.deleted-is-gone",)),
    Mutant(name="turn-after-file-dead", lie="The turn after a message with a file is never answered.",
           change=Wire(event=turns.dies(files.has_file), end=turns.dead_end), named=("attachments.next-turn-works",)),
    Mutant(name="files-of-anyone", lie="Who knows a file's id may do with it what its owner may.",
           change=files.files_of_anyone,
           named=("attachments.foreign-not-sent", "attachments.foreign-not-overwritten",
                  "attachments.foreign-not-deleted")),
)  # fmt: skip

PROMISES = (*REQUESTS, *TOGETHER, *SAFETY, *FILES)
