"""SC-003, as far as source tells it: models, hosts, clients, tracing and interfaces that are not Gemini's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gemini_standin.models import notice, row_of

from . import openai_names as names
from .facts import CodeCall, Text
from .hit import Hit, address
from .project import Project
from .rules import RULES
from .source import SourceFile


def find_openai(project: Project, as_of: date) -> Iterator[Hit]:
    """Every place that names, or leads to, what is not Gemini. `as_of`: the day for retirements."""
    for file, facts in project.read:
        if not file.own:
            continue
        for text in facts.texts:
            yield from _model(text)
            yield from _host(text)
            yield from _base_url(text)
            yield from _gemini(text, as_of)
    for file, call in project.calls():
        yield from _client(project, file, call)
        yield from _responses(call)
        yield from _hosted(call)
        yield from _hosted_tool(call)
    yield from _default_api(project)
    yield from _tracing(project)
    yield from _default_model(project)


def _model(text: Text) -> Iterator[Hit]:
    if text.use != "value" or not names.OWNER.search(text.owner) or names.REFUSED_IN.search(text.owner):
        return
    value = text.value.strip()
    if names.MODEL.match(value) or (names.OTHER_MODEL.match(value) and " " not in value):
        yield RULES["openai.model"].hit(text.spot, f"the model {value[:60]}")


def _host(text: Text) -> Iterator[Hit]:
    value = text.value.strip()
    if text.use == "compared" or text.use == "key" or names.REFUSED_IN.search(text.owner):
        return
    if names.HOST.match(value):
        weight = "note" if text.use == "listed" else "error"
        yield RULES["openai.host"].hit(text.spot, f"the address {address(value)}", weight=weight)  # type: ignore[arg-type]  # one of two weights
    elif names.BARE_HOST.match(value) and text.use == "value":
        yield RULES["openai.host"].hit(text.spot, f"the host {value[:80]}")


def _base_url(text: Text) -> Iterator[Hit]:
    value = text.value.strip()
    if text.use != "value" or names.GEMINI_HOST not in value or not names.BASE_URL.search(text.owner):
        return
    path = value.partition(names.GEMINI_HOST)[2]
    if "{" in path or "$" in path:
        return
    if path.rstrip("/").endswith("/openai"):
        if not path.endswith("/"):
            yield RULES["gemini.base-url"].hit(text.spot, f"{address(value)} has no slash at its end")
    elif path.rstrip("/") in ("", "/v1", "/v1beta", "/v1alpha") and "openai" in text.owner.lower():
        yield RULES["gemini.base-url"].hit(
            text.spot, f"{address(value)} is not the compatible endpoint: /v1beta/openai/ is"
        )


def _gemini(text: Text, as_of: date) -> Iterator[Hit]:
    found = names.GEMINI.match(text.value.strip())
    if not found or text.use in ("compared", "key") or not names.OWNER.search(text.owner):
        return
    name = found[2]
    row, said = row_of(name), notice(name, as_of)
    if row is None and not names.EMBEDDING.search(name):
        yield RULES["gemini.model-unknown"].hit(
            text.spot, said.rstrip(".") or f"the model {name} is in no list of models"
        )
    elif said:
        fix = f"Name {row.routed_to}." if row and row.routed_to else ""
        yield RULES["gemini.model-retires"].hit(text.spot, said.rstrip("."), fix=fix)


def _client(project: Project, file: SourceFile, call: CodeCall) -> Iterator[Hit]:
    rule = RULES["openai.client"]
    if call.last in names.AZURE and call.origin == "openai":
        yield rule.hit(call.spot, f"{call.path}(...) talks to OpenAI's models at Azure")
        return
    python = call.origin == "openai" and call.last in names.CLIENTS and file.suffix == ".py"
    script = call.kind == "new" and call.origin == "openai" and (call.last in ("OpenAI", "default"))
    if not (python or script) or call.open or _base_url_set(project):
        return
    if python and "base_url" not in call.named and "http_client" not in call.named:
        yield rule.hit(call.spot, f"{call.last}(...) without base_url")
    given = call.args[0] if call.args else None
    told = given is None or (given.entries is not None and not given.open)
    if script and told and "baseURL" not in ((given.entries if given else None) or {}):
        yield rule.hit(call.spot, "new OpenAI(...) without baseURL")


def _base_url_set(project: Project) -> bool:
    settings = (s for _, facts in project.own for s in facts.settings)
    return any(s.name == "OPENAI_BASE_URL" and s.value for s in settings)


def _responses(call: CodeCall) -> Iterator[Hit]:
    rule = RULES["openai.responses-api"]
    if call.last in names.RESPONSES_MODEL and call.origin.startswith("agents"):
        yield rule.hit(call.spot, f"{call.last}(...) speaks the Responses API")
    elif names.RESPONSES_CALLS.search(call.path):
        yield rule.hit(call.spot, f"{call.path}(...) speaks the Responses API")


def _hosted(call: CodeCall) -> Iterator[Hit]:
    rule = RULES["openai.hosted-chatkit"]
    if names.SESSIONS.search(call.path):
        yield rule.hit(call.spot, f"{call.path}(...) asks OpenAI for a session")
    held = [call.named.get("options"), *call.args] if call.last in ("useChatKit", "setOptions") else []
    for value in held:
        api = (value.entries or {}).get("api") if value else None
        secret = (api.entries or {}).get("getClientSecret") if api else None
        if secret:
            yield rule.hit(secret.spot, "api.getClientSecret asks for a session at OpenAI")


def _hosted_tool(call: CodeCall) -> Iterator[Hit]:
    """A tool that runs at OpenAI."""
    if call.last in names.HOSTED_TOOLS and call.origin.partition(".")[0] == "agents" and call.kind == "call":
        yield RULES["openai.hosted-tool"].hit(call.spot, f"{call.last}(...) runs at OpenAI, and Gemini has none")


def _default_api(project: Project) -> Iterator[Hit]:
    """A default client for the Agents SDK, whose default interface is the Responses API."""
    calls = [call for _, call in project.calls() if call.origin.startswith("agents")]
    chat = any(c.last in ("set_default_openai_api", "OpenAIChatCompletionsModel", "LitellmModel") for c in calls)
    chat = chat or any(v.literal is False for c in calls for k, v in c.named.items() if k.endswith("use_responses"))
    if chat:
        return
    for call in calls:
        if call.last == "set_default_openai_client":
            yield RULES["openai.responses-api"].hit(
                call.spot, 'a default client without set_default_openai_api("chat_completions")'
            )


def _tracing(project: Project) -> Iterator[Hit]:
    """Tracing of the Agents SDK, where nothing in the tree switches it off."""
    calls = [call for _, call in project.calls() if call.origin.partition(".")[0] == names.TRACING_PACKAGE]
    runs = [call for call in calls if call.path.startswith("Runner.") and call.last in names.RUNS]
    off = any(c.last in names.TRACING_OFF and (not c.args or c.args[0].literal is not False) for c in calls)
    off = off or any(c.last in names.TRACING_ELSEWHERE for c in calls)
    off = off or any(v.literal is not False for c in calls if (v := c.named.get("tracing_disabled")))
    settings = [s for _, facts in project.own for s in facts.settings if s.name == names.TRACING_ENV]
    off = off or any(s.value is not None and s.value.lower() in names.ON | {"set"} for s in settings)
    texts = [t for _, t in project.texts() if t.value == names.TRACING_ENV or names.TRACING_ENV in t.owner]
    off = off or bool(texts)
    if runs and not off:
        yield RULES["openai.tracing"].hit(
            runs[0].spot, f"{runs[0].path}(...) runs agents, and nothing in this tree switches tracing off"
        )
    for call in calls:
        if call.last == "set_tracing_export_api_key":
            yield RULES["openai.tracing"].hit(call.spot, "gives tracing a key of OpenAI's")


def _default_model(project: Project) -> Iterator[Hit]:
    """Agents without a model, where nothing in the tree gives runs one."""
    calls = [call for _, call in project.calls() if call.origin.partition(".")[0] == "agents"]
    given = any(c.last == "RunConfig" and (c.open or {"model", "model_provider"} & {*c.named}) for c in calls)
    given = given or any(c.last in ("clone", "set_default_openai_model") for c in calls)
    settings = (s for _, facts in project.own for s in facts.settings)
    if given or any(s.name == "OPENAI_DEFAULT_MODEL" for s in settings):
        return
    for call in calls:
        if call.last == "Agent" and call.kind == "call" and not call.open and "model" not in call.named:
            name = call.named.get("name")
            yield RULES["openai.default-model"].hit(call.spot, f"Agent({name.source if name else '...'}) has no model")
