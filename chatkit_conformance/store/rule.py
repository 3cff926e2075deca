"""One rule of the Store contract: what a store must do, what is left open, why, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

from ..check import MUST, Level

SDK_DOC = "docstring in chatkit/store.py"
SDK_SERVER = "how chatkit/server.py calls it"
SDK_AGENTS = "how chatkit/agents.py calls it"
SDK_TESTS = "openai/chatkit-python tests/test_store.py"
WILD = "common mistakes of stores and of what they are built on"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRule:
    """One rule.

    Args:
        must: what a store must do, or should where the level says so.
        why: what a user of the chat notices when the rule is broken.
        source: where the rule comes from.
        left_open: what a store may choose freely, "" when nothing is.
        needs: names of the capabilities without which the rule does not apply, "" for none.
        level: MUST for what the SDK needs, SHOULD for what hardens. A SHOULD alone turns no test red.
        stands_on: rules that are judged first; where one of them is broken this one is not judged.
    """

    must: str
    why: str
    source: str
    left_open: str = ""
    needs: str = ""
    level: Level = MUST
    stands_on: tuple[str, ...] = ()
