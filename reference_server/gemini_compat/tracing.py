"""No tracing: the Agents SDK posts every run to OpenAI whatever the model, and its threads cost a fifth of a turn."""

from __future__ import annotations

import agents
from agents.tracing.provider import DefaultTraceProvider


def silence_tracing() -> None:
    """Switch tracing off for this process, and drop the processors so that none of their threads ever starts."""
    # Without one of ours, the SDK first makes its own, with a client for OpenAI: 0.1 s of each start.
    agents.set_trace_provider(DefaultTraceProvider())
    agents.set_tracing_disabled(True)
    agents.set_trace_processors([])
