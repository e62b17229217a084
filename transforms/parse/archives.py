"""zip and tar: each member is recognised and read like a file, in the order in which it is stored.

Nothing is ever written to disk, so a member's name is a label and can lead nowhere; one that tries is refused
all the same, because whoever packed it meant harm.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Self, cast

from transforms.parse.limits import MIB, BombError, RefusedError
from transforms.parse.reading import Context, Format, Head, Stream
from transforms.parse.records import Item, Refusal

_ESCAPES: Final = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0")
_HIDDEN: Final = re.compile(r"(?:^|/)(?:\.|__MACOSX/)|(?:^|/)(?:Thumbs\.db|desktop\.ini)$")
_LONGEST_NAME_CHARS: Final = 1_000
_MOST_EMPTY_READS: Final = 10
_EXTENDED_HEADER_BYTES: Final = MIB
_ENCRYPTED: Final = 0x1
_UNIX_LINK: Final = 0o120000
_UNIX_KIND: Final = 0o170000
_TAR_MAGIC: Final = slice(257, 262)
#: Documents that are zip files.
_OFFICE: Final = re.compile(rb"\[Content_Types\]\.xml|mimetypeapplication/|META-INF/MANIFEST\.MF|AndroidManifest\.xml")


def _name_problem(name: str) -> tuple[str, str] | None:
    if _ESCAPES.search(name):
        return "zip_slip", "its name leads out of the archive; pack it again with relative names"
    if len(name) > _LONGEST_NAME_CHARS:
        return "name_too_long", f"its name has {len(name):,} characters"
    if _HIDDEN.search(name):
        return "hidden_member", "names that begin with a dot and files of the operating system are not read; remove it"
    return None


def _refuse(name: str, rule: str, reason: str) -> Refusal:
    return Refusal(rule, f"the member is not read: {reason}", name, inner_path=name[:_LONGEST_NAME_CHARS])


def _read_member(context: Context, raw: BinaryIO, name: str) -> Iterator[Item]:
    """The records of a member. One that cannot be read is refused, and the next may be sound."""
    try:
        yield from context.inside(raw, name, inner_path=name)
    except BombError:
        raise
    except RefusedError as error:
        yield _refuse(name, error.rule, error.reason)


class _Counted(io.RawIOBase):
    """A member's bytes on account of the budget; with what zipfile raises for broken ones made plain."""

    def __init__(self, raw: BinaryIO, context: Context) -> None:
        super().__init__()
        self._raw = raw
        self._context = context

    def readable(self) -> bool:  # ruff: ignore[no-self-use] - overrides
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        self._context.budget.check()
        try:
            content = self._raw.read(len(view))
        except RefusedError:
            raise
        except Exception as error:  # zlib, lzma, bz2 and zipfile have an error each
            raise RefusedError("corrupt", f"the member is broken: {str(error) or 'it ends too early'}") from error
        view[: len(content)] = content
        self._context.budget.unpacked(len(content))
        return len(content)


def _zip_problem(info: zipfile.ZipInfo) -> tuple[str, str] | None:
    if info.flag_bits & _ENCRYPTED:
        return "encrypted", "it is encrypted; unpack it with its password"
    if (info.external_attr >> 16) & _UNIX_KIND == _UNIX_LINK:
        return "link", "it is a symbolic link; pack the file itself"
    return _name_problem(info.filename)


def _read_zip(stream: Stream, context: Context) -> Iterator[Item]:
    content = stream.head()
    if _OFFICE.search(content[:200]):
        raise RefusedError("not_text", "it is an Office document, an e-book or a program; convert it to HTML or text")
    file = stream.seekable_file(context.limits.document_bytes)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise RefusedError("corrupt", f"the zip archive has no readable directory: {error}; pack it again") from error
    with archive:
        # As stored: reading goes forward only, and what is appended changes no number.
        for info in sorted(archive.infolist(), key=lambda each: each.header_offset):
            if info.is_dir():
                continue
            context.budget.member()
            name = info.filename
            problem = _zip_problem(info)
            if problem is not None:
                yield _refuse(name, *problem)
                continue
            try:
                raw = archive.open(info)
            except Exception as error:  # ruff: ignore[blind-except] - zipfile raises much for broken headers
                yield _refuse(name, "corrupt", f"it is broken: {error}")
                continue
            with raw:
                yield from _read_member(context, cast("BinaryIO", _Counted(cast("BinaryIO", raw), context)), name)


