"""Content codings of HTTP (RFC 9110, section 8.4.1; Brotli: RFC 7932; zstd: RFC 8878): how servers pack what they send.

warcio unpacks some of them, but tells nothing of a stream that ends too early, and fails with Brotli 1.2.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from transforms.parse.limits import MIB

_BLOCK_BYTES: Final = 1 << 16
# RFC 8878, section 3.1.1.1.2, recommends that decoders support 8 MB.
_WINDOW_BYTES: Final = 8 * MIB
_GZIP: Final = 31
_ZLIB: Final = 15
_RAW: Final = -15


class Unpacked(NamedTuple):
    """What came out; ``is_whole`` is false if the stream is broken or ends too early."""

    content: bytes
    is_whole: bool


class _Decoder(Protocol):
    """Takes the next bytes and gives at most so many; ``is_done`` at the end of the stream."""

    def decode(self, data: bytes, most_bytes: int) -> bytes: ...
    def is_done(self) -> bool: ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)

    def decode(self, data: bytes, most_bytes: int) -> bytes:
        return self._zlib.decompress(data, most_bytes)

    def is_done(self) -> bool:
        return self._zlib.eof


class _Brotli:
    def __init__(self) -> None:
        import brotli  # ruff: ignore[import-outside-top-level] - only some crawls need it

        self._brotli = brotli.Decompressor()

    def decode(self, data: bytes, most_bytes: int) -> bytes:
        content: bytes = self._brotli.process(data, output_buffer_limit=most_bytes)
        return content

    def is_done(self) -> bool:
        return bool(self._brotli.is_finished())


def _decoded(content: bytes, decoder: _Decoder, limit_bytes: int) -> Unpacked:
    unpacked = bytearray()
    for at in range(0, len(content), _BLOCK_BYTES):
        try:
            unpacked += decoder.decode(content[at : at + _BLOCK_BYTES], limit_bytes + 1 - len(unpacked))
        except Exception:  # ruff: ignore[blind-except] - each library has an error of its own
            return Unpacked(bytes(unpacked), is_whole=False)
        if decoder.is_done() or len(unpacked) > limit_bytes:
            return Unpacked(bytes(unpacked), is_whole=True)
    return Unpacked(bytes(unpacked), is_whole=False)


def _deflate(content: bytes, limit_bytes: int) -> Unpacked:
    """The name means zlib's format; servers that send the bare one are known as well (RFC 9110, section 8.4.1.2)."""
    found = _decoded(content, _Zlib(_ZLIB), limit_bytes)
    return found if found.content else _decoded(content, _Zlib(_RAW), limit_bytes)


def _zstd(content: bytes, limit_bytes: int) -> Unpacked:
    import zstandard  # ruff: ignore[import-outside-top-level] - only some crawls need it

    try:
        told_bytes = zstandard.frame_content_size(content)
        reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).stream_reader(io.BytesIO(content))
        unpacked = reader.read(limit_bytes + 1)
    except zstandard.ZstdError:
        return Unpacked(b"", is_whole=False)
    return Unpacked(unpacked, is_whole=told_bytes < 0 or len(unpacked) >= min(told_bytes, limit_bytes + 1))


_CODINGS: Final[dict[str, Callable[[bytes, int], Unpacked]]] = {
    "gzip": lambda content, limit_bytes: _decoded(content, _Zlib(_GZIP), limit_bytes),
    "x-gzip": lambda content, limit_bytes: _decoded(content, _Zlib(_GZIP), limit_bytes),
    "deflate": _deflate,
    "br": lambda content, limit_bytes: _decoded(content, _Brotli(), limit_bytes),
    "zstd": _zstd,
}


def unpack(content: bytes, codings: str, limit_bytes: int) -> Unpacked:
    """Undo the codings of a ``Content-Encoding``, in the order in which they are told; at most ``limit_bytes`` + 1.

    What is not packed as it is told (crawlers unpack and leave the header) stays as it is, as under unknown codings.
    """
    is_whole = True
    for name in reversed([each.strip().lower() for each in codings.split(",")]):
        found = _CODINGS[name](content, limit_bytes) if name in _CODINGS else Unpacked(b"", is_whole=False)
        if found.content or found.is_whole:
            content, is_whole = found.content, is_whole and found.is_whole
    return Unpacked(content, is_whole)
