"""What a browser would refuse: a page of another origin, and cookies that it drops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..transcript import Reply
from .diagnosis import Diagnosis

METHOD = "POST"


def preflight(origin: str, headers: Iterable[str]) -> dict[str, str]:
    """The headers of what a browser asks before a page of this origin may send a ChatKit request.

    Args:
        headers: names of the credentials' headers.
    """
    asked = sorted({"content-type", *(name.lower() for name in headers if name.lower() != "cookie")})
    return {
        "Origin": origin,
        "Access-Control-Request-Method": METHOD,
        "Access-Control-Request-Headers": ",".join(asked),
    }


def refused_origin(
    origin: str, asked: Mapping[str, str], before: Reply, answer: Reply, *, cookie: bool
) -> Diagnosis | None:
    """Why a browser does not let a page of this origin use the server (WHATWG Fetch, CORS protocol), or None.

    Args:
        asked: the preflight's headers. before: the answer to it. answer: that to a request with an Origin.
        cookie: whether the user's credentials are a cookie.
    """
    mend = f"Allow it: allow_origins=[{origin!r}]"
    if not 200 <= before.status < 300:
        why = f"the preflight (OPTIONS) is answered with HTTP {before.status}"
        return _cors(origin, why, f"{mend}, outside of what signs users in.")
    if why := _not_allowed(origin, before, cookie):
        return _cors(origin, f"the preflight's answer has {why}", f"{mend}{', allow_credentials=True' * cookie}.")
    allowed = _list(before, "access-control-allow-headers")
    wanted = asked["Access-Control-Request-Headers"].split(",")
    wild = "*" in allowed and not cookie
    lacking = [name for name in wanted if name not in allowed and not (wild and name != "authorization")]
    if lacking:
        why = f"the preflight allows no header {', '.join(lacking)} (allowed: {', '.join(sorted(allowed)) or 'none'})"
        return _cors(origin, why, f"{mend}, allow_headers={sorted({*wanted})!r}.")
    if why := _not_allowed(origin, answer, cookie):
        return _cors(
            origin, f"the answer itself has {why}", f"{mend}: on every answer, those of errors and streams too."
        )
    return None


def _cors(origin: str, why: str, do: str) -> Diagnosis:
    return Diagnosis(id="cors", says=f"A page of {origin} may not use the server: {why}.", do=do)


def _not_allowed(origin: str, reply: Reply, cookie: bool) -> str:
    told = reply.headers.get("access-control-allow-origin", "")
    if told == "*" and cookie:
        return "Access-Control-Allow-Origin: *, which no browser takes with a cookie"
    if told not in ("*", origin):
        return f"Access-Control-Allow-Origin: {told}" if told else "no Access-Control-Allow-Origin"
    if cookie and reply.headers.get("access-control-allow-credentials") != "true":
        return "no Access-Control-Allow-Credentials: true, which a cookie needs"
    return ""


def _list(reply: Reply, name: str) -> set[str]:
    return {part.strip().lower() for part in reply.headers.get(name, "").split(",") if part.strip()}


def dropped_cookie(replies: Iterable[Reply], *, https: bool, loopback: bool) -> Diagnosis | None:
    """A cookie of these answers that a browser does not keep (RFC 6265bis, 5.6 and 5.7), or None."""
    for name, flags in _cookies(replies):
        if flags.get("samesite", "").lower() == "none" and "secure" not in flags:
            why, do = "SameSite=None without Secure", "Write SameSite=None; Secure, or SameSite=Lax."
        elif "secure" in flags and not https and not loopback:
            why, do = "Secure over http", "Serve it over https, or leave Secure out here."
        elif name.startswith("__Host-") and ("secure" not in flags or flags.get("path") != "/" or "domain" in flags):
            why, do = "the prefix __Host- without Secure, Path=/ and no Domain", "Give it these, or another name."
        elif name.startswith("__Secure-") and "secure" not in flags:
            why, do = "the prefix __Secure- without Secure", "Give it Secure, or another name."
        else:
            continue
        return Diagnosis(id="cookie", says=f"Browsers drop the server's cookie {name}: it has {why}.", do=do)
    return None


def weak_cookies(replies: Iterable[Reply]) -> list[str]:
    """Cookies that scripts of the page can read, a sentence each: told, and no fault of the set-up."""
    return [
        f"the cookie {name} has no HttpOnly: a script in the page can read it."
        for name, flags in dict(_cookies(replies)).items()
        if "httponly" not in flags
    ]


def _cookies(replies: Iterable[Reply]) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and flags of each cookie that was set; the flags' names in lower case."""
    for reply in replies:
        for line in _lines(reply.headers.get("set-cookie", "")):
            pair, *rest = line.split(";")
            name, equals, _ = pair.partition("=")
            if equals:
                flags = (part.strip().partition("=") for part in rest)
                yield name.strip(), {flag.lower(): value for flag, _, value in flags}


def _lines(joined: str) -> list[str]:
    """The lines of several Set-Cookie headers, which a reply has joined with commas; one in a date is none."""
    lines: list[str] = []
    for part in joined.split(","):
        begins = "=" in part.partition(";")[0] and " " not in part.partition("=")[0].strip()
        if begins or not lines:
            lines.append(part)
        else:
            lines[-1] += f",{part}"
    return lines
