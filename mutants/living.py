"""Liars that no check is to catch, each with the reason: a right server may do the same, or nobody outside can know."""

from __future__ import annotations

WHY: dict[str, str] = {
    "hidden-as-notice": "What is hidden, only the server knows.",
    "tags-split-at-commas": "A server may well take commas for what stands between tags.",
    "second-press-fails": "A server may well refuse to do what was done already.",
    "filters-ored": "What several filters of a list mean together, only the tool's own description says.",
    "words-in-instructions": "Where in a request the user's words stand besides, a server may choose.",
    "result-by-call-id": "Who gives a call the id of an earlier one may well be given its result.",
    "browser-output-flat": "What the model is told of an output, a server may put into words of its own.",
    "title-asked-each-turn": "How often a title is asked for, a server may choose: it costs, and breaks nothing.",
    "workflow-ids-per-thread": "An id names an item of its thread: another thread may well use it, too.",
}
