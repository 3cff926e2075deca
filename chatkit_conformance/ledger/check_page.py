"""A page for each check, made of the check itself: what `explain` tells, at an address that stays.

The address is `checks/ID/`; SARIF and the report lead there. A check that was renamed keeps a page under its old id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..check import WHOLE_RUN, Check
from ..judging.aliases import RENAMED
from ..judging.levels import levels_of


def check_pages(
    known: Sequence[Check], stories: Mapping[str, str], killed_by: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Path from the site's root -> text: a page for each check and for each earlier id, and the list of all.

    Args:
        stories: what happens in each exchange, by its name. killed_by: the mutants that a check catches, by its id.
    """
    made = {f"checks/{check.id}.md": _page(check, stories, killed_by.get(check.id, ())) for check in known}
    ids = {check.id for check in known}
    made |= {f"checks/{old}.md": _moved(old, new) for old, new in RENAMED.items() if new in ids and old not in ids}
    return made | {"checks/index.md": _index(known)}


def _page(check: Check, stories: Mapping[str, str], killed_by: Sequence[str]) -> str:
    held = [f"`{name}`: {stories[name]}" for name in check.on if name in stories]
    held += ["all requests to the model, and other observations of the whole run"] if WHOLE_RUN in check.on else []
    held += ["every conversation of a run"] if check.everywhere else []
    rows = (
        ("Level", f"{check.level}; {', '.join(levels_of(check)) or 'no conformance level'}"),
        ("Source", _plain(check.clause)),
        ("Needs", f"the capability `{check.capability}`" if check.capability else ""),
        ("Success criteria", ", ".join(check.criteria)),
        ("Usual cause", _plain(check.cause)),
        ("Fix", _plain(check.fix)),
    )
    lines = [f"# {check.id}", "", _plain(check.requirement), ""]
    lines += [line for name, value in rows if value for line in (f"**{name}.** {value}", "")]
    lines += ["## Judged on", "", *(f"- {_plain(story)}" for story in held), ""]
    lines += ["## Proof", ""]
    if killed_by:
        lines += ["It has caught these faulty servers: " + ", ".join(f"`{name}`" for name in killed_by) + ".", ""]
    else:
        lines += ["It has caught no faulty server yet: it is unproven.", ""]
    lines += ["## Type", "", "```sh", f"chatkit-conformance run --select {check.id} -- COMMAND"]
    lines += [f"chatkit-conformance explain {check.id}", "```", ""]
    return "\n".join(lines)


def _moved(old: str, new: str) -> str:
    return (
        f"# {old}\n\nThis check is now called [{new}]({new}.md). Baselines and selections with the old id still hold.\n"
    )


def _index(known: Sequence[Check]) -> str:
    lines = [
        "# Checks",
        "",
        f"{len(known)} checks, each with a page of its own.",
        "",
        "| check | level | requirement |",
    ]
    lines += ["|---|---|---|"]
    lines += [f"| [{c.id}]({c.id}.md) | {c.level} | {_plain(c.requirement).replace('|', '&#124;')} |" for c in known]
    return "\n".join([*lines, ""])


def _plain(text: str) -> str:
    """A text of ours in which Markdown and HTML see nothing of theirs, but for code in backticks."""
    parts = " ".join(text.split()).split("`")
    shown = [part if n % 2 else _escaped(part) for n, part in enumerate(parts)]
    return "`".join(shown) if len(parts) % 2 else _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    for sign, written in (("\\", "\\\\"), ("<", "&lt;"), ("*", "\\*"), ("_", "\\_"), ("[", "\\["), ("]", "\\]")):
        text = text.replace(sign, written)
    return text
