"""Checks: a release is published only if it keeps its own rules."""

from __future__ import annotations

from typing import Any, Final

import duckdb

from warehouse.sqlfiles import sql_files

_SHOWN_OFFENDERS: Final = 3

#: Stands in a check that means nothing for a part of the rows.
_WHOLE_MARK: Final = "-- scope: whole"


class CheckError(Exception):
    """A release broke its own rules; it was not published."""


def _show(row: tuple[Any, ...], names: list[str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in zip(names, row, strict=True))


def run_checks(connection: duckdb.DuckDBPyConnection, *, is_whole: bool = True) -> None:
    """Run every check; each is a query that returns the offending rows.

    ``is_whole`` is false when the tables that the connection sees are only those rows that changed: checks that
    need all rows are left out then.

    Raises ``CheckError`` with the checks that failed and the first rows that broke them.
    """
    failures = []
    for check in sql_files("checks"):
        if not is_whole and _WHOLE_MARK in check.text:
            continue
        cursor = connection.execute(check.text)
        offenders = cursor.fetchmany(_SHOWN_OFFENDERS)
        if offenders:
            names = [column[0] for column in cursor.description or []]
            rows = "; ".join(_show(row, names) for row in offenders)
            failures.append(f"{check.name} ({check.description}): {rows}")
    if failures:
        message = "the new release breaks its checks and was not published:\n  " + "\n  ".join(failures)
        raise CheckError(message)
