"""HTTP's status codes that more than one room asks for."""

from __future__ import annotations

TOO_MANY = 429
"""RFC 6585 section 4: the user has sent too many requests. What was turned away was not processed."""
