"""A file that somebody wrote, TOML or JSON: its table, where in it things stand, and its mistakes in our words.

Loaded only where a file is read, for it needs pydantic.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from gemini_standin.given_file import read_given_text
from gemini_standin.mistake import Mistake, Way, mistakes
from gemini_standin.nesting import TOO_DEEP, read_json
from gemini_standin.toml_text import read_toml

from .config_error import ConfigError
from .toml import toml_key, toml_value

T = TypeVar("T")


def read_as(type_: type[T], path: Path, missing: str = "It is a part of the installation: install it again.") -> T:
    """What a JSON or TOML file holds, as this type. Raises ConfigError."""
    source = TextFile.of(path, missing=missing)
    return source.read(TypeAdapter(type_), source.table("a file as the command writes it"))


_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ASSIGNED = re.compile(rf"\s*({_DOTTED})\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file and its text.

    Args:
        path: its name decides whether it is JSON (`.json`) or TOML. text: what it holds.
        within: the table that is meant, where it is only a part of the file.
        quiet: keys under which credentials may stand: what is there is repeated in no message.
    """

    path: Path
    text: str
    within: Way = ()
    quiet: frozenset[str] = frozenset()

    @classmethod
    def of(cls, path: Path, *, missing: str, within: Way = (), quiet: Iterable[str] = ()) -> TextFile:
        """The file at this path. Raises ConfigError with what to do where it is `missing`, or is not text."""
        try:
            text = read_given_text(path)
        except OSError as e:
            raise ConfigError(f"{path}: {e.strerror or e}. {missing}") from e
        except UnicodeDecodeError as e:
            raise ConfigError(f"{path}: not UTF-8 text (byte {e.start}). Save it as UTF-8.") from e
        return cls(path=path, text=text, within=within, quiet=frozenset(quiet))

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return self.path.suffix == ".json"

    def table(self, example: str) -> Any:
        """The whole of it, parsed. Raises ConfigError, with the line and an example of what to write."""
        try:
            return read_json(self.text) if self.is_json else read_toml(self.text)
        except tomllib.TOMLDecodeError as e:
            where = re.search(r"line (\d+)", str(e))
            raise ConfigError(f"{self.path}{f':{where[1]}' if where else ''}: not TOML: {e}. Write:\n{example}") from e
        except json.JSONDecodeError as e:
            raise ConfigError(f"{self.path}:{e.lineno}: not JSON: {e.msg}. Write: {example}") from e
        except RecursionError:
            raise ConfigError(f"{self.path}: {TOO_DEEP}. Write:\n{example}") from None
        except ValueError as e:
            raise ConfigError(f"{self.path}: {e}. Write:\n{example}") from e

    def read(self, adapter: TypeAdapter[T], table: Any) -> T:
        """What the table says, as the adapter's type. Raises ConfigError, a line for each mistake."""
        try:
            return adapter.validate_python(table)
        except ValidationError as error:
            noun = "an object" if self.is_json else "a table"
            found = sorted(mistakes(error, adapter, noun), key=lambda made: self.line(made.way))
            raise ConfigError("\n".join(map(self._sentence, found))) from None

    def place(self, *way: str | int) -> str:
        """The file's name, and the line on which this stands."""
        line = self.line(way)
        return f"{self.path}:{line}" if line else str(self.path)

    def line(self, way: Way) -> int:
        """The line, from 1, of what stands here, or of what is nearest around it; 0 where that cannot be told."""
        found = _json_places(self.text) if self.is_json else _toml_places(self.text)
        whole = (*self.within, *way)
        fitting = [(len(place), -line) for place, line in found if place == whole[: len(place)]]
        return -max(fitting)[1] if fitting else 0

    def _sentence(self, made: Mistake) -> str:
        if self.quiet.intersection(made.way):
            made = replace(made, value="...")
        sentence = " ".join(filter(None, (f"{self.place(*made.way)}:", self._where(made), made.sentence)))
        key, example = made.key, made.example
        if made.kind == "unknown":
            key = made.near
        elif made.names:
            example = made.near or None
        if example is None:
            return f"{sentence}."
        if self.is_json:
            return f'{sentence}. Write: "{key}": {json.dumps(example, ensure_ascii=False)}'
        return f"{sentence}. Write: {toml_key(key)} = {toml_value(example)}"

    def _where(self, made: Mistake) -> str:
        """`[target] health =`, `[[expected]]`, or for JSON `expected[1].flaky:`."""
        whole = (*self.within, *made.place)
        if self.is_json:
            text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in whole)
            return f"{text.removeprefix('.')}:" if text else ""
        value = made.kind == "wrong" or (made.kind == "unsound" and not isinstance(made.value, dict))
        inner = next((n for n in range(len(whole), 0, -1) if isinstance(whole[n - 1], str)), 0) - 1 if value else None
        tables, key = (whole, ()) if inner is None else (whole[:inner], whole[inner:])
        listed = any(isinstance(part, int) for part in tables)
        name = ".".join(toml_key(part) for part in tables if isinstance(part, str))
        head = (f"[[{name}]]" if listed else f"[{name}]") if name else ""
        after = "".join(f"[{part}]" if isinstance(part, int) else toml_key(part) for part in key)
        return f"{head} {after}{' =' if made.kind == 'wrong' else ':'}".strip() if after else head


def _names(dotted: str) -> Way:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _toml_places(text: str) -> Iterator[tuple[Way, int]]:
    """Every table and key with its line. A line of a long text that looks like a key is taken for one."""
    table: Way = ()
    counts: dict[Way, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = ()
            names = _names(header[2])
            for name in names[:-1]:
                table = (*table, name)
                table = (*table, counts[table]) if table in counts else table
            table = (*table, names[-1])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif assigned := _ASSIGNED.match(line):
            yield (*table, *_names(assigned[1])), number


def _json_places(text: str) -> Iterator[tuple[Way, int]]:
    """Every value with its line. JSON is YAML, whose parser tells them."""
    import yaml  # type: ignore[import-untyped]  # the package has no types

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return
    yield from _node_places(root, ())


def _node_places(node: Any, way: Way) -> Iterator[tuple[Way, int]]:
    import yaml

    yield way, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*way, key.value), key.start_mark.line + 1
            for place, line in _node_places(value, (*way, key.value)):
                if place != (*way, key.value):
                    yield place, line
    elif isinstance(node, yaml.SequenceNode):
        for n, value in enumerate(node.value):
            yield from _node_places(value, (*way, n))
