"""An audit as one HTML page that needs nothing else, in the look of a run's report."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from itertools import groupby

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from ..judging.criteria import CRITERION_WORDS
from ..report.criterion import shown
from ..report.plain import line
from ..results.outcome import Tone
from .audit import LEAST, Audit
from .code_lines import RULER
from .hit import WEIGHTS, Hit, Weight
from .rules import RULES, AuditRule

TONES: dict[Weight, Tone] = {"error": "bad", "warning": "warn", "note": "off"}
SIGNS: dict[Weight, str] = {"error": "✕", "warning": "!", "note": "–"}
MOST = 200
"""Places of one rule on the page; JSON has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHits:
    """One rule's hits of one weight."""

    rule: AuditRule
    hits: tuple[Hit, ...]
    tone: Tone
    sign: str


def audit_page(audit: Audit) -> str:
    """The page. Its template escapes everything."""
    own = PackageLoader("chatkit_conformance.audit")
    report = PackageLoader("chatkit_conformance.report")
    environment = Environment(
        loader=ChoiceLoader([own, report]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["line"] = line
    style = report.get_source(environment, "report.css")[0] + own.get_source(environment, "audit.css")[0]
    script = report.get_source(environment, "report.js")[0]
    tone, sign, headline, sentence = _verdict(audit)
    removed = audit.removed
    widest = max((max(c.before, c.after) for c in removed.folders.values()), default=1) if removed else 1
    return environment.get_template("audit.html.j2").render(
        audit=audit,
        tone=tone,
        sign=sign,
        headline=headline,
        sentence=sentence,
        criteria=[shown(criterion) for criterion in audit.criteria],
        groups=_groups(audit),
        counts=[(weight, audit.counted(weight)) for weight in WEIGHTS],
        most=MOST,
        ruler=RULER,
        least=round(LEAST),
        widest=max(1, widest),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'",
    )


def _verdict(audit: Audit) -> tuple[Tone, str, str, str]:
    """Tone, sign, headline and sentence."""
    outcomes = {c.id: c.outcome for c in audit.criteria}
    missed = [id for id, outcome in outcomes.items() if outcome == "missed"]
    open_ = [id for id, outcome in outcomes.items() if outcome == "untestable"]
    errors = audit.counted("error")
    if missed:
        return (
            "bad",
            "✕",
            f"{' and '.join(missed)} {'are' if len(missed) > 1 else 'is'} missed",
            (f"{errors} error{'s' if errors != 1 else ''}; each place is named below with its file and line."),
        )
    if open_:
        return (
            "unsure",
            "?",
            f"{' and '.join(open_)} could not be judged",
            "Files that do not parse may hold what is asked for.",
        )
    if errors:
        return "bad", "✕", "The new tree is broken", "It imports files that were removed."
    measured = [id for id, outcome in outcomes.items() if outcome == "met"]
    sign, word, _ = CRITERION_WORDS["met"]
    return (
        "ok",
        sign,
        f"{', '.join(measured)} {word}",
        "Nothing of the old chat and nothing of OpenAI's was found in source.",
    )


def _groups(audit: Audit) -> list[RuleHits]:
    return [
        RuleHits(rule=RULES[rule], hits=tuple(hits), tone=TONES[weight], sign=SIGNS[weight])
        for (weight, rule), hits in groupby(audit.hits, key=lambda hit: (hit.weight, hit.rule))
    ]


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
