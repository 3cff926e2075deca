"""The sources that checks quote, spelled in one way each."""

from __future__ import annotations


def types(lines: str) -> str:
    """A place in the SDK's wire types."""
    return f"openai-chatkit 1.6.5 chatkit/types.py L{lines}"


def server(lines: str) -> str:
    """A place in the SDK's server, for what its text promises to clients."""
    return f"openai-chatkit 1.6.5 chatkit/server.py L{lines}"


def store(lines: str) -> str:
    """A place in the SDK's Store, for what an integrator promises to the SDK."""
    return f"openai-chatkit 1.6.5 chatkit/store.py L{lines}"


def spec(*criteria: str) -> str:
    """Success criteria of the user specification."""
    return "user specification " + ", ".join(criteria)


def agents_sdk(page: str) -> str:
    """A page of the Agents SDK's documentation, for what it promises to those who build on it."""
    return f"openai-agents 0.24.0 docs, {page}"


SPEC_TOOLS = "user specification SC-007: all seven tools execute through a real ChatKit turn"
SPEC_CONFIRM = (
    "user specification, tools: complete_all_tasks and delete_all_tasks need confirm=true and refuse without it"
)
SPEC_FAULTS = "user specification SC-008: API errors are handled gracefully, 100 %"
SPEC_HISTORY = "user specification, also required: context reaches the model"
SPEC_SURVIVES = "user specification SC-005: conversations persist over a page reload"
SPEC_AUTH = "user specification, also required: requests are authenticated by the application's own JWT"
SPEC_OWNER = "user specification, tools and threads: every task and every conversation belongs to one user"
SPEC_GEMINI = "user specification SC-003: 100 % of model use is Gemini"

SSE = "WHATWG HTML, 9.2 Server-sent events: "
HTTP_CUT = "RFC 9112 section 8: a message whose transfer coding ends early is incomplete"
HTTP_4XX = "RFC 9110 section 15.5: 4xx where the client erred; section 15.6: 5xx says that the server erred"
HTTP_401 = "RFC 9110 section 15.5.2: 401 for missing or invalid credentials; RFC 6750 section 3.1"

GEMINI_CALLING = "Gemini docs, Function calling: send each function's result back to the model, paired with its call"
GEMINI_THOUGHT = "Gemini docs, Thought signatures: return the signature in place on every step of the current turn"
GEMINI_OPENAI = "Gemini docs, OpenAI compatibility: chat/completions under the base URL"
