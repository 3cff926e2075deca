"""The real Gemini behind a run: the recording proxy holds its key and its budget, and keeps what passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from ..cassette.budget import Budget
from ..cassette.manifest import Origin
from ..cassette.recording_proxy import RecordingProxy
from ..cassette.tape import PLACE, TapedCall
from ..running.environment import MODEL
from ..target.config_error import ConfigError

TOKENS = 200_000
"""Tokens that a run spends at most, where nobody says otherwise."""

NO_KEY = "GEMINI_API_KEY is not set: export it to run with Gemini (https://aistudio.google.com/apikey)."


@dataclass(slots=True, kw_only=True)
class RealGemini:
    """Gemini, asked through the recording proxy.

    Args:
        key: its key; it stays in the recording proxy. endpoint: its OpenAI-compatible endpoint.
        model: which one a started server is told to use. requests, tokens: the budget.
    """

    key: str = field(repr=False)
    endpoint: str = PLACE
    model: str = MODEL
    requests: int = 0
    tokens: int = TOKENS
    _proxy: RecordingProxy | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, requests: int, tokens: int = TOKENS) -> RealGemini:
        """As the environment says, and nothing else. Raises ConfigError without a key."""
        if not (key := environ.get("GEMINI_API_KEY", "").strip()):
            raise ConfigError(NO_KEY)
        return cls(
            key=key,
            endpoint=environ.get("GEMINI_BASE_URL", "").strip() or PLACE,
            model=environ.get("GEMINI_MODEL", "").strip() or MODEL,
            requests=requests,
            tokens=tokens,
        )

    @property
    def origin(self) -> Origin:
        """What a recording of it is called: live only where it came from Google."""
        return "live" if (urlsplit(self.endpoint).hostname or "").endswith(".googleapis.com") else "stand-in"

    @property
    def base_url(self) -> str:
        """Where it is asked, once it was entered."""
        if self._proxy is None:
            raise RuntimeError("Gemini is asked inside `async with` alone")
        return self._proxy.base_url

    @property
    def calls(self) -> list[TapedCall]:
        """What passed."""
        return self._proxy.calls if self._proxy else []

    @property
    def budget(self) -> Budget:
        """What may be spent, and what was."""
        return self._proxy.budget if self._proxy else Budget(most_requests=self.requests, most_tokens=self.tokens)

    @property
    def refusal(self) -> str:
        """Why nothing more is asked of it, or ""."""
        return self.budget.refusal()

    @property
    def refused(self) -> bool:
        """Whether it refuses every request."""
        return bool(self.budget.ended)

    def announced(self) -> str:
        """What it may cost, before anything is sent, and where it is asked."""
        return f"endpoint: {self.endpoint}, model {self.model}\n{self.budget.announced(self.model)}"

    def spent(self) -> str:
        """What was spent, at the end, and on whom."""
        return f"the model's answers came from {self.endpoint}: {self.budget.spent_line(self.model)}"

    async def __aenter__(self) -> Self:
        """Take requests."""
        budget = Budget(most_requests=self.requests, most_tokens=self.tokens)
        self._proxy = RecordingProxy(upstream=self.endpoint, key=self.key, budget=budget, ends_at_refusal=True)
        await self._proxy.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Take no more."""
        if self._proxy is not None:
            await self._proxy.__aexit__(*error)
