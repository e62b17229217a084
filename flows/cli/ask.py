"""The commands that ask: ``query``, ``ask``, ``tables`` and ``status``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from flows.cli.options import (
    DEFAULT_DATA,
    DEFAULT_MEMORY,
    DEFAULT_TIMEOUT,
    OK,
    STOPPED,
    USAGE,
    DataOption,
    FormatOption,
    MemoryOption,
    OutputOption,
    ReleaseOption,
    TimeoutOption,
    fail,
)
from warehouse.folder import NoReleaseError

if TYPE_CHECKING:
    from warehouse.guard import Limits
    from warehouse.query import Result


def query(
    sql: str,
    *,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    memory: MemoryOption = DEFAULT_MEMORY,
) -> int:
    """Run SQL on the current release, read-only. Ends with 6 when the query takes more than it may.

    Parameters
    ----------
    sql
        A query, or - to read it from standard input.
    """
    from warehouse.query import query as run_query

    text = sys.stdin.read() if sql == "-" else sql
    return _answer(lambda: run_query(text, data, release=release, limits=_limits(timeout, memory)), form, output)


def ask(
    name: str | None = None,
    /,
    *,
    data: DataOption = DEFAULT_DATA,
    release: ReleaseOption = None,
    form: FormatOption = "table",
    output: OutputOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    memory: MemoryOption = DEFAULT_MEMORY,
    describe: Annotated[bool, Parameter(negative="")] = False,
    **parameters: list[str],
) -> int:
    """Answer a named question, or list them all. Ends with 6 when the question takes more than it may.

    Parameters
    ----------
    name
        A question's name; without one, the questions are listed.
    describe
        Show the question's parameters and SQL instead of an answer.
    parameters
        The question's parameters, as --name Baku --from 2024-01-01.
    """
    from flows.output import print_table, printable
    from warehouse.questions import ParameterError, bind, describe_parameter, questions
    from warehouse.questions import ask as ask_question

    known = questions()
    if name is None:
        rows = [
            (
                each.name,
                each.description,
                " ".join(f"--{parameter.name.replace('_', '-')}" for parameter in each.parameters),
            )
            for each in known.values()
        ]
        print_table(["name", "question", "parameters"], rows, None)
        print("dateline ask NAME --describe explains the parameters.")
        return OK
    if name not in known:
        return fail(ValueError(f"no question is called {name!r}; there are: {', '.join(known)}"), USAGE)
    question = known[name]
    if describe:
        print(question.description, *map(describe_parameter, question.parameters), "", question.text, sep="\n")
        return OK
    try:
        values = bind(question, {key.replace("-", "_"): texts for key, texts in parameters.items()})
    except ParameterError as error:
        return fail(error, USAGE)

    def answer() -> Result:
        answered = ask_question(question, values, data, release, _limits(timeout, memory))
        if form == "table" and output is None:
            used = ", ".join(
                f"{key} {_shown(value)}" for key, value in answered.parameters.items() if value is not None
            )
            print(printable(question.description + (f" ({used})" if used else "")))
        return answered.result

    return _answer(answer, form, output)


def _limits(timeout: float, memory: str) -> Limits:
    from warehouse.guard import Limits

    return Limits(timeout or None, memory)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


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
    run: Callable[[], Result],
    form: Literal["table", "csv", "json", "parquet"],
    output: Path | None,
) -> int:
    from flows.output import write_result
    from warehouse.guard import QueryError, QueryLimitError

    try:
        with run() as result:
            write_result(result, form, output)
    except QueryLimitError as error:
        return fail(error, STOPPED)
    except (NoReleaseError, QueryError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, USAGE)
    return OK
