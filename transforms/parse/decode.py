"""Bytes become text, or a reason why not. Nothing is ever replaced: one impossible byte refuses the document.

In this order: a byte-order mark; the zero bytes of UTF-16 and UTF-32 without one; the escapes of ISO-2022;
valid UTF-8; what the document declares; what its source declares; what charset-normalizer finds. Valid
UTF-8 goes before the declaration, because other encodings give it by accident with a chance of about one in
eight for each letter, while pages that are UTF-8 and declare Latin-1 are common.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

import polars as pl

from transforms.parse.detect import detect
from transforms.parse.limits import RefusedError
from transforms.parse.records import Note

EMPTY: Final = "the file is empty; expected an article: write it again or remove the file"

_EXCERPT_BYTES: Final = 200
_BOMS: Final = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What browsers read under these names: the superset that pages really use (WHATWG Encoding Standard, 4.2).
_SUPERSETS: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
}
_ISO_2022: Final = ((b"\x1b$B", "iso2022_jp_2"), (b"\x1b$@", "iso2022_jp_2"), (b"\x1b$)C", "iso2022_kr"))
_DECLARED: Final = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{2,40})["']|"""
    rb"""<meta[^>]{0,300}?\bcharset\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""",
    re.IGNORECASE,
)
_DECLARED_WITHIN_BYTES: Final = 8192  # browsers look at 1,024 bytes; pages with long heads declare later
_SHORTEST_WIDE_BYTES: Final = 8
_DETECTION_BYTES: Final = 1 << 16


class Text(NamedTuple):
    """Decoded text, lines ended by newlines. ``notes`` tell what had to be guessed."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()


def excerpt_of(content: bytes) -> str:
    """The first bytes, Latin-1: every byte has a character, enough to recognise a refused file by."""
    return content[:_EXCERPT_BYTES].decode("latin-1")


def _known(name: str | None) -> str | None:
    """Python's name of a declared text encoding, or of the superset that is meant."""
    if not name:
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # base64 and its kind are codecs, too
    is_text = getattr(info, "_is_text_encoding", True) and info.name not in {"idna", "punycode", "unicode_escape"}
    return _SUPERSETS.get(info.name, info.name) if is_text else None


def _without_mark(content: bytes) -> tuple[bytes, str | None]:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :], encoding
    return content, None


def _wide(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, by the places of the zero bytes of ASCII characters."""
    head = content[: 1024 // 4 * 4]
    if len(head) < _SHORTEST_WIDE_BYTES or 0 not in head:
        return None
    # ruff: disable[magic-value-comparison] - shares of zero bytes: ASCII has them in every place but one
    zeros = [head[place::4].count(0) / len(head[place::4]) for place in range(4)]
    if min(zeros[1:]) > 0.9 and zeros[0] < 0.5:
        return "utf-32-le"
    if min(zeros[:3]) > 0.9 and zeros[3] < 0.5:
        return "utf-32-be"
    if min(zeros[1], zeros[3]) > 0.2 and max(zeros[0], zeros[2]) < 0.1:
        return "utf-16-le"
    if min(zeros[0], zeros[2]) > 0.2 and max(zeros[1], zeros[3]) < 0.1:
        return "utf-16-be"
    # ruff: enable[magic-value-comparison]
    return None


def declared_encoding(content: bytes) -> str | None:
    """What the XML declaration or a meta element says, as it stands there."""
    match = _DECLARED.search(content[:_DECLARED_WITHIN_BYTES])
    return (match[1] or match[2]).decode("ascii") if match else None


def _is_utf8(content: bytes, *, is_cut: bool = False) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(content, final=not is_cut)
    except UnicodeDecodeError:
        return False
    return True


def _candidates(content: bytes, declared: str | None, default: str | None, *, is_cut: bool = False) -> list[str]:
    """The encodings to try, the first that can be is taken; empty when it must be detected."""
    wide = _wide(content)
    if wide is not None:
        return [wide]
    escapes = [encoding for escape, encoding in _ISO_2022 if escape in content[:_DETECTION_BYTES]]
    if _is_utf8(content, is_cut=is_cut) and not escapes:
        return ["utf-8"]
    names = [*escapes, _known(declared), _known(declared_encoding(content)), _known(default)]
    # Declared as UTF-16 but readable as far as the declaration: it is not.
    return [name for name in dict.fromkeys(names) if name and not name.startswith(("utf-16", "utf-32", "utf_16"))]


def decode_head(content: bytes, declared: str | None = None) -> str | None:
    """The start of a document as text, as well as it can be told; None if it is binary."""
    rest, marked = _without_mark(content)
    candidates = [marked] if marked else _candidates(rest, declared, None, is_cut=True)
    for encoding in [*candidates, "latin-1"]:
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(rest, final=False)
        except UnicodeError:
            continue
        return None if "\0" in text else text
    return None


def _detected(content: bytes) -> tuple[str, str] | None:
    encoding = detect(content)
    try:
        return (content.decode(encoding), encoding) if encoding is not None else None
    except UnicodeError:
        return None


def decode_text(content: bytes, declared: str | None = None, default: str | None = None) -> Text:
    """Decode a whole document.

    ``declared`` is what its envelope says (HTTP), ``default`` what its source says. Raises ``RefusedError``.
    """
    rest, marked = _without_mark(content)
    if not rest.strip():
        raise RefusedError("empty_file", EMPTY)
    candidates = [marked] if marked else _candidates(rest, declared, default)
    notes: tuple[Note, ...] = ()
    text = problem = None
    for encoding in candidates:
        try:
            text = rest.decode(encoding)
        except UnicodeError as error:
            problem = problem or _describe(error, encoding, len(rest))
            continue
        break
    else:
        found = None if marked else _detected(rest)
        if found is None:
            raise RefusedError("not_decodable" if candidates else "not_utf8", _advice(rest, problem), excerpt_of(rest))
        text, encoding = found
        told = f"declared as {candidates[0]}, which it is not" if candidates else "no encoding is declared"
        notes = (
            Note("encoding_guessed", f"{told}: read as {encoding}, a guess from its letters; declare the encoding"),
        )
    nul = text.find("\0")
    if nul >= 0:
        reason = f"not text: a NUL byte at offset {nul:,} of {len(text):,}; write the file again as text"
        raise RefusedError("not_text", reason, text[:_EXCERPT_BYTES])
    return Text(text.replace("\r\n", "\n").replace("\r", "\n"), encoding, notes)


def _describe(error: UnicodeError, encoding: str, length: int) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte 0x{error.object[error.start]:02x} at offset {error.start:,} of {length:,} is not {encoding}"
    return f"it is not {encoding}"


def _advice(content: bytes, problem: str | None) -> str:
    if problem is not None:
        return f"{problem}, which it is declared to be; write the file again as UTF-8"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte 0x{content[error.start]:02x} at offset {error.start:,} of {len(content):,}"
        advice = "convert the file to UTF-8, name its encoding in sources.toml, or remove it if it is no text"
        return f"not UTF-8 text: {where}; {advice}"
    return "no encoding fits; convert the file to UTF-8, or name its encoding in sources.toml"


def _decode_utf8(content: bytes) -> str | None:
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def decode_utf8(files: pl.DataFrame) -> pl.DataFrame:
    """Add ``text`` to files (``content``): UTF-8 without a mark, lines ended by newlines; null for the others."""
    # A loop, because polars fails the whole column at one bad byte.
    texts = pl.Series("text", [_decode_utf8(content) for content in files["content"]], dtype=pl.String)
    return files.with_columns(texts.str.replace_all(r"\r\n?", "\n"))
