"""The command that hands data on: ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.cli.options import DEFAULT_DATA, LOCKED, OK, USAGE, DataOption, ReleaseOption, fail


def export(
    *,
    to: Path | None = None,
    tables: Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=True)] = (),
    form: Annotated[Literal["parquet", "csv"], Parameter(name=["--format", "-f"])] = "parquet",
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
) -> int:
    """Write each table of the current release as one file, for tools that cannot open a folder of them.

    Parameters
    ----------
    to
        The folder to write to (latest/ in the data folder). Its release.json says of which release the files are.
    tables
        Only these tables.
    form
        What to write: parquet or csv.
    """
    from warehouse.export import LATEST_NAME, ExportError, export_release
    from warehouse.folder import NoReleaseError
    from warehouse.lock import LockedError
    from warehouse.query import open_release

    try:
        with open_release(data, release) as found:
            done = export_release(found, to or data / LATEST_NAME, tables, form)
    except LockedError as error:
        return fail(error, LOCKED)
    except ExportError as error:
        return fail(error, USAGE)
    except (NoReleaseError, OSError) as error:
        return fail(error)
    for name in done.written:
        print(f"{done.folder / name}: {done.files[name]['rows']:,} rows, {done.files[name]['bytes']:,} bytes")
    print(f"{done.folder}/ holds {len(done.files)} tables of release {found.number}")
    return OK
