"""The form of a target file: its whole vocabulary, as pydantic reads it.

docs/chatkit-target.schema.json is made of it, so that editors complete the file. What a key is where it is not given
stands in target.py. Loaded only where a target file is read, for it needs pydantic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, TypeAdapter, create_model

from .target import CAPABILITIES, GUARDS, LATENCY, ROLES, SHOWS, Auth, Target, Upstream

Seconds = Annotated[float, Strict(), Field(gt=0)]
Amount = Annotated[int, Strict(), Field(ge=1)]
Port = Annotated[int, Strict(), Field(ge=0, le=65535)]
Switch = Annotated[bool, Strict()]
Texts = dict[str, str]


def _row(type_: Any, name: str, means: str, *examples: Any) -> Any:
    """A key of [target] or [upstream]: a field of Target, with its default, and what editors show of it."""
    of = Target.__dataclass_fields__[name]
    default = {} if callable(of.default_factory) else of.default
    default = "" if default == () else default
    return (type_, Field(default, description=means, examples=list(examples) or None))


class Section(BaseModel):
    """A table of the file: a key that it does not have is a mistake."""

    model_config = ConfigDict(extra="forbid")


class UserSection(Section):
    """One user: what makes a request theirs."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"headers": {"Authorization": "Bearer {token:a}"}}]})

    headers: Annotated[Texts, Field(examples=[{"Authorization": "Bearer {token:a}"}])] = {}
    cookies: Annotated[Texts, Field(examples=[{"session": "${SESSION_A}"}])] = {}
    query: Annotated[Texts, Field(examples=[{"api_key": "${API_KEY_A}"}])] = {}


class VisitorsSection(Section):
    """What makes a request of a user whom nobody named, where your server takes any: {visitor} is their name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"headers": {"X-User": "{visitor}"}}]})

    headers: Annotated[Texts, Field(examples=[{"X-User": "{visitor}"}])] = {}
    cookies: Annotated[Texts, Field(examples=[{"user": "{visitor}"}])] = {}
    query: Annotated[Texts, Field(examples=[{"user": "{visitor}"}])] = {}


def _section(name: str, doc: str, **rows: Any) -> type[Section]:
    return create_model(f"{name}Section", __base__=Section, __doc__=doc, **rows)


def _rows(type_: Any, names: Iterable[str]) -> dict[str, Any]:
    """Keys of the same type, none of them required."""
    return {name.replace("-", "_"): (type_, Field(None, alias=name)) for name in names}


TARGET = _section(
    "Target",
    "The server: the URL of a running one, or the command that starts it.",
    url=_row(str, "url", "The ChatKit endpoint of a running server.", "http://127.0.0.1:8000/chatkit"),
    command=_row(str | list[str], "command", "What starts the server.", ["node", "server.js"]),
    path=_row(Annotated[str, Field(pattern="^(/.*)?$")], "path", "ChatKit's path in the started server.", "/api/chat"),
    port=_row(Port, "port", "The started server's port, where what is in front of it knows one; 0 for any.", 8000),
    through=_row(
        str,
        "through",
        "Asked in the started server's place: a proxy that leads to it.",
        "http://127.0.0.1:8080/chatkit",
    ),
    cwd=_row(str, "cwd", "Folder of the command, from this file.", "."),
    env=_row(Texts, "env", "Added to the command's environment.", {"LOG_LEVEL": "info"}),
    health=_row(str, "health", 'A path that answers when the server is ready; "" if there is none.', "/health"),
    start_deadline_s=_row(Seconds, "start_deadline_s", "Seconds that the command has to listen.", 30),
    jwt_secret=_row(
        str, "jwt_secret", "HS256 secret that signs {token:a}; without one, a random JWT_SECRET.", "${JWT_SECRET}"
    ),
    auth=_row(Auth, "auth", "How a request says whose it is.", "cookie"),
)
UPSTREAM = _section(
    "Upstream",
    "What the server's model is.",
    mode=_row(
        Upstream, "upstream", "Our stand-in, the real Gemini asked through us, or one that we do not see.", "stand-in"
    ),
    port=_row(Port, "standin_port", "The stand-in's port; 0 for any free one.", 9100),
    also_responses=_row(Switch, "also_responses", "Play OpenAI's Responses API, which Gemini does not have.", True),
)
TOOLS = _section(
    "Tools",
    'The server\'s own names of its tools, if they cannot be recognized; "" or false where there is none.',
    arguments=_row(dict[str, Any], "tool_arguments", "Arguments that only the owner knows.", {"user_id": "u-1"}),
    **_rows(Annotated[str | Literal[False], Field(examples=["create_task", False])], (*ROLES, *SHOWS)),
)
CAPABILITY = _section(
    "Capabilities",
    "What the server has: true is judged, false is not applicable, and what is left out is probed.",
    **_rows(Annotated[Switch, Field(examples=[False])], CAPABILITIES),
)
GUARDRAILS = _section(
    "Guardrails",
    "Words that the server's guardrails do not let pass: a message of the user's, an answer of the model's.",
    **_rows(Annotated[str, Field(min_length=1, examples=["What is the secret recipe?"])], GUARDS),
)
LIMITS = _section(
    "Limits",
    "What the server refuses beyond.",
    requests_per_minute=(Annotated[Amount, Field(examples=[120])], None),
    max_body_bytes=(Annotated[Amount, Field(examples=[1_048_576])], None),
)
LATENCY_S = _section("Latency", "Seconds that are allowed.", **_rows(Annotated[Seconds, Field(examples=[2])], LATENCY))

FORM: TypeAdapter[Section] = TypeAdapter(
    create_model(
        "TargetFile",
        __base__=Section,
        __doc__="chatkit-target.toml: the server that is judged, and what its owner says of it.",
        target=(TARGET, Field(None, examples=[{"command": "node server.js"}])),
        users=(dict[str, UserSection], Field({}, description="By name; a and b are what the suites use.")),
        visitors=(VisitorsSection, None),
        upstream=(UPSTREAM, None),
        tools=(TOOLS, None),
        capabilities=(CAPABILITY, None),
        guardrails=(GUARDRAILS, None),
        limits=(LIMITS, None),
        latency=(LATENCY_S, None),
    )
)
"""A whole target file."""
