"""Tokens that are refused whoever made them, and those that a careful server refuses."""

from __future__ import annotations

from chatkit_conformance.check import MAY, MUST, SHOULD, Finding, Findings, Level, Need, Untestable, check
from chatkit_conformance.target.bad_tokens import AS_GOOD, TOKENS
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_AUTH
from ..evidence import answered, let_in, reply
from ..exchanges.bad_tokens import OTHER_WAY
from .access import EXPIRED, FORGED

HEADER_DECIDES = "The token's own header chooses how it is verified, or the library's defaults are trusted."
PIN = "Decode with one fixed key and one fixed list of algorithms, and require `exp` and `sub`."


def _judged(t: Transcript, label: str) -> Findings:
    good = reply(t, "good-token")
    if not good.accepted:
        raise Untestable(f"A request with valid credentials was answered with {answered(good)}.")
    if TOKENS[label].needs_secret and not (anew := reply(t, AS_GOOD)).accepted:
        raise Untestable(f"A token that we signed with jwt_secret was refused: {answered(anew)}.")
    for r in (reply(t, label), reply(t, f"{label}:write")):
        if let_in(r):
            yield Finding(expected="HTTP 401 or 403", got=answered(r), reply=r.label)


def _declare(id: str, labels: tuple[str, ...], level: Level, needs: tuple[Need, ...], words: str, clause: str) -> None:
    """Declare the check that no token of these labels signs anybody in."""

    def judge(t: Transcript) -> Findings:
        for label in labels:
            yield from _judged(t, label)

    judge.__doc__ = words
    check(id, level=level, on=("bad_tokens",), needs=needs, clause=clause, cause=HEADER_DECIDES, fix=PIN)(judge)


_PINNED = SPEC_AUTH + "; RFC 8725 section 3.1: no other algorithms than the caller's own are used"

_ROWS: tuple[tuple[str, tuple[str, ...], Level, tuple[Need, ...], str, str], ...] = (
    (
        "security.unsigned-token-refused-in-any-spelling",
        ("none-in-capitals", "none-mixed", "no-algorithm"),
        MUST,
        FORGED,
        "A token without a signature is refused, however its header spells that it has none.",
        _PINNED,
    ),
    (
        "security.empty-key-token-refused",
        ("empty-key",),
        MUST,
        FORGED,
        "A token that is signed with an empty key is refused.",
        SPEC_AUTH + "; RFC 7518 section 3.2: a key of the hash's size or larger must be used",
    ),
    (
        "security.other-algorithm-forgery-refused",
        ("rs256",),
        MUST,
        FORGED,
        "A token whose header names RS256, with a signature of nobody's, is refused.",
        _PINNED,
    ),
    (
        "security.key-in-token-not-trusted",
        ("key-in-header",),
        MUST,
        FORGED,
        "A token that brings the key it is signed with is refused.",
        SPEC_AUTH + "; RFC 8725 section 3.10: a key that the token itself names is not trusted",
    ),
    (
        "security.token-not-yet-valid-refused",
        ("not-yet",),
        MUST,
        EXPIRED,
        "A token is refused before the time from which it is valid (nbf).",
        "RFC 7519 section 4.1.5: before nbf, the token must not be accepted for processing",
    ),
    (
        "security.other-audience-refused",
        ("other-audience",),
        SHOULD,
        EXPIRED,
        "A token for another audience (aud) is refused.",
        "RFC 7519 section 4.1.3: a token whose aud does not name its reader is rejected; RFC 8725 section 3.9",
    ),
    (
        "security.token-without-expiry-refused",
        ("no-expiry",),
        MAY,
        EXPIRED,
        "A token that never expires is refused.",
        "OWASP, JSON Web Token for Java: limit a token's life; RFC 7519 section 4.1.4 leaves exp optional",
    ),
    (
        "security.one-algorithm-accepted",
        ("hs512",),
        SHOULD,
        EXPIRED,
        "A token that is signed with the right secret by another algorithm (HS512) is refused.",
        "RFC 8725 section 3.1: each key is used with exactly one algorithm",
    ),
)

for _row in _ROWS:
    _declare(*_row)


@check(
    "security.bad-tokens-refused-in-every-way",
    level=MUST,
    on=("bad_tokens",),
    needs=FORGED,
    clause=SPEC_AUTH,
    cause="Tokens come in by two ways, such as a header and a cookie, and one of them does not check all.",
    fix="Verify the token by one function, whichever way it came.",
)
def refused_in_every_way(t: Transcript) -> Findings:
    """Where users' tokens stand in different places, each place refuses what is forged, unsigned or out of time."""
    reply(t, "good-token")
    good = next((r for r in t.replies if r.label == OTHER_WAY), None)
    if good is not None and not good.accepted:
        raise Untestable(f"A request with user b's credentials was answered with {answered(good)}.")
    for r in t.replies:
        if r.label.startswith(f"{OTHER_WAY}:") and let_in(r):
            yield Finding(expected="HTTP 401 or 403", got=answered(r), reply=r.label)


@check(
    "security.bad-tokens-no-internal-error",
    level=SHOULD,
    on=("bad_tokens",),
    needs=FORGED,
    clause="RFC 9110 section 15.5.2: 401 for invalid credentials; section 15.6: 5xx says that the server erred",
    cause="Decoding raises something else than the token library's own error, and nothing catches it.",
    fix="Catch every error of the token library, and answer 401.",
)
def bad_tokens_no_internal_error(t: Transcript) -> Findings:
    """No token, however odd its header, is answered with HTTP 5xx."""
    reply(t, "good-token")
    for r in t.replies:
        if _of_token(r) and r.status >= 500:
            yield Finding(expected="HTTP 401 or 403", got=answered(r), reply=r.label)


def _of_token(r: Reply) -> bool:
    return r.label.removesuffix(":write") in TOKENS
