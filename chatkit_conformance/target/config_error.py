"""What a configuration that cannot be used raises."""

from __future__ import annotations


class ConfigError(ValueError):
    """The target file or an option is wrong. The message says where, what was there, and what to write."""
