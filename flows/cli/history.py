"""The commands that look back: ``releases``, ``rollback``, ``path`` and ``audit``."""

from __future__ import annotations

from flows.cli.options import DEFAULT_DATA, FAILED, LOCKED, OK, DataOption, ReleaseOption, fail
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
        release = folder.published_release(number)
        with writer_lock(folder.lock, f"rollback-to-{number}"):
            recover(folder)
            folder.switch_to(release)
    except LockedError as error:
        return fail(error, LOCKED)
    except (NoReleaseError, OSError) as error:
        return fail(error)
    print(f"release {number} is current")
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
