"""The ruler: which lines of a file are lines of code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator

from .kinds import PYTHON, Language
from .script_tree import GRAMMARS, comment_spans
from .source import SourceFile

NOT_CODE = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)

RULER = (
    "Lines that hold more than comments and docstrings, in the project's own code of every language; tests, generated, "
    "vendored and minified files, configuration, lock files and prose are left out. Lines of both trees, in whichever "
    "file, cancel out: what was renamed or moved is not removed, nor is what went to a file that is left out. "
    "Fewer = gone minus new."
)
"""The rule in words: it stands beside every figure that it made."""


def code_lines(file: SourceFile) -> list[str]:
    """The file's lines of code, their white space made even; what stands twice is there twice."""
    language = file.language
    if language is None:
        return []
    lines = file.text.split("\n")
    if language is PYTHON:
        kept = _python(file.text)
        return [_even(lines[n - 1]) for n in sorted(kept) if n <= len(lines) and lines[n - 1].strip()]
    bare = _without_comments(file, language)
    return [even for line in bare.split("\n") if (even := _even(line)) and even != "{}"]


def _even(line: str) -> str:
    return re.sub(r"\s+", " ", line.strip())


def _python(text: str) -> set[int]:
    kept: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in NOT_CODE:
                kept |= {*range(token.start[0], token.end[0] + 1)}
        return kept - {*_docstrings(text)}
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError, MemoryError):
        lines = enumerate(text.split("\n"), 1)
        return {n for n, line in lines if line.strip() and not line.lstrip().startswith("#")}


def _docstrings(text: str) -> Iterator[int]:
    """The lines of texts that are statements: docstrings, and texts that stand for comments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _without_comments(file: SourceFile, language: Language) -> str:
    if file.suffix in GRAMMARS:
        raw = bytearray(file.text.encode())
        for start, end in comment_spans(file.text, GRAMMARS[file.suffix]):
            raw[start:end] = re.sub(rb"[^\n]", b" ", bytes(raw[start:end]))
        return raw.decode("utf-8", "replace")
    text = file.text
    for opening, closing in language.block:
        text = re.sub(
            f"{re.escape(opening)}.*?{re.escape(closing)}", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL
        )
    return "\n".join(
        "" if language.line and line.lstrip().startswith(language.line) else line for line in text.split("\n")
    )
