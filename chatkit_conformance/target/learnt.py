"""What a run has learnt of its target before the first conversation, beside the tools of each role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .tools import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is known of the target.

    Args:
        capabilities: as declared by its owner, else as a probe found them.
        declared: every tool that it declares to the model, those of no role too.
        side_requests: whether it asks the model for something beside the conversation, such as a title.
        first_thread: the id of the thread in which the run began, and the mark of its first message; "" for none.
        said_there: the marks of what was said in it since then, by whoever went on with it.
        visitors: whether it takes a token for a user that nobody named before, and gives that user a list of their own.
    """

    capabilities: Mapping[str, bool] = field(default_factory=dict)
    declared: tuple[Tool, ...] = ()
    visitors: bool = False
    side_requests: bool = False
    first_thread: tuple[str, str] = ("", "")
    said_there: list[str] = field(default_factory=list)
