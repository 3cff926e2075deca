"""Plain pages and streams on ports of their own: another origin than the server's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def served(streams: dict[str, list[bytes]] | None = None) -> Iterator[str]:
    """An empty page at every path, and at these paths event streams, sent piece by piece. Yields the origin."""

    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pieces = (streams or {}).get(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/html" if pieces is None else "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for piece in [*(pieces if pieces is not None else [b"<!doctype html><title>elsewhere</title>"]), b""]:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
