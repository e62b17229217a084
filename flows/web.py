"""One bounded GET over http or https: a deadline for the whole answer, a limit on its size and on redirects.

urllib rather than a client with more comfort: it logs nothing, so no URL with a key in it reaches a log.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import partial
from http import HTTPStatus
from typing import IO, Any, BinaryIO, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit

from flows.locations import credentials_of

MAX_REDIRECTS: Final = 5

_AGENT: Final = "dateline"
_BLOCK_BYTES: Final = 1 << 16
#: Seconds to wait for the next byte.
_SILENCE_SECONDS: Final = 30.0


class WebError(Exception):
    """An answer that cannot be used. The message may hold a URL."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. ``is_same`` says that nothing changed; then there is no content."""

    is_same: bool
    etag: str | None
    last_modified: str | None
    content_type: str | None


class _Deadline:
    """Cuts every connection that it watches when the time is up, whatever is being waited for."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def start(self) -> None:
        self._timer.start()

    def _cut(self) -> None:
        self.is_over = True
        for each in self._watched:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def connect(self, *arguments: Any, **options: Any) -> socket.socket:
        connected = socket.create_connection(*arguments, **options)
        # A second handle: TLS takes the first one over.
        self._watched.append(connected.dup())
        if self.is_over:
            self._cut()
        return connected

    def stop(self) -> None:
        self._timer.cancel()
        for each in self._watched:
            each.close()


def _connection(kind: type[http.client.HTTPConnection], deadline: _Deadline, host: str, **options: Any) -> Any:
    made = kind(host, **options)
    made._create_connection = deadline.connect  # type: ignore[attr-defined]  # ruff: ignore[private-member-access] - the only place where TLS is not yet begun
    return made


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_connection, http.client.HTTPConnection, self._deadline), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        self._trust = ssl.create_default_context()
        super().__init__(context=self._trust)
        self._deadline = deadline

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        make = partial(_connection, http.client.HTTPSConnection, self._deadline)
        return self.do_open(make, req, context=self._trust)


def _origin(url: str) -> tuple[str, str]:
    split = urlsplit(url)
    return split.scheme, split.netloc


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def __init__(self, authorization: str | None) -> None:
        self._authorization = authorization

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in {"http", "https"}:
            raise WebError(f"redirected to {urlsplit(newurl).scheme}://, and only http and https are followed")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        # No other server may see the password.
        if following is not None and self._authorization and _origin(newurl) == _origin(req.full_url):
            following.add_unredirected_header("Authorization", self._authorization)
        return following


def _opener(deadline: _Deadline, authorization: str | None) -> urllib.request.OpenerDirector:
    # Not build_opener: that would also open file: and ftp: addresses.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(deadline),
        _Https(deadline),
        _Redirects(authorization),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _copy(response: http.client.HTTPResponse, target: BinaryIO, limit_bytes: int, deadline: _Deadline) -> None:
    announced = response.headers.get("Content-Length", "")
    expected = int(announced) if announced.isdecimal() else None
    too_large = WebError(f"the answer is larger than {limit_bytes:,} bytes")
    if expected is not None and expected > limit_bytes:
        raise too_large
    count = 0
    while block := response.read(_BLOCK_BYTES):
        count += len(block)
        if count > limit_bytes:
            raise too_large
        target.write(block)
    if expected is not None and count != expected and not deadline.is_over:
        raise WebError(f"the answer broke off after {count:,} of {expected:,} bytes")


def _request(url: str, conditions: Mapping[str, str]) -> tuple[urllib.request.Request, str | None]:
    address, user, password = credentials_of(url)
    request = urllib.request.Request(address, headers={"User-Agent": _AGENT, **conditions})  # ruff: ignore[suspicious-url-open-usage] - the opener knows http and https alone
    if user is None:
        return request, None
    encoded = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
    authorization = f"Basic {encoded}"
    request.add_unredirected_header("Authorization", authorization)
    return request, authorization


@contextlib.contextmanager
def _in_time(seconds: float) -> Generator[_Deadline]:
    deadline = _Deadline(seconds)
    deadline.start()
    try:
        yield deadline
    finally:
        deadline.stop()


def get(
    url: str,
    open_target: Callable[[], BinaryIO],
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    limit_bytes: int,
    seconds: float,
) -> Answer:
    """GET a URL into a file, unless it is as the validators say.

    ``seconds`` bounds all of it, ``limit_bytes`` the content. Raises ``WebError``, ``OSError`` (of which urllib's
    errors are) or ``http.client.HTTPException``.
    """
    conditions = {
        **({"If-None-Match": etag} if etag else {}),
        **({"If-Modified-Since": last_modified} if last_modified else {}),
    }
    request, authorization = _request(url, conditions)
    with _in_time(seconds) as deadline:
        try:
            try:
                response = _opener(deadline, authorization).open(request, timeout=min(seconds, _SILENCE_SECONDS))
            except HTTPError as error:
                with error:
                    if error.code == HTTPStatus.NOT_MODIFIED and conditions:
                        return Answer(True, etag, last_modified, None)
                    raise WebError(f"the server answered {error.code} {error.reason}") from None
            with response, open_target() as target:
                _copy(response, target, limit_bytes, deadline)
        except (OSError, http.client.HTTPException):
            if not deadline.is_over:
                raise
        if deadline.is_over:
            raise WebError(f"no whole answer within {seconds:g} s")
        headers = response.headers
        return Answer(False, headers.get("ETag"), headers.get("Last-Modified"), headers.get("Content-Type"))
