"""Findings made ready for the page: grouped, with excerpts and pictures as far as the page's room goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup

from ..results.model import CheckResult, SavedFinding
from ..results.outcome import OUTCOMES
from .excerpt import Excerpt, excerpt_of, reply_anchor
from .groups import Alike, Group, alike, groups_of
from .moments import timeline_of
from .plain import slug
from .timeline import timeline
from .transcript_folder import TranscriptFolder

FINDINGS_KEPT = 400
"""Findings looked at of one check. A server that breaks a promise in every event of a long run yields thousands."""

KINDS_SHOWN, PLACES_SHOWN = 4, 12
"""Kinds of findings shown of one check, and places named of one kind. results.json holds them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One kind of finding of one check: the first of its kind in full, the places of the others by name.

    Args:
        anchor: its HTML id. picture: the timeline of its reply, or None. drawn: the id of the finding that shows that
            timeline already. transcript: the id of the reply in the list of transcripts, or "".
    """

    anchor: str
    finding: SavedFinding
    places: tuple[str, ...]
    unnamed: int
    excerpt: Excerpt | None = None
    picture: Markup | None = None
    drawn: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One result and what of it is shown; `unshown` counts the findings of kinds beyond KINDS_SHOWN."""

    result: CheckResult
    sights: tuple[Sight, ...]
    unshown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One group as a block of the page."""

    anchor: str
    title: str
    note: str
    group: Group
    judged: tuple[Judged, ...]


@dataclass(slots=True, kw_only=True)
class PageBudget:
    """What the page has room for still. The limits keep a run with thousands of findings under about 3 MB."""

    excerpts: int = 110
    pictures: int = 24
    drawn: dict[tuple[str, str, str], str] = field(default_factory=dict)


def clusters(
    results: Iterable[CheckResult], transcripts: TranscriptFolder, room: PageBudget | None = None
) -> list[Cluster]:
    """All findings of a run, in the order in which they are read."""
    room = room or PageBudget()
    made = []
    for n, group in enumerate(groups_of(results), 1):
        judged = tuple(_judged(result, transcripts, room) for result in group.results)
        title, note = _title(group)
        made.append(Cluster(anchor=f"group-{n}", title=title, note=note, group=group, judged=judged))
    return made


def _title(group: Group) -> tuple[str, str]:
    """What stands over the group, and the sentence that its members share."""
    first, many = group.first, len(group.results)
    if first.outcome == "untestable":
        if many == 1:
            return first.requirement, ""
        return f"{many} checks could not be tested, for a similar reason", first.reason
    if many == 1:
        return first.requirement, ""
    return first.requirement, first.cause


def _judged(result: CheckResult, transcripts: TranscriptFolder, room: PageBudget) -> Judged:
    kinds = alike(result.findings[:FINDINGS_KEPT])
    sights = tuple(_sight(result, n, kind, transcripts, room) for n, kind in enumerate(kinds[:KINDS_SHOWN], 1))
    unshown = sum(1 + len(kind.others) for kind in kinds[KINDS_SHOWN:]) + max(0, len(result.findings) - FINDINGS_KEPT)
    return Judged(result=result, sights=sights, unshown=unshown)


def _sight(result: CheckResult, n: int, kind: Alike, transcripts: TranscriptFolder, room: PageBudget) -> Sight:
    finding = kind.first
    anchor = slug("f", result.id, str(n))
    places = tuple(dict.fromkeys(other.place for other in kind.others))
    named, unnamed = places[:PLACES_SHOWN], max(0, len(places) - PLACES_SHOWN)
    transcript = transcripts.get(finding.exchange, finding.dialect)
    if transcript is None or room.excerpts <= 0:
        return Sight(anchor=anchor, finding=finding, places=named, unnamed=unnamed)
    room.excerpts -= 1
    key = (finding.exchange, finding.dialect, finding.reply)
    found = transcripts.find(*key)
    picture, drawn = None, room.drawn.get(key, "")
    if (
        found
        and not drawn
        and room.pictures > 0
        and OUTCOMES[result.outcome].breach
        and (found[1].events or found[1].status == 0)
    ):
        room.pictures -= 1
        room.drawn[key] = anchor
        title = f"{finding.exchange}, {finding.reply}: one time axis, browser above, model below"
        picture = timeline(timeline_of(*found), title, slug("tl", anchor))
    return Sight(
        anchor=anchor,
        finding=finding,
        places=named,
        unnamed=unnamed,
        excerpt=excerpt_of(transcript, finding),
        picture=picture,
        drawn=drawn,
        transcript=reply_anchor(*found) if found else "",
    )
