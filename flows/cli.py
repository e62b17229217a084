"""The command line. Prefect is imported by the commands that run flows, not by those that ask questions."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, CycloptsError, Parameter

from warehouse.folder import NoReleaseError

if TYPE_CHECKING:
    from pydantic import ValidationError

_STARTED: Final = time.perf_counter()

#: Exit codes. A run that published but refused files ends with REFUSED, so that a scheduler can tell.
OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
LOCKED: Final = 4
INTERRUPTED: Final = 130

app = App(name="dateline", help="From article files to SQL.", version_flags=["--version"])

DataOption = Annotated[Path, Parameter(name="--data", env_var="DATELINE_DATA", help="The data folder.")]
FormatOption = Annotated[
    Literal["table", "csv", "json", "parquet"], Parameter(name=["--format", "-f"], help="How to print the rows.")
]
OutputOption = Annotated[
    Path | None, Parameter(name=["--output", "-o"], help="A file to write to instead of standard output.")
]

ReleaseOption = Annotated[
    int | None, Parameter(name="--release", help="An earlier release, by its number (see dateline releases).")
]

_DEFAULT_DATA: Final = Path("data")


def _fail(error: BaseException, code: int = FAILED) -> int:
    from flows.output import printable

    # Line by line: an error may have several, and may quote what stood in a file.
    for number, line in enumerate(str(error).splitlines() or [type(error).__name__]):
        print(("dateline: " if number == 0 else "  ") + printable(line), file=sys.stderr)
    return code


def _explain(error: ValidationError) -> ValueError:
    """Say which setting is wrong, and where it may have come from."""
    lines = [
        f"{problem['loc'][0]}: {problem['msg']}, came {problem['input']!r}; "
        f"set it by --{str(problem['loc'][0]).replace('_', '-')} or DATELINE_{str(problem['loc'][0]).upper()}"
        for problem in error.errors()
    ]
    return ValueError("\n".join(lines))


@app.command
def run(
    *paths: Path,
    data: DataOption = _DEFAULT_DATA,
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
    from pydantic import ValidationError

    from flows import progress
    from flows.extract import DEFAULT_PATHS, SourceError, check_paths
    from flows.orchestration import prepare_prefect, single_run_server
    from flows.settings import Settings
    from flows.summary import summary_text
    from warehouse.load import CheckError
    from warehouse.lock import LockedError, check_unlocked

    try:
        # Prefect takes seconds to start; what is wrong or too late is told before.
        settings = Settings.given(data=data, recogniser=recogniser, workers=workers, batch_files=batch_files)
        check_paths(paths or DEFAULT_PATHS)
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
        return _fail(_explain(error), USAGE)
    except SourceError as error:
        return _fail(error, USAGE)
    except LockedError as error:
        return _fail(error, LOCKED)
    except (CheckError, OSError, RuntimeError) as error:
        return _fail(error)
    print(summary_text(summary, summary.record["started_at"].timestamp() - began))
    return REFUSED if summary.refused_count else OK


def _answer(
    sql: str,
    data: Path,
    release: int | None,
    form: Literal["table", "csv", "json", "parquet"],
    output: Path | None,
) -> int:
    from flows.output import write_result
    from warehouse.query import QueryError, query

    try:
        with query(sql, data, release=release) as result:
            write_result(result, form, output)
    except (NoReleaseError, QueryError, OSError) as error:
        return _fail(error)
    except ValueError as error:
        return _fail(error, USAGE)
    return OK


@app.command(name="query")
def query_command(
    sql: str,
    *,
    data: DataOption = _DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
) -> int:
    """Run SQL on the current release, read-only.

    Parameters
    ----------
    sql
        A query, or - to read it from standard input.
    """
    return _answer(sys.stdin.read() if sql == "-" else sql, data, release, form, output)


@app.command
def ask(
    name: str | None = None,
    *,
    data: DataOption = _DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
) -> int:
    """Answer a named question, or list them all.

    Parameters
    ----------
    name
        A question's name; without one, the questions are listed.
    """
    from flows.output import print_table
    from warehouse.sqlfiles import sql_files

    questions = {each.name: each for each in sql_files("queries")}
    if name is None:
        print_table(["name", "question"], [(each.name, each.description) for each in questions.values()], None)
        return OK
    if name not in questions:
        return _fail(ValueError(f"no question is called {name!r}; there are: {', '.join(questions)}"), USAGE)
    if form == "table" and output is None:
        print(questions[name].description)
    return _answer(questions[name].text, data, release, form, output)


@app.command
def tables(table: str | None = None, *, data: DataOption = _DEFAULT_DATA) -> int:
    """Describe the tables and views of the current release.

    Parameters
    ----------
    table
        A table or view whose columns to describe; without one, all are listed.
    """
    from flows.output import print_table
    from warehouse.dictionary import describe_warehouse

    try:
        relations = {each.name: each for each in describe_warehouse(data)}
    except NoReleaseError as error:
        return _fail(error)
    if table is None:
        print_table(
            ["name", "kind", "rows", "what it holds"],
            [(each.name, each.kind, each.row_count, each.grain) for each in relations.values()],
            cell_chars=None,
        )
        print("dateline tables NAME describes the columns.")
        return OK
    if table not in relations:
        return _fail(ValueError(f"no table or view is called {table!r}; there are: {', '.join(relations)}"), USAGE)
    chosen = relations[table]
    print(f"{chosen.name}: {chosen.comment}")
    print_table(
        ["column", "type", "null", "meaning"],
        [(each.name, each.sql_type, "yes" if each.is_nullable else "no", each.comment) for each in chosen.columns],
        cell_chars=None,
    )
    return OK


@app.command
def status(*, data: DataOption = _DEFAULT_DATA, runs: int = 5) -> int:
    """Show the last runs, the ledger's balance and what is in quarantine.

    Parameters
    ----------
    runs
        How many runs to show.
    """
    from flows.status import print_status

    try:
        print_status(data, runs)
    except NoReleaseError as error:
        return _fail(error)
    return OK


@app.command
def releases(*, data: DataOption = _DEFAULT_DATA) -> int:
    """List the releases that are kept: when they were made, what changed, what they cost."""
    from flows.status import print_releases

    try:
        print_releases(data)
    except NoReleaseError as error:
        return _fail(error)
    return OK


@app.command
def rollback(number: int, *, data: DataOption = _DEFAULT_DATA) -> int:
    """Make an earlier release the current one, at once. The next run goes on from there.

    Parameters
    ----------
    number
        The release to go back (or forward) to.
    """
    from warehouse.folder import DataFolder
    from warehouse.lock import LockedError, writer_lock

    folder = DataFolder(data)
    try:
        release = folder.published_release(number)
        with writer_lock(folder.lock, f"rollback-to-{number}"):
            folder.switch_to(release)
    except LockedError as error:
        return _fail(error, LOCKED)
    except (NoReleaseError, OSError) as error:
        return _fail(error)
    print(f"release {number} is current")
    return OK


@app.command
def path(*, data: DataOption = _DEFAULT_DATA, release: ReleaseOption = None) -> int:
    """Print the folder of the current release, free of links: what a program should open."""
    from warehouse.folder import DataFolder

    try:
        print(DataFolder(data).published_release(release).path)
    except NoReleaseError as error:
        return _fail(error)
    return OK


@app.command
def serve(
    *paths: Path,
    cron: str,
    timezone: str = "UTC",
    data: DataOption = _DEFAULT_DATA,
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
        check_paths(paths or DEFAULT_PATHS)
    except SourceError as error:
        return _fail(error, USAGE)
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
        return _fail(error, USAGE)
    except RuntimeError as error:
        return _fail(error)
    return OK


def main() -> None:
    """Run the command line and end the process with its exit code."""
    command: Callable[..., int | None] = app
    try:
        code = command(result_action="return_value", exit_on_error=False) or OK
        sys.stdout.flush()
    except CycloptsError:
        code = USAGE  # and Cyclopts has said what is wrong
    except BrokenPipeError:
        # The reader has seen enough (`dateline query … | head`); nothing is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    except KeyboardInterrupt:
        print("dateline: interrupted; the warehouse is as it was", file=sys.stderr)
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
