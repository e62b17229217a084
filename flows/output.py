"""Query results for people and programs: a table, CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from warehouse.query import Result

Format = Literal["table", "csv", "json", "parquet"]

#: Rows that a table shows: more would scroll away the header.
TABLE_ROWS: Final = 100

_FORMAT_OF_ENDING: Final[dict[str, Format]] = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
_FETCHED_ROWS: Final = 10_000
CELL_CHARS: Final = 80
_SHOWN_FRACTION: Final = 0.0001
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def printable(text: str) -> str:
    """Text that cannot move a terminal's cursor, colour it or break a line."""
    return _UNPRINTABLE.sub(" ", text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | Decimal) and math.isfinite(value):
        number = float(value)
        is_tiny = 0 < abs(number) < _SHOWN_FRACTION
        return f"{number:.4g}" if is_tiny else f"{number:,.4f}".rstrip("0").rstrip(".")
    return printable(str(value))


def _shortened(text: str, cell_chars: int | None) -> str:
    return text if cell_chars is None or len(text) <= cell_chars else text[: cell_chars - 1] + "…"


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], cell_chars: int | None = CELL_CHARS) -> None:
    """Print rows as an aligned table: numbers to the right, cells cut at ``cell_chars`` characters."""
    from rich import box  # ruff: ignore[import-outside-top-level] - only what prints a table pays for the import
    from rich.console import Console  # ruff: ignore[import-outside-top-level]
    from rich.table import Table  # ruff: ignore[import-outside-top-level]
    from rich.text import Text  # ruff: ignore[import-outside-top-level]

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        values = [row[number] for row in rows]
        is_number = any(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values)
        table.add_column(Text(printable(name)), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shortened(_cell(value), cell_chars)) for value in row))
    # Off a terminal there is no width to keep to: a wrapped table is useless to grep and to diff.
    width = None if sys.stdout.isatty() else 10_000
    console = Console(width=width, highlight=False, soft_wrap=False)
    for line in console.render_lines(table, pad=False):
        console.print(Text("".join(segment.text for segment in line).rstrip()), soft_wrap=True)


def _batches(result: Result) -> Iterator[list[tuple[Any, ...]]]:
    while rows := result.fetch(_FETCHED_ROWS):
        yield rows


def _json_value(value: Any) -> Any:
    """A value that JSON has: no NaN, no infinity, decimals as numbers."""
    if isinstance(value, Decimal):
        return float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_json(result: Result, file: IO[str]) -> None:
    file.write("[")
    separator = "\n"
    for rows in _batches(result):
        for row in rows:
            record = {name: _json_value(value) for name, value in zip(result.columns, row, strict=True)}
            # A terminal could take characters beyond ASCII for orders.
            file.write(separator + json.dumps(record, ensure_ascii=file.isatty(), default=str))
            separator = ",\n"
    file.write("\n]\n")


def _write_csv(result: Result, file: IO[str]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(result.columns)
    for rows in _batches(result):
        writer.writerows([[_cell(value) for value in row] for row in rows] if file.isatty() else rows)


def _print_result(result: Result) -> None:
    rows = result.fetch(TABLE_ROWS + 1)
    print_table(result.columns, rows[:TABLE_ROWS])
    if len(rows) > TABLE_ROWS:
        print(f"(the first {TABLE_ROWS} rows; --format csv gives all)")


def write_result(result: Result, form: Format, output: Path | None) -> None:
    """Write a result to a file, or to standard output. A file's ending says which form a table takes in it.

    Raises ``ValueError`` for Parquet without a file.
    """
    if form == "table" and output is not None:
        form = _FORMAT_OF_ENDING.get(output.suffix.lower(), "csv")
    if form == "parquet":
        if output is None:
            message = "Parquet needs a file: add --output FILE"
            raise ValueError(message)
        result.write_parquet(output)
    elif form == "table" and output is None:
        _print_result(result)
    else:
        write = _write_json if form == "json" else _write_csv
        if output is None:
            write(result, sys.stdout)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                write(result, file)
