"""Bytes become text, or a reason why not."""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

import polars as pl

from transforms.parse.format import reject

_EXCERPT_BYTES: Final = 200


class _Decoded(NamedTuple):
    text: str | None
    rule: str | None = None
    reason: str | None = None
    excerpt: str | None = None


def _decode(content: bytes) -> _Decoded:
    content = content.removeprefix(codecs.BOM_UTF8)
    # Latin-1 gives every byte a character: enough to recognise a refused file by.
    excerpt = content[:_EXCERPT_BYTES].decode("latin-1")
    if not content.strip():
        return _Decoded(
            None, "empty_file", "the file is empty; expected an article: write it again or remove the file", excerpt
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte 0x{content[error.start]:02x} at offset {error.start:,} of {len(content):,}"
        reason = f"not UTF-8 text: {where}; convert the file to UTF-8, or remove it if it is not text"
        return _Decoded(None, "not_utf8", reason, excerpt)
    nul = content.find(0)
    if nul >= 0:
        reason = f"not text: a NUL byte at offset {nul:,} of {len(content):,}; write the file again as text"
        return _Decoded(None, "not_text", reason, excerpt)
    return _Decoded(text)


def decode(files: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Decode UTF-8, drop a byte-order mark and end every line with one newline.

    ``files``: ``source``, ``path``, ``content`` (Binary). Returns the files that are text (``text``
    instead of ``content``) and the rejects of those that are not.
    """
    # A loop, because polars fails the whole column at one bad byte and only Python says where it stands.
    decoded = pl.DataFrame(
        [_decode(content) for content in files["content"]],
        schema=dict.fromkeys(_Decoded._fields, pl.String()),
        orient="row",
    )
    read = pl.concat([files.select("source", "path"), decoded], how="horizontal")
    is_text = pl.col("text").is_not_null()
    refused = read.filter(~is_text)
    return (
        read.filter(is_text).select("source", "path", pl.col("text").str.replace_all(r"\r\n?", "\n")),
        reject(refused, rule=pl.col("rule"), reason=pl.col("reason"), excerpt=pl.col("excerpt")),
    )
