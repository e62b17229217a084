"""Parquet: one row for each article, read a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from transforms.parse.fields import FieldMap, has_body_field
from transforms.parse.limits import RefusedError
from transforms.parse.reading import Context, Format, Head, Stream
from transforms.parse.records import Item, Refusal

_MAGIC: Final = b"PAR1"
# A dictionary stores a text once for any number of rows, of which so many are held at once.
_BATCH_ROWS: Final = 4
# With a buffer, pyarrow reads column chunks piece by piece instead of whole.
_BUFFER_BYTES: Final = 1 << 20


def _read(stream: Stream, context: Context) -> Iterator[Item]:
    import pyarrow as pa  # ruff: ignore[import-outside-top-level] - a run of seed files needs no pyarrow here
    import pyarrow.parquet as pq  # ruff: ignore[import-outside-top-level]

    fields = FieldMap(context.options.fields)
    number = 0
    try:
        file = pq.ParquetFile(
            stream.seekable_file(context.limits.document_bytes), buffer_size=_BUFFER_BYTES, pre_buffer=False
        )
        names = [name for name in file.schema_arrow.names if isinstance(name, str)]
        if not has_body_field([*names, *context.options.fields.values()], context.options.fields):
            found = ", ".join(names)[:300]
            raise RefusedError("fields_unknown", f"no column holds the text; there are: {found}; map 'body' to one")
        wanted = fields.columns(names)
        for group in range(file.metadata.num_row_groups):
            context.budget.unpacked(max(0, file.metadata.row_group(group).total_byte_size))
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=wanted):
            context.budget.unpacked(batch.nbytes)
            for row in batch.to_pylist():
                number += 1
                try:
                    yield fields.article(row)
                except RefusedError as error:
                    yield Refusal(error.rule, f"row {number:,}: {error.reason}", error.excerpt)
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise RefusedError("not_parquet", f"the Parquet file cannot be read after row {number:,}: {error}") from error


def _matches(head: Head) -> bool:
    return head.content.startswith(_MAGIC)


FORMAT: Final = Format(
    name="parquet",
    version=3,
    expectation="Parquet",
    matches=_matches,
    read=_read,
)
