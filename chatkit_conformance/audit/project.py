"""A tree with what its files say: facts of code and of configuration, packages, and which module is which file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .config_reader import kind_of, read_config
from .embedded import scripts_in
from .facts import CodeCall, FileFacts, Import, Text
from .kinds import EMBEDDING, SCRIPTS
from .packages import DeclaredPackage, LockedPackage, declared_in, locked_in
from .python_reader import read_python
from .script_reader import read_script
from .script_tree import GRAMMARS
from .source import SourceFile, SourceTree

PYTHON_SUFFIXES = frozenset({".py", ".pyi", ".pyw"})


@dataclass(frozen=True)
class Project:
    """A tree and its facts, read when they are first asked for.

    Args:
        tree: its files.
    """

    tree: SourceTree
    _facts: dict[str, FileFacts] = field(default_factory=dict)

    def facts(self, file: SourceFile) -> FileFacts:
        """What a file says; nothing for files that no rule reads, minified ones among them."""
        if file.path not in self._facts:
            self._facts[file.path] = FileFacts() if file.left_out == "minified" else _facts_of(file)
        return self._facts[file.path]

    @cached_property
    def code(self) -> tuple[SourceFile, ...]:
        """Files of Python, JavaScript and TypeScript, pages and components with scripts among them."""
        return tuple(self.tree.of(PYTHON_SUFFIXES | SCRIPTS | EMBEDDING))

    @cached_property
    def configuration(self) -> tuple[SourceFile, ...]:
        """Files of configuration."""
        return tuple(file for file in self.tree.files if kind_of(file.name) and file not in self.code)

    @cached_property
    def read(self) -> tuple[tuple[SourceFile, FileFacts], ...]:
        """Every file that is read, with its facts."""
        return tuple((file, self.facts(file)) for file in (*self.code, *self.configuration))

    @cached_property
    def own(self) -> tuple[tuple[SourceFile, FileFacts], ...]:
        """The project's own files that are no tests, with their facts."""
        return tuple((file, facts) for file, facts in self.read if file.own)

    @cached_property
    def declared(self) -> tuple[DeclaredPackage, ...]:
        """The packages that its manifests declare."""
        return tuple(p for file in self.tree.files if not file.left_out for p in declared_in(file))

    @cached_property
    def locked(self) -> tuple[LockedPackage, ...]:
        """The packages of its lock files."""
        return tuple(p for file in self.tree.files if not file.left_out for p in locked_in(file))

    @cached_property
    def python_modules(self) -> frozenset[str]:
        """What files here may be imported as, from any folder: `import channels` may mean one of them."""
        names: set[str] = set()
        for file in self.tree.of(PYTHON_SUFFIXES):
            parts = [p for p in file.path.rpartition(".")[0].split("/") if p != "__init__"]
            for end in range(1, len(parts) + 1):
                names |= {".".join(parts[start:end]) for start in range(end)}
        return frozenset(names)

    def calls(self) -> Iterator[tuple[SourceFile, CodeCall]]:
        """Each call of its own files."""
        return ((file, call) for file, facts in self.own for call in facts.calls)

    def texts(self) -> Iterator[tuple[SourceFile, Text]]:
        """Each text of its own files."""
        return ((file, text) for file, facts in self.own for text in facts.texts)

    def imports(self) -> Iterator[tuple[SourceFile, Import]]:
        """Each import of its own files."""
        return ((file, made) for file, facts in self.own for made in facts.imports)

    def local(self, module: str, file: SourceFile) -> bool:
        """Whether a module is a file of the project."""
        if module.startswith((".", "/", "@/", "~/", "#", "$lib")):
            return True
        return file.suffix in PYTHON_SUFFIXES and module in self.python_modules


def _facts_of(file: SourceFile) -> FileFacts:
    if file.suffix in PYTHON_SUFFIXES:
        return read_python(file.path, file.text)
    if file.suffix in GRAMMARS:
        return read_script(file.path, file.text, GRAMMARS[file.suffix])
    if file.suffix in EMBEDDING:
        return _together(
            read_script(file.path, script.text, script.grammar, script.line) for script in scripts_in(file.text)
        )
    return read_config(file.path, file.text) if kind_of(file.name) else FileFacts()


def _together(parts: Iterable[FileFacts]) -> FileFacts:
    held = tuple(parts)
    return FileFacts(
        imports=tuple(x for p in held for x in p.imports),
        calls=tuple(x for p in held for x in p.calls),
        texts=tuple(x for p in held for x in p.texts),
        types=tuple(x for p in held for x in p.types),
        settings=tuple(x for p in held for x in p.settings),
        values={name: value for p in held for name, value in p.values.items()},
        trouble=next((p.trouble for p in held if p.trouble), ""),
    )
