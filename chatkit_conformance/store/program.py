"""Programs of store calls, generated: who does what with which of a few ids at which time.

The ids are few and shared by all users and threads, so that calls meet: the same item id in two threads, a thread id of
somebody else, an item that is added, replaced, deleted and added again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chatkit.types import Attachment, ThreadItem, ThreadMetadata
from hypothesis import strategies as st

from . import samples

USERS = ("alice", "bob")
THREADS = 3
ATTACHMENTS = 2
BURST = 8
"""Steps in a burst, and bursts in the longest program; faults in published stores show within six steps."""

MOMENTS: tuple[datetime, ...] = (
    samples.at(0),
    samples.at(0),
    samples.at(1),
    samples.at(-1),
    samples.at(2, zone=True),
    samples.at(1.5, zone=True),
)
"""Equal, rising and falling times, with a zone and without."""

READS_AND_DELETES = (
    "load_thread",
    "delete_thread",
    "load_item",
    "delete_thread_item",
    "walk_items",
    "walk_threads",
    "turn_page",
    "unknown_cursor",
)
WRITES = ("save_thread", "add_thread_item", "save_item")
WITH_ATTACHMENTS = ("save_attachment", "load_attachment", "delete_attachment")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStep:
    """One step of a program. Numbers choose from the few ids; a step uses those that its verb needs."""

    verb: str
    user: str
    thread: int = 0
    item: int = 0
    moment: int = 0
    kind: int = 0
    limit: int = 1
    order: str = "asc"

    def thread_for(self, thread_id: str) -> ThreadMetadata:
        """The thread this step saves."""
        title = None if self.kind == 0 else f"title {self.kind}"
        return samples.thread(thread_id, created_at=MOMENTS[self.moment], title=title, metadata={"kind": self.kind})

    def item_for(self, item_id: str, thread_id: str) -> ThreadItem:
        """The item this step writes; every type of the SDK can come up."""
        made = samples.one_of_each(thread_id)[self.kind]
        return made.model_copy(update={"id": item_id, "created_at": MOMENTS[self.moment]}, deep=True)

    def attachment_for(self, attachment_id: str) -> Attachment:
        """The attachment this step saves."""
        return samples.attachment(attachment_id, name=f"file {self.kind}", metadata={"kind": self.kind})


def programs(*, attachments: bool, users: bool = True) -> st.SearchStrategy[list[ProgramStep]]:
    """Lists of steps, some twenty long; shrinking takes steps away and makes the numbers smaller.

    Steps come in bursts about one item of one thread of one user, so that it is added, replaced, deleted and added
    again; bursts about other items come between. Threads are there first; shrinking takes them away too.
    """
    writes = [verb for verb in (*WRITES, "delete_thread_item") for _ in range(2)]
    verbs = [*writes, *READS_AND_DELETES, *(WITH_ATTACHMENTS if attachments else ())]
    subjects = st.tuples(
        st.sampled_from((USERS[0], USERS[0], USERS[1] if users else USERS[0])),
        st.sampled_from((0, 0, 1, 2)),
        st.sampled_from((0, 0, 1, 2, 3)),
    )
    acts = st.tuples(
        st.sampled_from(verbs),
        st.integers(0, len(MOMENTS) - 1),
        st.integers(0, len(samples.one_of_each("")) - 1),
        st.sampled_from([(limit, order) for limit in (1, 2, 3) for order in ("asc", "desc")]),
    )
    bursts = st.lists(st.tuples(subjects, st.lists(acts, min_size=1, max_size=BURST)), max_size=BURST)
    first = st.lists(
        st.sampled_from([ProgramStep(verb="save_thread", user=user) for user in (USERS if users else USERS[:1])]),
        max_size=3,
    )
    return st.builds(lambda start, rest: [*start, *(step for burst in rest for step in _flat(*burst))], first, bursts)


def _flat(subject: tuple[str, int, int], acts: list[tuple[str, int, int, tuple[int, str]]]) -> list[ProgramStep]:
    user, thread, item = subject
    return [
        ProgramStep(
            verb=verb,
            user=user,
            thread=thread,
            item=item,
            moment=moment,
            kind=kind,
            limit=limit,
            order=order,
        )
        for verb, moment, kind, (limit, order) in acts
    ]
