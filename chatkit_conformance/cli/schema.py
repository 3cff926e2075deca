"""The JSON Schema of a file: of one that people write, so that their editors complete it, and of what a run writes.

  chatkit-conformance schema target > chatkit-target.schema.json
  chatkit-conformance schema results > results.schema.json

Then `#:schema ./chatkit-target.schema.json` in the first line of chatkit-target.toml names it to the editor.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..visible import say

DRAFT = "http://json-schema.org/draft-07/schema#"
"""What editors of TOML read most widely, and nothing newer is needed."""

FILES = ("target", "baseline", "results")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", choices=FILES, help="chatkit-target.toml, chatkit-baseline.toml or results.json")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    say(json.dumps(schema(options.file), indent=2, ensure_ascii=False))
    return 0


def schema(file: str) -> dict[str, Any]:
    """The JSON Schema of one of FILES, made of the form with which it is read."""
    if file == "target":
        from ..target.form import FORM as TARGET

        made = TARGET.json_schema()
    elif file == "results":
        from ..results.model import RunResults

        made = RunResults.model_json_schema(mode="serialization")
    else:
        from ..baseline.form import FORM as BASELINE

        made = BASELINE.json_schema()
    return {"$schema": DRAFT, **_plain(made)}


def _plain(node: Any) -> Any:
    """Without the titles that pydantic makes of names, and without the null of a key that is not given."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _plain(below) for name, below in value.items()} if key in ("properties", "$defs") else _plain(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
