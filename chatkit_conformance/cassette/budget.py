"""What a run may spend on Gemini: requests and tokens, told before it starts, and never gone beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gemini_standin.models import Price, dearest, price_on


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
    ended: str = ""
    """Why nothing more may be spent, whatever is left."""

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
        if self.ended:
            return self.ended
        if self.most_requests and self.requests >= self.most_requests:
            return f"The budget of {self.most_requests} requests is used up."
        if self.most_tokens and self.total_tokens >= self.most_tokens:
            return f"The budget of {self.most_tokens:,} tokens is used up ({self.total_tokens:,} were spent)."
        return ""

    @property
    def spent(self) -> bool:
        """Whether it is used up."""
        return bool(self.refusal())

    def announced(self, model: str, day: date | None = None) -> str:
        """The line that is printed before anything is sent. `day`: that of the prices, today where none is given."""
        price, of = _price(model, day)
        most = self.most_tokens / 1e6 * max(price.input, price.output)
        return (
            f"budget: {self.most_requests} requests and {self.most_tokens:,} tokens at most, "
            f"below US$ {most:.2f} at {of or f'the list price of {model}'}"
        )

    def spent_line(self, model: str, day: date | None = None) -> str:
        """The line that is printed at the end."""
        price, of = _price(model, day)
        cost = (self.prompt_tokens * price.input + (self.completion_tokens + self.thinking_tokens) * price.output) / 1e6
        return (
            f"spent: {self.requests} requests, {self.prompt_tokens:,} prompt + {self.completion_tokens:,} answer + "
            f"{self.thinking_tokens:,} thinking tokens, about US$ {cost:.4f}{f' at {of}' if of else ''}"
        )


def _price(model: str, day: date | None) -> tuple[Price, str]:
    """The price, and in words whose it is where the model's own is not known: the estimate then errs upwards."""
    on = day or date.today()
    price = price_on(model, on)
    return (price, "") if price else (dearest(on), f"the highest price known, since that of {model} is not")
