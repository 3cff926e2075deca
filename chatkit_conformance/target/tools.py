"""Which of the server's tools does what, and how its arguments are called.

The server declares its tools to the model, so the stand-in sees names and schemas. A role is given to a tool by the
target file, else by the words in its name; facts (id, title, ...) are given to arguments by the words in theirs.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ..check import Untestable
from ..script import call
from .argument_schema import GIVING, nullable, object_in, options_of, resolved
from .config_error import ConfigError
from .fitting import DoesNotFitError, fitted
from .plausible import plausible_number, plausible_text
from .target import ROLES, SHOWS
from .vocabulary import ARGUMENTS, BULK, NEW, STRENGTH, VERBS, singular, verb_of, words

SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "client_tools": ("browser", "client"),
    "structured_input": ("ask", "question", "questions"),
    "annotations": ("cite", "sources"),
    "generated_images": ("draw", "image", "picture"),
    "thread_status": ("lock",),
    "streaming_widgets": ("widget",),
}
"""Words of a tool's name that tell the capability which it brings about."""

HANDOFF = "transfer_to_"
HANDS_OVER = "handoff"
"""How the Agents SDK begins the name of the tool by which one agent hands over to another, and a word that it describes
it with: `transfer_to_human`, which anybody may call a tool of theirs, is none by its name alone."""

FIRST = ("id", "ids", "new_title", "title")
"""Facts that choose their argument before others do. An old title is told only where no id names the task."""

SENT_AS_THEY_ARE = (*FIRST, "confirm")
"""Facts that are sent though a schema may have no room for them: an unknown id, what is no confirmation."""

NEVER = ("reason", "user", "user_id", "email", "language", "locale", "limit", "format", "comment", "list", "list_id")
"""Names of arguments that hold neither an id nor a title of a task."""

CHANGES = ("update", "complete", "delete")
"""Roles of tools that are told which task."""

NEEDED = (("id", "title"), ("ids",), ("new_title",))
"""Of each group that a call has facts of, one must find an argument, or the tool cannot be tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool that the server declares.

    Args:
        name: as the server calls it. schema: the JSON Schema of its arguments. description: as the model reads it.
        fixed: values of arguments, by name, where the server's owner said what to send.
        called: what the other tools call a fact, where they tell. refuses: why it cannot be called, or "".
    """

    name: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    called: Mapping[str, str] = field(default_factory=dict)
    refuses: str = ""


def declared_tools(functions: Iterable[Mapping[str, Any]]) -> tuple[Tool, ...]:
    """The tools in the function objects of a request, each name once."""
    found: dict[str, Tool] = {}
    for function in functions:
        name = function.get("name")
        schema = function.get("parameters")
        if isinstance(name, str) and name:
            schema = schema if isinstance(schema, dict) else {}
            found.setdefault(name, Tool(name=name, schema=schema, description=str(function.get("description") or "")))
    return tuple(found.values())


def map_roles(
    tools: Iterable[Tool], named: Mapping[str, str], fixed: Mapping[str, Any] | None = None
) -> dict[str, Tool]:
    """The tool of each role, and of each capability that a tool brings about.

    Args:
        tools: what the server declares. named: the target file's names, which win; "" where it says there is none.
        fixed: the target file's values of arguments, by the argument's name.

    Raises:
        ConfigError: the target file names a tool that the server does not declare.
    """
    by_name = {tool.name: replace(tool, fixed=fixed or {}) for tool in tools}
    roles: dict[str, Tool] = {}
    for role, name in named.items():
        if name and name not in by_name:
            raise ConfigError(f"[tools] {role} = {name!r}, but the server declares {', '.join(by_name) or 'no tools'}.")
        if name:
            roles[role] = by_name[name]
    ours = _common_noun(by_name.values())
    for role in ROLES:
        taken = {tool.name for tool in roles.values()}
        fitting = [(score, t.name) for t in by_name.values() if t.name not in taken and (score := _fit(role, t, ours))]
        if role not in roles and role not in named and fitting:
            roles[role] = by_name[min(fitting, key=lambda pair: (-pair[0], len(pair[1]), pair[1]))[1]]
    for role, tool in _by_description(by_name.values(), ours).items():
        if role not in named and tool.name not in {taken.name for taken in roles.values()}:
            roles.setdefault(role, tool)
    for shown in SHOWS:
        free = by_name.keys() - {tool.name for tool in roles.values()}
        telling = [name for name in sorted(free) if _tells(by_name[name], shown)]
        if shown not in roles and shown not in named and telling:
            roles[shown] = by_name[telling[0]]
    if "widgets" in roles and roles["widgets"].name in {tool.name for role, tool in roles.items() if role != "widgets"}:
        del roles["widgets"]  # it draws what it does, and is not called once more for that
    called = _called(roles)
    return {role: replace(tool, called=called) if role in CHANGES else tool for role, tool in roles.items()}


