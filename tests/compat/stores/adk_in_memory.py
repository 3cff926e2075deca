"""adk-chatkit's store over Google ADK's sessions in memory."""

from __future__ import annotations

from typing import Any

from adk_chatkit import ADKContext, ADKStore
from google.adk.sessions import InMemorySessionService


def make() -> Any:
    """The store."""
    return ADKStore(InMemorySessionService())


def context(user: str | None) -> Any:
    """The context of a user."""
    return ADKContext(app_name="contract", user_id=user or "")
