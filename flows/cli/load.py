"""The commands that load: ``run`` and ``serve``. Only they import Prefect, and not before they must."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from flows.cli.options import DEFAULT_DATA, LOCKED, OK, REFUSED, USAGE, DataOption, fail

if TYPE_CHECKING:
    from pydantic import ValidationError

_STARTED: Final = time.perf_counter()


def _explain(error: ValidationError) -> ValueError:
    """Say which setting is wrong, and where it may have come from."""
    lines = [
        f"{problem['loc'][0]}: {problem['msg']}, came {problem['input']!r}; "
        f"set it by --{str(problem['loc'][0]).replace('_', '-')} or DATELINE_{str(problem['loc'][0]).upper()}"
        for problem in error.errors()
    ]
    return ValueError("\n".join(lines))


def run(
    *paths: Path,
    data: DataOption = DEFAULT_DATA,
    source: str | None = None,
    recogniser: Literal["rules"] | None = None,
    workers: int | None = None,
    batch_files: int | None = None,
) -> int:
    """Load article files: folders or single files (without any: seeds/articles).

    Ends with 0 when all is done; 3: done, but files were refused; 4: another run holds the data folder;
    2: a path or option is wrong; 1: failed, and the warehouse is as it was.

    Parameters
    ----------
    paths
        Folders or files of articles.
    source
        A name for the paths as one source; otherwise each folder's own name.
    recogniser
        Which recogniser finds the mentions.
    workers
        Processes that transform batches.
    batch_files
        Most files in a batch.
    """
    began = time.time() - (time.perf_counter() - _STARTED)
    from polars.exceptions import PolarsError
    from pydantic import ValidationError

    from flows import progress
    from flows.extract import DEFAULT_PATHS, SourceError, check_paths
    from flows.orchestration import prepare_prefect, single_run_server
    from flows.settings import Settings
    from flows.summary import summary_text
    from warehouse.load import CheckError, LoadError
    from warehouse.lock import LockedError, check_unlocked

    try:
        # Prefect takes seconds to start; what is wrong or too late is told before.
        settings = Settings.given(data=data, recogniser=recogniser, workers=workers, batch_files=batch_files)
        check_paths(paths or DEFAULT_PATHS, source)
        check_unlocked(settings.folder.lock)
        prepare_prefect()
        with progress.shown(), single_run_server() as wait_until_ready:
            from flows.ingest import ingest

            wait_until_ready()
            summary = ingest(
                paths=list(paths) or None,
                data=data,
                source=source,
                recogniser=recogniser,
                workers=workers,
                batch_files=batch_files,
            )
    except ValidationError as error:
        return fail(_explain(error), USAGE)
    except SourceError as error:
        return fail(error, USAGE)
    except LockedError as error:
        return fail(error, LOCKED)
    except (CheckError, LoadError, PolarsError, OSError, RuntimeError) as error:
        return fail(error)
    print(summary_text(summary, summary.record["started_at"].timestamp() - began))
    return REFUSED if summary.refused_count else OK


def serve(
    *paths: Path,
    cron: str,
    timezone: str = "UTC",
    data: DataOption = DEFAULT_DATA,
    source: str | None = None,
    recogniser: Literal["rules"] | None = None,
) -> int:
    """Run on a schedule, in this process, until it is stopped.

    Parameters
    ----------
    paths
        Folders or files of articles (without any: seeds/articles).
    cron
        When to run, as five cron fields: "*/15 * * * *" is every quarter of an hour.
    timezone
        The time zone of the cron fields, as "Europe/Paris".
    source
        A name for the paths as one source; otherwise each folder's own name.
    recogniser
        Which recogniser finds the mentions.
    """
    from flows.extract import DEFAULT_PATHS, SourceError, check_paths
    from flows.orchestration import prepare_prefect

    try:
        check_paths(paths or DEFAULT_PATHS, source)
    except SourceError as error:
        return fail(error, USAGE)
    prepare_prefect(scheduler=True)
    from flows.serve import serve as serve_schedule

    # Absolute: a scheduled run may start in another folder.
    parameters = {
        "paths": [str(path.absolute()) for path in paths or DEFAULT_PATHS],
        "data": str(data.absolute()),
        "source": source,
        "recogniser": recogniser,
    }
    try:
        serve_schedule(cron, timezone, {name: value for name, value in parameters.items() if value is not None})
    except ValueError as error:
        return fail(error, USAGE)
    except RuntimeError as error:
        return fail(error)
    return OK
