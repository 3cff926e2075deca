"""How scripts and settings are read from JSON, and the numbers that they may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, Strict

READ = ConfigDict(extra="forbid")
"""How these are read from JSON: a key that is not theirs is a mistake."""

LONGEST_WAIT_S = 600.0
"""No wait lasts longer, whatever a script asks for, so that a forgotten gate cannot keep a connection for ever."""

Seconds = Annotated[float, Strict(), Field(ge=0, le=LONGEST_WAIT_S)]
Count = Annotated[int, Strict(), Field(ge=0)]
Length = Annotated[int, Strict(), Field(ge=1)]
Status = Annotated[int, Strict(), Field(ge=200, le=599)]
"""An HTTP status that ends a request."""

Switch = Annotated[bool, Strict()]
"""True or false, and no word for it."""
