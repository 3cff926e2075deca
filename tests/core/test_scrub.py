"""Secrets are replaced before anything is written."""

from __future__ import annotations

from chatkit_conformance.target.scrub import fingerprint, scrub_json, scrub_set_cookie, scrub_text


def test_secrets_are_replaced_everywhere() -> None:
    """A secret is gone from texts, keys and nested values; what is no text stays."""
    value = {"key-AIzaSecret": ["Bearer AIzaSecret", 1, None, {"a": ("AIzaSecretLonger",)}]}
    clean = scrub_json(value, ["AIzaSecret", "AIzaSecretLonger", ""])
    assert "Secret" not in str(clean)
    assert clean[f"key-{fingerprint('AIzaSecret')}"][1:3] == [1, None]
    assert fingerprint("AIzaSecretLonger") in str(clean)


def test_words_are_no_secrets() -> None:
    """A secret of a few letters is not hunted: it would wreck the text."""
    assert scrub_text("a test", ["a", "test"]) == "a test"


def test_a_cookies_name_and_attributes_stay() -> None:
    """The value of a cookie is replaced; what a check of cookies reads is kept."""
    assert scrub_set_cookie("sid=topsecret; HttpOnly; Path=/") == f"sid={fingerprint('topsecret')}; HttpOnly; Path=/"
    assert scrub_set_cookie("sid=; Max-Age=0") == "sid=; Max-Age=0"
