"""The commands that ask: ``query``, ``ask``, ``tables`` and ``status``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from flows.cli.options import (
    DEFAULT_DATA,
    OK,
    USAGE,
    DataOption,
    FormatOption,
    OutputOption,
    ReleaseOption,
    fail,
)
from warehouse.folder import NoReleaseError


def query(
    sql: str,
    *,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
) -> int:
    """Run SQL on the current release, read-only.

    Parameters
    ----------
    sql
        A query, or - to read it from standard input.
    """
    return _answer(sys.stdin.read() if sql == "-" else sql, data, release, form, output)


def ask(
    name: str | None = None,
    *,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
) -> int:
    """Answer a named question, or list them all.

    Parameters
    ----------
    name
        A question's name; without one, the questions are listed.
    """
    from flows.output import print_table
    from warehouse.sqlfiles import sql_files

    questions = {each.name: each for each in sql_files("queries")}
    if name is None:
        print_table(["name", "question"], [(each.name, each.description) for each in questions.values()], None)
        return OK
    if name not in questions:
        return fail(ValueError(f"no question is called {name!r}; there are: {', '.join(questions)}"), USAGE)
    if form == "table" and output is None:
        print(questions[name].description)
    return _answer(questions[name].text, data, release, form, output)


def tables(table: str | None = None, *, data: DataOption = DEFAULT_DATA) -> int:
    """Describe the tables and views of the current release.

    Parameters
    ----------
    table
        A table or view whose columns to describe; without one, all are listed.
    """
    from flows.output import print_table
    from warehouse.dictionary import describe_warehouse

    try:
        relations = {each.name: each for each in describe_warehouse(data)}
    except NoReleaseError as error:
        return fail(error)
    if table is None:
        print_table(
            ["name", "kind", "rows", "what it holds"],
            [(each.name, each.kind, each.row_count, each.grain) for each in relations.values()],
            cell_chars=None,
        )
        print("dateline tables NAME describes the columns.")
        return OK
    if table not in relations:
        return fail(ValueError(f"no table or view is called {table!r}; there are: {', '.join(relations)}"), USAGE)
    chosen = relations[table]
    print(f"{chosen.name}: {chosen.comment}")
    print_table(
        ["column", "type", "null", "meaning"],
        [(each.name, each.sql_type, "yes" if each.is_nullable else "no", each.comment) for each in chosen.columns],
        cell_chars=None,
    )
    return OK


def status(*, data: DataOption = DEFAULT_DATA, runs: Annotated[int, Parameter(validator=Number(gte=1))] = 5) -> int:
    """Show the last runs, the ledger's balance and what is in quarantine.

    Parameters
    ----------
    runs
        How many runs to show.
    """
    from flows.status import print_status

    try:
        print_status(data, runs)
    except NoReleaseError as error:
        return fail(error)
    return OK


def _answer(
    sql: str,
    data: Path,
    release: int | None,
    form: Literal["table", "csv", "json", "parquet"],
    output: Path | None,
) -> int:
    from flows.output import write_result
    from warehouse.query import QueryError, query

    try:
        with query(sql, data, release=release) as result:
            write_result(result, form, output)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, USAGE)
    return OK
