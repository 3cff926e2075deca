"""The page at `/`: the real ChatKit web component against this server, and a small client of ours where it cannot load.

All of the page is `page.html`: its style, its script, and no build. Browsers run that script alone: its hash is in
the policy.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from importlib.resources import files

_PAGE = (files("reference_server") / "page.html").read_text(encoding="utf-8")


def _hash_of_script() -> str:
    """What Content Security Policy (level 3, section 2.3.1) knows the page's one script by."""
    (script,) = re.findall(r"<script>(.*?)</script>", _PAGE, re.DOTALL)
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


HEADERS = {
    "cache-control": "no-store",
    # The chat's script comes from OpenAI, draws in frames of its own there, and asks this server alone.
    "content-security-policy": (
        "default-src 'self' https://*.openai.com https://*.oaistatic.com https://*.oaiusercontent.com; "
        f"script-src {_hash_of_script()} https://cdn.platform.openai.com; style-src 'self' 'unsafe-inline' https:; "
        "img-src 'self' data: blob: https:; font-src 'self' data: https:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
"""What a browser is told about the page, as OWASP ASVS 5.0 asks in chapter 3.4."""


def page(domain_key: str) -> str:
    """The page's HTML. `domain_key` is what OpenAI's script asks of a page that hosts it."""
    return _PAGE.replace("DOMAIN_KEY", html.escape(domain_key), 1)
