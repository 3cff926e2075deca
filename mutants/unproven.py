"""MUST checks for which there is no mutant, each with the reason. A row that a mutant kills after all is stale."""

from __future__ import annotations

_EFFECTS = "the mutants of the tools' effects name no check, since any check of the expected state may tell them"

WITHOUT: dict[str, str] = {
    "tools.tasks-as-expected": _EFFECTS,
    "tools.changes-nothing-else": _EFFECTS,
    "tools.created-facts-kept": _EFFECTS,
    "tools.bulk-refused-unless-confirmed": _EFFECTS,
    "tools.tasks-of-one-user": _EFFECTS,
    "tools.unknown-task-not-claimed": _EFFECTS,
}
