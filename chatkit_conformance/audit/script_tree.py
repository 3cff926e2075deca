"""The syntax trees of JavaScript and TypeScript, by tree-sitter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..target.config_error import ConfigError

GRAMMARS: Mapping[str, str] = {
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
}
"""Which grammar reads which suffix."""

MISSING = (
    "JavaScript and TypeScript are read with tree-sitter, which is not installed: "
    'pip install "chatkit-conformance[audit]"'
)


@cache
def parser(grammar: str) -> Any:
    """The parser of a grammar. Raises ConfigError where tree-sitter is not installed."""
    try:
        import tree_sitter
        import tree_sitter_javascript
        import tree_sitter_typescript
    except ImportError as e:
        raise ConfigError(MISSING) from e
    made = {
        "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
    }[grammar]
    return tree_sitter.Parser(tree_sitter.Language(made()))


def comment_spans(text: str, grammar: str) -> list[tuple[int, int]]:
    """Where comments are, as byte offsets."""
    root = parser(grammar).parse(text.encode()).root_node
    return [(n.start_byte, n.end_byte) for n in walk(root) if n.type in ("comment", "html_comment", "hash_bang_line")]


def walk(root: Any) -> Iterator[Any]:
    """Every node, from the outside in, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def said(node: Any) -> str:
    """The text of a node; "" where there is none."""
    return str(node.text.decode("utf-8", "replace")) if node is not None and node.text is not None else ""
