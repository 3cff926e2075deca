"""Loading the SDKs in two thirds of the CPU time.

They bring some 1,500 pydantic models, most of them the Agents SDK's for MCP, which this server speaks only where
TOOLS_MCP says so. While they are imported, a model's validator is left to be made when it is first used; afterwards
pydantic is as it was. The collector finds nothing to collect while classes are made.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def lightly() -> Iterator[None]:
    """Import inside this block what brings many models. Models of yours are better defined outside of it."""
    before = BaseModel.model_config.get("defer_build", False)
    BaseModel.model_config["defer_build"] = True
    gc.disable()
    try:
        yield
    finally:
        BaseModel.model_config["defer_build"] = before
        gc.enable()
