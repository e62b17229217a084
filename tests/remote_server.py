"""A web server for the tests of remote sources: it answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What stands at a path. ``steps`` of (seconds to wait, bytes) replace the content when they are given."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[float, bytes]] | None = None
    announced_bytes: int | None = None


@dataclass
class WebServer:
    """``pages`` by path with query; ``requests`` holds the path and headers of each request."""

    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


def _handler(find: Callable[[], WebServer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server = find()
            server.requests.append((self.path, dict(self.headers)))
            page = server.pages.get(self.path, Page(b"nothing here", 404))
            etag, modified = page.headers.get("ETag"), page.headers.get("Last-Modified")
            is_same = (etag and self.headers.get("If-None-Match") == etag) or (
                modified and self.headers.get("If-Modified-Since") == modified
            )
            self.send_response(304 if is_same else page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if is_same:
                self.end_headers()
                return
            steps = page.steps if page.steps is not None else [(0.0, page.content)]
            length = sum(len(content) for _, content in steps)
            self.send_header("Content-Length", str(page.announced_bytes or length))
            self.end_headers()
            try:
                for seconds, content in steps:
                    time.sleep(seconds)
                    self.wfile.write(content)
            except OSError:
                pass  # the client has had enough
            if page.announced_bytes:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # ruff: ignore[builtin-argument-shadowing] - the name of the standard library
            pass

    return Handler


@contextmanager
def web_server() -> Generator[WebServer]:
    """Serve on a free port of the loopback interface while the block runs."""
    server = WebServer("")
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: server))
    listening.daemon_threads = True
    server.address = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
