"""The words of many texts: what the macro ``words_of`` gives of each, counted, in a third of DuckDB's time.

DuckDB's regular expressions take 150 ns for a word, and grouping and sorting the words as strings takes longer than
that again. Here all that is neither letter nor digit is blanked in the bytes of many texts together, and words are
small numbers from where they are split off until the end.
"""

from __future__ import annotations

from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

_SPACE: Final = ord(" ")

#: Blanks what ASCII has besides letters and digits; bytes of other characters stay.
_BLANK_ASCII: Final = bytes(byte if chr(byte).isalnum() or not chr(byte).isascii() else _SPACE for byte in range(0x100))

#: From here on is the first byte of a character that UTF-8 (RFC 3629) writes in two, in three and in four bytes.
_TWO, _THREE, _FOUR = 0xC0, 0xE0, 0xF0

#: DuckDB is asked, because Python's own tables are of another version of Unicode.
_SEPARATORS: Final = (
    r"SELECT code FROM (SELECT unnest(?::INTEGER[]) AS code) WHERE NOT regexp_full_match(chr(code), '[\p{L}\p{N}]')"
)

#: Of a SMALLINT.
_MOST_USES: Final = 32_767


def _are_separators(connection: duckdb.DuckDBPyConnection, codes: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which of these code points are neither letters nor digits."""
    table = np.zeros(0x110000, np.bool_)
    table[codes] = True
    found = connection.execute(_SEPARATORS, [np.flatnonzero(table).tolist()]).fetchnumpy()["code"]
    table[:] = False
    table[found.astype(np.int32)] = True
    return table[codes]


def _blanked(connection: duckdb.DuckDBPyConnection, texts: pa.StringArray) -> pa.StringArray:
    """The same texts with spaces for every byte of what is neither letter nor digit."""
    _, offsets, data = texts.buffers()
    text = bytearray(data or b"").translate(_BLANK_ASCII)
    if not text.isascii():
        buffer = np.frombuffer(text, np.uint8)
        starts = np.flatnonzero(buffer >= _TWO)
        codes = buffer[starts].astype(np.int32)
        byte_counts = 2 + (codes >= _THREE) + (codes >= _FOUR)
        # The first byte has the highest bits of the code point, each other one has six.
        codes &= 0x7F >> byte_counts
        for place in (1, 2, 3):
            has_byte = byte_counts > place
            codes[has_byte] = codes[has_byte] << 6 | buffer[starts[has_byte] + place] & 0x3F
        is_separator = _are_separators(connection, codes)
        for place in (0, 1, 2, 3):
            buffer[starts[is_separator & (byte_counts > place)] + place] = _SPACE
    return pa.StringArray.from_buffers(len(texts), offsets, pa.py_buffer(text))


def _split(connection: duckdb.DuckDBPyConnection, texts: pa.Table) -> tuple[pa.DictionaryArray, npt.NDArray[Any]]:
    """All words of all texts, one after the other, and how many each text has."""
    words, counts = [], []
    for batch in texts.to_batches():
        split = pc.ascii_split_whitespace(_blanked(connection, batch["text"]))
        words.append(split.flatten())
        counts.append(np.diff(split.offsets.to_numpy()))
    # Arrow gives all chunks one dictionary.
    return pa.chunked_array(words, pa.string()).dictionary_encode().combine_chunks(), np.concatenate(counts)


def count_words(connection: duckdb.DuckDBPyConnection, texts: pa.Table) -> pa.Table:
    """How often each text has each of its words: ``word, text_no, use_count``, ordered by word and number.

    ``texts`` has the columns ``text_no`` (INTEGER; the closer together the numbers, the less memory) and ``text``
    (folded, as by the macro ``fold``), and at least one row. A count of 32767 also stands for more.
    """
    encoded, counts = _split(connection, texts)
    numbers = texts["text_no"].to_numpy()
    lowest, span = numbers.min(), int(np.ptp(numbers)) + 1
    order = pc.array_sort_indices(encoded.dictionary)
    words = encoded.dictionary.take(order)
    # Word and text as one number, so that they are sorted at once; it has 32 bits where they suffice.
    base = np.empty(len(order), np.min_scalar_type(len(order) * span))
    base[order.to_numpy()] = np.arange(len(order)) * span
    pairs = base[encoded.indices.to_numpy()]
    pairs += np.repeat((numbers - lowest).astype(pairs.dtype), counts)
    runs = pl.Series(pairs).sort().rle().struct.unnest()
    if words[0].as_py() == "":
        # What stands before the first word of a text and behind its last.
        runs = runs.filter(pl.col.value >= span)
    ranks, offsets = np.divmod(runs["value"].to_numpy(), span)
    return pa.table({
        "word": pa.DictionaryArray.from_arrays(ranks.astype(np.int32), words),
        "text_no": offsets.astype(np.int32) + lowest,
        "use_count": runs["len"].clip(upper_bound=_MOST_USES).cast(pl.Int16).to_arrow(),
    })
