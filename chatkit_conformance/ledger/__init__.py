"""The requirement ledger: every requirement found, where it stands, and what holds a server to it."""

from .row import Requirement, RequirementSource, ledger

__all__ = ["Requirement", "RequirementSource", "ledger"]
