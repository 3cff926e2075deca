"""What the requests of a server to its model tell: another API, a base URL that is joined wrongly, a key, a model.

Read from the stand-in's journal, which keeps the requests that lead nowhere as well. A server that was answered once
needs no diagnosis: what else it asks may be beside the conversation.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gemini_standin.models import DEFAULT, MODELS, notice, row_of

from ..target.scrub import fingerprint
from ..transcript import Call
from .diagnosis import Diagnosis

CHAT = "/v1beta/openai/chat/completions"
"""Gemini's path for chat completions, which a server joins from its base URL and `chat/completions`."""

BASE = "/v1beta/openai/"

RESPONSES = Diagnosis(
    id="responses-api",
    says="The server asks OpenAI's Responses API, which Gemini does not have: set a chat completions model.",
    do="In the Agents SDK: OpenAIChatCompletionsModel(model=..., openai_client=...), or "
    'set_default_openai_api("chat_completions"); in openai: client.chat.completions.',
)
"""The one sentence for a server that asks the Responses API, wherever it is told."""

EMPTY_KEYS = ("None", "null", "undefined", "", "Bearer")
"""What is sent for a key where the variable that it is read from is not set."""

SIGNATURE = "thought_signature"
"""What Gemini names where a call came back without it: ai.google.dev/gemini-api/docs/thought-signatures."""

_NATIVE = re.compile(r"/v1(?:beta)?/models/[^/]+:(?:stream)?[gG]enerateContent$")


_BESIDE = (
    re.compile(r"^/v1beta/openai/(?:embeddings|models|images|videos|files|batches|audio)(?:/|$)"),
    re.compile(r"^/(?:upload/)?v1(?:beta)?/(?:files|cachedContents|fileSearchStores|operations)(?:[/:]|$)"),
    re.compile(r"^/v1(?:beta)?/models(?:/[^/:]+)?(?::(?:embedContent|batchEmbedContents|countTokens|predict\w*))?$"),
)
"""Gemini's other endpoints. Sources: ai.google.dev/gemini-api/docs/openai (embeddings, images, videos, batches,
models), ai.google.dev/api (models, files, caching, embeddings, tokens)."""


def is_responses(path: str) -> bool:
    """Whether a path is of OpenAI's Responses API."""
    return re.search(r"/responses(?:/|$)", path.lower()) is not None


def is_beside(path: str) -> bool:
    """Whether a path is one of Gemini's that asks for no words: vectors, counts, models, files, pictures."""
    bare = path.partition("?")[0]
    return any(pattern.search(bare) for pattern in _BESIDE)


def is_stray(path: str) -> bool:
    """Whether a path is none of Gemini's two APIs."""
    return path != CHAT and not _NATIVE.search(path) and not is_beside(path)


def asked_wrongly(calls: Iterable[Call], keys: Mapping[str, str]) -> Diagnosis | None:
    """What is wrong with these requests, or None: a key that is none, else why not one of them was answered.

    Args:
        calls: the stand-in's journal. keys: secrets that the server was given, by their variable.
    """
    asked = [call for call in calls if call.method == "POST" and not is_beside(call.path)]
    if wrong := next(filter(None, (_wrong_key(call, keys) for call in asked)), None):
        return wrong
    if not asked or any(call.status == 200 for call in asked):
        return None
    if strays := [call for call in asked if is_stray(call.path)]:
        return wrong_path(strays[-1].path)
    return _wrong_model(asked[-1]) or _refused(asked[-1])


def wrong_path(path: str) -> Diagnosis:
    """What is wrong with a path that Gemini does not have."""
    if is_responses(path):
        return RESPONSES
    if re.search(r":(?:stream)?[gG]enerateContent$", path):
        says = f"The server asks Gemini's own API below the OpenAI-compatible base URL (POST {path})."
        return Diagnosis(id="base-url", says=says, do="Give that client GOOGLE_GEMINI_BASE_URL, not GEMINI_BASE_URL.")
    if not path.endswith(("chat/completions", "chat/completions/")):
        says = f"The server asks a path that Gemini does not have (POST {path})."
        return Diagnosis(id="base-url", says=says, do="Use chat completions: client.chat.completions in openai.")
    if path.startswith(BASE.rstrip("/") + "chat"):
        why = "the slash between the base URL and chat/completions is missing"
    elif "//" in path:
        why = "there are two slashes between the base URL and chat/completions"
    elif path.endswith("/"):
        why = "it ends with a slash"
    elif path.startswith(BASE):
        more = path.removeprefix(BASE).removesuffix("chat/completions")
        why = f"{more!r} is added to the base URL"
    else:
        why = f"{BASE} of the base URL was dropped"
    return Diagnosis(
        id="base-url",
        says=f"The server's base URL is wrong: it asks POST {path}, but {why}; Gemini's path is {CHAT}.",
        do="Take GEMINI_BASE_URL whole, with its slash, and add only chat/completions: "
        'AsyncOpenAI(base_url=os.environ["GEMINI_BASE_URL"]).',
    )


