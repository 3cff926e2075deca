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

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..target.config_error import ConfigError
from .entry import Entry

KEYS: Mapping[str, tuple[type, str]] = {
    "id": (str, 'id = "stream.incremental"'),
    "reason": (str, 'reason = "why it fails"'),
    "link": (str, 'link = "https://..."'),
    "flaky": (bool, "flaky = true"),
    "when": (dict, 'when = { openai-agents = ">=0.19" }'),
}
"""Every key of an entry: its kind, and what to write."""

EXAMPLE = '[[expected]]\nid = "stream.incremental"\nreason = "why it fails"'

HEAD = """\
# Failures that are known. They still run: one that passes, or an entry that fits no check, fails the run.
# Refresh with: chatkit-conformance baseline update
"""


def read_baseline(path: Path) -> tuple[Entry, ...]:
    """The entries of a file.

    Raises:
        ConfigError: it is missing or malformed. The message has the line, what was there, and what to write.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror or e}. Write it with: chatkit-conformance baseline update") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{path}: not UTF-8 text (byte {e.start}). Save it as UTF-8.") from e
    rows = _rows(_parsed(path, text), path)
    lines = _lines(text, len(rows))
    entries = tuple(_entry(row, path, line, text) for row, line in zip(rows, lines, strict=True))
    seen: dict[str, Entry] = {}
    for entry in entries:
        if not entry.when and (first := seen.setdefault(entry.id, entry)) is not entry:
            raise ConfigError(f"{path}:{entry.line}: {entry.id!r} stands twice, first on line {first.line}. Keep one.")
    return entries


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


def _parsed(path: Path, text: str) -> Any:
    try:
        return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        where = re.search(r"line (\d+)", str(e))
        raise ConfigError(f"{path}{f':{where[1]}' if where else ''}: not TOML: {e}. Write:\n{EXAMPLE}") from e
    except json.JSONDecodeError as e:
        raise ConfigError(f'{path}:{e.lineno}: not JSON: {e.msg}. Write: {{"expected": [{{"id": "..."}}]}}') from e


def _rows(table: Any, path: Path) -> list[Any]:
    if not isinstance(table, dict):
        raise ConfigError(f'{path}:1: a {type(table).__name__}; write an object: {{"expected": [...]}}')
    if more := next((key for key in table if key != "expected"), None):
        raise ConfigError(f"{path}: unknown key {more!r} at the top; it takes only expected. Write:\n{EXAMPLE}")
    rows = table.get("expected", [])
    if not isinstance(rows, list):
        raise ConfigError(
            f"{path}: expected is a {type(rows).__name__}, not a list. Write [[expected]] in two brackets."
        )
    return rows


def _lines(text: str, count: int) -> list[int]:
    """The line on which each entry begins."""
    start = re.compile(r"\s*\[\[\s*expected\s*\]\]")
    found = [n for n, line in enumerate(text.splitlines(), 1) if start.match(line)]
    if len(found) != count:  # JSON, or an inline list: where each id stands
        found = [n for n, line in enumerate(text.splitlines(), 1) for _ in re.findall(r"[\"']?\bid[\"']?\s*[=:]", line)]
    return found if len(found) == count else [0] * count


def _entry(row: Any, path: Path, line: int, text: str) -> Entry:
    def wrong(what: str, write: str, key: str = "") -> ConfigError:
        at = _line_of(key, line, text) if key else line
        return ConfigError(f"{path}{f':{at}' if at else ''}: {what}. Write: {write}")

    if not isinstance(row, dict):
        raise wrong(f"an entry is {row!r}", EXAMPLE)
    for key, value in row.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.5)
            raise wrong(f"unknown key {key!r}", KEYS[near[0]][1] if near else f"one of {', '.join(KEYS)}", key)
        kind, write = KEYS[key]
        if not isinstance(value, kind):
            raise wrong(f"{key} = {value!r} is {type(value).__name__}", write, key)
    for key in ("id", "reason"):
        if not str(row.get(key, "")).strip():
            raise wrong(f"an entry{'' if key == 'id' else ' ' + repr(row['id'])} without {key}", KEYS[key][1])
    for name, wanted in row.get("when", {}).items():
        try:
            SpecifierSet(wanted)
        except (InvalidSpecifier, TypeError, AttributeError):
            raise wrong(f"when {name} = {wanted!r} is no version specifier", KEYS["when"][1], "when") from None
    return Entry(**row, line=line)


def _line_of(key: str, start: int, text: str) -> int:
    pattern = re.compile(rf"[\s{{,]*[\"']?{re.escape(key)}[\"']?\s*[=:]")
    lines = text.splitlines()
    return next((n for n in range(max(start, 1), len(lines) + 1) if pattern.match(lines[n - 1])), start)


def _row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"id": entry.id, "reason": entry.reason}
    row |= {"link": entry.link} if entry.link else {}
    row |= {"flaky": True} if entry.flaky else {}
    return row | ({"when": dict(entry.when)} if entry.when else {})


def _toml(row: Mapping[str, Any]) -> Iterable[str]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield f"{key} = {{ {', '.join(f'{_text(k)} = {_text(v)}' for k, v in value.items())} }}"
        else:
            yield f"{key} = {'true' if value is True else _text(value)}"


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(path: Path) -> str:
    if not path.exists():
        return HEAD
    kept: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            break
        kept.append(line)
    return "\n".join(kept).rstrip() + "\n" if any(kept) else HEAD
