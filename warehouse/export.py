"""Export: each table of a release as one file, for tools that can open nothing but a file.

A folder of exported files belongs to one release: every file is written beside the others first, then all are put in
place, and ``release.json``, written last, says which release they are of. While files are being put in place there is
no ``release.json``, so that whoever finds one finds the files that it names.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal, Protocol, get_args

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from transforms.contracts import SCHEMA_VERSION, TABLES, Table
from warehouse.folder import Release, fsync_path, remove_tree, write_atomically
from warehouse.lock import writer_lock
from warehouse.parquet import arrow_schema, parquet_writer, row_group_rows, sha256_of

Form = Literal["parquet", "csv"]

#: Says of which release the files beside it are.
RELEASE_NAME: Final = "release.json"

#: The folder of flat files in a data folder that runs keep up to date if they are asked to.
LATEST_NAME: Final = "latest"

#: What is read at a time, and the text that a row group may hold: together they bound the memory.
_BATCH_ROWS: Final = 1_024
_GROUP_BYTES: Final = 64_000_000


class ExportError(Exception):
    """What was asked for cannot be exported, or not there."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export did: its folder's files of this release, and which of them it wrote (the others were there)."""

    folder: Path
    files: dict[str, dict[str, Any]]
    written: tuple[str, ...]


class _Writer(Protocol):
    def write_table(self, table: pa.Table, row_group_size: int) -> None: ...


class _CsvWriter:
    """Arrow's CSV writer with the parameters of its Parquet writer."""

    def __init__(self, writer: pa_csv.CSVWriter) -> None:
        self._writer = writer

    def write_table(self, table: pa.Table, row_group_size: int) -> None:
        self._writer.write_table(table, max_chunksize=row_group_size)


@contextmanager
def _csv_writer(target: IO[bytes], table: Table) -> Generator[_Writer]:
    with pa_csv.CSVWriter(target, arrow_schema(table)) as writer:
        yield _CsvWriter(writer)


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    """The contract's columns; those that an earlier version of Dateline did not write are null, or 0 for counts."""
    columns = []
    for field in schema:
        if field.name in batch.schema.names:
            columns.append(batch.column(field.name).cast(field.type))
        elif field.nullable:
            columns.append(pa.nulls(len(batch), field.type))
        else:
            columns.append(pa.repeat(pa.scalar(0, field.type), len(batch)))
    return pa.Table.from_arrays(columns, schema=schema)


def _row_groups(paths: Iterable[Path], table: Table) -> Iterator[pa.Table]:
    """The rows of a table's files, file by file, in row groups of the published size, fewer rows where text is long."""
    schema, most = arrow_schema(table), row_group_rows(table)
    held: list[pa.Table] = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                rest = _conformed(batch, schema)
                room = most - sum(map(len, held))
                held.append(rest.slice(0, room))
                if len(rest) >= room or sum(each.nbytes for each in held) >= _GROUP_BYTES:
                    yield pa.concat_tables(held)
                    held = [rest.slice(room)] if len(rest) > room else []
    if held:
        yield pa.concat_tables(held)


def _write(release: Release, table: Table, form: Form, target: Path) -> int:
    """Write a table of a release as one file; returns its rows."""
    rows = 0
    with target.open("wb") as file:
        opened: AbstractContextManager[_Writer] = (parquet_writer if form == "parquet" else _csv_writer)(file, table)
        with opened as writer:
            for group in _row_groups(release.files(table.name), table):
                writer.write_table(group, len(group))
                rows += len(group)
        file.flush()
        os.fsync(file.fileno())
    return rows


def _origin(release: Release, table: Table) -> str:
    """What a table's exported bytes depend on: the published files and what wrote them anew."""
    files = release.manifest["tables"].get(table.name, {"files": []})["files"]
    parts = [pa.__version__, str(SCHEMA_VERSION), *(f"{each['path']} {each['sha256']}" for each in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _known_files(release: Release, folder: Path) -> dict[str, dict[str, Any]]:
    """The files of an earlier export that are what this release's would be."""
    try:
        noted: dict[str, dict[str, Any]] = json.loads((folder / RELEASE_NAME).read_text(encoding="utf-8"))["files"]
    except (FileNotFoundError, ValueError, KeyError):
        return {}
    origins = {name: _origin(release, table) for name, table in TABLES.items()}
    return {
        name: entry
        for name, entry in noted.items()
        if entry["origin"] == origins.get(entry["table"])
        and (folder / name).is_file()
        and (folder / name).stat().st_size == entry["bytes"]
    }


def _check(release: Release, folder: Path, names: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in TABLES]:
        raise ExportError(f"no table is called {unknown[0]!r}; there are: {', '.join(TABLES)}")
    if folder.resolve().is_relative_to(release.path.parent):
        raise ExportError(f"{folder} lies among the releases, which never change: choose another folder")


def _put_in_place(folder: Path, temporary: dict[str, Path]) -> None:
    (folder / RELEASE_NAME).unlink(missing_ok=True)
    fsync_path(folder)
    for name, path in temporary.items():
        path.replace(folder / name)
    fsync_path(folder)


def export_release(release: Release, folder: Path, names: Sequence[str] = (), form: Form = "parquet") -> Export:
    """Write tables of a release (all, unless named) into a folder, each as one file ``<table>.parquet`` or ``.csv``.

    The rows stand month by month, within a month in the contract's order; Parquet carries types and descriptions as
    the published files do. The same release gives the same bytes. A file that an earlier export made of the same
    published files is left as it is. The memory is that of a row group, whatever the size of the table.

    The caller sees to it that the release is not collected meanwhile. Raises ``ExportError`` for an unknown table or
    a folder within the releases, ``LockedError`` when another export is writing to the folder.
    """
    _check(release, folder, names)
    folder.mkdir(parents=True, exist_ok=True)
    with writer_lock(folder / ".export.lock", f"export of release {release.number}"):
        for leftover in folder.glob(".*.export"):
            remove_tree(leftover)
        files = _known_files(release, folder)
        temporary: dict[str, Path] = {}
        try:
            for table in (TABLES[name] for name in names or TABLES):
                if (name := f"{table.name}.{form}") not in files:
                    path = temporary[name] = folder / f".{name}.export"
                    rows = _write(release, table, form, path)
                    files[name] = {
                        "table": table.name,
                        "rows": rows,
                        "bytes": path.stat().st_size,
                        "sha256": sha256_of(path),
                        "origin": _origin(release, table),
                    }
            note = {
                "release": release.number,
                "run_id": release.manifest["run_id"],
                "files": dict(sorted(files.items())),
            }
            text = json.dumps(note, indent=1) + "\n"
            if temporary:
                _put_in_place(folder, temporary)
            write_atomically(folder / RELEASE_NAME, text)
        finally:
            for path in temporary.values():
                remove_tree(path)
    return Export(folder, files, tuple(temporary))


def export_again(former_run_id: str | None, release: Release, folder: Path) -> bool:
    """Bring a folder that holds the release of the former run to this one; what holds another, or none, is left alone.

    True if it now holds this release. Raises what ``export_release`` raises.
    """
    try:
        noted = json.loads((folder / RELEASE_NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    if former_run_id is None or noted.get("run_id") != former_run_id:
        return False
    for form in get_args(Form):
        if names := sorted(entry["table"] for name, entry in noted["files"].items() if name.endswith(f".{form}")):
            export_release(release, folder, names, form)
    return True
