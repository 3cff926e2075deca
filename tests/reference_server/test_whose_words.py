"""What Gemini, or a gateway in front of it, says in its own words reaches the log and no user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import openai
import pytest

from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.failure import GeminiFailure, error_in, from_body, from_exception
from reference_server.gemini_compat.wire import EventReader
from reference_server.log import WithoutSecrets

TRACE = 'Traceback (most recent call last):\n  File "/srv/gateway/app.py", line 7\nKeyError: sk-gateway-0123456789'


def _body(code: int, message: str, **more: Any) -> GeminiFailure:
    found = error_in({"error": {"code": code, "message": message, "status": "UNAVAILABLE", **more}})
    assert found is not None
    return from_body(found)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_a_gateways_words_are_not_the_users(code: int) -> None:
    """Message and path of the error stay away from the user; log and user share a reference; a key is in neither."""
    failure = _body(code, TRACE, status=TRACE)
    assert "Traceback" not in failure.message
    assert "/srv" not in failure.message
    assert failure.reference in failure.message
    assert "/srv/gateway" in failure.said
    assert "sk-gateway" not in failure.said + failure.message


def _with_header(value: str, message: str = "slower") -> GeminiFailure | None:
    request = httpx.Request("POST", "http://127.0.0.1:1/")
    response: Any = httpx.Response(
        429, headers={"retry-after": value}, json={"error": {"code": 429, "message": message}}, request=request
    )
    return from_exception(openai.RateLimitError("no", response=response, body=None), silence_s=1.0)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7.0, 7.0),
        (format_datetime(datetime.now(UTC) + timedelta(seconds=3000), usegmt=True), 2000.0, 3000.0),
        (format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True), 0.0, 0.0),
    ],
    ids=["seconds", "date", "past"],
)
def test_a_wait_in_a_header_is_read(value: str, least: float, most: float) -> None:
    """Retry-After counts as seconds and as a date."""
    failure = _with_header(value)
    assert failure is not None
    assert failure.retry_after_s is not None
    assert least <= failure.retry_after_s <= most


@pytest.mark.parametrize("value", ["soon", "", "9" * 400, "1.2.3", "-5"])
def test_a_wait_that_is_none_is_none(value: str) -> None:
    """What is no wait is passed over, in the header and in the body, however long."""
    failure = _with_header(value, message=f"Please retry in {value}s.")
    assert failure is not None
    assert failure.retry_after_s is None
    assert _body(429, "x", details=[{"retryDelay": f"{value}s"}]).retry_after_s is None


def test_a_days_quota_is_not_to_be_tried_again() -> None:
    """A wait of hours, as Google writes it, offers no retry."""
    failure = _body(429, "You exceeded your quota. Please retry in 19h34m29.8s.")
    assert failure.retry_after_s == pytest.approx(19 * 3600 + 34 * 60 + 29.8)
    assert not failure.passing


class _Deaf:
    def write(self, text: str) -> None:
        """Hear nothing."""

    def thinking(self, text: str) -> None:
        """Nothing: thoughts are not kept."""

    def calling(self, tool: str) -> None:
        """See nothing."""

    def end(self) -> None:
        """Wait for nothing."""


def _read(answer: Answer, choice: dict[str, Any]) -> None:
    answer._take([{"choices": [choice]}])
    answer._judge(ended=True)


def _feed(reader: EventReader, read: bytes, times: int) -> None:
    for _ in range(times):
        reader.feed(read)


@pytest.mark.parametrize(
    "choice",
    [
        {"delta": {"content": 7}, "finish_reason": "stop"},
        {"delta": {"content": {"a": 1}}, "finish_reason": "stop"},
        {"delta": {"content": [{"type": "text", "text": "Hi."}]}, "finish_reason": "stop"},
        {"delta": {"tool_calls": 7}, "finish_reason": "stop"},
        {"delta": {"tool_calls": {"a": 1}}, "finish_reason": "stop"},
        {"delta": {"tool_calls": [7]}, "finish_reason": "stop"},
        {"delta": {"content": "Hi."}, "finish_reason": 7},
        {"delta": {"content": "Hi."}, "finish_reason": ["stop"]},
    ],
    ids=str,
)
def test_a_shape_that_no_answer_has_is_told_in_words(choice: dict[str, Any]) -> None:
    """Whatever stands where words, calls or a reason should, the failure is one that a user can read."""
    answer = Answer((), _Deaf())
    with pytest.raises(GeminiFailure, match="Gemini"):
        _read(answer, choice)


def test_an_event_without_end_is_cut() -> None:
    """More than a megabyte without the end of an event is given up, in time that grows with the bytes alone."""
    reader = EventReader()
    with pytest.raises(GeminiFailure, match="above a megabyte"):
        _feed(reader, b"data: " + b"x" * 100, 20_000)


def test_an_answer_without_end_is_cut() -> None:
    """So is an answer that is larger than Gemini's can be, in events of any size."""
    reader = EventReader()
    with pytest.raises(GeminiFailure, match="larger than any answer"):
        _feed(reader, b'data: {"choices": []}\n\n' * 500, 2000)


def test_the_log_holds_no_key() -> None:
    """The configured key is taken out by its value, of exceptions too."""
    import logging

    formatter = WithoutSecrets("%(message)s", ["plain-word-as-a-key"])
    try:
        raise ValueError("refused plain-word-as-a-key")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "with %s", ("plain-word-as-a-key",), (ValueError, error, None)
        )
    assert "plain-word" not in formatter.format(record)
