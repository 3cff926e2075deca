"""What a source file says, in one form for every language: imports, calls, texts, names. Comments are not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .hit import Spot

Use = Literal["value", "compared", "listed", "key"]
"""How a text is used: as a value, held against another, in a list of texts, or as a key of a table."""

CallKind = Literal["call", "new", "decorator", "element"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An argument or the value of a key.

    Args:
        source: as it is written, shortened. literal: the constant, or None. entries: of an object or a dict.
        open: whether an object has parts that are spread in. function: whether it is one, written here or named.
    """

    source: str
    spot: Spot
    literal: str | float | bool | None = None
    constant: bool = False
    entries: Mapping[str, Value] | None = None
    open: bool = False
    function: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import. `module` as written, dots of relative ones with it; `names` are those taken from it."""

    module: str
    names: tuple[str, ...]
    spot: Spot

    @property
    def relative(self) -> bool:
        """Whether it names a file beside this one."""
        return self.module.startswith(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCall:
    """A call, a construction, a decorator or an element of JSX.

    Args:
        path: dotted, with the name that the module gives it. origin: the module of its first name, or "".
        args, named: what is passed; `open` where more is spread in. kind: see CallKind.
    """

    path: str
    spot: Spot
    origin: str = ""
    args: tuple[Value, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)
    open: bool = False
    kind: CallKind = "call"

    @property
    def last(self) -> str:
        """The last name of the path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A constant text in the code, no docstring. `owner`: the names it is given to, from the outside, dotted."""

    value: str
    owner: str
    use: Use
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of the environment: read by code (`value` is None), or given by a file."""

    name: str
    spot: Spot
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line in a file that starts or builds something."""

    line: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """All that one file says. `trouble`: why it could be read only in part, or ""."""

    imports: tuple[Import, ...] = ()
    calls: tuple[CodeCall, ...] = ()
    texts: tuple[Text, ...] = ()
    types: tuple[tuple[str, Spot], ...] = ()
    settings: tuple[Setting, ...] = ()
    commands: tuple[Command, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    trouble: str = ""
