"""The environment variable that keeps other plugins out of the pytest in which a run is judged."""

from __future__ import annotations

NO_AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
"""Read by pytest when it begins. Taken away again before the target is started, which shall not inherit it."""
