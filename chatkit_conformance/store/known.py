"""Failures that are known: named on the class, with a reason, one parameter of a test alone if need be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from .rules import RULES

FLAKY = "flaky:"
"""Begins the reason of a failure that comes now and then: neither it nor a pass is news."""


def refuse_unknown_failures(owner: str, known: Mapping[str, str], tests: Mapping[str, str]) -> None:
    """Refuse entries that name no rule and no test, or have no reason.

    Raises:
        TypeError: there is such an entry; the message has the nearest name.
    """
    names = [*RULES, *tests]
    for entry, reason in known.items():
        base = entry.split("[")[0]
        if base not in names:
            near = difflib.get_close_matches(base, names, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{owner}.known_failures: {entry!r} is no rule of the Store contract.{hint}")
        if not str(reason).strip():
            raise TypeError(f"{owner}.known_failures: {entry!r} has no reason. Write why, and where it is tracked.")


def known_reason(known: Mapping[str, str], name: str, tests: Mapping[str, str]) -> str:
    """Why a rule, with its parameter, is known to fail, or ""."""
    rule, parameter = re.fullmatch(r"([^[]+)(\[.*\])?", name, re.DOTALL).groups(default="")  # type: ignore[union-attr]  # it matches any name
    test = next((test for test, of in tests.items() if of == rule), rule)
    return next(
        (
            str(known[entry])
            for base in (rule, test)
            for entry in dict.fromkeys((base + parameter, base))
            if entry in known
        ),
        "",
    )


def rules_named(entry: str, tests: Mapping[str, str]) -> list[str]:
    """The rules and tests that an entry of a baseline names: one, with its parameter if need be, or those of a glob."""
    base = entry.split("[")[0]
    if set(base) & set("*?"):
        return [rule for rule in RULES if fnmatchcase(rule, base)]
    return [entry] if base in (*RULES, *tests) else []
