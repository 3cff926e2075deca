"""Reads JavaScript and TypeScript, JSX with them, by their syntax trees."""

from __future__ import annotations

import re
from typing import Any

from .facts import CallKind, CodeCall, FileFacts, Import, Setting, Text, Use
from .hit import Spot
from .names import names
from .script_names import SHORT, ScriptNames
from .script_tree import parser, said, walk

COMPARING = names("script_calls", "comparing")
REPLACING = frozenset({"replace", "replaceAll"})
SAYING = names("script_calls", "saying")
EQUALITY = frozenset({"===", "==", "!==", "!="})
ENVIRONMENTS = ("process.env.", "import.meta.env.", "Deno.env.", "Bun.env.")
DEEPEST = 400
"""Levels of a syntax tree that are followed: far more than anybody writes by hand."""


def read_script(path: str, text: str, grammar: str, first_line: int = 1) -> FileFacts:
    """The facts of a script, which begins in this line of its file."""
    root = parser(grammar).parse(text.encode()).root_node
    reader = _ScriptReader(path, first_line)
    reader.collect(root)
    reader.visit(root, "", "value")
    trouble = ""
    if root.has_error:
        bad = next((n for n in walk(root) if n.type == "ERROR" or n.is_missing), root)
        trouble = f"{path}:{bad.start_point[0] + first_line}: it does not parse as {grammar}"
    return FileFacts(
        imports=tuple(reader.imports),
        calls=tuple(reader.calls),
        texts=tuple(reader.texts),
        types=tuple(reader.types),
        settings=tuple(reader.settings),
        values={name: reader.value(node) for name, node in reader.nodes.items()},
        trouble=trouble,
    )


