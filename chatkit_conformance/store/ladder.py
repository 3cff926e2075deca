"""What is known of a store so far: which rules were judged, and what each rule stands on.

Root first: a store that does not keep an item breaks sixty rules, and one of them says so. A rule whose rung is broken
is not judged. Verdicts are kept for each contract class, in this process.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .finding import StoreFinding, StoreHangs
from .id_form import IdForm

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

FIRST = ("signature.as-the-sdk-calls", "store.keeps-what-it-is-given")
"""What everything else stands on."""

AFTER_A_HANG_S = 20.0
"""Seconds of a test of a store that hung before. One that takes longer is not judged: it may only be slow."""

OWNER_S = 4.0
"""Seconds of the owner's test, within another one that waited for its whole deadline in the same method."""

BASICS = (
    *FIRST,
    "time.zone",
    "time.microseconds",
    "thread.saved-is-loaded",
    "thread.image-domains",
    "value.text",
    "value.nul",
    "value.metadata",
)
"""Judged before all others, in this order: rules about values, which would show in every comparison."""


OWNERS = {
    "save_item": "item.save-replaces",
    "delete_thread_item": "item.delete-takes-one",
    "delete_thread": "thread.delete-takes-items",
    "save_attachment": "attachment.saved-is-loaded",
    "load_attachment": "attachment.saved-is-loaded",
    "delete_attachment": "attachment.delete",
}
"""The rule that tells of a method that hangs: what else hangs in it is the same fault. The other methods hang at once,
in what everything else stands on."""


@dataclass(slots=True)
class Verdicts:
    """What is known of one store.

    Args:
        judged: rule, with its parameter, -> what was found, None where nothing was.
        ahead: rules judged as a rung of another, whose own test has not asked yet.
        told: rules whose finding was raised by a test.
        hung: the first rule at which the store hung, "" where it never did.
        cleans: what tests saved can be deleted in reasonable time.
        asks_owner: the next test is only to say whether a method hangs there too.
        asked_for_ids: whether `id_form` was looked for.
        id_form: how ids are made for a store that takes none but those of its own form.
    """

    judged: dict[str, StoreFinding | None] = field(default_factory=dict)
    ahead: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    hung: str = ""
    cleans: bool = True
    asks_owner: bool = False
    asked_for_ids: bool = False
    id_form: IdForm | None = None

    def record(self, rule: str, finding: StoreFinding | None) -> None:
        """Keep a verdict. What failed once counts as broken."""
        if finding is not None or rule not in self.judged:
            self.judged[rule] = finding
        if isinstance(finding, StoreHangs):
            self.hung = self.hung or rule

    def deadline_s(self, contract: StoreUnderTest) -> float:
        """Seconds of the next test: of a store that hung before, the others learn little by waiting as long."""
        if self.asks_owner:
            return min(contract.deadline_s, OWNER_S)
        return min(contract.deadline_s, AFTER_A_HANG_S) if self.hung else contract.deadline_s


_verdicts: weakref.WeakKeyDictionary[type, Verdicts] = weakref.WeakKeyDictionary()


def verdicts_of(contract: StoreUnderTest) -> Verdicts:
    """What is known of the store of this contract class."""
    return _verdicts.setdefault(type(contract), Verdicts())


def is_told(contract: StoreUnderTest, rule: str) -> bool:
    """Whether a rule, or a rule with its parameter, is known to be broken."""
    return verdicts_of(contract).judged.get(rule) is not None
