"""The names that users' own files import. Moving one is a major release."""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "chatkit_conformance": "ConformanceSuite",
    "chatkit_conformance.check": "AREAS Check Finding Findings Level MAY MUST SHOULD Untestable check",
    "chatkit_conformance.exchange": "Exchange exchange",
    "chatkit_conformance.script": "Step call calls fault reply",
    "chatkit_conformance.talk": "Talk",
    "chatkit_conformance.transcript": "Call Ended Event JSON Reply Sent Transcript",
    "chatkit_conformance.store": "StoreContract",
}


@pytest.mark.parametrize("module", PUBLIC)
def test_what_users_import_is_where_the_docs_say(module: str) -> None:
    """Each public name can be imported from its documented module."""
    there = vars(import_module(module)) | {"ConformanceSuite": import_module("chatkit_conformance").ConformanceSuite}
    assert [name for name in PUBLIC[module].split() if name not in there] == []
