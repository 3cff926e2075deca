"""The mutants that break what passes between the server and its model."""

from __future__ import annotations

from . import model_lies as lie
from .mutant import Mutant, Upstream

MODEL = (
    Mutant(
        name="model-of-another",
        lie="The model that is asked for is not a Gemini.",
        change=Upstream(request=lie.other_model),
        named=("gemini.model-is-gemini",),
    ),
    Mutant(
        name="path-of-another",
        lie="The model is asked at another path than chat/completions.",
        change=Upstream(path="/completions"),
        named=("gemini.request-path",),
    ),
    Mutant(
        name="traces-to-openai",
        lie="Each request to the model is reported to OpenAI.",
        change=Upstream(beside=lie.trace_to_openai),
        named=("gemini.no-openai-host",),
    ),
    Mutant(
        name="openai-headers",
        lie="The model is sent the organization of an OpenAI account.",
        change=Upstream(headers={"openai-organization": "org-demo", "openai-project": "proj-demo"}),
        named=("gemini.no-openai-headers",),
    ),
    Mutant(
        name="history-forgotten",
        lie="The model is sent the current turn only.",
        change=Upstream(request=lie.no_history),
        named=("gemini.history-user-messages", "gemini.history-answers", "persistence.earlier-fact-known"),
    ),
    Mutant(
        name="history-cut",
        lie="The model is sent the last two messages of history only.",
        change=Upstream(request=lie.short_history),
        named=("gemini.history-user-messages",),
    ),
    Mutant(
        name="history-reversed",
        lie="The model is sent the conversation backwards.",
        change=Upstream(request=lie.reversed_history),
        named=("gemini.history-ordered",),
    ),
    Mutant(
        name="history-twice",
        lie="The user's message is sent to the model two times.",
        change=Upstream(request=lie.doubled_message),
        named=("gemini.history-once",),
    ),
    Mutant(
        name="answers-as-user",
        lie="The model's own answers are sent as the user's words.",
        change=Upstream(request=lie.answers_as_user),
        named=("gemini.history-roles",),
    ),
    Mutant(
        name="threads-mixed",
        lie="The model is told in one thread what was said in others.",
        change=Upstream(request=lie.leaky()),
        named=("security.threads-isolated",),
    ),
    Mutant(
        name="tool-result-emptied",
        lie='The model is told "ok" in place of what a tool returned.',
        change=Upstream(request=lie.empty_results),
        named=("tools.read-executes", "tools.created-task-listed"),
    ),
    Mutant(
        name="tool-results-swapped",
        lie="Results of two calls come back under each other's ids.",
        change=Upstream(request=lie.swapped_results),
        named=("tools.two-calls-paired",),
    ),
    Mutant(
        name="tool-results-unpaired",
        lie="A tool's result comes back under an id that nobody used.",
        change=Upstream(request=lie.unpaired_results),
        named=("gemini.results-paired",),
    ),
    Mutant(
        name="tools-undeclared",
        lie="One of the tools is not declared to the model.",
        change=Upstream(request=lie.fewer_tools),
        named=("tools.declared",),
    ),
    Mutant(
        name="signatures-lost",
        lie="Thought signatures do not go back to the model.",
        change=Upstream(request=lie.no_signatures),
        named=("gemini.signatures-replayed",),
    ),
    Mutant(
        name="field-unknown",
        lie="The model is sent a field that Gemini refuses.",
        change=Upstream(request=lie.unknown_field),
        named=("gemini.requests-valid",),
    ),
    Mutant(
        name="usage-unasked",
        lie="The model is not asked how many tokens it used.",
        change=Upstream(request=lie.no_usage),
        named=("gemini.usage-asked",),
    ),
    Mutant(
        name="calls-glued",
        lie="Several tool calls are glued into one.",
        change=Upstream(chunk=lie.glued_calls),
        named=("tools.two-calls-in-one-delta", "tools.two-calls-in-two-deltas"),
    ),
    Mutant(
        name="first-call-only",
        lie="Of several tool calls only the first is heard.",
        change=Upstream(chunk=lie.first_call_only),
        named=("tools.two-calls-in-one-delta", "tools.two-calls-in-two-deltas"),
    ),
    Mutant(
        name="thoughts-shown",
        lie="The model's thoughts are shown as its answer.",
        change=Upstream(chunk=lie.bare_thoughts),
        named=("gemini.no-thought-shown",),
    ),
    Mutant(
        name="model-not-stopped",
        lie="The model goes on after the browser has left.",
        change=Upstream(detached=True),
        named=("gemini.call-cancelled-on-disconnect",),
    ),
    Mutant(
        name="model-withheld",
        lie="The model's answer is waited for before a word of it is shown.",
        change=Upstream(whole=True),
        named=("stream.incremental",),
        also=("stream.shown-as-it-comes",),
    ),
    Mutant(
        name="model-asked-late",
        lie="Two and a half seconds pass before the model is asked.",
        change=Upstream(beside=lie.slowly),
        named=("latency.first-token", "latency.own-share"),
    ),
)
