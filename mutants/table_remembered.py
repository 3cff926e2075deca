"""The mutants that remember something for too long, or for somebody else."""

from __future__ import annotations

from . import remembered_lies as lie
from .mutant import Mutant

REMEMBERED = (
    Mutant(
        name="reload-from-stale-cache",
        lie="A thread that was read is read from a cache, which messages renew and a button does not.",
        change=lie.keep_pages,
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="answer-kept-by-question",
        lie="A question asked before is answered from a cache, a retry too, without asking the model.",
        change=lie.keep_answers,
        named=(
            "persistence.retry-answers",
            "persistence.retry-leaves-one-answer",
        ),
    ),
    Mutant(
        name="token-good-for-ever",
        lie="A token is checked once: it goes on signing its user in after it has expired.",
        change=lie.remember_tokens,
        named=("security.ended-token-not-remembered",),
    ),
    Mutant(
        name="download-kept-for-all",
        lie="A file that its owner has fetched once is given to every other user from a cache.",
        change=lie.keep_downloads,
        named=("attachments.bytes-guarded",),
    ),
    Mutant(
        name="tasks-kept-without-user",
        lie="The list of tasks is kept until somebody changes a task: the next user reads the last one's.",
        change=lie.keep_one_list,
        named=("tools.tasks-of-one-user",),
        also=("security.threads-isolated",),
    ),
)
