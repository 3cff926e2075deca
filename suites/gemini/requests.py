"""Each request to the model: where it goes, for which model, with what beside it."""

from __future__ import annotations

from chatkit_conformance.check import (
    EVERYWHERE,
    MUST,
    SHOULD,
    WHOLE_RUN,
    Finding,
    Findings,
    NotJudged,
    Untestable,
    check,
)
from chatkit_conformance.diagnosis.asked import is_beside
from chatkit_conformance.stream.model_chunks import bare_thought_of, thought_of
from chatkit_conformance.stream.turn import sound_calls, turns_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import GEMINI_OPENAI, SPEC_GEMINI
from ..evidence import is_native, model_calls, shorten, shown_text

OPENAI_HOSTS = ("openai.com", "openai.azure.com", "oaistatic.com", "oaiusercontent.com")
SIGNATURE = "thought_signature"
CREDENTIALS = "authentication credentials"
"""Gemini's error for openai-organization headers, which gemini.no-openai-headers judges."""
THOUGHT = 12
"""Characters from which on a thought is known again."""
PAIRING = ("function response", "function_response", "function call turn", "tool_call_id")


IN_RUNS = (*EVERYWHERE, WHOLE_RUN)
"""Each conversation, and all that was asked in the run."""


def _sound(t: Transcript) -> tuple[Call, ...]:
    """The requests of turns in which the model did nothing wrong. Raises Untestable where there is none."""
    found = sound_calls(t)
    if not found:
        raise Untestable(f"No request to the model was made in a sound turn of {t.exchange}.")
    return found


@check(
    "gemini.model-is-gemini",
    level=MUST,
    needs=("model",),
    on=IN_RUNS,
    clause=SPEC_GEMINI,
    cause="Some request (the agent, a title, a guardrail) uses the SDK's default model.",
    fix="Pass the configured gemini-* model to every agent and every direct call.",
    criteria=("SC-003",),
    figure="gemini_share",
)
def model_is_gemini(t: Transcript) -> Findings:
    """Every request to the model asks for a gemini-* model. What asks for no words is of Gemini's by its path."""
    for c in model_calls(t):
        if not c.unread and not is_beside(c.path) and not c.model.removeprefix("models/").startswith("gemini-"):
            yield Finding(expected="model gemini-*", got=f"model {c.model!r}", call=c.n)


@check(
    "gemini.request-path",
    level=MUST,
    needs=("model",),
    on=IN_RUNS,
    clause=GEMINI_OPENAI,
    cause="The base URL is joined wrongly, or the client uses the Responses API, which Gemini does not have.",
    fix="Use OpenAIChatCompletionsModel, and pass the configured base URL to AsyncOpenAI.",
    criteria=("SC-003",),
)
def request_path(t: Transcript) -> Findings:
    """Every request to the model is a POST to one of Gemini's two APIs, under the configured base URL.

    What Gemini is asked for beside words, such as vectors, counts of tokens and its models, is right as well.
    """
    for c in model_calls(t):
        path = c.path.split("?")[0]
        if is_beside(path):
            continue
        if c.method != "POST" or not (path.endswith("/openai/chat/completions") or is_native(c)):
            got = f"{c.method} {c.path}"
            expected = "POST …/openai/chat/completions or …/models/NAME:streamGenerateContent"
            yield Finding(expected=expected, got=got, call=c.n)


@check(
    "gemini.no-openai-host",
    level=MUST,
    on=("whole_run",),
    clause=SPEC_GEMINI + "; no connection to any OpenAI host, tracing included, even when OPENAI_API_KEY is set",
    cause="Agents SDK tracing posts to api.openai.com when OPENAI_API_KEY is set, whatever the model.",
    fix="Call agents.set_tracing_disabled(True) at start-up; give every client the Gemini base URL.",
    criteria=("SC-003",),
)
def no_openai_host(t: Transcript) -> Findings:
    """The server connects to no OpenAI host during the whole run."""
    for host in openai_attempts(t):
        yield Finding(expected="no connection to OpenAI", got=f"CONNECT {host}")


def openai_attempts(t: Transcript) -> list[str]:
    """The OpenAI hosts that the egress proxy saw asked for. Raises NotJudged where it was not seen what was."""
    attempts = watched(t)
    return [f"{a['host']}:{a['port']}" for a in attempts if str(a["host"]).lower().endswith(OPENAI_HOSTS)]


def watched(t: Transcript) -> list[dict[str, object]]:
    """What the egress proxy saw. Raises NotJudged where it sees nothing, which is nobody's fault."""
    attempts = t.notes.get("egress")
    if not t.notes.get("egress_watched") or not isinstance(attempts, list):
        raise NotJudged(str(t.notes.get("egress_unseen") or "it was not seen where the server connects to."))
    return attempts


