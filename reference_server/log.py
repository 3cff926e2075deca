"""The log: one line for each thing, and no secret in it, whoever quotes one."""

from __future__ import annotations

import logging
from collections.abc import Iterable

_SHORTEST = 8


class WithoutSecrets(logging.Formatter):
    """Formats as it is told, and then takes the secrets out: of messages, of exceptions, of what a library says."""

    def __init__(self, format: str, secrets: Iterable[str]) -> None:
        super().__init__(format)
        self._secrets = sorted((s for s in secrets if len(s) >= _SHORTEST), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, each secret as [secret]."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text
