"""The mutants in which what is kept is not what was shown, and those that get retries, titles, tabs or errors wrong."""

from __future__ import annotations

from collections.abc import Callable

from reference_server.store import SqlStore

from . import kept_lies as lie
from . import turn_faults as fault
from .answer_lies import Rows, on, on_items
from .inside import around
from .mutant import Mutant, Patch, Upstream, Wire
from .situations import is_error
from .stream_lies import edit, release

CHANGED = "times, order or parts changed on reload"
PAGES = "pages that lose or repeat a row"
RETRY = "a retry that drops too little or too much"
TITLE = "a title written over"
TABS = "a second tab, or the same message twice"
RERUN = "a turn run anew after a fault"
TELLING = "an error told wrongly"
RELOAD = "threads.get_by_id items.list"


def _reload(name: str, says: str, how: Callable[[Rows], Rows], *named: str) -> Mutant:
    wire = Wire(answer=on_items(how))
    return Mutant(name=name, lie=says, kind=CHANGED, change=wire, named=named)


def _pages(name: str, says: str, method: str, how: lie.Paging, *named: str) -> Mutant:
    change = around(SqlStore, method, lie.paged(how))
    return Mutant(name=name, lie=says, kind=PAGES, change=change, named=named)


def _mutant(kind: str, name: str, says: str, change: Patch | Wire | Upstream, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


ITEMS, THREADS = "load_thread_items", "load_threads"

KEPT = (
    _mutant(
        TABS,
        "reads-lag-behind",
        "A thread is read as it was when it was read before.",
        Wire(answer=lie.read_before),
        "persistence.one-order-of-messages",
        "persistence.one-order-of-titles",
    ),
    _reload(
        "items-made-when-read",
        "Items say that they were made when they are read.",
        lie.read_times(),
        "persistence.reload-equals-stream",
    ),
    _mutant(
        CHANGED,
        "items-stored-an-hour-later",
        "Items are an hour younger after a reload.",
        lie.save_an_hour_later,
        "persistence.reload-equals-stream",
    ),
    _mutant(
        CHANGED,
        "threads-made-when-read",
        "Threads say that they were made when they are read.",
        Wire(answer=on("threads.get_by_id threads.list threads.update", lie.thread_times)),
        "persistence.reload-equals-stream",
    ),
    _reload(
        "tools-behind-answer",
        "What showed the tools comes behind the answer after a reload.",
        lie.work_last,
        "persistence.order-oldest-first",
    ),
    _reload(
        "last-two-swapped",
        "The last two items change places after a reload.",
        lie.neighbours_swapped,
        "persistence.order-oldest-first",
    ),
    _reload(
        "quotation-unstored",
        "What a message quotes is gone after a reload.",
        lie.quotations_lost,
        "protocol.quoted-text-kept",
    ),
    _reload(
        "tags-stored-as-text", "A message's tags are plain text after a reload.", lie.tags_as_text, "protocol.tags-kept"
    ),
    _reload(
        "steps-never-over",
        "A tool's steps go on for ever after a reload.",
        lie.steps_loading,
        "stream.workflow-reloaded",
    ),
    _reload(
        "summary-unstored",
        "What a workflow says of itself is gone after a reload.",
        lie.summary_lost,
        "persistence.reload-equals-stream",
    ),
    _mutant(
        CHANGED,
        "workflow-ids-per-thread",
        "Ids of workflows begin anew in every thread.",
        lie.count_work,
    ),
    _pages(
        "thread-pages-lose-one",
        "Between two pages of threads one is lost.",
        THREADS,
        lie.cursor_on_next,
        "protocol.threads-pages-complete",
    ),
    _pages(
        "item-pages-lose-one",
        "Between two pages of items one is lost.",
        ITEMS,
        lie.cursor_on_next,
        "protocol.items-pages-complete",
    ),
    _pages(
        "thread-pages-repeat-one",
        "The last thread of a page comes again.",
        THREADS,
        lie.cursor_on_last_but_one,
        "protocol.threads-pages-complete",
    ),
    _pages(
        "item-pages-repeat-one",
        "The last item of a page comes again.",
        ITEMS,
        lie.cursor_on_last_but_one,
        "protocol.items-pages-complete",
    ),
    _pages(
        "last-thread-page-lost",
        "A page of one thread is never told of.",
        THREADS,
        lie.last_page_lost,
        "protocol.threads-pages-complete",
    ),
    _pages(
        "last-item-page-lost",
        "A page of one item is never told of.",
        ITEMS,
        lie.last_page_lost,
        "protocol.items-limit-one",
        "persistence.reload-equals-stream",
    ),
    _mutant(
        RETRY,
        "early-retry-drops-nothing",
        "A retry of an earlier message leaves what came after it.",
        lie.retry_drops_nothing,
        "persistence.retry-removes-later-turns",
    ),
    _mutant(
        RETRY,
        "retry-drops-everything",
        "A retry also drops what came before.",
        lie.retry_drops_everything,
        "persistence.reload-equals-stream",
        "gemini.history-user-messages",
    ),
    _mutant(
        RETRY,
        "retry-repeats-question",
        "A retry stores the message once more.",
        lie.retry_repeats_question,
        "persistence.message-stored-once",
    ),
    _mutant(
        TITLE,
        "rename-lost-at-turn-end",
        "A turn ends with the title of the first message.",
        lie.title_from_first,
        "persistence.renamed-midway-kept",
        "persistence.title-persists",
    ),
    _mutant(
        TITLE,
        "title-follows-turns",
        "A turn ends with the title of its message.",
        lie.title_from_last,
        "persistence.title-persists",
        "persistence.renamed-midway-kept",
    ),
    _mutant(
        TABS,
        "second-tab-lost",
        "A message is thrown away while its thread is answered.",
        lie.lose_while_busy,
        "persistence.concurrent-messages-answered",
    ),
    _mutant(
        TABS,
        "same-message-thrice",
        "The same message said again is stored three times.",
        lie.repeat_if_same,
        "persistence.message-stored-once",
    ),
    _mutant(
        RERUN,
        "fault-reruns-turn",
        "A turn in which the model fails is run anew, tools too.",
        fault.rerun_turns,
        "tools.not-run-again",
    ),
    _mutant(
        RERUN,
        "empty-answer-reruns-turn",
        "A turn whose answer stays empty is run anew, tools too.",
        fault.rerun_empty_turns,
        "tools.not-run-again",
    ),
    _mutant(
        RERUN,
        "fault-reruns-last-tool",
        "When the model fails after a tool, the tool runs again.",
        fault.rerun_tools,
        "tools.executes-once",
    ),
    _mutant(
        TELLING,
        "retry-word-inverted",
        "A retry is offered where none helps, and not where one would.",
        Wire(event=edit(is_error, fault.inverted)),
        "errors.retry-offered",
        "errors.retry-only-where-useful",
    ),
    _mutant(
        TELLING,
        "day-quota-retried",
        "A retry is offered when the day's quota is used up.",
        fault.retry_quota,
        "errors.retry-only-where-useful",
    ),
    _mutant(
        TELLING,
        "error-then-answer",
        "An answer follows an error.",
        Wire(event=fault.answer_behind),
        "stream.after-error",
    ),
    _mutant(
        TELLING,
        "error-before-words",
        "An error comes before the words that it ends.",
        Wire(event=fault.error_first, end=release),
        "stream.after-error",
    ),
    _mutant(
        TELLING,
        "error-as-answer",
        "A fault is covered by words that nobody said.",
        fault.as_answer,
        "errors.nothing-invented",
    ),
)