def _called(roles: Mapping[str, Tool]) -> dict[str, str]:
    """What the tools call a task by, the only argument without which one is not deleted or completed; and its title."""
    needed = (list(required_arguments(roles[role])) for role in ("delete", "complete") if role in roles)
    handle = next((names[0] for names in needed if len(names) == 1 and not _reserved(names[0])), "")
    return {fact: name for fact, name in (("id", handle), ("new_title", _title_of(roles))) if name}


def _title_of(roles: Mapping[str, Tool]) -> str:
    """The argument that holds the title of a task that is made, at any depth, or ""."""
    if "create" not in roles:
        return ""
    try:
        made = [call_of(roles["create"], {"title": _TITLE})["arguments"]]
    except Untestable:
        return ""
    while made:
        for name, value in (row := made.pop()).items():
            if value in (_TITLE, [_TITLE]):
                return str(name)
        made += [value for value in row.values() if isinstance(value, dict)]
    return ""


_TITLE = "a title that nobody gives"


def _tells(tool: Tool, shown: str) -> bool:
    """Whether a tool's name tells that it brings this capability about; what only its owner can know is not guessed."""
    if shown == "handoffs":
        # As the Agents SDK calls them; a tool that takes something to transfer is no handoff.
        named = tool.name.startswith(HANDOFF) and HANDS_OVER in tool.description.lower()
        return named and not tool.schema.get("properties")
    return bool(set(words(tool.name)).intersection(SHOWN_BY.get(shown, ())))


