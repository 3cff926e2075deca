"""The mutants that show what is not for the one who looks."""

from __future__ import annotations

from reference_server.chat import TaskChat

from . import inside
from . import leak_lies as lie
from .mutant import Mutant, Patch, Wire

HIDDEN = "hidden items shown"
OTHERS = "rows and files of others"
CODE = "the server's code and paths shown"


def _mutant(kind: str, name: str, says: str, change: Wire | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


LEAKS = (
    _mutant(
        HIDDEN,
        "hidden-by-button",
        "A button's stream ends with an item that the user may not see.",
        Wire(event=lie.hidden_by_button),
        "stream.no-hidden-items",
    ),
    _mutant(
        HIDDEN,
        "hidden-in-items-list",
        "A list of items has those that the user may not see.",
        inside.around(TaskChat, "_process_non_streaming", lie.listed_unfiltered),
        "stream.no-hidden-items",
    ),
    _mutant(
        HIDDEN,
        "hidden-in-reload",
        "A thread is read with the items that the user may not see.",
        inside.around(TaskChat, "_to_thread_response", lie.read_unfiltered),
        "stream.no-hidden-items",
    ),
    _mutant(
        OTHERS,
        "cursor-of-other-thread",
        "An item of another thread is taken for a cursor.",
        lie.foreign_cursor("_ITEM_PAGES", "owner = :owner AND :thread_id <> ''"),
        "protocol.foreign-cursor",
    ),
    _mutant(
        OTHERS,
        "cursor-of-other-user",
        "An item of another user's is taken for a cursor.",
        lie.foreign_cursor("_ITEM_PAGES", ":owner <> '' AND :thread_id <> ''"),
        "protocol.foreign-cursor",
    ),
    _mutant(
        OTHERS,
        "thread-cursor-of-other-user",
        "A thread of another user's is taken for a cursor.",
        lie.foreign_cursor("_THREAD_PAGES", ":owner <> ''"),
        "protocol.foreign-cursor",
    ),
    _mutant(
        OTHERS,
        "file-bytes-for-all",
        "The bytes of a file are given without credentials.",
        lie.give_files_to_all,
        "attachments.bytes-guarded",
    ),
    _mutant(
        OTHERS,
        "file-bytes-for-users",
        "The bytes of a file are given to every user.",
        lie.give_files_to_users,
        "attachments.bytes-guarded",
    ),
    _mutant(
        OTHERS,
        "upload-from-all",
        "The bytes of a file are taken without credentials.",
        lie.take_files_from_all,
        "attachments.other-user-cannot-overwrite",
    ),
    _mutant(
        OTHERS,
        "opinion-on-unknown-item",
        "An opinion on an item that is not in the thread is accepted.",
        lie.unasked("items.feedback", "known_thread"),
        "protocol.feedback-refused",
        "errors.wrong-request-refused",
    ),
    _mutant(
        OTHERS,
        "opinion-on-unknown-thread",
        "An opinion on an item in somebody else's thread is accepted.",
        lie.unasked("items.feedback"),
        "protocol.feedback-refused",
    ),
    _mutant(
        CODE,
        "traceback-in-step",
        "A tool's step shows the server's own code.",
        lie.show_steps_with_code,
        "errors.no-traceback",
    ),
    _mutant(
        CODE,
        "path-in-notice",
        "A notice names a file of the server's.",
        Wire(event=lie.notice_with_path),
        "errors.no-traceback",
    ),
    _mutant(
        CODE,
        "path-in-progress",
        "Progress names a file of the server's.",
        Wire(event=lie.progress_with_path),
        "errors.no-traceback",
    ),
    _mutant(
        CODE,
        "traceback-in-widget",
        "What can be copied of a widget has the server's own code.",
        lie.widget_with_traceback,
        "errors.no-traceback",
    ),
    _mutant(
        CODE,
        "path-in-header",
        "A stream's headers name a file of the server's.",
        lie.path_in_header,
        "errors.no-traceback",
    ),
)
