"""Guard: a connection whose statements stop at a limit of time and memory, or at Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final, TypeVar

import duckdb

_Value = TypeVar("_Value")

#: How often a statement that is to stop is told so: an interrupt between two of its steps goes unheard.
_INTERRUPT_SECONDS: Final = 0.05


class QueryError(Exception):
    """SQL that DuckDB refused, in DuckDB's words."""


class QueryLimitError(Exception):
    """A query that was stopped because it took more time or memory than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take: ``seconds`` from its start to its last row (None: any), ``memory`` as ``'2GB'``.

    Sorts and joins that do not fit into the memory spill to disk first.
    """

    seconds: float | None = None
    memory: str | None = None


UNLIMITED: Final = Limits()


class GuardedConnection:
    """A connection that runs one step after another, within the time that is left. Close it.

    The time runs from its creation.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits = UNLIMITED) -> None:
        self._connection = connection
        self._limits = limits
        self._deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
        # While Python waits inside DuckDB it hears neither the clock nor Ctrl-C: the waiting is left to a thread.
        self._thread = ThreadPoolExecutor(1)

    def run(self, step: Callable[[duckdb.DuckDBPyConnection], _Value]) -> _Value:
        """What a step gives.

        Raises ``QueryError`` for what DuckDB refuses and ``QueryLimitError`` for what takes too much.
        """
        running = self._thread.submit(step, self._connection)
        try:
            return running.result(None if self._deadline is None else max(0, self._deadline - time.monotonic()))
        except TimeoutError:
            self._stop(running)
            raise QueryLimitError(
                f"the query was stopped: it took longer than {self._limits.seconds:g} seconds; "
                "ask for less, or allow more with --timeout"
            ) from None
        except duckdb.OutOfMemoryException as error:
            limit = f" than {self._limits.memory}" if self._limits.memory else ""
            raise QueryLimitError(
                f"the query was stopped: it needs more memory{limit}; "
                f"ask for less, or allow more with --memory\n{str(error).splitlines()[0]}"
            ) from error
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        except KeyboardInterrupt:
            self._stop(running)
            raise

    def _stop(self, running: Future[_Value]) -> None:
        while not running.done():
            self._connection.interrupt()
            wait([running], _INTERRUPT_SECONDS)

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()
