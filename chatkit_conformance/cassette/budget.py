"""What a run may spend on Gemini: requests and tokens, told before it starts, and never gone beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens; thinking counts as output."""

    input: float
    output: float


PRICES: Mapping[str, Price] = {
    "gemini-2.5-flash-lite": Price(input=0.10, output=0.40),
    "gemini-2.5-flash": Price(input=0.30, output=2.50),
    "gemini-2.5-pro": Price(input=1.25, output=10.00),
}
"""By the beginning of the model's name, the longest first: list prices of 2025, text, paid tier, as they were known
when this was written and not checked since. What they give is an estimate; the bill is Google's."""

DEAREST = Price(input=2.00, output=12.00)
"""Taken for a model without a known price, so that an estimate errs upwards."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """The most that may be spent, and what has been.

    Args:
        most_requests, most_tokens: limits; 0 is none.
    """

    most_requests: int = 0
    most_tokens: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0

    def add(self, usage: Mapping[str, int]) -> None:
        """Count the usage that an answer told."""
        self.prompt_tokens += usage.get("prompt_tokens", 0)
        self.completion_tokens += usage.get("completion_tokens", 0)
        self.total_tokens += usage.get("total_tokens", 0)

    @property
    def thinking_tokens(self) -> int:
        """Tokens that are in the total alone: Gemini's thinking."""
        return max(0, self.total_tokens - self.prompt_tokens - self.completion_tokens)

    def refusal(self) -> str:
        """Why no further request may be sent, or ""."""
        if self.most_requests and self.requests >= self.most_requests:
            return f"The budget of {self.most_requests} requests is used up."
        if self.most_tokens and self.total_tokens >= self.most_tokens:
            return f"The budget of {self.most_tokens:,} tokens is used up ({self.total_tokens:,} were spent)."
        return ""

    @property
    def spent(self) -> bool:
        """Whether it is used up."""
        return bool(self.refusal())

    def announced(self, model: str) -> str:
        """The line that is printed before anything is sent."""
        price, known = price_of(model)
        most = self.most_tokens / 1e6 * max(price.input, price.output)
        of = f"{model}'s list price" if known else f"the highest known price, since the price of {model} is unknown"
        return (
            f"budget: {self.most_requests} requests and {self.most_tokens:,} tokens at most, "
            f"below US$ {most:.2f} at {of}"
        )

    def spent_line(self, model: str) -> str:
        """The line that is printed at the end."""
        price, known = price_of(model)
        cost = (self.prompt_tokens * price.input + (self.completion_tokens + self.thinking_tokens) * price.output) / 1e6
        return (
            f"spent: {self.requests} requests, {self.prompt_tokens:,} prompt + {self.completion_tokens:,} answer + "
            f"{self.thinking_tokens:,} thinking tokens, about US$ {cost:.4f}{'' if known else ' (highest known price)'}"
        )


def price_of(model: str) -> tuple[Price, bool]:
    """The price, and whether it is this model's own."""
    bare = model.removeprefix("models/")
    names = sorted((name for name in PRICES if bare.startswith(name)), key=len, reverse=True)
    return (PRICES[names[0]], True) if names else (DEAREST, False)
