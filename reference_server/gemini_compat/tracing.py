"""No tracing: the Agents SDK posts every run to OpenAI whatever the model, and its threads cost a fifth of a turn."""

from __future__ import annotations

import agents


def silence_tracing() -> None:
    """Switch tracing off for this process, and drop the processors so that none of their threads ever starts."""
    agents.set_tracing_disabled(True)
    agents.set_trace_processors([])