class _ScriptReader(ScriptNames):
    def __init__(self, path: str, first_line: int) -> None:
        super().__init__(path, first_line)
        self.calls: list[CodeCall] = []
        self.texts: list[Text] = []
        self.types: list[tuple[str, Spot]] = []
        self.settings: list[Setting] = []
        self.depth = 0

    def visit(self, node: Any, owner: str, use: Use) -> None:
        """Take what a node says; `owner` and `use` are of the texts in it."""
        if node.type in ("comment", "import_statement") or self.depth > DEEPEST:
            return
        self.depth += 1
        method = getattr(self, f"on_{node.type}", None)
        if method:
            method(node, owner, use)
        else:
            self.below(node, owner, use)
        self.depth -= 1

    def below(self, node: Any, owner: str, use: Use) -> None:
        """The same for its children."""
        for child in node.named_children:
            self.visit(child, owner, use)

    def on_string(self, node: Any, owner: str, use: Use) -> None:
        if node.parent.type != "export_statement":
            self.texts.append(Text(value=said(node)[1:-1], owner=owner, use=use, spot=self.spot(node)))

    def on_template_string(self, node: Any, owner: str, use: Use) -> None:
        parts = [
            said(c) if c.type == "string_fragment" else "{}" for c in node.named_children if c.type != "escape_sequence"
        ]
        self.texts.append(Text(value="".join(parts), owner=owner, use=use, spot=self.spot(node)))
        for child in node.named_children:
            if child.type == "template_substitution":
                self.below(child, owner, use)

    def on_variable_declarator(self, node: Any, _owner: str, _use: Use) -> None:
        self._annotated(node)
        value = node.child_by_field_name("value")
        if value is not None:
            self.visit(value, said(node.child_by_field_name("name"))[:SHORT], "value")

    def on_assignment_expression(self, node: Any, _owner: str, _use: Use) -> None:
        left = node.child_by_field_name("left")
        self.visit(node.child_by_field_name("right"), said(left).rpartition(".")[2][:SHORT], "value")

    def _annotated(self, node: Any) -> None:
        declared = node.child_by_field_name("type")
        if declared is not None:
            self.visit(declared, "", "key")

    def on_pair(self, node: Any, owner: str, use: Use) -> None:
        key = node.child_by_field_name("key")
        name = said(key).strip("'\"`")
        self.texts.append(Text(value=name, owner=owner, use="key", spot=self.spot(key)))
        self.visit(node.child_by_field_name("value"), f"{owner}.{name}" if owner else name, use)

    def on_array(self, node: Any, owner: str, use: Use) -> None:
        for child in node.named_children:
            listed = child.type in ("string", "template_string") and use == "value"
            self.visit(child, owner, "listed" if listed else use)

    def on_binary_expression(self, node: Any, owner: str, use: Use) -> None:
        sign = said(node.child_by_field_name("operator"))
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if sign == "+" and left.type == "string":
            rest = said(right)[1:-1] if right.type == "string" else "{}"
            self.texts.append(Text(value=said(left)[1:-1] + rest, owner=owner, use=use, spot=self.spot(left)))
            self.visit(right, owner, use)
            return
        for part in (left, right):
            self.visit(part, owner, "compared" if sign in EQUALITY else use)

    def on_ternary_expression(self, node: Any, owner: str, use: Use) -> None:
        self.visit(node.child_by_field_name("condition"), owner, "compared")
        for name in ("consequence", "alternative"):
            self.visit(node.child_by_field_name(name), owner, use)

    def on_switch_case(self, node: Any, owner: str, _use: Use) -> None:
        held = node.child_by_field_name("value")
        for child in node.named_children:
            self.visit(child, owner, "compared" if child == held else "value")

    def on_throw_statement(self, node: Any, owner: str, _use: Use) -> None:
        self.below(node, owner, "compared")

    def on_literal_type(self, node: Any, owner: str, _use: Use) -> None:
        self.below(node, owner, "key")

    def on_type_identifier(self, node: Any, _owner: str, _use: Use) -> None:
        self.types.append((said(node), self.spot(node)))

    def on_member_expression(self, node: Any, owner: str, use: Use) -> None:
        whole = said(node)
        for start in ENVIRONMENTS:
            if whole.startswith(start) and "." not in whole[len(start) :]:
                self.settings.append(Setting(name=whole[len(start) :], spot=self.spot(node)))
        self.visit(node.child_by_field_name("object"), owner, use)

    def on_jsx_attribute(self, node: Any, _owner: str, use: Use) -> None:
        parts = node.named_children
        for part in parts[1:]:
            self.visit(part, said(parts[0]), use)

    def on_jsx_text(self, _node: Any, _owner: str, _use: Use) -> None:
        """Words for people."""

    def on_jsx_element_call(self, node: Any, owner: str, use: Use) -> None:
        path, origin = self.resolved(node.child_by_field_name("name"))
        named = {
            said(a.named_children[0]): self.value(a.named_children[1])
            for a in node.named_children
            if a.type == "jsx_attribute" and len(a.named_children) > 1
        }
        is_open = any(c.type == "jsx_expression" for c in node.named_children)
        self.calls.append(
            CodeCall(path=path, origin=origin, spot=self.spot(node), named=named, open=is_open, kind="element")
        )
        self.below(node, owner, use)

    on_jsx_opening_element = on_jsx_self_closing_element = on_jsx_element_call

    def on_call_expression(self, node: Any, owner: str, _use: Use) -> None:
        self._called(node, owner, "function", "call")

    def on_new_expression(self, node: Any, owner: str, _use: Use) -> None:
        self._called(node, owner, "constructor", "new")

    def on_decorator(self, node: Any, owner: str, _use: Use) -> None:
        inner = node.named_children[0] if node.named_children else None
        if inner is not None and inner.type == "call_expression":
            self._called(inner, owner, "function", "decorator")
        elif inner is not None:
            path, origin = self.resolved(inner)
            self.calls.append(CodeCall(path=path, origin=origin, spot=self.spot(node), kind="decorator"))

    def _called(self, node: Any, owner: str, field: str, kind: CallKind) -> None:
        function, given = node.child_by_field_name(field), node.child_by_field_name("arguments")
        parts = [a for a in given.named_children if a.type != "comment"] if given is not None else []
        path, origin = self.resolved(function)
        if path in ("require", "import") and not origin and parts and parts[0].type == "string":
            self.imports.append(Import(module=said(parts[0])[1:-1], names=(), spot=self.spot(node)))
            return
        if kind == "new" and path.startswith("()") and re.search(r"\bWebSocket\b", said(function)):
            path = "WebSocket"  # new (window.WebSocket || window.MozWebSocket)(url)
        self.calls.append(
            CodeCall(
                path=path,
                origin=origin,
                spot=self.spot(node),
                args=tuple(self.value(p) for p in parts if p.type != "spread_element"),
                open=any(p.type == "spread_element" for p in parts),
                kind=kind,
            )
        )
        types = node.child_by_field_name("type_arguments")
        if types is not None:
            self.visit(types, "", "key")
        if function is not None and function.type != "identifier":
            self.visit(function, owner, "value")
        last = path.rpartition(".")[2]
        use: Use = "compared" if last in COMPARING | SAYING else "value"
        for n, part in enumerate(parts):
            inner = f"{owner}.{path}()" if owner else f"{path}()"
            self.visit(part, inner, "compared" if last in REPLACING and n == 0 else use)
