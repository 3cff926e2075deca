"""What changed in Gemini's wire: keys, order, ids, index, finish reasons, usage, headers, errors, models.

  chatkit-conformance drift answer.sse error.json     recorded answers, or cassettes (.yaml)
  chatkit-conformance drift --url http://127.0.0.1:8001/v1beta/openai/
  chatkit-conformance drift --live                    Google's endpoint, with GEMINI_API_KEY: six requests
  chatkit-conformance drift --live --propose          writes models.patch, too: what changes about our models.json

Each change names the checks and the compat modules that depend on it. Exit code 1 where anything changed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemini_standin.models import DEFAULT, notice

from ..visible import complain, say
from . import WRONG_USAGE

if TYPE_CHECKING:
    from ..drift.compare import ShapeChange
    from ..drift.probe import Answer

REQUESTS = 6


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help="recorded answers: .sse, .json, or cassettes: .yaml")
    add("--url", help="base URL of an endpoint to probe; the key is GEMINI_API_KEY, if it is set")
    add("--live", action="store_true", help="probe Google's endpoint (or GEMINI_BASE_URL); needs GEMINI_API_KEY")
    add("--model", default=os.environ.get("GEMINI_MODEL", DEFAULT), help="the model to probe (%(default)s)")
    add("--profile", help="compare with this profile; default: the model's, or the nearest for files")
    add(
        "--cassettes",
        metavar="DIR",
        type=Path,
        default=Path("cassettes"),
        help="compare with these, too, if they exist",
    )
    add("--as-of", "--today", metavar="DATE", type=date.fromisoformat, help="the day for retirements (default: today)")
    add("--json", action="store_true", help="print JSON")
    add(
        "--propose",
        nargs="?",
        const=Path("models.patch"),
        metavar="FILE",
        type=Path,
        help="write what changes about the table of models, as a patch for `git apply` (default models.patch)",
    )


def run(options: argparse.Namespace) -> int:
    """Compare; returns 0 where nothing changed, 1 where something did, 2 for wrong usage, 3 where nobody answers."""
    from ..drift.compare import fact_list
    from ..drift.probe import GOOGLE, Unanswered, ask_all

    key = os.environ.get("GEMINI_API_KEY", "").strip()
    if sum((bool(options.files), bool(options.url), options.live)) != 1:
        return _wrong("give recorded FILES, or --url URL, or --live")
    if options.live and not key:
        return _wrong("GEMINI_API_KEY is not set: export it to probe Gemini, or give recorded files or --url.")
    if options.profile and options.profile not in fact_list().profiles:
        return _wrong(f"no profile {options.profile!r}; there are: {', '.join(fact_list().profiles)}")
    try:
        if options.files:
            answers = dict(pair for path in options.files for pair in _read(path))
        else:
            url = options.url or os.environ.get("GEMINI_BASE_URL", GOOGLE)
            complain(f"budget: {REQUESTS} requests to {url}")
            answers = asyncio.run(ask_all(url, key or "any", options.model))
    except (OSError, ValueError, KeyError) as why:
        return _wrong(f"{type(why).__name__}: {why}")
    except Unanswered as why:
        complain(f"chatkit-conformance drift: {why}")
        return 3
    return _compare(options, answers)


def _compare(options: argparse.Namespace, answers: dict[str, Answer]) -> int:
    from ..drift.against import recorded_shape
    from ..drift.compare import changes, nearest_profile, profile, profile_for
    from ..drift.models import listed_changes
    from ..drift.report import Report, as_json, as_text
    from ..drift.shape import shape_of

    shapes = {n: shape_of(a.text, status=a.status, headers=a.headers) for n, a in answers.items()}
    name = options.profile or (nearest_profile(shapes) if options.files else profile_for(options.model))
    today = options.as_of or datetime.now(UTC).date()
    found = changes(shapes, profile(name), name)
    known = {(change.answer, change.fact) for change in found}
    found += _others(changes(shapes, recorded_shape(options.cassettes, name, origin="live"), "cassettes"), known)
    notes = _others(changes(shapes, recorded_shape(options.cassettes, name, origin="stand-in"), "cassettes"), known)
    report = Report(
        source=options.url or (", ".join(map(str, options.files)) if options.files else "Gemini"),
        profile=name,
        answers=len(shapes),
        facts=sum(map(len, shapes.values())),
        changes=tuple(found),
        notes=tuple(notes),
        models=tuple(listed_changes(listed, today)) if (listed := _listed(answers)) else (),
        warnings=tuple(line for model in _models(answers, options) if (line := notice(model, today))),
    )
    say(as_json(report) if options.json else as_text(report))
    if options.propose and not _propose(options, answers, today, nearest_profile(shapes)):
        return WRONG_USAGE
    return 1 if report.drifted else 0


def _propose(options: argparse.Namespace, answers: dict[str, Answer], today: date, nearest: str) -> bool:
    """Write the patch of the table of models, where there is one; whether it could be written."""
    from ..drift.compare import profile_for
    from ..drift.propose import TABLE, patch, proposed

    before = TABLE.read_text(encoding="utf-8")
    model = options.model.removeprefix("models/")
    seen = {} if options.files or nearest == profile_for(model) else {model: nearest}
    text = patch(before, proposed(before, _rows_of(answers), today, seen))
    if not text:
        complain("chatkit-conformance drift: nothing to propose: the table of models is as the answers have it.")
        return True
    try:
        options.propose.write_text(text, encoding="utf-8")
    except OSError as why:
        _wrong(f"--propose {options.propose}: {why.strerror}; name a file that can be written.")
        return False
    complain(f"chatkit-conformance drift: wrote {options.propose}; look it through, then: git apply {options.propose}")
    return True


def _others(found: list[ShapeChange], known: set[tuple[str, str]]) -> list[ShapeChange]:
    """The changes that were not told yet."""
    return [change for change in found if (change.answer, change.fact) not in known]


def _read(path: Path) -> Iterator[tuple[str, Answer]]:
    from ..cassette import tape
    from ..drift.probe import Answer

    if path.suffix != ".yaml":
        text = path.read_text(encoding="utf-8")
        yield path.name, Answer(status=_status(text), text=text)
        return
    for n, call in enumerate(tape.read(path), 1):
        if call.ended == "whole":
            headers = {k: ", ".join(v) for k, v in call.response_headers.items()}
            yield f"{path.stem}, call {n}", Answer(status=call.status, text=call.text, headers=headers)


def _status(text: str) -> int:
    """The status that an answer in a file must have had: an error tells it itself."""
    import json

    try:
        value = json.loads(text)
        value = value[0] if isinstance(value, list) else value
        return int(value["error"]["code"])
    except (ValueError, KeyError, IndexError, TypeError):
        return 200


def _listed(answers: dict[str, Answer]) -> list[str]:
    return [str(row.get("id", "")) for row in _rows_of(answers)]


def _rows_of(answers: dict[str, Answer]) -> list[dict[str, Any]]:
    """The rows of the model list among the answers: the probe's, or a file that is one."""
    import json

    for answer in answers.values():
        try:
            rows = json.loads(answer.text)["data"]
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(rows, list):
            return [row for row in rows if isinstance(row, dict)]
    return []


def _models(answers: dict[str, Answer], options: argparse.Namespace) -> list[str]:
    """The models to warn of: the one that is asked, those that answered, and those of ours that are listed."""
    import re

    said = [m for a in answers.values() for m in re.findall(r'"model": ?"(?:models/)?([^"]+)"', a.text)]
    listed = [name.removeprefix("models/") for name in _listed(answers)]
    return list(dict.fromkeys([*([] if options.files else [options.model]), *said, *listed]))


def _wrong(why: str) -> int:
    complain(f"chatkit-conformance drift: {why}")
    return WRONG_USAGE
