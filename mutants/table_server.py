"""The mutants that break the reference server itself: what it keeps, whom it knows, what its tools do."""

from __future__ import annotations

from . import inside as lie
from .mutant import Mutant

LATER = {"create": ("tools.created-task-listed-later",), "delete": ("tools.deleted-task-unlisted-later",)}
"""By role, what shows in a later turn that the tool did nothing."""

SERVER = (
    Mutant(
        name="store-forgets-answers",
        lie="Answers are shown and not stored.",
        change=lie.forget_answers,
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="store-forgets-questions",
        lie="The user's message is gone when it is answered.",
        change=lie.drop_questions,
        named=("persistence.reload-equals-stream",),
        also=("gemini.history-user-messages",),
    ),
    Mutant(
        name="store-writes-late",
        lie="Answers are told to be done before they are stored.",
        change=lie.save_late,
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="store-keeps-last-only",
        lie="Only the last three items of a thread are ever found.",
        change=lie.find_last_only,
        named=("persistence.reload-equals-stream",),
        also=("gemini.history-user-messages",),
    ),
    Mutant(
        name="store-forgets-titles",
        lie="Titles are not stored.",
        change=lie.forget_titles,
        named=("persistence.title-persists",),
    ),
    Mutant(
        name="store-lost-at-restart",
        lie="Everything is gone after a restart.",
        change=lie.fresh_database,
        named=("persistence.restart-keeps-thread", "persistence.restart-next-turn"),
    ),
    Mutant(
        name="store-keeps-deleted",
        lie="A deleted thread stays.",
        change=lie.keep_threads,
        named=("persistence.delete-leaves-nothing",),
    ),
    Mutant(
        name="retry-keeps-old",
        lie="After a retry the old answer is still there.",
        change=lie.keep_removed,
        named=("persistence.retry-leaves-one-answer",),
    ),
    Mutant(
        name="items-backwards",
        lie="Items are ascending where descending was asked for, and the other way round.",
        change=lie.flip_items,
        named=("persistence.order-oldest-first",),
    ),
    Mutant(
        name="threads-backwards",
        lie="Threads are listed oldest first where newest was asked for.",
        change=lie.flip_threads,
        named=("protocol.threads-newest-first",),
        also=("protocol.list-in-order",),
    ),
    Mutant(
        name="thread-made-by-reading",
        lie="A thread that is not there is made by reading it.",
        change=lie.make_when_read,
        named=("persistence.reading-creates-nothing", "errors.unknown-thread-read"),
        also=("errors.wrong-request-refused",),
    ),
    Mutant(
        name="ids-counted-per-thread",
        lie="Item ids begin anew in every thread.",
        change=lie.count_ids,
        named=("stream.ids-unique",),
    ),
    Mutant(
        name="ids-repeated",
        lie="Every message has the same id, and overwrites the one before.",
        change=lie.repeat_ids,
        named=("persistence.answers-are-different-items",),
        also=("gemini.history-user-messages",),
    ),
    Mutant(
        name="one-thread-id",
        lie="Every new thread has the same id.",
        change=lie.one_thread_only,
        named=("stream.thread-ids-unique",),
        also=("security.threads-isolated",),
    ),
    Mutant(
        name="users-merged",
        lie="All users are one.",
        change=lie.merge_users,
        named=("security.other-user-threads-not-listed", "security.other-user-cannot-read"),
    ),
    Mutant(
        name="thread-saved-slowly",
        lie="It takes more than a second until a new thread is there.",
        change=lie.save_slowly,
        named=("latency.thread-created",),
    ),
    *(
        Mutant(
            name=f"{role}-tool-pretended",
            lie=f"The {role} tool says that it is done, and does nothing.",
            change=lie.tool(tool, lie.pretend),
            named=(f"tools.{role}-executes", *LATER.get(role, ())),
            also=("tools.created-task-listed",) * (role in ("create", "read")),
        )
        for role, tool in (
            ("create", "create_task"),
            ("read", "list_tasks"),
            ("update", "update_task"),
            ("complete", "complete_task"),
            ("delete", "delete_task"),
            ("bulk-complete", "complete_all_tasks"),
            ("bulk-delete", "delete_all_tasks"),
        )
    ),
    Mutant(
        name="results-kept-back",
        lie="Tools work, and tell the model nothing of what came of it.",
        change=lie.tool("*", lie.silent),
        named=("tools.read-executes",),
        also=("tools.created-task-listed",),
    ),
    Mutant(
        name="results-empty",
        lie="Tools work, and their result for the model is empty.",
        change=lie.tool("*", lie.speechless),
        named=("tools.result-reaches-model",),
    ),
    Mutant(
        name="confirm-ignored",
        lie="Bulk tools do not wait for a confirmation.",
        change=lie.tool("complete_all_tasks delete_all_tasks", lie.always_confirmed),
        named=("tools.bulk-complete-needs-confirm", "tools.bulk-delete-needs-confirm"),
    ),
    Mutant(
        name="bad-arguments-fatal",
        lie="A call with wrong arguments ends the whole turn.",
        change=lie.tool("*", lie.fatal),
        named=("tools.bad-arguments-reach-model",),
    ),
    Mutant(
        name="rounds-limited",
        lie="A turn ends after the model was asked two times.",
        change=lie.stop_early,
        named=("tools.several-steps",),
    ),
)
