"""Lines of a large file, one at a time; each is decoded on its own."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from transforms.parse.decode import decode_head, decode_text, excerpt_of
from transforms.parse.limits import RefusedError
from transforms.parse.reading import Context, Stream
from transforms.parse.records import Note

_BLOCK_BYTES: Final = 1 << 20


class Line(NamedTuple):
    """A line with its end, counted from 1; ``text`` is null, with a rule and a reason, if it is refused."""

    number: int
    text: str | None
    rule: str = ""
    reason: str = ""
    excerpt: str | None = None
    notes: tuple[Note, ...] = ()


def _skip_line(stream: io.BufferedIOBase) -> int:
    """Read to the end of the line without holding it."""
    skipped = 0
    while block := stream.readline(_BLOCK_BYTES):
        skipped += len(block)
        if block.endswith(b"\n"):
            break
    return skipped


def _decoded(raw: bytes, number: int, notes: tuple[Note, ...]) -> Line:
    try:
        return Line(number, raw.decode("utf-8"), notes=notes)
    except UnicodeDecodeError as error:
        reason = f"byte 0x{raw[error.start]:02x} at offset {error.start:,} of the line is not UTF-8; write it again"
        return Line(number, None, "not_utf8", reason, excerpt_of(raw))


def read_lines(stream: Stream, context: Context) -> Iterator[Line]:
    """Every line of a file. UTF-8 streams; a file in another encoding must fit into memory.

    A line longer than ``Limits.record_bytes`` is refused and never held.
    """
    head = stream.head()
    limit_bytes = context.limits.record_bytes
    source: io.BufferedIOBase = stream
    notes: tuple[Note, ...] = ()
    is_utf8 = _is_utf8_start(head)
    has_newlines = b"\n" in head or b"\r" not in head
    if not is_utf8 or not has_newlines:
        content = stream.read_all(context.limits.document_bytes, "write it as UTF-8 with newlines")
        source = io.BytesIO(content)
        try:
            text = decode_text(content, context.declared, context.options.encoding)
        except RefusedError:
            pass  # no one encoding for all: each line on its own
        else:
            notes = text.notes
            source = io.BytesIO(text.text.encode())
    elif head.startswith(codecs.BOM_UTF8):
        source.read(len(codecs.BOM_UTF8))
    number = 0
    while raw := source.readline(limit_bytes + 1):
        number += 1
        if len(raw) > limit_bytes:
            length = len(raw) + (0 if raw.endswith(b"\n") else _skip_line(source))
            reason = f"a line of {length:,} bytes, more than {limit_bytes:,}: expected one record; split it"
            yield Line(number, None, "too_large", reason, excerpt_of(raw))
            continue
        yield _decoded(raw, number, notes)
        notes = ()  # once a file


def _is_utf8_start(head: bytes) -> bool:
    """Whether most of the head is UTF-8: a broken line must not make a file look like Latin-1."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        return False
    lines = head.split(b"\n")
    # The last line may be cut within a character.
    checked = lines[:-1] or lines
    good = sum(_is_valid(line) for line in checked)
    if len(lines) == 1:
        return good == 1 or decode_head(head) is None or _is_valid_cut(head)
    beyond = sum(not line.isascii() for line in checked)
    return beyond == 0 or good > len(checked) - beyond or len(checked) - good <= beyond // 2


def _is_valid(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_valid_cut(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True
