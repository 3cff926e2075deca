"""What a run left behind, read again: results.json, by the name of the file or of its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gemini_standin.given_file import MOST_RESULTS, read_given_text

from ..check import Level
from .model import SCHEMA, RunResults, Selected


def read_json(path: Path) -> Any:
    """The JSON of a file.

    Raises:
        ValueError: it cannot be read or is not JSON. The message says what to name instead.
    """
    try:
        return json.loads(read_given_text(path, MOST_RESULTS, "surrogatepass"))
    except OSError as e:
        raise ValueError(f"{path}: {e.strerror or e}. Name a file that `chatkit-conformance run` wrote.") from e
    except (ValueError, RecursionError) as e:
        raise ValueError(f"{path}: not JSON: {e}. Name a file that `chatkit-conformance run` wrote.") from e


def read_results(path: Path) -> RunResults:
    """The results of a run. `path`: results.json, or the folder that holds it.

    Raises:
        ValueError: there is none, or it is none of this schema. The message names the value that is wrong.
    """
    if not path.suffix:
        path = path / "results.json"
    value = read_json(path)
    if not isinstance(value, dict) or not isinstance(value.get("results"), list):
        raise ValueError(f"{path}: no results of a run in it. Name the results.json that `--out` got.")
    if value.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema {value.get('schema')!r}, and this release reads {SCHEMA}. Run again.")
    try:
        run = RunResults.model_validate(value)
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path}: {where} is {first['input']!r:.80}: {first['msg']}. Run again.") from e
    return run if run.selection else run.model_copy(update={"selection": _selection(run)})


def _selection(run: RunResults) -> dict[Level, Selected]:
    """What was asked for, of a file that does not say: everything, where every level was judged whole."""
    if not run.levels or any(level.selected < level.of for level in run.levels.values()):
        return {}
    counts: dict[Level, int] = {"MUST": 0, "SHOULD": 0, "MAY": 0}
    for row in run.results:
        counts[row.level] += 1
    return {level: Selected(selected=count, of=count) for level, count in counts.items()}
