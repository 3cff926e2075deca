"""What a run left behind, read again: results.json, by the name of the file or of its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .results import SCHEMA


def read_json(path: Path) -> Any:
    """The JSON of a file.

    Raises:
        ValueError: it cannot be read or is not JSON. The message says what to name instead.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    except OSError as e:
        raise ValueError(f"{path}: {e.strerror or e}. Name a file that `chatkit-conformance run` wrote.") from e
    except ValueError as e:
        raise ValueError(f"{path}: not JSON: {e}. Name a file that `chatkit-conformance run` wrote.") from e


def read_results(path: Path) -> dict[str, Any]:
    """results.json as a value. `path`: the file, or the folder that holds it.

    Raises:
        ValueError: there is none, or it is none of this schema.
    """
    if not path.suffix:
        path = path / "results.json"
    value = read_json(path)
    rows = value.get("results") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and {"id", "outcome"} <= set(row) for row in rows):
        raise ValueError(f"{path}: no results of a run in it. Name the results.json that `--out` got.")
    if value.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema {value.get('schema')!r}, and this release reads {SCHEMA}. Run again.")
    return dict(value)
