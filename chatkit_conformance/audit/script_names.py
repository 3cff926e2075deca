"""What names stand for in a script, and its expressions as values."""

from __future__ import annotations

from typing import Any

from .facts import Import, Value
from .hit import Spot
from .script_tree import said, walk

FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_expression",
        "function_declaration",
        "method_definition",
        "function",
        "generator_function",
    }
)
SHORT = 120
"""Characters of a source excerpt."""

NAMES = frozenset({"identifier", "member_expression"})

DEEPEST_VALUE = 4
"""How many names are followed from one value to the next."""


class ScriptNames:
    """The names of one script.

    Args:
        path: the file. first_line: the line of the file in which the script begins.
    """

    def __init__(self, path: str, first_line: int) -> None:
        self.path, self.first = path, first_line
        self.imports: list[Import] = []
        self.known: dict[str, tuple[str, str]] = {}
        self.nodes: dict[str, Any] = {}

    def spot(self, node: Any) -> Spot:
        """Where a node begins."""
        row, column = node.start_point
        return Spot(path=self.path, line=row + self.first, column=column + 1)

    def collect(self, root: Any) -> None:
        """Take imports, and what constants and functions of this file are called."""
        for node in walk(root):
            if node.type in ("import_statement", "export_statement"):
                self._import(node)
                exported = node.child_by_field_name("value")
                if exported is not None:
                    self.nodes.setdefault("default", exported)
            elif node.type == "assignment_expression" and said(node.child_by_field_name("left")) == "module.exports":
                self.nodes.setdefault("default", node.child_by_field_name("right"))
            elif node.type == "variable_declarator":
                self._declared(node)
            elif node.type in ("function_declaration", "class_declaration", "generator_function_declaration"):
                self.nodes.setdefault(said(node.child_by_field_name("name")), node)

    def _import(self, node: Any) -> None:
        source = node.child_by_field_name("source")
        if source is None:
            return
        module, names = said(source)[1:-1], []
        for part in walk(node):
            if part.type in ("import_specifier", "export_specifier"):
                name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
                names.append(said(name))
                self.known[said(alias or name)] = (module, said(name))
            elif part.type == "namespace_import":
                self.known[said(part.children[-1])] = (module, "")
            elif part.type == "identifier" and part.parent.type == "import_clause":
                self.known[said(part)] = (module, "default")
        self.imports.append(Import(module=module, names=tuple(names), spot=self.spot(node)))

    def _declared(self, node: Any) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        while value is not None and value.type in ("await_expression", "as_expression", "satisfies_expression"):
            value = next((c for c in value.named_children), None)
        if value is None:
            return
        if name.type == "identifier":
            self.nodes.setdefault(said(name), value)
        if name.type == "identifier" and said(value).rpartition(".")[2] == "WebSocket" and value.type in NAMES:
            self.known[said(name)] = ("", "WebSocket")
        module = self._loaded(value)
        if module and name.type == "identifier":
            self.known[said(name)] = (module, "")
        elif module and name.type == "object_pattern":
            for part in name.named_children:
                if part.type == "shorthand_property_identifier_pattern":
                    self.known[said(part)] = (module, said(part))
                elif part.type == "pair_pattern":
                    self.known[said(part.child_by_field_name("value"))] = (
                        module,
                        said(part.child_by_field_name("key")),
                    )

    def _loaded(self, node: Any) -> str:
        """The module of `require("x")` and `import("x")`, `require("x").y` with them."""
        while node.type == "member_expression":
            node = node.child_by_field_name("object")
        if node.type != "call_expression":
            return ""
        function = node.child_by_field_name("function")
        given = node.child_by_field_name("arguments")
        first = next((a for a in given.named_children if a.type == "string"), None) if given is not None else None
        return said(first)[1:-1] if first is not None and said(function) in ("require", "import") else ""

    def resolved(self, node: Any) -> tuple[str, str]:
        """The dotted path of an expression, with the names that its module gives, and that module."""
        names: list[str] = []
        while node is not None and node.type in ("member_expression", "nested_identifier"):
            names.append(said(node.child_by_field_name("property")) or said(node.named_children[-1]))
            node = node.child_by_field_name("object") or node.named_children[0]
        if node is None:
            return "", ""
        if node.type in ("this", "super", "import"):
            return ".".join([node.type, *reversed(names)]), ""
        if node.type not in ("identifier", "property_identifier", "jsx_identifier"):
            return ".".join(["()", *reversed(names)]), ""
        module, real = self.known.get(said(node), ("", said(node)))
        path = [*([real] if real else []), *reversed(names)]
        return ".".join(path) or said(node), module

    def value(self, node: Any, depth: int = 0) -> Value:
        """An expression as a value; the names of this file's own constants are followed."""
        while node.type in ("as_expression", "satisfies_expression", "parenthesized_expression", "jsx_expression"):
            inner = next((c for c in node.named_children if c.type != "comment"), None)
            if inner is None:
                break
            node = inner
        source, spot = said(node)[:SHORT], self.spot(node)
        if node.type == "string":
            return Value(source=source, spot=spot, literal=said(node)[1:-1], constant=True)
        if node.type in ("true", "false", "null", "undefined"):
            return Value(source=source, spot=spot, literal={"true": True, "false": False}.get(node.type), constant=True)
        if node.type == "object":
            return self._object(node, source, spot, depth)
        if node.type in FUNCTIONS:
            return Value(source=said(node), spot=spot, function=True)
        if node.type == "identifier" and said(node) in self.nodes and depth < DEEPEST_VALUE:
            return self.value(self.nodes[said(node)], depth + 1)
        if node.type == "call_expression" and depth < DEEPEST_VALUE:
            path, _ = self.resolved(node.child_by_field_name("function"))
            parts = node.child_by_field_name("arguments").named_children
            if path.rpartition(".")[2] in ("useMemo", "useCallback", "computed", "reactive", "ref") and parts:
                return self._returned(parts[0], depth)
        return Value(source=source, spot=spot)

    def _returned(self, node: Any, depth: int) -> Value:
        """What `useMemo(() => ({...}))` gives; a function stays one."""
        if node.type == "arrow_function":
            body = node.child_by_field_name("body")
            if body is not None and body.type == "parenthesized_expression":
                return self.value(body, depth + 1)
        return self.value(node, depth + 1)

    def _object(self, node: Any, source: str, spot: Spot, depth: int) -> Value:
        entries: dict[str, Value] = {}
        is_open = False
        for part in node.named_children:
            if part.type == "pair":
                key = part.child_by_field_name("key")
                is_open = is_open or key.type == "computed_property_name"
                entries[said(key).strip("'\"`")] = self.value(part.child_by_field_name("value"), depth + 1)
            elif part.type == "shorthand_property_identifier":
                held = self.nodes.get(said(part))
                entries[said(part)] = (
                    self.value(held, depth + 1)
                    if held is not None and depth < DEEPEST_VALUE
                    else Value(source=said(part), spot=self.spot(part))
                )
            elif part.type == "method_definition":
                entries[said(part.child_by_field_name("name"))] = Value(
                    source=said(part), spot=self.spot(part), function=True
                )
            elif part.type == "spread_element":
                is_open = True
        return Value(source=source, spot=spot, entries=entries, open=is_open)
