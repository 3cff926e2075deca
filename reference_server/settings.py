"""Everything that can be set, read from the environment once, checked at the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from reference_server.database import database_url

GOOGLE = "https://generativelanguage.googleapis.com/v1beta/openai/"
# RFC 7518, section 3.2: an HS256 key has at least 256 bits.
_SHORTEST_SECRET = 32
# Different characters of a secret: 64 random hexadecimal digits have fewer than eight once in a million million.
_FEWEST_LETTERS = 8


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names the variable and says what to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The server's settings. Times are in seconds, sizes in bytes; secrets stay out of `repr`."""

    gemini_api_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    gemini_base_url: str = GOOGLE
    gemini_model: str = "gemini-3.8-flash"
    database_url: str = field(default="sqlite+aiosqlite:///./chatkit.db", repr=False)
    # Requests a minute for each user; 0 switches the limit off.
    rate_limit: int = 120
    max_body_bytes: int = 1024 * 1024
    max_attachment_bytes: int = 10 * 1024 * 1024
    gemini_connect_timeout: float = 5.0
    # Thinking models are silent before the first token: the slowest recorded start was 6.6 s for a short prompt.
    gemini_timeout: float = 30.0
    # Gemini's own wait is honoured up to this long; a longer one is told to the user.
    gemini_longest_wait: float = 2.0
    turn_timeout: float = 300.0
    tool_timeout: float = 10.0
    # A request's head and body have to come within these.
    head_timeout: float = 10.0
    body_timeout: float = 60.0
    # What the tokens' `iss` and `aud` have to be; "" for an application whose tokens have none.
    jwt_issuer: str = ""
    jwt_audience: str = ""
    # Bytes of files that are kept for each user; 0 for no limit.
    max_stored_bytes: int = 1024 * 1024 * 1024
    # The server's own address, as browsers know it; "" takes what each request names as its Host.
    public_url: str = ""
    cors_origins: tuple[str, ...] = ()
    # Where the tools come from: "" in the process itself, "stdio" or "http" a child of it, or the URL of an MCP server.
    tools_mcp: str = ""
    chatkit_domain_key: str = "domain_pk_localhost_dev"

    @property
    def own_origins(self) -> frozenset[str]:
        """Origins of pages that are ours, beside that which each request names as its Host."""
        parts = urlsplit(self.public_url)
        return frozenset((*self.cors_origins, *([f"{parts.scheme}://{parts.netloc}"] if self.public_url else ())))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings: each field's name in capitals is its variable. Raises SettingsError."""
        read: dict[str, Any] = {}
        for name, parse in _PARSERS.items():
            variable = name.upper()
            text = environment.get(variable, "").strip()
            if text:
                try:
                    read[name] = parse(text)
                except ValueError as refusal:
                    raise SettingsError(f"{variable} is wrong: {refusal}") from refusal
            elif name in _REQUIRED:
                raise SettingsError(f"{variable} is not set: {_REQUIRED[name]}")
        return cls(**read)


_REQUIRED = {
    "gemini_api_key": "put in a Gemini API key (https://aistudio.google.com/apikey)",
    "jwt_secret": f"put in at least {_SHORTEST_SECRET} random bytes, for example from `openssl rand -hex 32`",
}


def _secret(text: str) -> str:
    if len(text.encode()) < _SHORTEST_SECRET:
        raise ValueError(f"it has {len(text.encode())} bytes; put in at least {_SHORTEST_SECRET} random ones")
    repeated = any(text == (text[:n] * (len(text) // n + 1))[: len(text)] for n in range(1, len(text) // 2 + 1))
    if len(set(text)) < _FEWEST_LETTERS or repeated:
        raise ValueError("it can be guessed: it repeats itself; put in the output of `openssl rand -hex 32`")
    return text


def _address(text: str) -> str:
    return _url(text).rstrip("/")


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no http(s) URL; Google's is {GOOGLE}")
    return text if text.endswith("/") else text + "/"


def _model(text: str) -> str:
    name = text.removeprefix("models/")
    if not name.startswith("gemini-"):
        raise ValueError(f"{text!r} is no Gemini model; put in a name like gemini-3.8-flash")
    return name


def _database(text: str) -> str:
    database_url(text)
    return text


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no whole number of zero or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 86_400:
        raise ValueError(f"{text!r} is no number of seconds above zero and below a day")
    return seconds


def _tools(text: str) -> str:
    if text not in ("stdio", "http") and not text.startswith(("http://", "https://")):
        raise ValueError(f'{text!r} is neither "stdio" nor "http" nor the URL of an MCP server')
    return text


def _origins(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


_PARSERS: dict[str, Callable[[str], Any]] = {
    "gemini_api_key": str,
    "jwt_secret": _secret,
    "gemini_base_url": _url,
    "gemini_model": _model,
    "database_url": _database,
    "rate_limit": _count,
    "max_body_bytes": _count,
    "max_attachment_bytes": _count,
    "max_stored_bytes": _count,
    "jwt_issuer": str,
    "jwt_audience": str,
    "public_url": _address,
    "gemini_connect_timeout": _seconds,
    "gemini_timeout": _seconds,
    "gemini_longest_wait": _seconds,
    "turn_timeout": _seconds,
    "tool_timeout": _seconds,
    "head_timeout": _seconds,
    "body_timeout": _seconds,
    "cors_origins": _origins,
    "tools_mcp": _tools,
    "chatkit_domain_key": str,
}
