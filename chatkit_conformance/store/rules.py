"""All rules of the Store contract, in the order in which the documentation has them.

`chatkit.store.Store` has one line of text per method, so most rules come from how the SDK calls a store and from the
SDK's own tests of its sample store. Where neither speaks, any choice passes that loses nothing and repeats nothing.
"""

from __future__ import annotations

from .rule import StoreRule
from .rules_of_items import ITEMS
from .rules_of_owners import OWNERS
from .rules_of_pages import PAGES
from .rules_of_threads import THREADS
from .rules_of_time import TIME
from .rules_of_values import VALUES

RULES: dict[str, StoreRule] = {**THREADS, **ITEMS, **VALUES, **PAGES, **OWNERS, **TIME}
"""Id -> rule."""

__all__ = ["RULES", "StoreRule"]
