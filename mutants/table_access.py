"""More mutants that show or allow what is not for the one who asks."""

from __future__ import annotations

from . import access_lies as lie
from .mutant import Mutant, Patch, Wire

HIDDEN = "hidden items shown"
FILES = "rows and files of others"
CODE = "the server's code and paths shown"
USERS = "users who are taken for each other"


def _row(kind: str, name: str, says: str, change: Wire | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


ACCESS = (
    _row(
        HIDDEN,
        "hidden-by-sync-button",
        "A button that is waited for is answered with a hidden item.",
        lie.hide_badly,
        "stream.no-hidden-items",
    ),
    _row(HIDDEN, "hidden-as-notice", "What is hidden is told in a notice of the next turn.", lie.tell_notes),
    _row(
        FILES,
        "deleted-file-given",
        "The bytes of a deleted file are still given.",
        lie.keep_deleted_files,
        "attachments.bytes-guarded",
    ),
    _row(
        FILES,
        "file-for-any-token",
        "A token for a file is not verified.",
        lie.trust_for_files,
        "attachments.bytes-guarded",
    ),
    _row(
        FILES,
        "upload-for-any-token",
        "A token with which a file is uploaded is not verified.",
        lie.trust_for_uploads,
        "gemini.own-file-sent",
    ),
    _row(
        FILES,
        "files-shared-by-name",
        "Files of one name have the bytes of the first.",
        lie.share_by_name,
        "gemini.own-file-sent",
    ),
    _row(
        USERS,
        "users-cut",
        "Users are told apart by eight letters.",
        lie.cut_users,
        "persistence.list-as-expected",
        "security.threads-isolated",
    ),
    _row(
        CODE, "query-in-refusal", "Headers of a refusal tell the query.", lie.query_in_refusal, "security.no-internals"
    ),
    _row(
        CODE,
        "key-in-header",
        "Headers of a stream tell the key for the model.",
        lie.key_in_header,
        "security.no-secret-leaks",
    ),
    Mutant(
        name="cookie-never-expires",
        lie="A token in a cookie is good after its end, too.",
        kind=FILES,
        change=lie.keep_cookies,
        named=("security.bad-tokens-refused-in-every-way",),
        target="ways-target.toml",
    ),
    _row(
        USERS,
        "title-of-others-told",
        "A stream's progress tells the title of somebody's thread.",
        Wire(event=lie.title_of_others),
        "security.other-users-words-unseen",
    ),
)
