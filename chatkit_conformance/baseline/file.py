"""A baseline's file, TOML or JSON: one `[[expected]]` table for each entry.

    [[expected]]
    id = "stream.incremental"
    reason = "The proxy in front buffers."
    link = "https://example.com/issues/7"
    flaky = false
    when = { openai-agents = "<0.20" }

JSON is `{"expected": [{"id": ..., "reason": ...}]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gemini_standin.given_file import read_given_text

from ..target.config_error import ConfigError
from ..target.toml import toml_key, toml_value
from .entry import Entry

EXAMPLE = '[[expected]]\nid = "stream.incremental"\nreason = "why it fails"'

HEAD = """\
# Known failures. They still run: one that passes, or an entry that matches no check, fails the run.
# Refresh with: chatkit-conformance baseline update
"""


def read_baseline(path: Path) -> tuple[Entry, ...]:
    """The entries of a file.

    Raises:
        ConfigError: it is missing or malformed. The message has the line, what was there, and what to write.
    """
    from ..target.text_file import TextFile
    from .form import FORM

    source = TextFile.of(path, missing="Write it with: chatkit-conformance baseline update")
    read = source.read(FORM, source.table('{"expected": [{"id": "..."}]}' if source.is_json else EXAMPLE))
    entries = [Entry(**row.model_dump(), line=source.line(("expected", n))) for n, row in enumerate(read.expected)]
    seen: dict[str, Entry] = {}
    for entry in entries:
        if not entry.when and (first := seen.setdefault(entry.id, entry)) is not entry:
            raise ConfigError(f"{path}:{entry.line}: {entry.id!r} is there twice, also on line {first.line}. Keep one.")
    return tuple(entries)


def write_baseline(path: Path, entries: Iterable[Entry]) -> None:
    """Write a file, TOML or by its name JSON. Comments above the first entry of an earlier file are kept."""
    if path.suffix == ".json":
        text = json.dumps({"expected": [_row(entry) for entry in entries]}, indent=1, ensure_ascii=False) + "\n"
    else:
        tables = ["\n".join(["[[expected]]", *_toml(_row(entry))]) for entry in entries]
        text = "\n".join([_head(path), *(table + "\n" for table in tables)])
    half = path.with_name(path.name + ".part")
    half.write_text(text, encoding="utf-8", errors="replace")
    half.replace(path)


def _row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"id": entry.id, "reason": entry.reason}
    row |= {"link": entry.link} if entry.link else {}
    row |= {"flaky": True} if entry.flaky else {}
    return row | ({"when": dict(entry.when)} if entry.when else {})


def _toml(row: Mapping[str, Any]) -> list[str]:
    return [f"{toml_key(key)} = {toml_value(value)}" for key, value in row.items()]


def _head(path: Path) -> str:
    if not path.exists():
        return HEAD
    kept: list[str] = []
    for line in read_given_text(path).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            break
        kept.append(line)
    return "\n".join(kept).rstrip() + "\n" if any(kept) else HEAD
