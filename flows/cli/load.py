"""The commands that load: ``run`` and ``serve``. Only they import Prefect, and not before they must."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from flows.cli.options import (
    DEFAULT_DATA,
    HELD_BACK,
    LOCKED,
    OK,
    REFUSED,
    TROUBLE,
    USAGE,
    DataOption,
    OnlyOption,
    SourcesOption,
    fail,
    refresh_latest,
    refresh_report,
)

if TYPE_CHECKING:
    from pydantic import ValidationError

    from flows.summary import Summary

_STARTED: Final = time.perf_counter()


def _explain(error: ValidationError) -> ValueError:
    """Say which setting is wrong, and where it may have come from."""
    lines = [
        f"{problem['loc'][0]}: {problem['msg'].removeprefix('Value error, ')}, came {problem['input']!r}; "
        f"set it by --{str(problem['loc'][0]).replace('_', '-')} or DATELINE_{str(problem['loc'][0]).upper()}"
        for problem in error.errors()
    ]
    return ValueError("\n".join(lines))


def run(  # ruff: ignore[too-many-arguments] - the options of a command are flat
    *paths: Path,
    data: DataOption = DEFAULT_DATA,
    source: str | None = None,
    recogniser: str | None = None,
    watchlist: Path | None = None,
    workers: int | None = None,
    batch_files: int | None = None,
    mirror: Annotated[bool, Parameter(negative="")] = False,
    verify: Annotated[bool, Parameter(negative="")] = False,
    retire_share: float | None = None,
    sources: SourcesOption = None,
    only: OnlyOption = None,
    latest: Annotated[bool | None, Parameter(negative="")] = None,
    report: Annotated[bool | None, Parameter(negative="")] = None,
) -> int:
    """Load article files: folders or single files; without any, the sources of sources.toml (or seeds/articles).

    Ends with 0 when all is done; 6: done, but a source could not be had; 3: done, but files were refused; 5: done,
    but too many files vanished to be retired; 4: another run holds the data folder; 2: a path or option is wrong;
    1: failed, and the warehouse is as it was.

    Parameters
    ----------
    paths
        Folders or files of articles.
    source
        A name for the paths as one source; otherwise each folder's own name.
    recogniser
        What finds the names: crf (the default), rules, spacy:MODEL or gliner:MODEL. Of several, by commas, the first
        one's are the mentions; those of the others go into compared_mentions.
    watchlist
        A CSV file of names that are always found (seeds/watchlist.csv beside the data folder, if it exists).
    workers
        Processes that transform batches.
    batch_files
        Most files in a batch.
    mirror
        Retire files that are known and not in the paths any more, with their articles.
    verify
        Hash every file instead of trusting its size and time.
    retire_share
        The largest share of a source's files that a mirror run may retire at once (0.5).
    latest
        Keep latest/ in the data folder up to date: each table as one Parquet file.
    report
        Write a report on the release to reports/ in the data folder.
    """
    given = {
        "paths": list(paths) or None,
        "source": source,
        "recogniser": recogniser,
        "watchlist": watchlist.absolute() if watchlist else None,
        "workers": workers,
        "batch_files": batch_files,
        "mirror": mirror,
        "verify": verify,
        "retire_share": retire_share,
        "sources": sources,
        "only": only,
        "latest": latest,
        "report": report,
    }
    return run_flow(given, data)


def reprocess(
    *,
    source: str | None = None,
    path: str | None = None,
    published_from: Annotated[date | None, Parameter(name="--from")] = None,
    published_to: Annotated[date | None, Parameter(name="--to")] = None,
    data: DataOption = DEFAULT_DATA,
) -> int:
    """Process files again that the ledger knows, whether they changed or not. Without options: all of them.

    Parameters
    ----------
    source
        Only files of this source.
    path
        Only files with such a path within their source: a pattern with * and ?.
    published_from
        Only files with an article of this day or later.
    published_to
        Only files with an article of this day or earlier.
    """
    selection = {
        "source": source,
        "path": path,
        "published_from": published_from and published_from.isoformat(),
        "published_to": published_to and published_to.isoformat(),
    }
    return run_flow({"reprocess": selection}, data)


def rebuild(*, data: DataOption = DEFAULT_DATA) -> int:
    """Build the DuckDB file from the Parquet alone, and publish it as the next release."""
    from flows import pipeline, progress
    from flows.settings import Settings
    from warehouse.checks import CheckError
    from warehouse.folder import DataFolder, NoReleaseError
    from warehouse.load import LoadError
    from warehouse.lock import LockedError
    from warehouse.parquet import DamagedError

    try:
        with progress.shown():
            former = DataFolder(data).published_release().manifest["run_id"]
            release = pipeline.rebuild(Settings.given(data=data))
    except LockedError as error:
        return fail(error, LOCKED)
    except (NoReleaseError, DamagedError, CheckError, LoadError, OSError) as error:
        return fail(error)
    print(f"published release {release.number}: the content of release {release.manifest['previous']}, built anew")
    return refresh_latest(former, release) or refresh_report(release, is_new=True)


def run_flow(given: dict[str, Any], data: Path) -> int:
    """Run the flow with its parameters, those that are not None, and tell what it did; returns the exit code."""
    began = time.time() - (time.perf_counter() - _STARTED)
    from polars.exceptions import PolarsError
    from pydantic import ValidationError

    from flows import progress
    from flows.compare import Selection
    from flows.gather import Request, check_request
    from flows.orchestration import prepare_prefect, single_run_server
    from flows.settings import Settings
    from flows.sources import SourceError
    from flows.summary import summary_text
    from transforms.enrich.mentions.watchlist import WatchlistError
    from warehouse.checks import CheckError
    from warehouse.load import LoadError
    from warehouse.lock import LockedError, check_unlocked

    given = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings.given(
            data=data, **{name: value for name, value in given.items() if name in Settings.model_fields}
        )
        request = Request(
            tuple(given.get("paths", ())),
            given.get("source"),
            given.get("mirror", False),
            selection=Selection() if "reprocess" in given else None,
            only=tuple(given.get("only", ())),
        )
        check_request(settings, request)
        check_unlocked(settings.folder.lock)
        prepare_prefect()
        with progress.shown(), single_run_server() as wait_until_ready:
            from flows.ingest import ingest

            wait_until_ready()
            summary = ingest(data=data, **given)
    except ValidationError as error:
        return fail(_explain(error), USAGE)
    except (SourceError, WatchlistError) as error:
        return fail(error, USAGE)
    except LockedError as error:
        return fail(error, LOCKED)
    except (CheckError, LoadError, PolarsError, OSError, RuntimeError) as error:
        return fail(error)
    print(summary_text(summary, summary.record["started_at"].timestamp() - began))
    return _exit_code(summary)


def _exit_code(summary: Summary) -> int:
    """What is most in need of somebody's attention."""
    if summary.troubles:
        return TROUBLE
    if summary.refused_count:
        return REFUSED
    return HELD_BACK if summary.held_back else OK