def _wrong_key(call: Call, keys: Mapping[str, str]) -> Diagnosis | None:
    if is_stray(call.path):
        return None
    sent = call.headers.get("authorization", "") or call.headers.get("x-goog-api-key", "")
    mend = 'Pass it the key of its environment: api_key=os.environ["GEMINI_API_KEY"].'
    if not sent:
        return Diagnosis(id="key", says="The server sends its model no API key.", do=mend)
    if any(_is(sent, value) for value in EMPTY_KEYS):
        says = "The server sends its model an empty API key, or the word None: the variable that it reads is not set."
        return Diagnosis(id="key", says=says, do=mend)
    for name, value in keys.items():
        if name.startswith("OPENAI") and _is(sent, value):
            return Diagnosis(id="key", says=f"The server sends its model {name}, which is no key of Gemini's.", do=mend)
    if call.status == 400 and any("API key not valid" in said for said in call.complaints):
        return Diagnosis(
            id="key", says=f"The server sends its model a key that is none: {_shape(sent, keys)}.", do=mend
        )
    if call.status == 400 and any("Authorization header" in said for said in call.complaints):
        return Diagnosis(id="key", says=f"Gemini refuses the server's credentials: {call.complaints[0]}", do=mend)
    return None


def _shape(shown: str, keys: Mapping[str, str]) -> str:
    """In what a key that Gemini does not take is unlike one that it was given."""
    if shown.lower().startswith("bearer bearer"):
        return "Bearer stands before it twice, and the client adds that word itself"
    for name, value in keys.items():
        if any(_is(shown, f"{quote}{value}{quote}") for quote in ("'", '"', "`")):
            return f"{name} stands in quotes, which belong to the file that it is read from"
    return "it holds quotes, a space or a variable that nobody filled in"


def _is(shown: str, secret: str) -> bool:
    """Whether a credential of the journal, of which it keeps a fingerprint, is this one."""
    return shown.endswith(fingerprint(secret).removeprefix("<secret ").removesuffix(">"))


def _wrong_model(call: Call) -> Diagnosis | None:
    if call.status != 404:
        return None
    name = call.model.removeprefix("models/")
    row = row_of(name)
    if row is not None and not row.served:
        when = f" since {row.retires}" if row.retires else ""
        says = f"The server asks for {name}, which Gemini does not serve any more{when}."
    elif row is not None:
        says = f"The server asks for {name}, which answers no chat."
    elif name.startswith("gemini"):
        says = f"The server asks for {name}, a model that Gemini does not have."
    else:
        says = f"The server asks for {name or 'no model'}, which is no model of Gemini's."
    lasting = [m.id for m in MODELS.values() if m.served and m.chats and not m.retires and not m.deprecated]
    near = difflib.get_close_matches(name, lasting, n=1, cutoff=0.8)
    better = near[0] if near else DEFAULT
    return Diagnosis(id="model", says=says, do=f"Set the model to one that there is: GEMINI_MODEL={better}.")


def _refused(call: Call) -> Diagnosis | None:
    if call.status < 400:
        return None
    said = call.complaints[0] if call.complaints else f"HTTP {call.status}"
    return Diagnosis(
        id="refused",
        says=f"Gemini refuses the server's request with HTTP {call.status}: {' '.join(said.split())[:300]}.",
        do="Send only what its OpenAI-compatible endpoint takes; chatkit-conformance run shows the request.",
    )


def refused_after_call(calls: Iterable[Call]) -> Diagnosis | None:
    """Why Gemini refuses what follows the call of a tool, in a turn whose first request it took; or None."""
    made = list(calls)
    if not made or made[0].status != 200 or (call := next((c for c in made if c.status == 400), None)) is None:
        return None
    said = " ".join(call.complaints[0].split()) if call.complaints else ""
    if SIGNATURE not in said:
        return _refused(call)
    return Diagnosis(
        id="signature",
        says="The server loses the thought signature of a tool's call: Gemini 3 refuses the request that brings the "
        f"result, with HTTP 400 ({said[:140]}...), and every turn with a tool ends there.",
        do="Keep the whole call and send it back as it came, with extra_content.google.thought_signature (in Gemini's "
        "own API: thoughtSignature of its part).",
    )


def retirements(calls: Sequence[Call], as_of: date) -> list[str]:
    """What is to be said of the models that were asked for and answered, a sentence each."""
    names = dict.fromkeys(call.model for call in calls if call.status < 400 and call.model)
    return [said for name in names if (said := notice(name, as_of))]
