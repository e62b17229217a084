"""Named questions: SQL files with parameters that are bound, never pasted."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from warehouse.guard import UNLIMITED, GuardedConnection, Limits
from warehouse.query import Result, open_safely, run_query
from warehouse.sqlfiles import Parameter, SqlFile, sql_files


class ParameterError(ValueError):
    """A parameter that the question does not have, or a value that is not of its type."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that answer a question, and all parameters as they were bound."""

    result: Result
    parameters: dict[str, Any]


#: Parameters that name an entity.
_NAMES: Final = ("name", "other", "place")

_READERS: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "DATE": (date.fromisoformat, "a date as 2024-01-31"),
    "INTEGER": (int, "a whole number"),
    "DOUBLE": (float, "a number"),
    "VARCHAR": (str, "a text"),
}


def questions() -> dict[str, SqlFile]:
    """Every question by its name."""
    return {each.name: each for each in sql_files("queries")}


def describe_parameter(parameter: Parameter) -> str:
    """The option, its type, what it means, on one line."""
    return f"--{parameter.name.replace('_', '-')} ({_READERS[_item_type(parameter)][1]}): {parameter.meaning}"


def _item_type(parameter: Parameter) -> str:
    return parameter.sql_type.removesuffix("[]")


def _read(parameter: Parameter, texts: Sequence[str]) -> Any:
    read, expected = _READERS[_item_type(parameter)]
    is_list = parameter.sql_type.endswith("[]")
    if len(texts) > 1 and not is_list:
        raise ParameterError(f"--{parameter.name} takes one value, came {len(texts)}: {', '.join(texts)}")
    values = []
    for text in texts:
        try:
            values.append(read(text))
        except ValueError:
            raise ParameterError(f"--{parameter.name} takes {expected}, came {text!r}") from None
    return values if is_list else values[0]


def bind(question: SqlFile, given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The given parameters as values of their types; each is given as one text, a list as several.

    Raises ``ParameterError`` for an unknown parameter or a value of another type.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in given:
        if name not in known:
            lines = [f"the question {question.name} has no parameter --{name}; it has:"]
            raise ParameterError("\n".join(lines + [describe_parameter(each) for each in known.values()]))
    return {name: _read(known[name], texts) for name, texts in given.items()}


def check_chart(question: SqlFile) -> None:
    """Raise ``ParameterError`` for a question that no chart answers."""
    if question.chart is None:
        drawn = ", ".join(name for name, each in questions().items() if each.chart)
        raise ParameterError(f"the question {question.name} has no chart; these have one: {drawn}")


def _check_names(connection: GuardedConnection, parameters: Mapping[str, Any]) -> None:
    """Raise ``ParameterError`` for a name that no entity has, with names that have it in them."""
    for called in (parameters[name] for name in _NAMES if parameters.get(name) is not None):
        if run_query(connection, "SELECT count(*) FROM entity_called(?)", [called]).fetch(2)[0][0]:
            continue
        likely = run_query(
            connection,
            "SELECT name FROM entity_names WHERE contains(folded, fold(?)) GROUP BY name "
            "ORDER BY max(weight) DESC, name LIMIT 5",
            [called],
        ).fetch(6)
        names = ", ".join(name for (name,) in likely)
        raise ParameterError(f"nobody and nothing is called {called!r}" + (f"; there are: {names}" if names else ""))


def ask(
    question: SqlFile,
    values: Mapping[str, Any],
    data: str | os.PathLike[str] | None = None,
    release: int | None = None,
    limits: Limits = UNLIMITED,
) -> Answer:
    """Answer a question with these values of its parameters, and its own defaults for the others.

    Raises ``ParameterError`` for a name that no entity has, and what ``warehouse.query.query`` raises.
    """
    connection = open_safely(data, release, limits)
    missing = [parameter for parameter in question.parameters if parameter.name not in values]
    parameters = dict(values)
    if missing:
        # Defaults are expressions of our own files: the last day with articles, the person most written about.
        defaults = ", ".join(f"({each.default})::{each.sql_type}" for each in missing)
        row = run_query(connection, f"SELECT {defaults}").fetch(2)[0]
        parameters |= dict(zip((each.name for each in missing), row, strict=True))
    try:
        _check_names(connection, parameters)
    except ParameterError:
        connection.close()
        raise
    ordered = {each.name: parameters[each.name] for each in question.parameters}
    return Answer(run_query(connection, question.text, ordered), ordered)
