"""The commands that look back: ``releases``, ``rollback`` and ``path``."""

from __future__ import annotations

from flows.cli.options import DEFAULT_DATA, LOCKED, OK, DataOption, ReleaseOption, fail
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

    folder = DataFolder(data)
    try:
        release = folder.published_release(number)
        with writer_lock(folder.lock, f"rollback-to-{number}"):
            folder.switch_to(release)
    except LockedError as error:
        return fail(error, LOCKED)
    except (NoReleaseError, OSError) as error:
        return fail(error)
    print(f"release {number} is current")
    return OK


def path(*, data: DataOption = DEFAULT_DATA, release: ReleaseOption = None) -> int:
    """Print the folder of the current release, free of links: what a program should open."""
    from warehouse.folder import DataFolder

    try:
        print(DataFolder(data).published_release(release).path)
    except NoReleaseError as error:
        return fail(error)
    return OK
