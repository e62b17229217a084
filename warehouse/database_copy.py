"""A copy of a release's DuckDB file to go on from, made while the Parquet is written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from warehouse.folder import Release
from warehouse.parquet import sha256_of


def _copy_bytes(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        left = os.fstat(reader.fileno()).st_size
        # The kernel copies, and only notes that blocks are shared where the file system can.
        while left > 0:
            copied = os.copy_file_range(reader.fileno(), writer.fileno(), left)
            if copied == 0:
                break
            left -= copied


def _read_and_write(source: Path, target: Path) -> str:
    """Copy by reading, for systems without ``copy_file_range``; the value is the SHA-256 of what was read."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while piece := reader.read(1 << 20):
            digest.update(piece)
            writer.write(piece)
    return digest.hexdigest()


def _copy(release: Release, target: Path, pool: ThreadPoolExecutor) -> bool:
    """Copy the file; false when it is not there or not what the manifest says."""
    stated = release.manifest["database"]
    try:
        if release.database.stat().st_size != stated["bytes"]:
            return False
        if not hasattr(os, "copy_file_range"):
            return bool(_read_and_write(release.database, target) == stated["sha256"])
        hashed = pool.submit(sha256_of, release.database)
        _copy_bytes(release.database, target)
        return bool(hashed.result() == stated["sha256"])
    except FileNotFoundError:
        return False


@contextmanager
def copying(release: Release | None, target: Path) -> Generator[Future[bool]]:
    """Copy the release's DuckDB file to ``target`` while the block runs.

    The result tells whether ``target`` is a true copy; if not (there was none, or it is damaged) it is not to be
    used. Raises, where the result is asked for, what writing raises.
    """
    # One thread copies and one hashes.
    with ThreadPoolExecutor(2) as pool:
        if release is None:
            done: Future[bool] = Future()
            done.set_result(False)
        else:
            done = pool.submit(_copy, release, target, pool)
        yield done
