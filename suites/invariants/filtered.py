"""Lists by a filter: they have the tasks that fit, and none that does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chatkit_conformance.check import SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.target.task_reading import entry
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import shorten
from .claimed import rounds_of
from .expected import expected_if_held


def _results(t: Transcript, label: str) -> list[list[str]]:
    """The results of each round of tools in a turn, in the order of the calls."""
    return [[dict(made.results).get(id, "") for id, *_ in made.calls] for made in rounds_of(t, label)]


def _told(text: str, title: str) -> str:
    """What a list tells of a task, or "" where it does not have it."""
    found = entry(text, title)
    return json.dumps(found, ensure_ascii=False) if found is not None else ""


def _unfit(whole: str, title: str, what: Mapping[str, Any], by: Mapping[str, Any]) -> bool:
    """Whether a filter is not true of a task, by what the whole list tells of it and of the first task."""
    if title == what["completed"]:
        return True
    values = [one for value in by.values() for one in (value if isinstance(value, list) else [value])]
    ours, told = _told(whole, what["tasks"][0]), _told(whole, title)
    return bool(ours and told) and any(str(one) in ours and str(one) not in told for one in values)


@check(
    "tools.filtered-lists",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; an argument of a list tool that has a fact's name lists the tasks of which it is true",
    capability="tasks",
    cause="A filter is declared and not used, or in the place of another; an order leaves out what has no such fact.",
    fix="Let a task be listed only if each filter that is given is true of it, and order what is then left.",
)
def filtered_lists(t: Transcript) -> Findings:
    """A list by a filter, by two, or in an order has the task of which all are true, and none of which one is not."""
    if not t.calls:
        raise Untestable(f"No request was made to the model in {t.exchange}.")
    held = expected_if_held(t, "filtered")
    for r, expected in held:
        what, texts = expected["filtered"], _results(t, r.label)
        if len(texts) < what["whole"] + 2:
            raise NotJudged("no list by a filter was answered")
        whole = next(iter(texts[what["whole"]]), "")
        for row, text in zip(what["rows"], texts[what["whole"] + 1], strict=False):
            by = shorten(row["by"])
            # Without a filter that leaves something out, it is an order, which has all.
            for title in what["tasks"][:1] if row["lacks"] else what["tasks"]:
                if _told(whole, title) and not _told(text, title):
                    yield Finding(expected=f"{title!r} in the list by {by}", got=shorten(text), reply=r.label)
            for title in row["lacks"]:
                if _told(text, title) and _unfit(whole, title, what, row["by"]):
                    got = shorten(_told(text, title))
                    yield Finding(expected=f"{title!r} not in the list by {by}", got=got, reply=r.label)
