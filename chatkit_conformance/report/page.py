"""report.html: one file that needs nothing else, made from a run and its transcripts."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..check import AREAS
from ..judging.levels import LEVEL_WORDS, LevelWords
from ..judging.verdict import verdict_of
from ..results.model import CheckResult, LevelResult, RunResults
from ..results.outcome import OUTCOMES, OutcomeWords
from ..transcript import Transcript
from .causes import causes
from .criterion import shown
from .excerpt import reply_anchor, reply_heading
from .exemplars import Exemplars, Turn
from .fault_matrix import fault_matrix
from .findings import Cluster, clusters
from .moments import timeline_of
from .packed import Packed
from .plain import duration, plain, slug
from .records import transcript_indexes
from .refusals import refusals
from .target_name import target_name
from .timeline import timeline
from .transcript_folder import TranscriptFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area's results, and how many there are of each outcome."""

    name: str
    results: tuple[CheckResult, ...]
    counts: tuple[tuple[OutcomeWords, int], ...]

    @property
    def kept(self) -> tuple[CheckResult, ...]:
        """Those that are no findings."""
        return tuple(r for r in self.results if not OUTCOMES[r.outcome].finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A turn drawn as an example of its kind."""

    name: str
    title: str
    heading: str
    picture: Markup
    transcript: str


def page(run: RunResults, transcripts: TranscriptFolder) -> str:
    """The page. What is not fit to show has been cut by `fit_to_show`; the template escapes all the rest."""
    environment = _environment()
    style, script = (environment.loader.get_source(environment, name)[0] for name in ("report.css", "report.js"))  # type: ignore[union-attr]  # the loader is the one given above
    first, found = causes(clusters(run.results, transcripts))
    exemplars = Exemplars(*_measured(run))
    faults = fault_matrix(exemplars.watching(transcripts.each()), run.results)
    turns = exemplars.turns()
    examples = _examples(turns)
    kept, left = transcript_indexes(_bearing(found, turns, transcripts))
    return environment.get_template("report.html.j2").render(
        run=run,
        verdict=verdict_of(run),
        criteria=[shown(c) for c in run.criteria],
        areas=areas(run.results),
        causes=first,
        clusters=found,
        packed=Packed(),
        examples=examples,
        faults=faults,
        transcript_indexes=kept,
        left=left,
        troubles=transcripts.troubles,
        refusals=refusals(found, transcripts),
        legend=[o for o in OUTCOMES.values() if any(r.outcome == o.name for r in run.results)],
        levels=levels(run),
        target=target_name(run),
        facts=facts(run),
        shown_transcripts={reply.anchor for index in kept for reply in index.replies},
        found=_count(found),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


@cache
def _environment() -> Environment:
    """Made once in a process: `run --watch` writes one page after the other, and compiling the template takes time."""
    made = Environment(
        loader=PackageLoader("chatkit_conformance.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals.update(duration=duration, slug=slug)
    made.filters.update(ticks=ticks, quoted=shlex.quote, words=OUTCOMES.__getitem__, anchor=anchor)
    return made


def ticks(text: str) -> Markup:
    """Text in which what stands between backticks is code; all of it is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts))


def areas(results: Iterable[CheckResult]) -> list[Area]:
    """The results by area, in the order of AREAS, areas of other names last."""
    by_name: dict[str, list[CheckResult]] = {}
    for result in results:
        by_name.setdefault(result.area, []).append(result)
    names = [*(a for a in AREAS if a in by_name), *sorted(set(by_name) - set(AREAS))]
    return [
        Area(
            name=name,
            results=tuple(sorted(by_name[name], key=lambda r: (OUTCOMES[r.outcome].rank, r.id))),
            counts=tuple(
                (words, n) for words in OUTCOMES.values() if (n := sum(r.outcome == words.name for r in by_name[name]))
            ),
        )
        for name in names
    ]


def anchor(result: CheckResult) -> str:
    """The HTML id under which the page shows a check."""
    return slug("check", result.id)


def levels(run: RunResults) -> list[tuple[str, LevelResult, LevelWords]]:
    """The levels that are to be shown: name, how it came out, and how that reads."""
    worded = [(name.replace("_", " "), level, LEVEL_WORDS.get(level.outcome)) for name, level in run.levels.items()]
    return [(name, level, words) for name, level, words in worded if words is not None]


def facts(run: RunResults) -> list[tuple[str, str]]:
    """Name and value of what is known of the target and of what took part."""
    target = run.target.model_dump(exclude={"name"}, exclude_defaults=True)
    known = [(key, ", ".join(value) if isinstance(value, tuple) else value) for key, value in target.items()]
    return [(key, plain(value, 160)) for key, value in (*known, *run.versions.items())]


def _measured(run: RunResults) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The (exchange, dialect) pairs in which the first token, and a tool's visibility, were measured."""

    def pairs(criterion: str) -> set[tuple[str, str]]:
        return {pair for r in run.results if criterion in r.criteria and r.figure is not None for pair in r.judged}

    return pairs("SC-001"), pairs("SC-002")


def _count(found: list[Cluster]) -> int:
    return sum(len(cluster.judged) for cluster in found)


def _examples(turns: list[Turn]) -> list[Example]:
    made = []
    for name, transcript, reply in turns:
        title = f"{transcript.exchange}, {reply.label}" + (f" ({transcript.dialect})" if transcript.dialect else "")
        picture = timeline(timeline_of(transcript, reply), f"{name}: {title}", slug("tl", "example", name))
        anchor = reply_anchor(transcript, reply)
        made.append(Example(name=name, title=title, heading=reply_heading(reply), picture=picture, transcript=anchor))
    return made


def _bearing(found: list[Cluster], turns: list[Turn], transcripts: TranscriptFolder) -> list[Transcript]:
    """The transcripts of the findings that are shown and of the examples, each once, in that order."""
    sights = [sight.finding for cluster in found for judged in cluster.judged for sight in judged.sights]
    wanted = [*((f.exchange, f.dialect) for f in sights), *((t.exchange, t.dialect) for _, t, _ in turns)]
    return [t for place in dict.fromkeys(wanted) if (t := transcripts.get(*place)) is not None]


def _policy(style: str, script: str) -> str:
    """A content security policy that lets run what this page brought, by its hash, and lets nothing be fetched."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    own = f"style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'"
    return f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
