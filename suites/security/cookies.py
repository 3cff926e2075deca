"""The cookies of a user's browser, which are nobody's business but the server's."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..evidence import nonce, reply


@check(
    "security.cookies-stay-here",
    level=MUST,
    needs=("model",),
    on=("cookies_along",),
    clause="RFC 6265 section 5.4: a user agent sends a cookie to the hosts of its domain; OWASP Top 10 2021, A02",
    cause="The headers of the browser's request are copied to the model's, all but a few.",
    fix="Send Gemini the headers that it needs, and name each: authorization, content-type, and a trace of your own.",
)
def cookies_stay_here(t: Transcript) -> Findings:
    """No cookie of a user's browser is sent to Gemini."""
    sent = reply(t, "with-cookie")
    calls = [call for call in t.calls if call.nonce == nonce(t, sent.label)]
    if not calls:
        raise Untestable("The message led to no request to the model.")
    for call in calls:
        if "cookie" in {name.lower() for name in call.headers}:
            yield Finding(
                expected="no cookie in the request to the model", got="a cookie", reply=sent.label, call=call.n
            )
