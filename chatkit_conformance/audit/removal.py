"""How many lines of code are gone from one tree to the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .code_lines import code_lines
from .source import SourceFile, SourceTree

ALIKE = 0.5
"""Share of a file's distinct lines that stand in another one, from which it is the same file, moved: git's measure."""

TELLING = 6
"""Characters from which a line tells something of its file: a bracket is in every file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Lines of code before and after, of one language, folder or tree."""

    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFate:
    """What became of a file of the tree before. `to`: the file in which most of it stands now, or ""."""

    path: str
    lines: int
    fate: str
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The lines removed.

    Args:
        gone, new: lines of code that only one tree has. hidden: of those that are gone, how many only went to files
            that are not counted. languages, folders: counts by name. files: of those that are gone or moved, the
            largest first. uncounted: files left out of both counts, by reason.
    """

    before: int
    after: int
    gone: int
    new: int
    hidden: int
    languages: Mapping[str, Count]
    folders: Mapping[str, Count]
    files: tuple[FileFate, ...]
    uncounted: Mapping[str, Count]

    @property
    def fewer(self) -> int:
        """Lines of code that there are fewer."""
        return self.gone - self.new - self.hidden


def removal(before: SourceTree, after: SourceTree) -> Removal:
    """Measure both trees with the one ruler."""
    old, new = _counted(before), _counted(after)
    old_lines, new_lines = _all(old), _all(new)
    gone, added = old_lines - new_lines, new_lines - old_lines
    elsewhere = {file.path: _telling(file.text.split("\n")) for file in after.files if not _counts(file)}
    fates, hidden = [], 0
    after_telling = {path: _telling(lines) for path, lines in new.items()}
    for path, lines in old.items():
        if path in new:
            continue
        own = _telling(lines)
        to = _best(own, after_telling)
        aside = "" if to else _best(own, elsewhere)
        if aside:
            hidden += _kept_aside(lines, gone, elsewhere[aside])
        fate = "moved" if to else "moved out of the count" if aside else "removed"
        fates.append(FileFate(path=path, lines=len(lines), fate=fate, to=to or aside))
    return Removal(
        before=old_lines.total(),
        after=new_lines.total(),
        gone=gone.total(),
        new=added.total(),
        hidden=hidden,
        languages=_by(old, new, lambda file: file.language.name if file.language else "", before, after),
        folders=_by(old, new, lambda file: _folder(file.path), before, after),
        files=tuple(sorted(fates, key=lambda f: (-f.lines, f.path))),
        uncounted=_uncounted(before, after),
    )


def _counts(file: SourceFile) -> bool:
    return file.language is not None and file.own


def _counted(tree: SourceTree) -> dict[str, list[str]]:
    return {file.path: code_lines(file) for file in tree.files if _counts(file)}


def _all(lines: Mapping[str, list[str]]) -> Counter[str]:
    return Counter(line for held in lines.values() for line in held)


def _telling(lines: Iterable[str]) -> frozenset[str]:
    """The lines by which a file is known; a comment mark at their beginning makes no difference."""
    bare = (" ".join(line.split()).lstrip("#/* ") for line in lines)
    return frozenset(line for line in bare if len(line) >= TELLING)


def _best(own: frozenset[str], others: Mapping[str, frozenset[str]]) -> str:
    """The file that holds the largest part of these lines, if it is large enough."""
    if not own:
        return ""
    shared = {path: len(own & lines) for path, lines in others.items()}
    best = max(shared, key=lambda path: (shared[path], path), default="")
    return best if best and shared[best] >= ALIKE * len(own) else ""


def _kept_aside(lines: list[str], gone: Counter[str], aside: frozenset[str]) -> int:
    """How many of a file's lines are gone from the count, and stand in the uncounted file."""
    return sum(1 for line in lines if gone[line] and (line.lstrip("#/* ") in aside or len(line) < TELLING))


def _folder(path: str) -> str:
    folders = path.split("/")[:-1]
    return "/".join(folders[:2]) or "."


def _by(
    old: Mapping[str, list[str]],
    new: Mapping[str, list[str]],
    key: Callable[[SourceFile], str],
    before: SourceTree,
    after: SourceTree,
) -> Mapping[str, Count]:
    held: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for at, lines, tree in ((0, old, before), (1, new, after)):
        for path, kept in lines.items():
            held[key(tree.by_path[path])][at] += len(kept)
    return {name: Count(before=b, after=a) for name, (b, a) in sorted(held.items())}


def _uncounted(before: SourceTree, after: SourceTree) -> Mapping[str, Count]:
    def reasons(tree: SourceTree) -> Counter[str]:
        files = (file for file in tree.files if file.language is not None and not file.own)
        return Counter(file.left_out or "tests" for file in files)

    old, new = reasons(before), reasons(after)
    return {name: Count(before=old[name], after=new[name]) for name in sorted({*old, *new})}