class _Packed:
    """What tarfile reads from. Behind the end, it would try to reach the end of a member of any size by reading on."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._empty_reads = 0

    def read(self, size: int) -> bytes:
        # What has come: nothing of it is lost if what follows is broken.
        content = self._stream.read1(size)
        self._empty_reads += not content
        if self._empty_reads > _MOST_EMPTY_READS:
            raise tarfile.ReadError("it ends too early")
        return content


class _Member(tarfile.TarInfo):
    """A tar header; an extended one is held in memory and must be small.

    tarfile takes one that is broken or cut, and the end of a file that was cut between two, for the end of the archive.
    """

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error
        except tarfile.EmptyHeaderError as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError("it ends without the empty blocks that close one") from error

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        member = super().frombuf(buf, encoding, errors)
        extended = {
            tarfile.XHDTYPE,
            tarfile.XGLTYPE,
            tarfile.SOLARIS_XHDTYPE,
            tarfile.GNUTYPE_LONGNAME,
            tarfile.GNUTYPE_LONGLINK,
        }
        if member.type in extended and not 0 <= member.size <= _EXTENDED_HEADER_BYTES:
            raise tarfile.ReadError(f"an extended header of {member.size:,} bytes")
        return member


def _tar_problem(member: tarfile.TarInfo) -> tuple[str, str] | None:
    if member.issym() or member.islnk():
        return "link", f"it is a link to {member.linkname[:200]}; pack the file itself"
    if not member.isfile():
        return "not_a_file", "it is a device or a pipe"
    return _name_problem(member.name)


def _read_tar(stream: Stream, context: Context) -> Iterator[Item]:
    try:
        # "r|": a stream without seeking.
        archive = tarfile.open(  # ruff: ignore[open-file-with-context-handler] - nothing is opened but the stream
            fileobj=cast("BinaryIO", _Packed(stream)), mode="r|", tarinfo=_Member, errors="surrogateescape"
        )
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise RefusedError("corrupt", f"the tar archive cannot be read: {error}; pack it again") from error
    while True:
        try:
            member = archive.next()
        except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            raise RefusedError(
                "corrupt", f"the tar archive is broken here: {error}; only what is whole before that was read"
            ) from error
        if member is None:
            return
        archive.members = []  # type: ignore[attr-defined] # the module keeps all it saw
        if member.isdir():
            continue
        context.budget.member()
        problem = _tar_problem(member)
        if problem is not None:
            yield _refuse(member.name, *problem)
            continue
        raw = archive.extractfile(member)
        if raw is not None:
            yield from _read_member(context, cast("BinaryIO", raw), member.name)


ZIP: Final = Format(
    name="zip",
    version=1,
    expectation="a zip archive",
    matches=lambda head: head.content.startswith((b"PK\3\4", b"PK\5\6")),
    read=_read_zip,
    is_container=True,
)


def _is_tar(head: Head) -> bool:
    if head.content[_TAR_MAGIC] == b"ustar":
        return True
    if head.suffix != ".tar" or len(head.content) < tarfile.BLOCKSIZE:
        return False
    try:  # before POSIX there was no magic, only a checksum
        tarfile.TarInfo.frombuf(head.content[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


TAR: Final = Format(
    name="tar",
    version=3,
    expectation="a tar archive",
    matches=_is_tar,
    read=_read_tar,
    is_container=True,
)
