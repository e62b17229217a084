"""gzip, bzip2, xz and zstd around a file: unpacked as it is read, on account of the file's budget."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final, Protocol, cast

from transforms.parse.limits import MIB, Budget, RefusedError
from transforms.parse.reading import Context, Format, Head, Stream
from transforms.parse.records import Item

_BLOCK_BYTES: Final = 1 << 16
# xz -9 needs 64 MiB; a header can ask for gigabytes.
_MEMORY_BYTES: Final = 130 * MIB


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of bz2's and lzma's."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max(0, max_length))


class _Unpacked(io.RawIOBase):
    """The content of a compressed stream. A broken one gives all that can be unpacked, then ``RefusedError``."""

    def __init__(self, packed: BinaryIO, make: Callable[[], _Decompressor], budget: Budget, name: str) -> None:
        super().__init__()
        self._packed = packed
        self._make = make
        self._decompressor = make()
        self._budget = budget
        self._name = name
        self._rest = b""
        self._is_done = False
        self._has_begun = False
        self._problem: RefusedError | None = None

    def readable(self) -> bool:  # ruff: ignore[no-self-use] - overrides
        return True

    def _broken(self, why: str) -> RefusedError:
        reason = f"the {self._name} stream is broken: {why}; only what is whole before that was read"
        self._problem = RefusedError("corrupt", reason)
        return self._problem

    def _more(self, wanted_bytes: int) -> bytes:
        """The next bytes; empty at the end."""
        if self._problem is not None:
            raise self._problem
        while not self._is_done:
            if self._decompressor.eof:
                self._rest = self._decompressor.unused_data
                # Another member may follow, or padding.
                self._rest = (self._rest or self._packed.read(_BLOCK_BYTES)).lstrip(b"\0")
                if not self._rest:
                    self._is_done = True
                    return b""
                self._decompressor = self._make()
                self._has_begun = False
            data = b""
            if self._decompressor.needs_input:
                data = self._rest or self._packed.read(_BLOCK_BYTES)
                self._rest = b""
                if not data:
                    raise self._broken("it ends too early")
            try:
                content = self._decompressor.decompress(data, wanted_bytes)
            except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
                raise self._broken(str(error)) from error
            except MemoryError as error:
                raise self._broken("it needs more memory than is allowed") from error
            if content:
                return content
        return b""

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        self._budget.check()
        filled = 0
        while filled < len(view):  # a whole block, although many small members may follow each other
            try:
                content = self._more(len(view) - filled)
            except RefusedError:
                if filled:  # what was unpacked first; the problem stays
                    break
                raise
            if not content:
                break
            view[filled : filled + len(content)] = content
            filled += len(content)
        self._budget.unpacked(filled)
        return filled


class _Lent:
    """A stream that pyarrow may read, and does not close."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        return self._stream.read(size)

    def close(self) -> None: ...


class _Zstd(io.RawIOBase):
    """The content of a zstd stream, likewise; through pyarrow, as the zstandard package tells no stream that is cut.

    Its windows are limited to 128 MiB by libzstd.
    """

    def __init__(self, packed: BinaryIO, budget: Budget) -> None:
        super().__init__()
        import pyarrow as pa  # ruff: ignore[import-outside-top-level] - only zstd files need it

        self._errors = (pa.ArrowException, OSError)
        self._reader = pa.CompressedInputStream(pa.PythonFile(_Lent(packed), mode="r"), "zstd")
        self._budget = budget

    def readable(self) -> bool:  # ruff: ignore[no-self-use] - overrides
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        self._budget.check()
        try:
            content = self._reader.read(len(view))
        except self._errors as error:
            self._budget.check()
            raise RefusedError(
                "corrupt", f"the zstd stream is broken: {error}; only what is whole before that was read"
            ) from error
        view[: len(content)] = content
        self._budget.unpacked(len(content))
        return len(content)


_SUFFIXES: Final = frozenset({".gz", ".gzip", ".bz2", ".xz", ".lzma", ".zst", ".zstd"})
_TAR_SUFFIXES: Final = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar"}


def _inner_name(path: str) -> str:
    """The name of what is packed: without the last suffix, if it is that of a compressor."""
    suffix = PurePosixPath(path).suffix
    if suffix.lower() in _TAR_SUFFIXES:
        return path.removesuffix(suffix) + _TAR_SUFFIXES[suffix.lower()]
    return path.removesuffix(suffix) if suffix.lower() in _SUFFIXES else path


def _format(
    name: str,
    magic: bytes | tuple[bytes, ...],
    open_packed: Callable[[Stream, Budget], io.RawIOBase],
    *,
    version: int = 1,
) -> Format:
    def read(stream: Stream, context: Context) -> Iterator[Item]:
        yield from context.inside(cast("BinaryIO", open_packed(stream, context.budget)), _inner_name(context.path))

    def matches(head: Head) -> bool:
        return head.content.startswith(magic)

    return Format(
        name=name,
        version=version,
        expectation=f"a file packed with {name}",
        matches=matches,
        read=read,
        is_container=True,
    )


GZIP: Final = _format("gzip", b"\x1f\x8b\x08", lambda stream, budget: _Unpacked(stream, _Gzip, budget, "gzip"))
BZIP2: Final = _format("bzip2", b"BZh", lambda stream, budget: _Unpacked(stream, bz2.BZ2Decompressor, budget, "bzip2"))
XZ: Final = _format(
    "xz",
    b"\xfd7zXZ\0",
    lambda stream, budget: _Unpacked(stream, lambda: lzma.LZMADecompressor(memlimit=_MEMORY_BYTES), budget, "xz"),
)
# A frame, or one to be skipped (RFC 8878, section 3.1.2), with which pzstd begins.
_ZSTD_MAGIC: Final = (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + number]) + b"\x2a\x4d\x18" for number in range(16)))
ZSTD: Final = _format("zstd", _ZSTD_MAGIC, _Zstd, version=2)
