"""What the server's limit turned away in a conversation for good, so that the conversation says little."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..transcript import Call
from ..wire.status import TOO_MANY

if TYPE_CHECKING:
    from ..talk import Talk


def refused_in(talk: Talk, calls: Sequence[Call]) -> list[str]:
    """The labels of what met the limit and could not wait.

    Where the model was told to break, a 429 may be what the server made of the model's own: then only what reached no
    model has met the limit.
    """
    found = [made.reply.label for made in talk.opened if made.visit.refused]
    if not talk.breaks or not talk.comes_again:
        return found
    asked = {call.nonce for call in calls if call.nonce}
    away = [made.reply for made in talk.opened if made.reply.status == TOO_MANY]
    return [*found, *(r.label for r in away if not any(nonce in json.dumps(r.request) for nonce in asked))]