@check(
    "gemini.no-openai-headers",
    level=MUST,
    needs=("model",),
    on=IN_RUNS,
    clause="Gemini answers 400 “Multiple authentication credentials” to openai-organization and openai-project",
    cause="OPENAI_ORG_ID or OPENAI_PROJECT_ID is set in the environment, and AsyncOpenAI sends them to any base URL.",
    fix='Unset both variables, or give AsyncOpenAI default_headers={"OpenAI-Organization": openai.Omit(), '
    '"OpenAI-Project": openai.Omit()}.',
    criteria=("SC-003",),
)
def no_openai_headers(t: Transcript) -> Findings:
    """No request to the model carries an openai-organization or openai-project header with anything in it."""
    for c in model_calls(t):
        for name in ("openai-organization", "openai-project"):
            if c.headers.get(name):
                yield Finding(expected=f"no {name} header", got=f"{name}: {c.headers[name]}", call=c.n)


@check(
    "gemini.requests-valid",
    level=MUST,
    needs=("model",),
    clause=GEMINI_OPENAI + "; unknown fields and broken order are answered with 400",
    cause="The request has a field, a message or an order that OpenAI accepts and Gemini does not.",
    fix="Send only fields of Gemini's OpenAI compatibility API; the finding names the wrong one.",
    criteria=(),
)
def requests_valid(t: Transcript) -> Findings:
    """Every request to the model is one that Gemini accepts: no unknown field, no empty message, no wrong order."""
    for c in _sound(t):
        for complaint in c.complaints:
            if not any(word in complaint.lower() for word in (SIGNATURE, CREDENTIALS, *PAIRING)):
                yield Finding(expected="a request that Gemini accepts", got=shorten(complaint, 300), call=c.n)


@check(
    "gemini.streams",
    level=SHOULD,
    needs=("model",),
    clause="user specification, features: streaming; SC-001",
    cause="Runner.run is used instead of Runner.run_streamed.",
    fix="Use Runner.run_streamed and stream_agent_response.",
    criteria=("SC-001",),
)
def streams(t: Transcript) -> Findings:
    """The model is asked to stream its answers."""
    for c in _sound(t):
        if not c.side and c.fields.get("stream") is not True:
            got = f"stream {shorten(c.fields.get('stream'))}"
            yield Finding(expected="stream true", got=got, call=c.n)


@check(
    "gemini.usage-asked",
    level=SHOULD,
    needs=("model",),
    clause="Gemini docs, OpenAI compatibility: usage comes in a stream only with stream_options.include_usage",
    cause="The Agents SDK sends no stream_options to hosts other than OpenAI's.",
    fix="Give the agent ModelSettings(include_usage=True).",
)
def usage_asked(t: Transcript) -> Findings:
    """Streaming requests ask for usage figures, so that tokens can be counted."""
    for c in _sound(t):
        options = c.fields.get("stream_options")
        if c.fields.get("stream") and not (isinstance(options, dict) and options.get("include_usage")):
            got = f"stream_options {shorten(options)}"
            yield Finding(expected="stream_options.include_usage true", got=got, call=c.n)


@check(
    "gemini.no-thought-shown",
    level=SHOULD,
    needs=("model",),
    clause="Gemini docs, Thinking: thought summaries are flagged google.thought and are no part of the answer",
    cause="Deltas between <thought> and </thought> are passed on, or each delta is looked at alone for the tag.",
    fix="Leave out deltas marked extra_content.google.thought, and what is in these tags at an answer's beginning; or "
    "show them as a workflow's thought task.",
)
def no_thought_shown(t: Transcript) -> Findings:
    """The model's thoughts are not shown to the user as part of the answer."""
    turns = turns_in(t)
    thoughts = [(turn, thought_of(call)) for turn in turns for call in turn.calls]
    thoughts = [(turn, thought) for turn, thought in thoughts if len(thought) >= THOUGHT]
    thoughts = [(turn, thought) for turn, thought in thoughts if thought[:24] not in turn.words]
    bare = [(turn, bare_thought_of(call)) for turn in turns for call in turn.calls]
    thoughts += [(turn, thought) for turn, thought in bare if len(thought) >= THOUGHT]
    if not thoughts:
        raise Untestable(f"No answer of the model's in {t.exchange} had a thought that could be read.")
    for turn, thought in thoughts:
        got = shown_text(turn.asked.reply)
        if thought[:24] in got:
            label = turn.asked.reply.label
            yield Finding(expected=f"no thought {shorten(thought, 60)}", got=f"answer {shorten(got)}", reply=label)
