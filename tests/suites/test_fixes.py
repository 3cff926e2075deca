"""What a check tells people to write is tried: the fix does what is asked for, and what looks like it does not."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest

from chatkit_conformance.judging.catalogue import checks

OMITTED = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, {"openai-organization", "openai-project"}),
        ({"organization": "", "project": ""}, {"openai-organization", "openai-project"}),
        ({"default_headers": OMITTED}, set()),
    ],
)
def test_the_fix_for_openais_headers_leaves_them_out(
    options: dict[str, Any], sent: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With both variables set, omitted headers are not sent; empty ones are."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj")
    seen: set[str] = set()

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.update(name for name in request.headers if name.startswith("openai-"))
        return httpx2.Response(200, json={"data": [], "object": "list"})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    openai.OpenAI(api_key="k", base_url="http://127.0.0.1/", http_client=http, **options).models.list()
    assert seen == sent
    fix = next(check.fix for check in checks() if check.id == "gemini.no-openai-headers")
    assert all(name in fix for name in OMITTED)
    assert "Omit()" in fix
