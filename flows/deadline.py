"""Deadline: an end to what one file makes hang."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

#: Between two looks whether the exception has been raised: Python raises it between two bytecodes.
_LOOK_SECONDS: Final = 0.001
_MOST_LOOKS: Final = 1_000
_TICKS: Final = 60


class TookTooLongError(BaseException):
    """A block ran longer than it may.

    No ``Exception``: libraries that read hostile input catch those, and would go on.
    """


@contextmanager
def deadline(seconds: float) -> Generator[None]:
    """Raise ``TookTooLongError`` in the block if it takes longer.

    It works in any thread, but not within one call into C that never returns to Python: see ``last_resort``.
    """
    thread_id = threading.get_ident()
    guard = threading.Lock()
    done = threading.Event()
    is_struck = False

    def watch() -> None:
        nonlocal is_struck
        # By ticks: when the machine stands still (a sleeping laptop, a paused VM), no more than one passes.
        for _ in range(_TICKS):
            if done.wait(seconds / _TICKS):
                return
        with guard:
            if not done.is_set():
                is_struck = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread_id), ctypes.py_object(TookTooLongError)
                )

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
        with guard:
            done.set()
        if is_struck:
            # It comes before the next bytecodes are done, and must not come behind the block.
            for _ in range(_MOST_LOOKS):
                time.sleep(_LOOK_SECONDS)
            raise TookTooLongError  # it came, and something in the block has caught it
    finally:
        done.set()
