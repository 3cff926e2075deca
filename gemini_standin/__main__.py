"""`python -m gemini_standin`: see --help."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from .dialect import DIALECTS
from .listening import listen, url_of
from .pace import PACES

if TYPE_CHECKING:
    from .cassettes import CassettePlayer

EPILOG = """\
Its first line of output is its URL; give your server URL/v1beta/openai/ as Gemini's base URL, and any key.

try it:
  curl -N URL/v1beta/openai/chat/completions -H 'Authorization: Bearer any' -H 'Content-Type: application/json' \\
    -d '{"model":"gemini-3.8-flash","stream":true,"messages":[{"role":"user","content":"Hello zq0123456789"}]}'

script its answer to that message (docs/stand-in-scripts.md has all keys):
  curl -X PUT URL/_standin/scripts/zq0123456789 -d '{"turn":[{"text":"Hello there.","gap_s":0.1,"chunk_chars":3}]}'

read what it was sent:
  curl URL/_standin/journal
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m gemini_standin",
        description="Gemini's OpenAI-compatible endpoint, as a stand-in: scripted, with timing, faults and a journal.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    made.add_argument("--port", type=int, default=0, help="port; 0 takes a free one (default: %(default)s)")
    made.add_argument("--profile", choices=DIALECTS, default="gemini-3", help="dialect (default: %(default)s)")
    strictness = made.add_mutually_exclusive_group()
    strictness.add_argument(
        "--strict",
        action="store_true",
        default=True,
        dest="strict",
        help="refuse fields that Gemini does not know, as it does (default)",
    )
    strictness.add_argument("--lenient", action="store_false", dest="strict", help="only record them in the journal")
    made.add_argument(
        "--note",
        metavar="RULE",
        action="append",
        default=[],
        help="only record violations of this rule, such as credentials, in the journal; repeatable",
    )
    paces = "timing of steps without their own: as recorded from the model, steady, or instant (default)"
    made.add_argument("--pace", choices=PACES, default="instant", help=paces)
    made.add_argument("--seed", type=int, default=0, help="seed of all random ids, signatures and timings")
    recorded = "a folder of cassettes, or one cassette, for requests without a script; repeatable"
    made.add_argument("--cassettes", metavar="PLACE", type=Path, action="append", default=[], help=recorded)
    made.add_argument(
        "--cassette-speed",
        metavar="N",
        type=float,
        default=1.0,
        help="1 replays them with the recorded timing (default), 2 in half the time, 0 without delays",
    )
    played = "play OpenAI's Responses API, too, which Gemini does not have and answers with 404"
    made.add_argument("--also-responses", action="store_true", help=played)
    passed = (
        "base URL of the real Gemini: every request is passed on to it and kept in the journal; no script is played"
    )
    made.add_argument("--upstream", metavar="URL", default="", help=passed)
    made.add_argument("--no-gzip", action="store_false", dest="gzip", help="never compress")
    made.add_argument("--ssl-certfile", help="serve https with this certificate")
    made.add_argument("--ssl-keyfile", help="and this key")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped.

    Returns:
        The exit status: 0, or 2 where the port, a cassette, a certificate or a rule cannot be had.
    """
    given = parser().parse_args(argv)
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, _end)
    try:
        player = _player(given.cassettes) if given.cassettes else None
        if given.ssl_certfile:
            _try_certificate(given.ssl_certfile, given.ssl_keyfile)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        sock = listen(given.host, given.port)
    except (OSError, OverflowError) as error:
        print(f"cannot listen on {given.host}:{given.port}: {error}; try --port 0", file=sys.stderr)
        return 2
    print(url_of(sock, tls=bool(given.ssl_certfile)), flush=True)
    # Loaded behind the URL: two thirds of the start.
    from .app import Standin
    from .server import serve
    from .settings import Settings, SettingsError, changed

    asked = {
        "profile": given.profile,
        "strict_fields": given.strict,
        "off": given.note,
        "also_responses": given.also_responses,
        "upstream": given.upstream,
        "pace": given.pace,
        "seed": given.seed,
        "gzip": given.gzip,
        "cassette_speed": max(0.0, given.cassette_speed),
    }
    try:
        settings = changed(Settings(), asked)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    serve(Standin(settings, player=player), sock, given.ssl_certfile, given.ssl_keyfile)
    return 0


def _player(places: Sequence[Path]) -> CassettePlayer:
    from .cassettes import load

    return load(places)


def _try_certificate(certfile: str, keyfile: str | None) -> None:
    """Raises ValueError where it cannot be served with."""
    import ssl

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certfile, keyfile)
    except OSError as error:
        raise ValueError(
            f"no certificate in {certfile} (key: {keyfile or certfile}): {error}; give PEM files"
        ) from error


def _end(sig: int, frame: FrameType | None) -> None:
    """Stopped before it serves: as quietly as afterwards."""
    raise SystemExit(0)


if __name__ == "__main__":
    raise SystemExit(main())
