"""The requirement ledger: every requirement found, where it stands, and what holds a server to it."""

from .row import Row, Source, ledger

__all__ = ["Row", "Source", "ledger"]
