"""A cassette as it lies on the disk, checked when read: vcrpy's YAML with parsed bodies, and its timing beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypeVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from .given_file import MOST_RESULTS, read_given_text
from .mistake import mistakes

Ended = Literal["whole", "cut", "left"]
"""How an answer ended: whole; the connection was cut; the server left before it was whole."""


class CassetteError(ValueError):
    """A cassette that cannot be read. The message names the file and what is wrong."""


class RecordedBody(TypedDict, total=False):
    """A body in one of its forms: a JSON value (`written` "indented" as Gemini writes errors), data lines, or text."""

    json: Any
    written: str
    events: list[str]
    text: str


class RecordedRequest(TypedDict):
    """What was asked."""

    method: str
    uri: str
    body: NotRequired[RecordedBody | str | None]


class RecordedStatus(TypedDict):
    """How it was answered."""

    code: int


class RecordedResponse(TypedDict):
    """What was answered."""

    status: RecordedStatus
    headers: dict[str, list[str]]
    body: RecordedBody


class Interaction(TypedDict):
    """One call."""

    request: RecordedRequest
    response: RecordedResponse


class CassetteFile(TypedDict):
    """NAME.yaml; vcrpy's other keys are let be."""

    interactions: list[Interaction]


class CallTiming(TypedDict, total=False):
    """When each piece came, in seconds after the request, and how and when the answer ended."""

    at: list[float]
    ended: Ended
    ended_s: float


class TimingFile(TypedDict):
    """timing/NAME.json."""

    calls: list[CallTiming]


T = TypeVar("T")
_CASSETTE: TypeAdapter[CassetteFile] = TypeAdapter(CassetteFile)
_TIMING: TypeAdapter[TimingFile] = TypeAdapter(TimingFile)


def interactions(path: Path) -> list[tuple[Interaction, CallTiming]]:
    """Each call of a cassette, and when its answer came. Raises CassetteError."""
    try:
        import yaml  # type: ignore[import-untyped]  # PyYAML has no types of its own
    except ImportError:
        raise CassetteError(
            "cassettes need PyYAML, which comes with: pip install 'chatkit-conformance[cassettes]'"
        ) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    timing = path.parent / "timing" / f"{path.stem}.json"
    try:
        value = yaml.load(read_given_text(path, MOST_RESULTS), Loader=loader)  # noqa: S506  # both loaders are safe ones
        times = json.loads(read_given_text(timing, MOST_RESULTS)) if timing.exists() else {"calls": []}
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise CassetteError(f"{path}: not a cassette: {type(error).__name__}: {error}") from error
    rows = _as(_CASSETTE, value, path)["interactions"]
    moments = _as(_TIMING, times, timing)["calls"]
    moments += [CallTiming()] * (len(rows) - len(moments))
    return list(zip(rows, moments, strict=False))


def _as(adapter: TypeAdapter[T], value: Any, path: Path) -> T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        places = (f"{'.'.join(map(str, made.place))}: {made.sentence}" for made in mistakes(error, adapter))
        raise CassetteError(f"{path}: not a cassette: " + "; ".join(places)) from None
