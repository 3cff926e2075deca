"""Every rule of the audit: what it is about, how much it weighs, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .hit import Hit, Spot, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRule:
    """One rule.

    Args:
        id: it names the rule in every output. criterion: the success criterion that its errors miss, or "".
        weight: of its hits, unless a hit is lighter. title: what is wrong. why: what happens. fix: what to do.
    """

    id: str
    title: str
    why: str
    fix: str
    criterion: str = ""
    weight: Weight = "error"

    def hit(self, spot: Spot, said: str, *, weight: Weight | None = None, fix: str = "") -> Hit:
        """A hit of this rule at a place."""
        return Hit(rule=self.id, spot=spot, said=said, weight=weight or self.weight, fix=fix)


_WS = "ChatKit talks HTTP and server-sent events; what still speaks WebSocket is the old chat, or serves nobody."
_OPENAI = "Whatever goes to OpenAI is not Gemini, costs money there, and shows the conversation to another company."

_ROWS = (
    AuditRule(
        id="websocket.code",
        criterion="SC-004",
        title="WebSocket code is left",
        why=_WS,
        fix="Delete it, and what only it used.",
    ),
    AuditRule(
        id="websocket.url",
        criterion="SC-004",
        title="A WebSocket URL is left",
        why=_WS,
        fix="Delete it; ChatKit needs api.url alone, with http or https.",
    ),
    AuditRule(
        id="websocket.setting",
        criterion="SC-004",
        title="A setting for WebSocket is left",
        why=_WS,
        fix="Delete the setting and what reads it.",
    ),
    AuditRule(
        id="websocket.proxy",
        criterion="SC-004",
        title="A proxy still upgrades connections to WebSocket",
        why=_WS,
        fix="Delete the Upgrade and Connection lines; for server-sent events write proxy_buffering off; instead.",
    ),
    AuditRule(
        id="websocket.dependency",
        criterion="SC-004",
        title="A WebSocket package is still declared",
        why="It is installed, updated and scanned for a chat that is gone.",
        fix="Take it out of the manifest and refresh the lock file.",
    ),
    AuditRule(
        id="websocket.locked",
        criterion="SC-004",
        title="A lock file still holds a WebSocket package that nothing needs",
        why="The lock file is older than the manifest: what is installed is not what is declared.",
        fix="Refresh the lock file: npm install, yarn, pnpm install, uv lock or poetry lock.",
    ),
    AuditRule(
        id="openai.model",
        criterion="SC-003",
        title="A model that is not Gemini's is named",
        why=_OPENAI,
        fix="Name a Gemini model, such as gemini-3.8-flash.",
    ),
    AuditRule(
        id="openai.host",
        criterion="SC-003",
        title="An OpenAI host is named as an address",
        why=_OPENAI,
        fix="Use Gemini's: https://generativelanguage.googleapis.com/v1beta/openai/",
    ),
    AuditRule(
        id="openai.client",
        criterion="SC-003",
        title="An OpenAI client has no base URL",
        why="Without base_url, and without OPENAI_BASE_URL, the client talks to api.openai.com.",
        fix='Give it base_url="https://generativelanguage.googleapis.com/v1beta/openai/" and Gemini\'s key.',
    ),
    AuditRule(
        id="openai.tracing",
        criterion="SC-003",
        title="The Agents SDK's tracing is left on",
        why="Runs are exported to api.openai.com as soon as any OPENAI_API_KEY is set, prompts and answers with them.",
        fix="CodeCall agents.set_tracing_disabled(True) at start, or set OPENAI_AGENTS_DISABLE_TRACING=1.",
    ),
    AuditRule(
        id="openai.responses-api",
        criterion="SC-003",
        title="The Responses API is used",
        why="Gemini's compatible endpoint has chat completions alone and answers 404; OpenAI's own is not Gemini.",
        fix='Use OpenAIChatCompletionsModel, or call agents.set_default_openai_api("chat_completions").',
    ),
    AuditRule(
        id="openai.hosted-tool",
        criterion="SC-003",
        title="A hosted tool of OpenAI's is given to an agent",
        why="Hosted tools run at OpenAI, through the Responses API. Gemini has none: the Agents SDK ends each turn.",
        fix="Take it out, or write a function tool that does its work.",
    ),
    AuditRule(
        id="openai.default-model",
        criterion="SC-003",
        title="An agent has no model",
        why="The Agents SDK then asks for its own default, a GPT model: 404 at Gemini, or an answer by OpenAI.",
        fix="Give the agent its model, or give RunConfig(model=...) to every run.",
    ),
    AuditRule(
        id="openai.hosted-chatkit",
        criterion="SC-003",
        title="ChatKit is run by OpenAI",
        why="With getClientSecret and chatkit.sessions the conversation, and the model, are OpenAI's.",
        fix="Give useChatKit api: { url, domainKey, fetch } and answer at that URL with a ChatKitServer.",
    ),
    AuditRule(
        id="gemini.base-url",
        weight="warning",
        title="Gemini's base URL is not as documented",
        why="Clients that join paths need the slash at its end; without /openai/ it is another API.",
        fix="Write https://generativelanguage.googleapis.com/v1beta/openai/ with the slash.",
    ),
    AuditRule(
        id="gemini.model-retires",
        weight="warning",
        title="A Gemini model retires",
        why="From that day another model answers in its place, or none.",
        fix="Name its successor.",
    ),
    AuditRule(
        id="gemini.model-unknown",
        weight="warning",
        title="No Gemini model of this name is known",
        why="Gemini answers 404 for a name that it does not know.",
        fix="Look at the list of models; if it is newer than this release, nothing is wrong.",
    ),
    AuditRule(
        id="chatkit.api",
        weight="warning",
        title="ChatKit's api option is not complete",
        why="A self-hosted ChatKit needs api.url, the endpoint, and api.domainKey, which the types require.",
        fix="Write api: { url: '/chatkit', domainKey: ..., fetch: ... }.",
    ),
    AuditRule(
        id="chatkit.domain-key",
        weight="warning",
        title="The domain key is a placeholder",
        why="It works on localhost alone: ChatKit refuses to show itself on an unregistered domain.",
        fix="Register the domain at OpenAI and read its key from the build's environment.",
    ),
    AuditRule(
        id="chatkit.credentials",
        weight="warning",
        title="ChatKit's fetch sends no credentials",
        why="Without credentials or an Authorization header the server does not know who asks.",
        fix="Write fetch: (input, init) => fetch(input, { ...init, credentials: 'include' }), or add the header there.",
    ),
    AuditRule(
        id="chatkit.option-unknown",
        weight="warning",
        title="ChatKit does not know this option",
        why="The types of the installed version do not have it: it is misspelt, or newer or older than they are.",
        fix="See the options of that version of @openai/chatkit.",
    ),
    AuditRule(
        id="chatkit.option-value",
        weight="warning",
        title="ChatKit's option has a value that it does not take",
        why="The types of @openai/chatkit want another kind of value: the option has no effect, or ChatKit fails.",
        fix="See the option's type in that version of @openai/chatkit.",
    ),
    AuditRule(
        id="chatkit.script",
        weight="warning",
        title="ChatKit's script is loaded nowhere",
        why="The packages hold types and bindings; the element itself comes from chatkit.js.",
        fix="Load https://cdn.platform.openai.com/deployments/chatkit/chatkit.js with a <script async>.",
    ),
    AuditRule(
        id="leftover.import",
        title="A removed file is still imported",
        why="The module does not load: its page or its server does not start.",
        fix="Delete the import and what uses it.",
    ),
    AuditRule(
        id="leftover.route",
        weight="warning",
        title="A route is called that no longer exists",
        why="The server had it before and has it no more: the call answers 404.",
        fix="Delete the call, or point it to ChatKit's endpoint.",
    ),
    AuditRule(
        id="leftover.file",
        weight="warning",
        title="A file of the old chat is left that nothing imports",
        why="It was imported before the migration, and by nothing now.",
        fix="Delete it.",
    ),
    AuditRule(
        id="versions.clash",
        weight="warning",
        title="Versions that do not work together",
        why="One of them was changed in a way that the other does not know.",
        fix="Move both.",
    ),
)

RULES: Mapping[str, AuditRule] = {rule.id: rule for rule in _ROWS}
"""Every rule by its id, in the order of reports."""
