"""What a foreign page can make the user's browser do with the user's cookie."""

from __future__ import annotations

from chatkit_conformance.check import MAY, SHOULD, Finding, Findings, Level, Need, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..evidence import answered, body, reply
from ..exchanges.cross_site import SCHEME

OWASP = "OWASP, cross-site request forgery prevention: "
COOKIE: tuple[Need, ...] = ("cookie",)


def _title(t: Transcript, label: str) -> object:
    return body(reply(t, f"after-{label}")).get("title")


def _judged(t: Transcript, label: str) -> Findings:
    own = reply(t, "own-page")
    if not own.accepted or _title(t, "own-page") != "Renamed by own-page":
        raise Untestable(f"Not even the server's own page could rename a thread: {answered(own)}.")
    r = reply(t, label)
    if (title := _title(t, label)) == f"Renamed by {label}":
        yield Finding(expected="HTTP 403, and the thread as it was", got=f"{answered(r)}, title {title!r}", reply=label)


def _declare(id: str, level: Level, labels: tuple[str, ...], words: str, clause: str, cause: str, fix: str) -> None:
    """Declare the check that requests of these labels change nothing."""

    def judge(t: Transcript) -> Findings:
        for label in labels:
            yield from _judged(t, label)

    judge.__doc__ = words
    check(id, level=level, on=("cross_site",), needs=COOKIE, clause=clause, cause=cause, fix=fix)(judge)


_ROWS: tuple[tuple[str, Level, tuple[str, ...], str, str, str, str], ...] = (
    (
        "security.foreign-origin-changes-nothing",
        SHOULD,
        ("foreign-origin", "foreign-frame"),
        "With the user's cookie, a request whose Origin is another site's, or null, changes nothing.",
        OWASP + "verify the origin with standard headers",
        "The cookie alone signs in, and nobody looks at where the request comes from.",
        "Compare Origin with your own pages' where the cookie signs in, or set the cookie SameSite=Strict as well.",
    ),
    (
        "security.other-credentials-change-no-origin",
        SHOULD,
        ("basic-beside-cookie", "unknown-beside-cookie"),
        "An Authorization header of another scheme beside the cookie does not switch the check of the origin off.",
        OWASP + "verify the origin with standard headers, wherever the cookie is what signs in",
        "The check is left out where there is any Authorization header, and the cookie signs in all the same.",
        "Decide by the credential that signed the user in, not by which headers are there.",
    ),
    (
        "security.cross-site-fetch-changes-nothing",
        SHOULD,
        ("cross-site-fetch",),
        "With the user's cookie, a request that the browser calls cross-site, without an Origin, changes nothing.",
        OWASP + "Fetch Metadata headers; W3C Fetch Metadata Request Headers, Sec-Fetch-Site",
        "Only Origin is looked at, and a request without one is taken for the own page's.",
        "Refuse Sec-Fetch-Site: cross-site where the cookie signs in.",
    ),
    (
        "security.form-bodies-refused-with-cookie",
        SHOULD,
        ("plain-text", "plain-text-charset"),
        "With the user's cookie, a body that a plain form can send (text/plain) changes nothing.",
        OWASP + "disallow simple requests; Fetch standard, CORS-safelisted request-header",
        "The body is parsed as JSON whatever its media type says.",
        "Take application/json alone where the cookie signs in, and answer 415.",
    ),
    (
        "security.same-host-by-other-scheme-refused",
        MAY,
        (SCHEME,),
        "With the user's cookie, a request from the same host by another scheme changes nothing.",
        "RFC 6454 section 4: scheme, host and port make an origin",
        "Hosts are compared in place of origins.",
        "Compare scheme, host and port; behind a proxy that ends TLS, with the origin that the browser sees.",
    ),
)

for _row in _ROWS:
    _declare(*_row)
