"""Conversations that each check of time must fail: judged on what was said and when, with no figure noted."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites import timed as c
from tests.suites.build import Data, added, delta, done, said

EMPTY: list[c.Timed] = [(0.05, added(said("a1", ""))), (0.06, delta("a1", ""))]
"""An answer is begun at once, with nothing in it."""

PLACEHOLDER: list[c.Timed] = [
    (0.05, added(said("wait", "One moment"))),
    (0.9, {"type": "thread.item.removed", "item_id": "wait"}),
]
"""Words that are taken away again before the answer."""

THINKING: Data = {"type": "workflow", "id": "w", "thread_id": "thr_1", "workflow": {"type": "reasoning", "tasks": []}}

BREAKS: Mapping[str, list[Transcript]] = {
    "latency.first-token": [
        c.quiet_turns(words_s=2.4),
        c.quiet_turns(words_s=3.7, first=EMPTY),
        c.quiet_turns(words_s=3.7, first=[(0.05, added(said("a1", " \n")))]),
        c.quiet_turns(words_s=3.7, first=PLACEHOLDER),
        c.quiet_turns(words_s=3.7, first=[(0.05, added(said("a1", "Thinking…")))]),
    ],
    "latency.own-share": [
        c.quiet_turns(words_s=2.4),
        c.quiet_turns(words_s=0.7, own_share_s_limit=0.5),
        c.quiet_turns(asked_s=2.2, spoke_s=2.35, words_s=2.36),
    ],
    "latency.thread-created": [c.quiet_turns(created_s=1.2, asked_s=1.3, spoke_s=1.4, words_s=1.5)],
    "latency.tool-visible": [
        c.quiet_tool(shown_s=1.3),
        c.quiet_tool(shown_s=None),
        c.quiet_tool(shown_s=-0.1),
        c.quiet_tool(events=[done({**THINKING}), {"type": "progress_update", "text": ""}]),
    ],
    "latency.first-token-later": [c.quiet_turns(later_s=2.4)],
    "latency.reload": [c.quiet_turns(reload_s=1.2)],
    "latency.list": [c.quiet_turns(list_s=1.2)],
}
