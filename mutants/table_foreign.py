"""The mutants that take what is no right request, and near misses that are strict or lenient about it."""

from __future__ import annotations

from . import foreign_lies as lie
from .mutant import Mutant, Patch, Wire

WRONG = "requests that are no requests"
TOKENS = "tokens that sign nobody in"
PAGES = "what another site's page makes a browser send"


def _row(kind: str, name: str, says: str, change: Wire | Patch, *named: str, target: str = "") -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named, target=target)


def _page(name: str, says: str, change: Wire | Patch, *named: str) -> Mutant:
    return _row(PAGES, name, says, change, *named, target="cookie-target.toml")


FOREIGN = (
    _row(
        WRONG,
        "metadata-unanswered",
        "A request whose metadata is no object is never answered.",
        Wire(mute=lie.metadata_of_no_object),
        "errors.drawn-requests-answered",
    ),
    _row(
        WRONG,
        "audio-unguarded",
        "Audio that is no base64 is answered with 500.",
        lie.audio_unguarded,
        "errors.drawn-requests-no-internal-error",
        "errors.wrong-request-refused",
    ),
    _row(
        WRONG,
        "nul-unguarded",
        "A text with NUL in it is answered with 500.",
        Wire(status=lie.failing_on("\0")),
        "errors.drawn-requests-no-internal-error",
        "errors.wrong-request-refused",
    ),
    _row(
        WRONG,
        "half-letter-unguarded",
        "A text with half a surrogate pair in it is answered with 500.",
        Wire(status=lie.failing_on("\ud800")),
        "errors.drawn-requests-no-internal-error",
        "errors.wrong-request-refused",
    ),
    _row(
        WRONG,
        "broken-by-number",
        "After a number that no column can hold, nothing works any more.",
        Wire(status=lie.broken_by_numbers),
        "errors.survives-drawn-requests",
    ),
    _row(
        TOKENS,
        "none-in-any-spelling",
        "A token that spells its algorithm `NONE`, or names none, needs no signature.",
        lie.take_unsigned,
        "security.unsigned-token-refused-in-any-spelling",
        "security.impostor-refused",
    ),
    _row(
        TOKENS,
        "empty-key-taken",
        "A token may be signed with an empty key.",
        lie.take_empty_key,
        "security.empty-key-token-refused",
        "security.impostor-refused",
    ),
    _row(
        TOKENS,
        "other-algorithm-unread",
        "A signature by RS256 is not verified.",
        lie.take_other_algorithms,
        "security.other-algorithm-forgery-refused",
        "security.impostor-refused",
    ),
    _row(
        TOKENS,
        "key-of-token-trusted",
        "A token is verified with the key that it brings.",
        lie.take_keys_of_tokens,
        "security.key-in-token-not-trusted",
        "security.impostor-refused",
    ),
    _row(
        TOKENS,
        "taken-too-early",
        "A token is taken before it is valid.",
        lie.take_too_early,
        "security.token-not-yet-valid-refused",
        "security.impostor-refused",
    ),
    _row(
        TOKENS,
        "any-audience",
        "A token for another application is taken.",
        lie.take_any_audience,
        "security.other-audience-refused",
    ),
    _row(
        TOKENS,
        "endless-token",
        "A token need not expire.",
        lie.take_endless,
        "security.token-without-expiry-refused",
    ),
    _row(
        TOKENS,
        "any-hash",
        "A token may be signed by HS384 or HS512, too.",
        lie.take_any_hash,
        "security.one-algorithm-accepted",
    ),
    _page(
        "origin-unread",
        "Nobody looks where a request with a cookie comes from.",
        lie.no_look_at_origin,
        "security.foreign-origin-changes-nothing",
    ),
    _page(
        "any-header-is-no-cookie",
        "Any Authorization header switches the look at the origin off, and the cookie signs in.",
        lie.any_header_is_no_cookie,
        "security.other-credentials-change-no-origin",
    ),
    _page(
        "fetch-metadata-unread",
        "What the browser says of another site is not read.",
        Wire(headers=lie.fetch_metadata_lost),
        "security.cross-site-fetch-changes-nothing",
    ),
    _page(
        "forms-taken",
        "A body that a plain form can send is taken with a cookie.",
        lie.forms_taken,
        "security.form-bodies-refused-with-cookie",
    ),
    _page(
        "schemes-alike",
        "Another scheme of the same host is the same page.",
        Wire(headers=lie.schemes_alike),
        "security.same-host-by-other-scheme-refused",
    ),
)
