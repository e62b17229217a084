"""Locations: where a source lies, how it is shown, and how secrets get in without ever getting out.

A location is a path, or a URL of fsspec (``s3://bucket/prefix``, ``zip://inner::https://host/a.zip``). Secrets
stand in it only as ``${NAME}`` of an environment variable, and are put in at the moment of use.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_URL_IN_TEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
_PATH_OF_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: Environment variables that hold what must not be shown, whoever uses them.
_SECRET_NAME: Final = re.compile(r"SECRET|TOKEN|PASSW|API_?KEY|ACCESS_KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST_ENVIRONMENT_SECRET: Final = 6
_LONGEST_MESSAGE_CHARS: Final = 300

#: Schemes whose URLs carry user names, passwords and queries, so that what is put in must be percent-encoded.
_WEB_SCHEMES: Final = frozenset({"http", "https", "sftp", "ssh", "ftp"})


class LocationError(Exception):
    """A location that cannot be used; the message holds no secret."""


def is_url(location: str) -> bool:
    return "::" in location or _URL.match(location) is not None


def scheme_of(location: str) -> str:
    """The scheme of a URL, of the outermost part of a chain; empty for a path."""
    first = location.split("::", 1)[0]
    return first.split("://", 1)[0].lower() if "://" in first or "::" in location else ""


def _split_authority(part: str) -> tuple[str, str, str]:
    """A URL as (scheme with ``://``, user info with ``@``, the rest without query and fragment)."""
    scheme, separator, rest = part.partition("://")
    if not separator:
        return "", "", part
    authority, slash, path = rest.partition("/")
    # Should a password hold a slash, the at sign stands behind it; what is no number is no port.
    _, colon, port = authority.partition(":")
    if colon and not port.isdecimal() and "@" not in authority and "@" in path:
        authority, slash, path = rest.rpartition("@")[0] + "@", "", rest.rpartition("@")[2]
        return f"{scheme}://", authority, re.split(r"[?#]", path, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    return f"{scheme}://", f"{user}{at}", re.split(r"[?#]", f"{host}{slash}{path}", maxsplit=1)[0]


def shown(location: str) -> str:
    """A location as it may be shown: without user info, query and fragment, in every part of a chain."""
    parts = []
    for part in location.split("::"):
        scheme, _, rest = _split_authority(part)
        parts.append(f"{scheme}{rest}")
    return "::".join(parts)


def shown_path(path: Path) -> str:
    """A path as it may be shown: one that is a URL, of which paths keep a single slash, without what is private."""
    address = _PATH_OF_URL.fullmatch(str(path))
    return shown(f"{address[1]}://{address[2]}") if address else str(path)


def literal_password(location: str) -> bool:
    """Whether a password stands in the location itself rather than as ``${NAME}``."""
    for part in location.split("::"):
        _, user_info, _ = _split_authority(part)
        password = user_info.removesuffix("@").partition(":")[2]
        if password and not _VARIABLE.fullmatch(password):
            return True
    return False


@dataclass(frozen=True, slots=True, repr=False)
class Expanded:
    """A location ready for use, and what must not be shown of it."""

    location: str
    secrets: tuple[str, ...]

    def scrub(self, text: str) -> str:
        """The text without the secrets, the credentials of the environment, and the private parts of URLs."""
        text = _URL_IN_TEXT.sub(lambda found: shown(found[0]), text)
        for secret in sorted({*self.secrets, *_environment_secrets()}, key=len, reverse=True):
            for form in {secret, quote(secret, safe=""), quote(secret)}:
                text = text.replace(form, "***")
        return text

    def describe(self, error: BaseException) -> str:
        """What an error says, on one line, as far as it may be shown."""
        text = " ".join(self.scrub(str(error)).split())[:_LONGEST_MESSAGE_CHARS]
        return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _environment_secrets() -> Iterable[str]:
    return (
        value
        for name, value in os.environ.items()
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_ENVIRONMENT_SECRET
    )


def expand(location: str, base: Path) -> Expanded:
    """Put the environment's variables into a location; relative paths count from ``base``.

    Raises ``LocationError`` for a variable that is not set.
    """
    secrets: list[str] = []
    missing: list[str] = []

    def value_of(found: re.Match[str], *, is_encoded: bool) -> str:
        value = os.environ.get(found[1])
        if not value:
            missing.append(found[1])
            return ""
        secrets.append(value)
        return quote(value, safe="") if is_encoded else value

    parts = []
    for part in location.split("::"):
        is_encoded = scheme_of(part) in _WEB_SCHEMES
        parts.append(_VARIABLE.sub(partial(value_of, is_encoded=is_encoded), part))
        password = unquote(_split_authority(parts[-1])[1].removesuffix("@").partition(":")[2])
        secrets += [password] if password else []
    if missing:
        raise LocationError(f"the environment variable {missing[0]} is not set, and {shown(location)} needs it")
    # The last part of a chain may be a path.
    if not _URL.match(parts[-1]):
        parts[-1] = str(base / Path(parts[-1]).expanduser())
    return Expanded("::".join(parts), tuple(secrets))


def credentials_of(url: str) -> tuple[str, str | None, str | None]:
    """A URL without its user info, the user and the password."""
    split = urlsplit(url)
    user = unquote(split.username) if split.username else None
    password = unquote(split.password) if split.password else None
    host = split.netloc.rpartition("@")[2]
    return split._replace(netloc=host).geturl(), user, password
