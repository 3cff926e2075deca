"""adk-chatkit's store over Google ADK's sessions in SQLite."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from adk_chatkit import ADKContext, ADKStore
from google.adk.sessions import DatabaseSessionService


def make() -> Any:
    """The store, in a database of its own."""
    return ADKStore(DatabaseSessionService(f"sqlite+aiosqlite:///{Path(tempfile.mkdtemp()) / 'sessions.db'}"))


def context(user: str | None) -> Any:
    """The context of a user."""
    return ADKContext(app_name="contract", user_id=user or "")
