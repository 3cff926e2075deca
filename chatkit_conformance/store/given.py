"""A contract class from words: for a store that nobody has written a class for."""

from __future__ import annotations

import importlib
import inspect
import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from .contract import StoreContract
from .watchdog import LoopBlocked, interrupted_after


class GivenContext(dict[str, Any]):
    """A context from JSON, to be read as `context["user_id"]` or as `context.user_id`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the context that was given has no {name!r}; it has {', '.join(self)}") from None

    def __hash__(self) -> int:  # type: ignore[override]  # a store may keep things by context
        return hash(json.dumps(self, sort_keys=True, default=str))


class CannotMake(Exception):
    """The words name no store, or no context; the message says what to type."""


IMPORT_S = 120.0
"""In which a module has to be imported, where nobody says how long a test has."""


def named_object(words: str, within_s: float = IMPORT_S) -> Any:
    """What `module:attribute` names.

    Raises:
        CannotMake: there is no such module or attribute, or its import does not end.
    """
    module, _, name = words.partition(":")
    if not module or not name:
        raise CannotMake(f"{words!r} names no store: type MODULE:CLASS, such as mypackage.stores:MyStore.")
    try:
        with interrupted_after(within_s, f"The import of {module} does not end."):
            found: Any = importlib.import_module(module)
    except LoopBlocked as error:
        where = traceback.extract_tb(error.__traceback__)[-2]
        raise CannotMake(
            f"The import of {module} does not end: it stands in {where.filename}:{where.lineno} after {within_s:g} s. "
            "Connect when the store is made, not when its module is imported."
        ) from error
    except ImportError as error:
        raise CannotMake(
            f"{module} cannot be imported ({error}). Type it as in an import, from the project's folder."
        ) from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise CannotMake(f"{module} has no {part!r}.")
        found = getattr(found, part)
    return found


def context_from(template: str, *, one_user: bool = False) -> Callable[[str], Any]:
    """A function of the user's name: from a JSON object with `{user}` in it, or from `module:function`.

    Raises:
        CannotMake: it is neither.
    """
    if not template.lstrip().startswith("{"):
        made: Callable[[str], Any] = named_object(template)
        return made
    try:
        fields = json.loads(template)
    except json.JSONDecodeError as error:
        raise CannotMake(f'--context is no JSON ({error}). Type it as \'{{"user_id": "{{user}}"}}\'.') from error
    if "{user}" not in template and not one_user:
        raise CannotMake("--context has no {user} in it: the tests need two users. With --one-user they need one.")
    return lambda user: GivenContext(_filled(fields, user))


def _filled(value: Any, user: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(inner, user) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, user) for inner in value]
    return value.replace("{user}", user) if isinstance(value, str) else value


def contract_from(store: str, context: str, *, one_user: bool = False, **attributes: Any) -> type[StoreContract]:
    """The contract class for a store that is made by calling what `store` names.

    Args:
        one_user: the context need not name the user.
        attributes: of the class, as in `StoreContract`.

    Raises:
        CannotMake: the words name nothing that can be called.
    """
    make = named_object(store, attributes.get("deadline_s", IMPORT_S))
    context_of = context_from(context, one_user=one_user)
    if not callable(make):
        raise CannotMake(f"{store} is no class and no function: name what makes a store when it is called.")
    if isinstance(make, type) and inspect.isabstract(make):
        missing = ", ".join(sorted(getattr(make, "__abstractmethods__", ())))
        raise CannotMake(
            f"{store} cannot be made: it has no {missing}. Write them; a store without attachments raises in them."
        )

    def make_store(self: StoreContract) -> Any:
        return make()

    def make_context(self: StoreContract, user: str) -> Any:
        return context_of(user)

    return type("TestStore", (StoreContract,), {"make_store": make_store, "make_context": make_context, **attributes})
