"""Parse: bytes of files become raw articles, one module per format.

A format is chosen by content. To add one, write a module with a ``Format`` and put it into ``FORMATS``.
Nothing here decides what a good article is: text comes out as it stood in the file.
"""

from __future__ import annotations

import polars as pl

from transforms.parse import seed_text
from transforms.parse.decode import decode
from transforms.parse.format import Format, Parsed, quote_start, reject

#: In the order in which they are asked whether a file is theirs.
FORMATS: tuple[Format, ...] = (seed_text.FORMAT,)

PARSE_VERSION = "+".join(f"{each.name}-{each.version}" for each in FORMATS)

_EXPECTED = "; or ".join(each.expectation for each in FORMATS)


def parse(files: pl.DataFrame) -> Parsed:
    """Turn files into raw articles.

    ``files`` has one row per file: ``source``, ``path`` and ``content`` (Binary). Every file comes out in
    at least one row of ``Parsed.articles`` or ``Parsed.rejects``.
    """
    texts, undecodable = decode(files)
    # The first format whose signature matches takes the file.
    owner = pl.coalesce(
        *(pl.when(each.signature).then(pl.lit(each.name)) for each in FORMATS), pl.lit(None, dtype=pl.String)
    )
    texts = texts.with_columns(owner.alias("format"))
    parts = [each.parse(texts.filter(pl.col("format") == each.name).drop("format")) for each in FORMATS]
    unknown = reject(
        texts.filter(pl.col("format").is_null()),
        rule="unknown_format",
        reason=pl.format("no known format: expected {}; came {}", pl.lit(_EXPECTED), quote_start(pl.col("text"))),
        excerpt=pl.col("text"),
    )
    return Parsed(
        pl.concat([part.articles for part in parts]),
        pl.concat([undecodable, unknown, *(part.rejects for part in parts)]),
    )
