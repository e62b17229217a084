"""Progress of the run in this process: a bar on a terminal, silence elsewhere.

The bar belongs to the command line and the work to Prefect's threads; they meet in this module, because a
flow's parameters can only be data.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, Self


class Reporter(Protocol):
    def stage(self, name: str, total_files: int | None = None) -> None:
        """A stage of the run begins."""

    def advance(self, files: int) -> None:
        """So many files more are done."""


class _Silent:
    def stage(self, name: str, total_files: int | None = None) -> None:
        pass

    def advance(self, files: int) -> None:
        pass


_reporter: Reporter = _Silent()
_guard = threading.Lock()


def stage(name: str, total_files: int | None = None) -> None:
    with _guard:
        _reporter.stage(name, total_files)


def advance(files: int) -> None:
    with _guard:
        _reporter.advance(files)


class _Bar:
    def __init__(self) -> None:
        from rich.console import Console  # ruff: ignore[import-outside-top-level] - only a terminal pays for the import
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # ruff: ignore[import-outside-top-level]

        self._progress = Progress(
            TextColumn("{task.description:<24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("starting Prefect", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, name: str, total_files: int | None = None) -> None:
        self._progress.update(self._task, description=name)
        if total_files is not None:
            self._progress.update(self._task, total=total_files, completed=0)

    def advance(self, files: int) -> None:
        self._progress.advance(self._task, files)


@contextmanager
def shown() -> Generator[None]:
    """Show the progress of what runs in the block, if standard error is a terminal."""
    global _reporter  # ruff: ignore[global-statement] - one process has one terminal
    if not sys.stderr.isatty():
        yield
        return
    with _Bar() as bar:
        _reporter = bar
        try:
            yield
        finally:
            _reporter = _Silent()
