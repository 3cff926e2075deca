"""The mutants that run out of places or never stop, that a restart changes, and in which conversations meet."""

from __future__ import annotations

from reference_server.chat import TaskChat

from . import inside
from . import limit_lies as limit
from . import restart_lies as restart
from . import shared_lies as shared
from .mutant import Mutant, Patch, Wire
from .situations import is_error
from .stream_lies import drop

ENDLESS = "waiting or working without an end"
PLACES = "places that are used up"
RESTART = "what a restart changes"
OVERLAP = "conversations that overlap get into each other"


def _after_leaving(visitors: int) -> Wire:
    return Wire(event=limit.counted, end=limit.over, mute=limit.left_by(visitors))


def _restart(name: str, says: str, change: Patch | Wire, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=RESTART, change=change, named=named)


def _overlap(name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=OVERLAP, change=change, named=named)


LIMITS = (
    Mutant(
        name="silence-endless",
        lie="The model's silence is waited for without an end.",
        kind=ENDLESS,
        change=Wire(),
        env={"GEMINI_TIMEOUT": "3600", "TURN_TIMEOUT": "3600"},
        named=("errors.silence-ended",),
    ),
    Mutant(
        name="tools-endless",
        lie="A turn goes on as long as the model calls tools.",
        kind=ENDLESS,
        change=limit.rounds_without_end,
        named=("errors.endless-tools-ended",),
    ),
    Mutant(
        name="rounds-over-unsaid",
        lie="A turn that needs too many rounds of tools ends without a word.",
        kind=ENDLESS,
        change=Wire(event=drop(lambda event: is_error(event) and "rounds" in str(event.get("message")))),
        named=("errors.fault-reported",),
    ),
    Mutant(
        name="fourth-leaver-locks-out",
        lie="Once four visitors left in mid-answer, nobody is answered.",
        kind=PLACES,
        change=_after_leaving(4),
        named=("protocol.requests-accepted", "persistence.reload-answers"),
    ),
    Mutant(
        name="tenth-leaver-locks-out",
        lie="Once ten visitors left in mid-answer, nobody is answered.",
        kind=PLACES,
        change=_after_leaving(10),
        named=("protocol.requests-accepted", "persistence.reload-answers"),
    ),
    Mutant(
        name="twentieth-leaver-locks-out",
        lie="Once twenty visitors left in mid-answer, nobody is answered.",
        kind=PLACES,
        change=_after_leaving(20),
        named=("protocol.requests-accepted", "stream.turn-works"),
    ),
    Mutant(
        name="faults-use-up-places",
        lie="Once the model has failed ten times, nobody is answered.",
        kind=PLACES,
        change=Wire(event=limit.counted, end=limit.over, mute=limit.after_errors(10)),
        named=("errors.next-turn-works",),
    ),
    Mutant(
        name="refusals-use-up-places",
        lie="Once thirty requests were refused, every one is.",
        kind=PLACES,
        change=Wire(status=limit.after_refusals(30)),
        named=("protocol.requests-accepted",),
    ),
    Mutant(
        name="item-ids-begin-anew",
        lie="Ids of items are counted anew after a restart.",
        kind=RESTART,
        change=restart.count_items,
        named=("persistence.first-thread-kept", "stream.ids-unique-over-threads"),
        beside=("three_turns", "restart"),
    ),
    _restart(
        "thread-ids-begin-anew",
        "Ids of threads are counted anew after a restart.",
        restart.count_threads,
        "security.ids-not-sequential",
    ),
    Mutant(
        name="file-ids-begin-anew",
        lie="Ids of files are counted anew after a restart.",
        kind=RESTART,
        change=restart.count_files,
        named=("stream.ids-unique-in-run",),
        beside=("restart",),
    ),
    _restart(
        "task-ids-begin-anew",
        "Ids of tasks are counted anew after a restart.",
        restart.count_tasks,
        "persistence.restart-keeps-tasks",
    ),
    _restart(
        "buttons-undone-at-restart",
        "What a button did to a task is undone by a restart.",
        restart.buttons_in_memory,
        "persistence.restart-keeps-tasks",
    ),
    _restart(
        "titles-lost-at-restart",
        "Titles are gone after a restart.",
        restart.titles_in_memory,
        "persistence.title-persists",
    ),
    _restart(
        "deleted-back-at-restart",
        "What was deleted is back after a restart.",
        restart.deletions_in_memory,
        "persistence.deleted-stays-deleted",
    ),
    _restart(
        "tasks-lost-at-restart",
        "Tasks are gone after a restart.",
        restart.emptied("DELETE FROM tasks"),
        "persistence.restart-keeps-tasks",
    ),
    _restart(
        "file-bytes-lost-at-restart",
        "The bytes of files are gone after a restart.",
        restart.emptied("DELETE FROM attachment_contents"),
        "gemini.history-files",
    ),
    _restart(
        "answers-lost-at-restart",
        "Answers are gone after a restart.",
        restart.emptied("DELETE FROM items WHERE body LIKE '%\"assistant_message\"%'"),
        "persistence.restart-keeps-thread",
        "persistence.done-is-durable",
    ),
    _restart(
        "widgets-lost-at-restart",
        "What showed the tools is gone after a restart.",
        restart.emptied("DELETE FROM items WHERE body LIKE '%\"widget\"%' OR body LIKE '%\"workflow\"%'"),
        "persistence.reload-equals-stream",
    ),
    _restart(
        "old-threads-dead-at-restart",
        "A thread that was begun before a restart is not answered.",
        Wire(event=restart.dead_if_old, end=restart.why_dead),
        "persistence.restart-next-turn",
    ),
    _overlap(
        "answers-share-buffer",
        "Answers that overlap are gathered in one buffer.",
        shared.share_buffer,
        "persistence.threads-at-once-answered",
    ),
    _overlap(
        "tools-share-user",
        "Tools work for whoever began a turn last.",
        shared.one_user_at_a_time,
        "tools.tasks-as-expected",
        "security.threads-isolated",
    ),
    _overlap(
        "turns-share-history",
        "Turns that begin together are sent one history.",
        shared.share_history,
        "persistence.threads-at-once-answered",
    ),
    _overlap(
        "threads-share-title",
        "Threads that get a title together get the same.",
        inside.around(TaskChat, "_name", shared.one_title),
        "security.messages-isolated",
    ),
    _overlap(
        "lists-shared-by-all",
        "The list of tasks that was asked for first is shown to all.",
        inside.tool("list_tasks", shared.cached),
        "tools.tasks-as-expected",
    ),
    _overlap(
        "files-shared-by-all",
        "The first file's bytes are sent for every file.",
        shared.share_files,
        "attachments.reaches-model",
    ),
)
