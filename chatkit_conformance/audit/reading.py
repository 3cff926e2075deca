"""Reads a tree from a folder, or from a commit of a git repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ..target.config_error import ConfigError
from .source import MOST_FILES, SourceTree, limit, skipped, tree_of

GIT_S = 60
"""Seconds that git may take."""


def read_tree(name: str, repository: Path) -> SourceTree:
    """The tree that a folder or a git ref names. A folder comes first.

    Args:
        name: a path, or what `git rev-parse` understands: a branch, a tag, a commit, `REF:FOLDER`.
        repository: the folder in which git is asked.

    Raises:
        ConfigError: it names neither, or holds nothing.
    """
    path = Path(name)
    if name and path.is_dir():
        tree = tree_of(name, _folder(path.resolve()))
    elif name and path.exists():
        raise ConfigError(f"{name} is a file: give the folder that holds the source, or a git ref.")
    else:
        tree = tree_of(name, _commit(name, repository))
    if not tree.paths:
        raise ConfigError(f"{name} holds no file that can be judged: give the folder that holds the source.")
    return tree


def _folder(root: Path) -> Iterator[tuple[str, int, bytes | None]]:
    """The files below a folder. Links are not followed: what they lead to is there under its own name, or outside."""
    count = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not skipped(f"{name}/x"))
        for name in sorted(names):
            file = Path(folder, name)
            path = file.relative_to(root).as_posix()
            most = limit(path)
            if not most or file.is_symlink() or not file.is_file():
                continue
            count += 1
            if count > MOST_FILES:
                raise ConfigError(f"{root} holds more than {MOST_FILES:,} files: give the folder of one project.")
            try:
                size = file.stat().st_size
                yield path, size, file.read_bytes() if size <= most else None
            except OSError as e:
                raise ConfigError(f"{file}: {e.strerror or e}. Make it readable, or move it out of the tree.") from e


def _commit(name: str, repository: Path) -> Iterator[tuple[str, int, bytes | None]]:
    """The files of a commit, a tag or a folder in one."""
    _git(repository, "rev-parse", "--git-dir", why=f"{name!r} is no folder, and {repository} is in no git repository")
    why = f"{name!r} is neither a folder nor a git ref of the repository in {repository}"
    tree = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", name, why=why).decode().strip()
    kind = _git(repository, "cat-file", "-t", tree, why=why).decode().strip()
    if kind == "blob":
        raise ConfigError(f"{name} is a file: give a commit, or a folder in one (REF:FOLDER).")
    listed = _git(repository, "ls-tree", "-r", "-l", "-z", "--full-tree", tree, why=why).decode("utf-8", "replace")
    wanted: list[tuple[str, str, int]] = []
    for row in filter(None, listed.split("\0")):
        facts, path = row.split("\t", 1)
        mode, kind, blob, told = facts.split()
        most = limit(path)
        if kind != "blob" or mode == "120000" or not most or skipped(path):
            continue
        if int(told) > most:
            yield path, int(told), None
        else:
            wanted.append((path, blob, int(told)))
    if len(wanted) > MOST_FILES:
        raise ConfigError(f"{name} holds more than {MOST_FILES:,} files: give the folder of one project (REF:FOLDER).")
    asked = "".join(f"{blob}\n" for _, blob, _ in wanted).encode()
    out = _git(repository, "cat-file", "--batch", why=why, stdin=asked)
    at = 0
    for path, _, size in wanted:
        at = out.index(b"\n", at) + 1
        yield path, size, out[at : at + size]
        at += size + 1


def _git(repository: Path, *words: str, why: str, stdin: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *words], input=stdin, capture_output=True, timeout=GIT_S, check=False
        )
    except FileNotFoundError as e:
        raise ConfigError(f"{why}, and git is not installed: give a folder.") from e
    except subprocess.TimeoutExpired as e:
        raise ConfigError(f"git {words[0]} took longer than {GIT_S} s in {repository}: give folders instead.") from e
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ConfigError(f"{why}{': ' + said[-1] if said else ''}. Give a folder, a branch, a tag or a commit.")
    return done.stdout