def call_of(tool: Tool, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A call of the tool for `script.calls`, its arguments named as its schema names them.

    An argument with a fixed value has that value, whatever the facts are. Required arguments without a fact get a
    plausible value; a confirmation is given unless `confirm` says otherwise.

    Raises:
        Untestable: the tool has no argument for a fact that the call needs, or refuses whatever it is called with.
    """
    if tool.refuses:
        raise Untestable(tool.refuses)
    schema = resolved(tool.schema, tool.schema)
    facts = {k: v for k, v in facts.items() if v is not None}
    arguments, used = _arguments(schema, tool.schema, facts, tool.fixed, tool.called)
    for group in NEEDED:
        given = [fact for fact in group if fact in facts]
        if given and not used.intersection(given):
            has = ", ".join(schema.get("properties", {})) or "none"
            raise Untestable(f"tool {tool.name!r} has no argument for {' or '.join(given)}; its arguments are {has}")
    return call(tool.name, arguments)


def _fit(role: str, tool: Tool, ours: str) -> int:
    name = words(tool.name)
    bulk = any(word in BULK for word in name)
    verb = role.removeprefix("bulk-")
    if verb in ("complete", "delete") and bulk != role.startswith("bulk-"):
        return 0
    ranks = [STRENGTH[verb][word] for word in name if word in STRENGTH[verb]]
    others = [w for r, verbs in VERBS.items() if r != verb for w in verbs if name and name[0] == w]
    if not ranks or (others and name[0] not in VERBS[verb]):
        return 0
    return max(ranks) + (20 if ours and ours in map(singular, name) else 0) + (10 if name[0] in VERBS[verb] else 0)


def _by_description(tools: Iterable[Tool], ours: str) -> dict[str, Tool]:
    """The roles of tools whose names say nothing, by the verb that begins their description.

    Where two tools say the same, neither is taken: a role that is guessed wrongly accuses the server of what it is not.
    """
    found: dict[str, list[Tool]] = {}
    for tool in tools:
        verb = verb_of(tool.description)
        if not verb or any(_fit(role, tool, ours) for role in ROLES):
            continue
        schema = resolved(tool.schema, tool.schema)
        for_all = verb in ("complete", "delete") and not _argument_for("id", list(schema.get("properties", {})))
        bulk = for_all and any(word in BULK for word in words(tool.description))
        found.setdefault(f"bulk-{verb}" if bulk else verb, []).append(tool)
    return {role: those[0] for role, those in found.items() if len(those) == 1 and role in ROLES}


def _common_noun(tools: Iterable[Tool]) -> str:
    counted = Counter(noun for tool in tools for noun in nouns(tool.name))
    return counted.most_common(1)[0][0] if counted else ""


def nouns(name: str) -> set[str]:
    """What a tool's name speaks of: its words that are no verb and do not mean many, in the singular."""
    verbs = {word for known in (*VERBS.values(), BULK) for word in known}
    return {singular(word) for word in words(name) if word not in verbs}


def _arguments(
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    facts: Mapping[str, Any],
    fixed: Mapping[str, Any],
    called: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any], set[str]]:
    properties = {k: resolved(v, root) for k, v in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    arguments: dict[str, Any] = {name: fixed[name] for name in properties if name in fixed}
    used: set[str] = set()
    for fact in sorted(facts, key=lambda f: FIRST.index(f) if f in FIRST else len(FIRST)):
        if fact == "title" and "id" in used:
            continue
        free = [p for p in properties if p not in arguments and not object_in(properties[p], root)]
        name = _argument_for(fact, free) or _as_elsewhere((called or {}).get(fact, ""), free)
        name = name or _only_one(fact, {p: properties[p] for p in free if p in required}, root)
        if name:
            with suppress(DoesNotFitError):
                exact = fact in SENT_AS_THEY_ARE
                arguments[name] = (_shaped if exact else fitted)(facts[fact], properties[name], root)
                used.add(fact)
    for name, value in properties.items():
        if name in arguments:
            continue
        inner = object_in(value, root)
        rest = {k: v for k, v in facts.items() if k not in used and not (k == "title" and "id" in used)}
        if inner and rest:
            nested, taken = _arguments(inner, root, rest, fixed, called)
            if taken:
                arguments[name] = nested
                used |= taken
                continue
        if name in ARGUMENTS["confirm"] and "confirm" not in facts:
            arguments[name] = True
        elif name in required:
            if _unknown(name, value) and not nullable(value, root):
                raise Untestable(
                    f"the value of the argument {name} cannot be told: neither the instructions nor the schema give "
                    f'one. Write {name} = "..." under [tools.arguments] in the target file.'
                )
            arguments[name] = _plausible(name, value, root, fixed)
    return arguments, used


def _argument_for(fact: str, free: list[str]) -> str | None:
    spelled = {"_".join(words(name)): name for name in free}
    for wanted in (fact, *ARGUMENTS.get(fact, ())):
        if wanted in spelled:
            return spelled[wanted]
    if fact in ("id", "ids"):
        return next(
            (name for key, name in spelled.items() if key.endswith(f"_{fact}") or key.startswith(f"{fact}_")), None
        )
    return None


def _as_elsewhere(name: str, free: list[str]) -> str | None:
    """The argument of the name that another tool has for the fact, or of that name with a word for new: `new_label`."""
    spelled = {tuple(word for word in words(other) if word not in NEW): other for other in free}
    return name if name in free else spelled.get(tuple(words(name))) if name else None


def _only_one(fact: str, required: Mapping[str, Mapping[str, Any]], root: Mapping[str, Any]) -> str | None:
    """The one required argument that can hold this fact, whatever its name; None where there are two, or none.

    An id is a number or a text, a title a text.
    """
    kinds = {name: {option.get("type") for option in options_of(value, root)} for name, value in required.items()}
    wanted = {"id": (("integer",), ("string",)), "title": (("string",),), "new_title": (("string",),)}.get(fact, ())
    for types in wanted:
        fitting = [name for name in kinds if kinds[name].intersection(types) and not _reserved(name)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _reserved(name: str) -> bool:
    """Whether the name is known to stand for something else."""
    own = "_".join(words(name))
    return own in NEVER or any(own in names for fact, names in ARGUMENTS.items() if fact not in FIRST)


def _shaped(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    kinds = [option.get("type") for option in options_of(schema, root)]
    if "array" in kinds and not isinstance(value, list):
        return [value]
    if "string" not in kinds and "integer" in kinds and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if kinds == ["string"] and not isinstance(value, str):
        return str(value)
    return value


IDENTITIES = ("id", "ids", "uuid", "email", "user", "username", "account", "tenant", "owner", "session", "token", "key")
"""Last words of an argument that names somebody or something: no value of ours would be a right one."""


def required_arguments(tool: Tool) -> dict[str, dict[str, Any]]:
    """The arguments without which a tool cannot be called, each with its schema."""
    schema = resolved(tool.schema, tool.schema)
    properties = schema.get("properties", {})
    return {name: resolved(properties[name], tool.schema) for name in schema.get("required", ()) if name in properties}


def needed_arguments(tool: Tool) -> list[str]:
    """The required arguments that name somebody or something, and for which the schema gives no value."""
    return [name for name, schema in required_arguments(tool).items() if _unknown(name, schema)]


def made_up(tool: Tool) -> list[str]:
    """The required arguments whose value is ours: neither the title, nor from its owner, nor one that the schema names.

    Raises:
        Untestable: the tool cannot be called.
    """
    made = call_of(tool, {"title": _TITLE})["arguments"]
    return [
        name
        for name, schema in required_arguments(tool).items()
        if name not in tool.fixed
        and isinstance(value := made.get(name), str | int | float)
        and not isinstance(value, bool)
        and value != _TITLE
        and not any(key in option for option in (schema, *options_of(schema, tool.schema)) for key in GIVING)
    ]


def _unknown(name: str, schema: Mapping[str, Any]) -> bool:
    given = any(key in schema for key in GIVING)
    return not given and (words(name) or [""])[-1] in IDENTITIES


def _plausible(name: str, schema: Mapping[str, Any], root: Mapping[str, Any], fixed: Mapping[str, Any]) -> Any:
    for key in ("default", "example"):
        if key in schema:
            return schema[key]
    if isinstance(examples := schema.get("examples"), list) and examples:
        return examples[0]
    options = options_of(schema, root)
    if any(option.get("type") == "null" for option in options):
        return None
    option = options[0]
    if "const" in option:
        return option["const"]
    if option.get("enum"):
        return option["enum"][0]
    if option.get("type") == "object":
        return _arguments(option, root, {}, fixed)[0]
    if option.get("type") in ("integer", "number"):
        return plausible_number(option)
    if option.get("type") == "string":
        return plausible_text(name, {**schema, **option})
    return {"boolean": True, "array": []}.get(option.get("type", ""), name)


_TOGGLES = re.compile(
    r"toggl|flip|switch|uncomplet|incomplet|not (?:complet|done)|re-?open|open again|undo|invert", re.IGNORECASE
)


def toggles(tool: Tool) -> bool:
    """Whether a tool that completes says that it may do the opposite: then a second call is no promise broken."""
    return bool(_TOGGLES.search(f"{tool.name} {tool.description} {json.dumps(tool.schema)}"))


def missing_roles(roles: Sequence[str], tools: Mapping[str, Tool]) -> str:
    """The reason for which an exchange that needs these roles cannot be held."""
    missing = [role for role in roles if role not in tools]
    known = ", ".join(f"{role} is {tool.name}" for role, tool in tools.items()) or "none was recognised"
    example = f'{missing[0]} = "..."' if missing else ""
    return (
        f"the server declares no recognizable tool to {' or '.join(missing)} ({known}); "
        f"if it has one, write {example} under [tools] in the target file, and if it is to have none, "
        f"{missing[0] if missing else 'ROLE'} = false."
    )
