"""Whether a target can be reached at all, asked once before a load: thousands of failed turns would say no more."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

from ..running.process import Died

REACH_S = 10.0
"""Seconds that one connection may take, its TLS handshake included."""


async def reach(url: str, ca_file: str = "") -> None:
    """Open one connection to the target and close it.

    Args:
        url: where it is. ca_file: a PEM file with the certificate authorities to trust for https, "" for the system's.

    Raises:
        Died: nobody answers there, or who answers is not trusted. The message says what to type.
    """
    parts = urlsplit(url)
    tls = ssl.create_default_context(cafile=ca_file or None) if parts.scheme == "https" else None
    port = parts.port or (443 if tls else 80)
    try:
        async with asyncio.timeout(REACH_S):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
    except ssl.SSLCertVerificationError as e:
        raise Died(f"the certificate of {url} is not trusted: {e.verify_message}. Pass its CA: --ca-file PEM") from e
    except TimeoutError as e:
        raise Died(f"the target at {url} did not accept a connection within {REACH_S:g} s.") from e
    except OSError as e:
        raise Died(f"the target at {url} cannot be reached: {e.strerror or e}. Start it, or correct --url.") from e
    writer.close()
