"""The audit of a migration's source: what is left of the old chat, what is not Gemini's, and how much code is gone."""

from .audit import Audit, audit

__all__ = ["Audit", "audit"]
