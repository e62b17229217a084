"""The processes that transform batches.

Python code, Rust and numpy all take part in a batch, so threads would wait for each other: batches run in
processes. They start afresh (never forked: Prefect and polars have threads) and import no Prefect.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import threading
from collections.abc import Generator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import ModuleType

from flows.batch import BatchJob, BatchResult, is_plain, process_batch
from flows.last_resort import fatal_count

_THREADS_VARIABLE = "POLARS_MAX_THREADS"
_KILLED = "a worker process was killed, perhaps for want of memory: run again, with fewer --workers if it comes again"


@contextmanager
def _one_polars_thread_each() -> Generator[None]:
    """Workers share the cores by being many; this process read the variable when it imported polars."""
    former = os.environ.get(_THREADS_VARIABLE)
    os.environ.setdefault(_THREADS_VARIABLE, "1")
    try:
        yield
    finally:
        if former is None:
            os.environ.pop(_THREADS_VARIABLE, None)


@contextmanager
def _without_main() -> Generator[None]:
    """Processes that are started meanwhile do not import the main module of this one.

    It is there for what is defined in it, which no worker needs; the command line, the benchmark and above all
    Prefect's own commands would have each worker import what takes longer than all that it needs.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _begin() -> None:
    """End this worker when the process that started it ends, even by ``kill -9``, and at once when its work is done."""
    # What it holds goes with it: Python takes up to half a second to take it apart first.
    atexit.register(_leave)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class WorkerKilledError(BrokenProcessPool):
    """A worker was ended from outside."""


class Workers:
    """Runs batches in at most ``count`` processes.

    A single worker is spared a process of its own, a second of start, for batches that cannot hang or crash; if it
    ``stays_here``, for all of them: what they read may end this process.
    """

    def __init__(self, count: int, *, stays_here: bool = False) -> None:
        self._count = count
        self._stays_here = stays_here
        self._pool: ProcessPoolExecutor | None = None
        self._fatal_before = 0
        self._guard = threading.Lock()

    def process(self, job: BatchJob) -> BatchResult:
        """Process a batch and wait for it. May be called from several threads.

        A batch whose worker was ended by what it read (``last_resort``) is done again, without that. Raises
        ``WorkerKilledError`` when a worker died of something else; the next call starts new ones.
        """
        if self._stays_here or (self._count == 1 and is_plain(job)):
            return process_batch(job)
        while True:
            pool, fatal_before = self._started(job)
            try:
                return self._submit(pool, job).result()
            except BrokenProcessPool as error:
                with self._guard:
                    if self._pool is pool:
                        self._pool = None
                pool.shutdown(wait=False, cancel_futures=True)
                if fatal_count(job.staging) == fatal_before:
                    raise WorkerKilledError(_KILLED) from error

    def _started(self, job: BatchJob) -> tuple[ProcessPoolExecutor, int]:
        """The pool, and how much work had been fatal when it was started."""
        with self._guard:
            if self._pool is None:
                self._fatal_before = fatal_count(job.staging)
                self._pool = ProcessPoolExecutor(
                    self._count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
                )
            return self._pool, self._fatal_before

    def _submit(self, pool: ProcessPoolExecutor, job: BatchJob) -> Future[BatchResult]:
        # With the work comes the process that does it, if none is idle.
        with self._guard, _without_main():
            return pool.submit(process_batch, job)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


@contextmanager
def start_workers(count: int, *, stays_here: bool = False) -> Generator[Workers]:
    """Workers for the length of a run."""
    workers = Workers(count, stays_here=stays_here)
    with _one_polars_thread_each():
        try:
            yield workers
        finally:
            workers.close()
