"""Property tests for anyone's ChatKit `Store`: subclass `StoreContract`, see docs/testing-your-store.md."""

from __future__ import annotations

import warnings

try:
    import hypothesis  # noqa: F401  # needed by the modules below; asked for here to say what to install

    with warnings.catch_warnings():
        # The SDK warns of its own classes; where warnings are errors it could not be imported.
        warnings.filterwarnings("ignore", "Direct usage of named", DeprecationWarning)
        from chatkit.store import Store  # noqa: F401  # likewise
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"The Store contract needs {missing.name}. Type: pip install 'chatkit-conformance[store]'", name=missing.name
    ) from missing

from .capabilities import Capabilities
from .contract import CONTRACT_TESTS, StoreContract
from .finding import StoreFinding
from .rules import RULES, StoreRule

__all__ = ["CONTRACT_TESTS", "RULES", "Capabilities", "StoreContract", "StoreFinding", "StoreRule"]