def serve(  # ruff: ignore[too-many-arguments] - the options of a command are flat
    *paths: Path,
    cron: str,
    timezone: str = "UTC",
    data: DataOption = DEFAULT_DATA,
    source: str | None = None,
    recogniser: str | None = None,
    watchlist: Path | None = None,
    mirror: Annotated[bool, Parameter(negative="")] = False,
    sources: SourcesOption = None,
    only: OnlyOption = None,
    report: Annotated[bool | None, Parameter(negative="")] = None,
) -> int:
    """Run on a schedule, in this process, until it is stopped.

    Parameters
    ----------
    paths
        Folders or files of articles; without any, the sources of sources.toml, or seeds/articles.
    cron
        When to run, as five cron fields: "*/15 * * * *" is every quarter of an hour.
    timezone
        The time zone of the cron fields, as "Europe/Paris".
    source
        A name for the paths as one source; otherwise each folder's own name.
    recogniser
        Which recogniser finds the names: crf (the default), rules, spacy:MODEL or gliner:MODEL.
    watchlist
        A CSV file of names that are always found (seeds/watchlist.csv beside the data folder, if it exists).
    mirror
        Retire files that are known and not in the paths any more, with their articles.
    report
        Write a report on each release to reports/ in the data folder.
    """
    from pydantic import ValidationError

    from flows.gather import Request, check_request, find_list
    from flows.orchestration import prepare_prefect
    from flows.settings import Settings
    from flows.sources import DEFAULT_PATHS, SourceError

    try:
        settings = Settings.given(data=data, sources=sources)
        check_request(settings, Request(paths, source, mirror, only=tuple(only or ())))
        listed = None if paths else find_list(settings)
    except ValidationError as error:
        return fail(_explain(error), USAGE)
    except SourceError as error:
        return fail(error, USAGE)
    prepare_prefect(scheduler=True)
    from flows.serve import serve as serve_schedule

    # Absolute: a scheduled run may start in another folder.
    parameters = {
        "paths": None if listed else [str(path.absolute()) for path in paths or DEFAULT_PATHS],
        "data": str(data.absolute()),
        "source": source,
        "recogniser": recogniser,
        "watchlist": str(watchlist.absolute()) if watchlist else None,
        "mirror": mirror or None,
        "sources": str(listed.path) if listed else sources and str(sources.absolute()),
        "only": only,
        "report": report,
    }
    try:
        serve_schedule(cron, timezone, {name: value for name, value in parameters.items() if value is not None})
    except ValueError as error:
        return fail(error, USAGE)
    except RuntimeError as error:
        return fail(error)
    return OK
