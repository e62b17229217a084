"""The commands that look back: ``releases``, ``diff``, ``rollback``, ``path`` and ``audit``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from flows.cli.options import (
    DEFAULT_DATA,
    FAILED,
    LOCKED,
    OK,
    USAGE,
    DataOption,
    FormatOption,
    OutputOption,
    ReleaseOption,
    fail,
    refresh_latest,
    refresh_report,
)
from warehouse.folder import NoReleaseError


def releases(*, data: DataOption = DEFAULT_DATA) -> int:
    """List the releases that are kept: when they were made, what changed, what they cost."""
    from flows.status import print_releases

    try:
        print_releases(data)
    except NoReleaseError as error:
        return fail(error)
    return OK


def rollback(number: int, *, data: DataOption = DEFAULT_DATA) -> int:
    """Make an earlier release the current one, at once. The next run goes on from there.

    Parameters
    ----------
    number
        The release to go back (or forward) to.
    """
    from warehouse.folder import DataFolder
    from warehouse.lock import LockedError, writer_lock
    from warehouse.recovery import recover

    folder = DataFolder(data)
    try:
        folder.published_release(number)  # before a lock is made in a folder that may be none of ours
        with writer_lock(folder.lock, f"rollback-to-{number}"):
            recover(folder)
            former = folder.published_release().manifest["run_id"]
            # Looked up again: the run that held the lock before may have collected it.
            release = folder.published_release(number)
            folder.switch_to(release)
            print(f"release {number} is current")
            return refresh_latest(former, release) or refresh_report(release, is_new=False)
    except LockedError as error:
        return fail(error, LOCKED)
    except (NoReleaseError, OSError) as error:
        return fail(error)


def diff(
    a: int,
    b: int,
    *,
    data: DataOption = DEFAULT_DATA,
    mentions: Annotated[bool, Parameter(negative="")] = False,
    form: FormatOption = "table",
    output: OutputOption = None,
) -> int:
    """Say which articles and mentions came, went or changed from one release to another.

    Parameters
    ----------
    a
        The release to start from.
    b
        The release to compare with it.
    mentions
        A row for each mention instead of one for each article.
    """
    from flows.output import write_result
    from warehouse.diff import Comparison
    from warehouse.guard import QueryError
    from warehouse.query import open_release

    try:
        with open_release(data, a) as former, open_release(data, b) as latter, Comparison(former, latter) as compared:
            if form == "table" and output is None:
                counts = compared.counts()
                print(
                    f"release {a} to {b}: articles {counts.articles_came:,} came, {counts.articles_went:,} went, "
                    f"{counts.articles_changed:,} changed; mentions {counts.mentions_came:,} came, "
                    f"{counts.mentions_went:,} went"
                )
            with compared.mentions() if mentions else compared.articles() as rows:
                write_result(rows, form, output)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, USAGE)
    return OK


def audit(*, data: DataOption = DEFAULT_DATA) -> int:
    """Check every promise about the current release: hashes, keys, the ledger, DuckDB against the Parquet."""
    from warehouse.audit import audit as find_violations
    from warehouse.folder import DataFolder

    try:
        violations = find_violations(DataFolder(data))
    except (NoReleaseError, OSError) as error:
        return fail(error)
    for violation in violations:
        print(violation)
    if violations:
        return FAILED
    print("sound")
    return OK


def path(*, data: DataOption = DEFAULT_DATA, release: ReleaseOption = None) -> int:
    """Print the folder of the current release, free of links: what a program should open."""
    from warehouse.folder import DataFolder

    try:
        print(DataFolder(data).published_release(release).path)
    except NoReleaseError as error:
        return fail(error)
    return OK
