"""The mutants that break promises about requests, pages, several things at once, credentials and files."""

from __future__ import annotations

from . import answer_lies as wire
from . import file_lies as files
from . import inside
from . import promise_lies as lie
from . import turn_lies as turns
from .mutant import Memory, Mutant, Upstream, Wire

RELOAD = "threads.get_by_id items.list"


def _large(memory: Memory) -> bool:
    limit = lie.params(memory).get("limit")
    return isinstance(limit, int) and limit > 100


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


def _three_of_many(given: dict[str, object], memory: Memory) -> None:
    if isinstance(given.get("data"), list) and _large(memory):
        given.update(data=list(given["data"])[:3], has_more=False, after=None)  # type: ignore[call-overload]  # seen


def _null_is_text(given: dict[str, object], memory: Memory) -> None:
    if "after" in given and given["after"] is None:
        given["after"] = "None"


def _after_output(status: int, memory: Memory) -> bool:
    return lie.asks(memory, "threads.add_client_tool_output")


REQUESTS = (
    Mutant(
        name="page-of-one-stuck",
        lie="Pages of one are all the first one.",
        change=Wire(request=lie.changed("items.list threads.list", _stuck)),
        named=("protocol.items-limit-one", "protocol.threads-limit-one"),
    ),
    Mutant(
        name="large-limit-refused",
        lie="A limit above a hundred is refused.",
        change=Wire(status=lie.refused_if(_large)),
        named=("protocol.large-limit-accepted",),
    ),
    Mutant(
        name="large-page-cut",
        lie="A page of more than a hundred items is cut to three, and says that nothing follows.",
        change=Wire(answer=lie.told("items.list", _three_of_many)),
        named=("protocol.items-limit-large",),
    ),
    Mutant(
        name="null-is-text",
        lie="A cursor of null is taken for the word None.",
        change=Wire(request=lie.changed("items.list threads.list", _null_is_text)),
        named=("protocol.null-params",),
    ),
    Mutant(
        name="threads-never-ascend",
        lie="Threads are listed newest first, whatever was asked for.",
        change=Wire(request=wire.with_params("threads.list", order="desc")),
        named=("protocol.threads-ascending",),
        also=("protocol.list-in-order",),
    ),
    Mutant(
        name="sync-action-unanswered",
        lie="A sync action is never answered.",
        change=Wire(mute=lambda memory: lie.asks(memory, "threads.sync_custom_action")),
        named=("protocol.every-request-answered",),
    ),
    Mutant(
        name="streams-called-json",
        lie="Streams say that they are JSON.",
        change=Wire(content_type="application/json"),
        named=("protocol.stream-or-json",),
        also=("stream.content-type",),
    ),
    Mutant(
        name="unknown-item-is-first",
        lie="A retry after an unknown item begins at the thread's first message.",
        change=Wire(event=lie.first_asked_again, request=lie.changed("threads.retry_after_item", lie.unknown_is_first)),
        named=("protocol.unknown-item-harmless",),
    ),
    Mutant(
        name="item-of-any-thread",
        lie="A retry after a message of another thread takes away what is in this one.",
        change=Wire(
            event=lie.first_asked_again, request=lie.changed("threads.retry_after_item", lie.elsewhere_is_first)
        ),
        named=("persistence.thread-as-expected",),
    ),
    Mutant(
        name="needless-output-kills",
        lie="After tool output that nobody waited for, the thread is silent.",
        change=Wire(status=lie.condemn(_after_output), event=lie.condemned),
        named=("protocol.unknown-item-then-next-turn",),
    ),
    Mutant(
        name="metadata-refused",
        lie="A request with metadata is refused.",
        change=Wire(status=lie.refused_if(lambda memory: memory.request.get("metadata"))),
        named=("protocol.metadata-accepted",),
    ),
    Mutant(
        name="message-flattened",
        lie="Of a message its text is kept: no tag, no quotation.",
        change=Wire(request=lie.in_message(lie.flattened)),
        named=("protocol.quoted-text-kept", "protocol.tags-kept"),
    ),
    Mutant(
        name="message-cut",
        lie="A message is kept up to its 20,000th character.",
        change=Wire(request=lie.in_message(lie.texts(lambda text: text[:20_000]))),
        named=("protocol.long-message-kept",),
    ),
    Mutant(
        name="message-in-ascii",
        lie="Letters of a message that are not English become question marks.",
        change=Wire(request=lie.in_message(lie.texts(turns.ascii_only))),
        named=("protocol.request-utf-8",),
    ),
    Mutant(
        name="dislike-refused",
        lie="Only praise is accepted as feedback.",
        change=Wire(status=lie.refused_if(lambda memory: lie.params(memory).get("kind") == "negative")),
        named=("protocol.feedback-accepted", "protocol.own-changes-accepted"),
    ),
    Mutant(
        name="opinion-once",
        lie="An opinion can be given once.",
        change=Wire(status=lie.refused_if(_opinion_given, 409)),
        named=("protocol.feedback-repeated", "protocol.own-changes-accepted"),
    ),
    Mutant(
        name="second-opinion-fails",
        lie="The second opinion on an answer ends in HTTP 500: its row is there already.",
        change=Wire(status=lie.refused_if(_opinion_given, 500)),
        named=("protocol.feedback-never-fails",),
    ),
    Mutant(
        name="feedback-removes-answer",
        lie="An answer that was rated is gone after a reload.",
        change=Wire(
            request=lie.remembering("items.feedback", "rated"),
            answer=lie.told(RELOAD, lie.emptied("rated", "assistant_message")),
        ),
        named=("protocol.feedback-keeps-items",),
    ),
    Mutant(
        name="transcription-by-letter",
        lie="Speech is understood where its media type has parameters.",
        change=Wire(
            answer=_heard, status=lambda status, memory: 200 if lie.asks(memory, "input.transcribe") else status
        ),
        named=("protocol.transcription-answers",),
    ),
)

