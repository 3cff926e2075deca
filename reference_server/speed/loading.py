"""Loading the SDKs in less CPU time: without what is built for later, and without what is never used.

They bring some 1,500 pydantic models, most of them the Agents SDK's for MCP, which this server speaks only where
TOOLS_MCP says so. While they are imported, a model's validator is left to be made when it is first used; afterwards
pydantic is as it was. MCP's own packages are run when something is first taken from them. The collector finds nothing
to collect while classes are made, nor among them afterwards.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType

from pydantic import BaseModel


@contextmanager
def lightly() -> Iterator[None]:
    """Import inside this block what brings many models. Models of yours are better defined outside of it."""
    before = BaseModel.model_config.get("defer_build", False)
    BaseModel.model_config["defer_build"] = True
    gc.disable()
    _later("mcp")
    try:
        yield
    finally:
        BaseModel.model_config["defer_build"] = before
        gc.freeze()
        gc.enable()


class Later(ModuleType):
    """A package that is run when something is first taken from it; modules in it can be imported before."""

    def __getattr__(self, name: str) -> object:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = ModuleType  # type: ignore[assignment]  # from here on it is a module as any other
        spec.loader.exec_module(self)
        return getattr(self, name)


def _later(name: str) -> None:
    spec = find_spec(name) if name not in sys.modules else None
    if spec is None or spec.loader is None or spec.submodule_search_locations is None:
        return
    module = Later(name)
    module.__spec__, module.__loader__, module.__file__ = spec, spec.loader, spec.origin
    module.__package__, module.__path__ = name, spec.submodule_search_locations
    sys.modules[name] = module
