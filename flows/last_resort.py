"""Last resort: a process that hangs within a call into C, or crashes there, ends; a note tells what it was at.

No exception reaches such a call, and it may hold the interpreter, so that no thread runs either. ``faulthandler`` has
a timer that needs neither: it writes where the process hangs to the note and ends it. Who does the work again finds
the note and leaves out what was fatal.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

_PREFIX: Final = "at-"
# What faulthandler writes first.
_TIMEOUT: Final = b"Timeout ("
_FATAL: Final = b"Fatal Python error"

#: There is one timer in a process.
_timer = threading.Lock()


def note_at(staging: Path, key: str) -> Path:
    """Where it is noted that a process is at the work of this name."""
    return staging / f"{_PREFIX}{key}.txt"


def verdict(note: Path) -> Literal["hung", "crashed"] | None:
    """What a process came to at this work; None if it ended well, goes on, or was ended from outside."""
    try:
        content = note.read_bytes()
    except FileNotFoundError:
        return None
    return "hung" if content.startswith(_TIMEOUT) else "crashed" if content.startswith(_FATAL) else None


def fatal_count(staging: Path) -> int:
    """At how many pieces of work processes came to their end."""
    return sum(verdict(note) is not None for note in staging.glob(f"{_PREFIX}*.txt"))


@contextmanager
def last_resort(note: Path, seconds: float) -> Generator[None]:
    """End this process if the block takes longer, and note that. In a worker, a crash is noted as well.

    Of several threads of a process only the first has this protection.
    """
    if not _timer.acquire(blocking=False):
        yield
        return
    is_worker = multiprocessing.parent_process() is not None
    try:
        with note.open("wb") as file:
            faulthandler.dump_traceback_later(seconds, exit=True, file=file)
            if is_worker:
                faulthandler.enable(file)
            try:
                yield
            finally:
                faulthandler.cancel_dump_traceback_later()
                if is_worker:
                    faulthandler.disable()
        note.unlink(missing_ok=True)
    finally:
        _timer.release()