TOGETHER = (
    Mutant(
        name="rename-empties",
        lie="A thread that is renamed loses its items.",
        change=Wire(
            request=lie.remembering("threads.update", "renamed"), answer=lie.told(RELOAD, lie.emptied("renamed"))
        ),
        named=("persistence.rename-keeps-items",),
    ),
    Mutant(
        name="deleted-listed-again",
        lie="A deleted thread is back in the second list after its deletion.",
        change=Wire(
            request=lie.remembering("threads.delete", "deleted"), answer=lie.told("threads.list", lie.listed_again)
        ),
        named=("persistence.deleted-stays-deleted",),
    ),
    Mutant(
        name="deleted-asked-again",
        lie="A message of a deleted thread can be asked again.",
        change=Wire(request=lie.dead_retry_creates),
        named=("persistence.deleted-not-retried",),
    ),
    Mutant(
        name="delete-takes-others",
        lie="With one thread, the items of all others are deleted.",
        change=Wire(request=lie.remembering("threads.delete", "deleted"), answer=lie.told(RELOAD, lie.others_emptied)),
        named=("persistence.delete-spares-others",),
    ),
    Mutant(
        name="retry-keeps-questions",
        lie="A retry removes answers, and keeps what the user said later.",
        change=files.keep_questions,
        named=("persistence.retry-removes-later-turns",),
    ),
    Mutant(
        name="model-never-forgets",
        lie="The model is told what a retry removed.",
        change=Upstream(request=files.never_forgets()),
        named=("persistence.retry-forgets-removed",),
    ),
    Mutant(
        name="reload-first-page-only",
        lie="A long thread is read back up to its first page, as if it were all.",
        change=Wire(
            answer=lie.told(
                "threads.get_by_id", lambda value, memory: value.get("items", {}).update(has_more=False, after=None)
            )
        ),
        named=("persistence.long-thread-whole",),
    ),
    Mutant(
        name="message-hidden-midway",
        lie="While it is answered, a message is not there for who reloads.",
        change=Wire(
            event=turns.watched, end=turns.dead_end, answer=wire.on(RELOAD, turns.lost_after_leaving("user_message"))
        ),
        named=("persistence.message-visible-at-once",),
    ),
    Mutant(
        name="reload-stale",
        lie="Every other reload is without the last item.",
        change=Wire(answer=lie.told("threads.get_by_id", lie.stale_second)),
        named=("persistence.two-tabs-agree",),
    ),
    Mutant(
        name="second-turn-silent",
        lie="A thread that was answered once stays silent, without a word.",
        change=Wire(event=turns.locked),
        named=("persistence.concurrent-messages-answered", "persistence.turn-after-concurrent-messages"),
    ),
    Mutant(
        name="answers-mixed",
        lie="Each answer begins with the one before, whosever it was.",
        change=Wire(event=lie.mixed),
        named=("persistence.answers-not-mixed",),
    ),
    Mutant(
        name="first-answer-overwritten",
        lie="Of several answers in a thread, the first is gone after a reload.",
        change=Wire(answer=lie.told("threads.get_by_id", lie.overwritten)),
        named=("persistence.concurrent-messages-kept",),
    ),
    Mutant(
        name="one-thread-at-a-time",
        lie="While one thread is answered, others stay silent.",
        change=Wire(event=lie.one_at_a_time, end=lie.over),
        named=("persistence.threads-at-once-answered",),
    ),
    Mutant(
        name="answers-in-wrong-thread",
        lie="A reload shows the newest answer of all threads.",
        change=Wire(event=lie.last_said, answer=lie.told("threads.get_by_id", lie.said_everywhere)),
        named=("persistence.threads-at-once-kept",),
    ),
    Mutant(
        name="title-lost-midway",
        lie="A title that is given in mid-answer is lost.",
        change=Wire(
            event=lie.open_threads,
            end=turns.dead_end,
            request=lie.renamed_while_open,
            answer=lie.told("threads.get_by_id", lie.title_of_before),
        ),
        named=("persistence.renamed-midway-kept",),
    ),
    Mutant(
        name="delete-lost-midway",
        lie="A thread that is deleted in mid-answer comes back.",
        change=Wire(event=lie.open_threads, end=turns.dead_end, request=lie.kept_while_open, answer=lie.spared),
        named=("persistence.deleted-midway-stays-deleted",),
    ),
    Mutant(
        name="done-before-stored",
        lie="An item is told to be done, and stored some time later.",
        change=inside.save_late,
        named=("persistence.done-is-durable",),
    ),
    Mutant(
        name="kill-forgets-all",
        lie="After a kill nothing is known any more.",
        change=inside.fresh_database,
        named=(
            "persistence.turn-after-kill",
            "persistence.killed-keeps-message",
            "persistence.killed-anywhere-thread-works",
        ),
    ),
    Mutant(
        name="history-slow",
        lie="A history of more than one turn takes more than two seconds to load.",
        change=files.load_slowly,
        named=("latency.first-token-later",),
    ),
)

PROMISES = (*REQUESTS, *TOGETHER)
