"""One writer per data folder: a kernel lock that its holder's death frees."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.1


class LockedError(Exception):
    """Another run holds the data folder."""


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"run {held['run_id']} (pid {held['pid']} on {held['host']}, since {held['since']})"
    except (OSError, ValueError, KeyError):
        return "another run"


def check_unlocked(path: Path) -> None:
    """Raise ``LockedError`` if a run holds the lock right now."""
    if path.exists():
        with path.open("r", encoding="utf-8") as file:
            # Shared: those who only look do not get into each other's way.
            _acquire(file, path, fcntl.LOCK_SH)


def _acquire(file: IO[str], path: Path, kind: int) -> None:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        message = f"{_holder(path)} is writing to {path.parent}/; wait until it ends, or choose another --data"
        raise LockedError(message) from None


def _acquire_patiently(file: IO[str], path: Path) -> None:
    """Take the lock; somebody who only looks holds it for a moment, which must not turn a run away."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(LockedError):
            _acquire(file, path, fcntl.LOCK_EX)
            return
        time.sleep(_PAUSE_SECONDS)
    _acquire(file, path, fcntl.LOCK_EX)


@contextlib.contextmanager
def writer_lock(path: Path, run_id: str) -> Generator[None]:
    """Hold the lock while the block runs.

    Raises ``LockedError``, naming the run that holds it, without waiting.
    """
    # Opened without truncation: the holder's words must stay readable for the one who comes too late.
    with path.open("a+", encoding="utf-8") as file:
        _acquire_patiently(file, path)
        held = {
            "run_id": run_id,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        file.truncate(0)
        file.write(json.dumps(held))
        file.flush()
        yield
