"""What Gemini refuses, and in which words: one small function per rule, in the order in which they are asked.

Every breach is noted in the journal as a complaint. The first breach of a rule that is not switched off is the answer.
The wordings are those of published error bodies; where Gemini's behaviour is not known, there is no rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .contents import Content, contents, current_turn
from .conversation import messages, tool_names
from .dialect import Dialect
from .errors import Failure, failure, missing_signature, unknown_fields, unknown_name
from .models import known, row_of

ACCEPTED = frozenset(
    {
        "model",
        "messages",
        "stream",
        "stream_options",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "stop",
        "n",
        "response_format",
        "reasoning_effort",
        "extra_body",
        "modalities",
        "audio",
    }
)
"""Top-level fields that recordings or Google's page show accepted. Everything else but DOUBTFUL is an unknown name."""

DOUBTFUL = frozenset(
    {
        "seed",
        "user",
        "metadata",
        "logprobs",
        "top_logprobs",
        "service_tier",
        "prompt_cache_key",
        "safety_identifier",
        "verbosity",
        "prediction",
        "web_search_options",
    }
)
"""Fields of OpenAI's API for which nothing public shows whether this endpoint takes them in 2026."""

_NO_KEY = re.compile(r"[\s\"'`{}$]")
"""What no key of Gemini's holds (AIza... or AQ....): quotes, spaces, a variable that nobody filled in."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the rules look at. `headers` have their names in lower case."""

    headers: Mapping[str, str]
    body: Mapping[str, Any]
    dialect: Dialect
    doubtful: bool = False
    schema_keywords: tuple[str, ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        """The messages as Gemini counts them."""
        return contents(messages(self.body))


Problems = Iterator[Failure]


def _bad(message: str) -> Failure:
    return Failure(code=400, message=message)


def authorization(headers: Mapping[str, str]) -> Problems:
    """A bearer token must be there; `x-goog-api-key` alone does not count on this endpoint."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        yield _bad("Missing or invalid Authorization header.")
    elif _NO_KEY.search(key.strip()):
        yield failure("key-invalid", None, "")


def _authorization(request: Request) -> Problems:
    return authorization(request.headers)


def _credentials(request: Request) -> Problems:
    """OPENAI_ORG_ID and OPENAI_PROJECT_ID in the environment become headers that Gemini counts as a second key.

    Of an empty one no report is known, so it is let pass.
    """
    if any(request.headers.get(name) for name in ("openai-organization", "openai-project", "x-goog-api-key")):
        yield _bad("Multiple authentication credentials received. Please pass only one.")


def _unknown_fields(request: Request) -> Problems:
    allowed = ACCEPTED if request.doubtful else ACCEPTED | DOUBTFUL
    found = [("", unknown_name(name)) for name in request.body if name not in allowed]
    extra = request.body.get("extra_body")
    if isinstance(extra, dict):
        found += [("extra_body", unknown_name(name, "extra_body")) for name in extra if name != "google"]
    if found:
        yield unknown_fields(found)


def _model(request: Request) -> Problems:
    name = request.body.get("model")
    if not isinstance(name, str) or not name:
        yield failure("invalid-argument", None, "")
    elif not known(name):
        yield failure("not-found", None, name)


def _effort(request: Request) -> Problems:
    """A level of thinking that the model does not have: what each takes is in models.json."""
    row, asked = row_of(str(request.body.get("model"))), request.body.get("reasoning_effort")
    if row and row.efforts is not None and isinstance(asked, str) and asked not in row.efforts:
        yield failure("thinking-budget", None, row.id)


def _contents(request: Request) -> Problems:
    """Every content has parts, every part has data, and there is at least one content."""
    found = request.contents
    if not found:
        yield _bad("* GenerateContentRequest.contents: contents is not specified\n")
    for n, content in enumerate(found):
        where = f"* GenerateContentRequest.contents[{n}].parts"
        message = content.messages[0]
        if content.kind in ("user", "answer"):
            if message.get("content") in (None, []):
                yield _bad(f"{where}: contents.parts must not be empty.\n")
            elif message.get("content") == "":
                yield _bad(f"{where}[0].data: required oneof field 'data' must have one initialized field\n")


def _results_named(request: Request) -> Problems:
    """A result's function name is looked up by its call id among the earlier calls; `name` may stand in."""
    ids: set[str] = set()
    for n, content in enumerate(request.contents):
        ids |= {str(call.get("id", "")) for call in content.calls}
        for k, message in enumerate(content.messages if content.kind == "result" else ()):
            if message.get("tool_call_id") not in ids and not message.get("name"):
                where = f"GenerateContentRequest.contents[{n}].parts[{k}]"
                yield _bad(f"* {where}.function_response.name: Name cannot be empty.\n")


def _order(request: Request) -> Problems:
    """Calls follow the user or results; results follow calls, as many as there were."""
    before: Content | None = None
    for content in request.contents:
        if content.kind == "call" and (before is None or before.kind not in ("user", "result")):
            yield _bad(
                "Please ensure that function call turn comes immediately after a user turn or after a function "
                "response turn."
            )
        if content.kind == "result" and (before is None or before.kind != "call"):
            yield _bad("Please ensure that function response turn comes immediately after a function call turn.")
        if before is not None and before.kind == "call":
            given = len(content.messages) if content.kind == "result" else 0
            if given != len(before.calls):
                yield _bad(
                    "Please ensure that the number of function response parts is equal to the number of "
                    "function call parts of the function call turn."
                )
        before = content


def _signatures(request: Request) -> Problems:
    """In 3.x the first call of every step of the current turn must carry the signature it came with."""
    found = request.contents if request.dialect.call_signature else ()
    start = current_turn(found)
    for n, content in enumerate(found[start:], start + 1):
        if content.calls and not _signature(content.calls[0]):
            function = content.calls[0].get("function")
            name = function.get("name", "") if isinstance(function, dict) else ""
            yield missing_signature(name, n)


def _signature(call: Mapping[str, Any]) -> str:
    extra = call.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    value = google.get("thought_signature") if isinstance(google, dict) else None
    return value if isinstance(value, str) else ""


def _tools(request: Request) -> Problems:
    names = tool_names(request.body)
    for n, name in enumerate(names):
        if not _NAME.fullmatch(name):
            yield _bad(
                f"* GenerateContentRequest.tools[0].function_declarations[{n}].name: Invalid function name. Must start "
                "with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons "
                "(:), or dashes (-), with a maximum length of 64.\n"
            )
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield _bad(f"Duplicate function declaration found: {name}")


def _schema_keywords(request: Request) -> Problems:
    """Keywords that this endpoint took at some times and refused at others: only those that the settings name."""
    found: list[tuple[str, str]] = []
    tools = request.body.get("tools")
    for n, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = tool.get("function") if isinstance(tool, dict) else None
        schema = function.get("parameters") if isinstance(function, dict) else None
        where = f"tools[0].function_declarations[{n}].parameters"
        found += [
            (path, unknown_name(word, path)) for path, word in _words(schema, where, frozenset(request.schema_keywords))
        ]
    if found:
        yield unknown_fields(found)


def _words(schema: Any, where: str, unwanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not unwanted or not isinstance(schema, dict):
        return
    yield from ((where, word) for word in schema if word in unwanted)
    properties = schema.get("properties")
    for n, value in enumerate(properties.values() if isinstance(properties, dict) else ()):
        yield from _words(value, f"{where}.properties[{n}].value", unwanted)
    yield from _words(schema.get("items"), f"{where}.items", unwanted)


def _json_with_tools(request: Request) -> Problems:
    wanted = request.body.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind in ("json_object", "json_schema") and request.body.get("tools") and not request.dialect.json_with_tools:
        yield _bad("Function calling with a response mime type: 'application/json' is unsupported")


def _candidates(request: Request) -> Problems:
    n = request.body.get("n")
    if n is None or n == 1:
        return
    if isinstance(n, int) and 1 <= n <= 8:
        yield _bad("Multiple candidates is not enabled for this model")
    else:
        yield _bad(f"Invalid value of n: should be between 1 and 8, got {n}")


RULES: Mapping[str, Callable[[Request], Problems]] = {
    "authorization": _authorization,
    "credentials": _credentials,
    "unknown-fields": _unknown_fields,
    "model": _model,
    "reasoning-effort": _effort,
    "candidates": _candidates,
    "contents": _contents,
    "results-named": _results_named,
    "tools": _tools,
    "schema-keywords": _schema_keywords,
    "json-with-tools": _json_with_tools,
    "order": _order,
    "signatures": _signatures,
}
"""Every rule by its name."""

FIELD_RULES = frozenset({"credentials", "unknown-fields"})
"""The rules that `strict_fields` switches."""


def judge(request: Request, silent: frozenset[str] = frozenset()) -> tuple[Failure | None, tuple[str, ...]]:
    """What Gemini answers to this request instead of serving it, or None; and all complaints.

    Args:
        silent: names of rules that complain and do not refuse.
    """
    refusal: Failure | None = None
    complaints: list[str] = []
    for name, rule in RULES.items():
        for found in rule(request):
            complaints.append(found.message)
            if refusal is None and name not in silent:
                refusal = found
    return refusal, tuple(complaints)
