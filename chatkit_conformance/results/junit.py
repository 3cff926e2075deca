"""junit.xml: a test case for each check, as CI systems read it.

Red is what makes a run red, and nothing else: a failed check, one that passed though the baseline says otherwise, and
under --strict a SHOULD that warned are failures; what could not be tested, a fault of the suite and a run that was cut
are errors. A SHOULD that warned is a case with its words as output and as a property. What does not apply and what the
baseline expects are skipped, with the reason. The verdict is a property of the suite.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from xml.etree import ElementTree

from .describe import describe
from .model import CheckResult, RunResults
from .outcome import Outcome

NAME = "chatkit-conformance"

TAG: Mapping[Outcome, str] = {
    "failed": "failure",
    "unexpected_pass": "failure",
    "untestable": "error",
    "error": "error",
    "not_applicable": "skipped",
    "not_judged": "skipped",
    "expected_failure": "skipped",
}
"""Outcome -> the element that tells it; passed and warned have none."""

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, section 2.2."""


def junit(run: RunResults) -> str:
    """The run as JUnit XML."""
    cases = [_case(result, strict=run.strict) for result in run.results]
    cases += [_trouble("baseline", "failure", f"the entry {id!r} matches no check") for id in run.stale]
    cases += [_trouble("complete", "error", run.stopped or "the run was cut short")] if not run.complete else []
    tags = Counter(child.tag for case in cases for child in case)
    suite = ElementTree.Element(
        "testsuite",
        name=NAME,
        tests=str(len(cases)),
        failures=str(tags["failure"]),
        errors=str(tags["error"]),
        skipped=str(tags["skipped"]),
        time=f"{run.seconds or 0:.3f}",
        timestamp=run.started,
    )
    _properties(suite, {"verdict": run.verdict, "headline": run.headline, **run.verdicts})
    suite.extend(cases)
    root = ElementTree.Element("testsuites", name=NAME)
    root.append(suite)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(result: CheckResult, *, strict: bool) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname=f"{NAME}.{result.area}", name=_fit(result.id), time=f"{result.seconds or 0:.4f}"
    )
    facts = {"outcome": result.outcome, "level": result.level}
    warned = result.outcome == "warned"
    _properties(case, {**facts, "warning": result.said} if warned else facts)
    tag = "failure" if warned and strict else TAG.get(result.outcome)
    if tag:
        element = ElementTree.SubElement(case, tag, type=result.outcome, message=_fit(result.said or result.reason))
        element.text = _fit(describe(result))
    if warned:
        ElementTree.SubElement(case, "system-out").text = _fit(describe(result))
    return case


def _trouble(name: str, tag: str, message: str) -> ElementTree.Element:
    """A case that no check is: what makes the whole run red."""
    case = ElementTree.Element("testcase", classname=NAME, name=name, time="0")
    ElementTree.SubElement(case, tag, type=name, message=_fit(message))
    return case


def _properties(parent: ElementTree.Element, facts: Mapping[str, str]) -> None:
    properties = ElementTree.SubElement(parent, "properties")
    for name, value in facts.items():
        ElementTree.SubElement(properties, "property", name=name, value=_fit(value))


def _fit(text: str) -> str:
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
