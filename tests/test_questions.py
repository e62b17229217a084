"""Every question, with the answer that was computed by hand from the articles of ``small_warehouse``."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import cli
from flows.cli import options
from small_warehouse import ARTICLES, Article, article_id, make_warehouse, rows_of
from warehouse.guard import Limits, QueryLimitError
from warehouse.query import Result, open_safely, query, run_query
from warehouse.questions import ParameterError, ask, bind, questions

J = [date(2024, 1, day) if day else None for day in range(13)]
A = [article_id(number) for number in range(len(ARTICLES) + 1)]
ADA, BEN = "Ada Nord", "Ben Sund"
Z1_3 = pytest.approx(1 / 3)
Z2_3 = pytest.approx(2 / 3)


def near(value: float) -> Any:
    return pytest.approx(value, abs=1e-6)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("small") / "data", rows_of(ARTICLES))


def rows(name: str, data: Path, /, **values: Any) -> list[tuple[Any, ...]]:
    with ask(questions()[name], values, data).result as result:
        return result.fetch(1_000)


#: Question, parameters, rows.
ANSWERS: list[tuple[str, dict[str, Any], list[tuple[Any, ...]]]] = [
    ("top_people", {}, [(ADA, 4, 5, J[1], J[3]), (BEN, 4, 4, J[1], J[10])]),
    ("top_people", {"from": J[2], "to": J[5]}, [(ADA, 2, 2, J[3], J[3]), (BEN, 1, 1, J[3], J[3])]),
    ("top_people", {"limit": 1}, [(ADA, 4, 5, J[1], J[3])]),
    ("top_organisations", {}, [("Nordbänk", 1, 1, J[10], J[10])]),
    (
        "top_places",
        {},
        [("Paris", 2, 3, J[1], J[3]), ("Oslo", 2, 2, J[1], J[3]), ("Bergen", 1, 1, J[10], J[10])],
    ),
    (
        "places_on_map",
        {},
        [("Oslo", "NO", 59.91, 10.75, 2), ("Paris", "FR", 48.85, 2.35, 2), ("Bergen", "NO", 60.39, 5.32, 1)],
    ),
    ("places_on_map", {"from": J[10], "to": J[10]}, [("Bergen", "NO", 60.39, 5.32, 1)]),
    (
        "named_with",
        {"name": "ada nord"},
        [("Oslo", "PLACE", 2, 0.5, 1.5), (BEN, "PERSON", 2, 0.5, 0.75), ("Paris", "PLACE", 1, 0.25, 0.75)],
    ),
    ("named_with", {"name": "Nord", "from": J[3], "to": J[3], "limit": 1}, [(BEN, "PERSON", 1, 0.5, 1.0)]),
    (
        "network",
        {"min_count": 2},
        [
            (ADA, "PERSON", "Oslo", "PLACE", 2, near(2 / 3 * 5 / 2)),
            (BEN, "PERSON", "Oslo", "PLACE", 2, 1.25),
            (ADA, "PERSON", BEN, "PERSON", 2, near(2 / 3 * 5 / 4)),
        ],
    ),
    (
        "network_of_source",
        {"source": "daily", "min_count": 2},
        [
            (ADA, "PERSON", "Oslo", "PLACE", 2, 1.5),
            (ADA, "PERSON", BEN, "PERSON", 2, 1.0),
            (BEN, "PERSON", "Oslo", "PLACE", 2, near(1.0)),
        ],
    ),
    ("closest_pairs", {"min_count": 2}, [(ADA, BEN, 2, near(2 / 3 * 5 / 4))]),
    (
        "entities_of_the_day",
        {"limit": 1},
        [
            (J[1], 1, ADA, "PERSON", 2, near(2 * math.log(3 / 2))),
            (J[3], 1, ADA, "PERSON", 2, near(2 * math.log(3 / 2))),
            (J[10], 1, "Bergen", "PLACE", 1, near(math.log(3))),
        ],
    ),
    ("name_variants", {"name": ADA}, [(ADA, "PERSON", ADA, 4, 0.8), (ADA, "PERSON", "Nord", 1, 0.2)]),
    (
        "entities_by_source",
        {},
        [(ADA, "daily", 2, Z2_3), (ADA, "weekly", 2, Z2_3), (BEN, "daily", 3, 1.0), (BEN, "weekly", 1, Z1_3)],
    ),
    ("monthly_share", {"name": ADA}, [("2024-01", 3, 5, 0.6)]),
    ("monthly_share", {"name": ADA, "from": J[2], "to": J[12]}, [("2024-01", 2, 3, Z2_3)]),
    (
        "daily_volume_at",
        {"name": ADA, "place": "OSLO", "from": J[1], "to": J[4]},
        [(J[1], 1), (J[2], 0), (J[3], 1), (J[4], 0)],
    ),
    ("rising_places", {"from": J[3], "to": J[10]}, [("Bergen", 1, 0, near(2.25), near(math.log10(10 / 6)))]),
    (
        "countries_by_source",
        {},
        [
            ("daily", 1, "NO", 2, Z2_3),
            ("daily", 2, "FR", 1, Z1_3),
            ("weekly", 1, "FR", 1, Z1_3),
            ("weekly", 2, "NO", 1, Z1_3),
        ],
    ),
    (
        "places_by_source",
        {},
        [
            ("daily", 1, "Oslo", 2, Z2_3, Z2_3),
            ("daily", 2, "Paris", 1, Z1_3, near(1)),
            ("weekly", 1, "Paris", 2, Z2_3, Z2_3),
            ("weekly", 2, "Bergen", 1, Z1_3, near(1)),
        ],
    ),
    (
        "first_mention",
        {"name": ADA},
        [(ADA, J[1], "daily", "Fair opens", "Ada Nord opened the fair in Oslo.", A[1])],
    ),
    (
        "new_entities",
        {"to": J[10], "days": 7},
        [("Bergen", "PLACE", J[10], 1, 1), ("Nordbänk", "ORGANISATION", J[10], 1, 1)],
    ),
    ("new_entities", {"to": J[9], "days": 7}, []),
    (
        "correlation",
        {"name": ADA, "other": BEN, "window": 3, "from": J[1], "to": J[4]},
        [(J[1], 1, 2, None), (J[2], 0, 0, None), (J[3], 2, 1, near(0.5)), (J[4], 0, 0, near(1))],
    ),
    (
        "busiest_days",
        {},
        [
            (J[1], 2, 1, "Ben Sund, Ada Nord, Oslo"),
            (J[3], 2, 2, "Ada Nord, Paris, Ben Sund"),
            (J[10], 1, 1, "Ben Sund, Bergen, Nordbänk"),
        ],
    ),
    (
        "in_one_sentence",
        {"name": ADA, "other": BEN},
        [
            (J[3], "daily", "Talks", "Ada Nord and Ben Sund met in Oslo.", A[3]),
            (J[1], "daily", "Fair opens", "Nord thanked Ben Sund.", A[1]),
        ],
    ),
    ("longest_silence", {"name": BEN}, [(BEN, J[4], J[9], 6, 0), (BEN, J[2], J[2], 1, 0)]),
    ("longest_silence", {"name": "Paris"}, [("Paris", J[2], J[2], 1, 0)]),
    ("timeline", {"name": ADA, "from": J[1], "to": J[3]}, [(J[1], 1, 2, 0.5), (J[2], 0, 0, 0.0), (J[3], 2, 2, 1.0)]),
    (
        "trending",
        {"on": J[10]},
        [
            ("Bergen", "PLACE", 1, 1.0, 0.0, near(math.log10(5))),
            ("Nordbänk", "ORGANISATION", 1, 1.0, 0.0, near(math.log10(5))),
            (BEN, "PERSON", 1, 1.0, 0.75, near(math.log10(5 / 4))),
        ],
    ),
    (
        "share_of_voice",
        {"names": ["NORD", BEN, "Nobody"]},
        [
            (BEN, BEN, "PERSON", 4, 4, 0.5, Z2_3),
            ("NORD", ADA, "PERSON", 4, 5, 0.5, Z2_3),
            ("Nobody", None, None, 0, 0, 0.0, 0.0),
        ],
    ),
    (
        "context",
        {"name": "Nord", "limit": 2},
        [
            (J[3], "daily", "Talks", "«Ada Nord» and Ben Sund met in Oslo.", A[3]),
            (J[3], "weekly", "Visit", "«Ada Nord» visited Paris.", A[4]),
        ],
    ),
    (
        "profile",
        {"name": ADA},
        [(ADA, "PERSON", 4, 5, J[1], J[3], J[3], None, "daily (2), weekly (2)", "Ben Sund (2), Oslo (2), Paris (1)")],
    ),
]


@pytest.mark.parametrize(
    ("name", "values", "expected"), ANSWERS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_question_has_the_answer_computed_by_hand(
    name: str, values: dict[str, Any], expected: list[tuple[Any, ...]], data: Path
) -> None:
    assert rows(name, data, **values) == expected


def test_search_ranks_by_bm25(data: Path) -> None:
    # Words of title and body. The first article has "fair" twice; the third one is longer, so its "oslo" counts less.
    lengths = [13, 6, 14, 8, 8, 5]
    mean = sum(lengths) / 6

    def part(uses: int, articles_with: int, length: int) -> float:
        idf = math.log(1 + (6 - articles_with + 0.5) / (articles_with + 0.5))
        return idf * uses * 2.2 / (uses + 1.2 * (0.25 + 0.75 * length / mean))

    assert rows("search", data, text="OSLO") == [
        (near(part(1, 2, 13)), J[1], "daily", "Fair opens", "Ada Nord opened the fair in Oslo.", A[1]),
        (near(part(1, 2, 14)), J[3], "daily", "Talks", "Ada Nord and Ben Sund met in Oslo.", A[3]),
    ]
    both = rows("search", data, text="oslo, fair")
    assert [(row[0], row[5]) for row in both] == [(near(part(1, 2, 13) + part(2, 1, 13)), A[1])]
    assert [row[5] for row in rows("search", data, text="nordbank")] == [A[5]]
    assert rows("search", data, text="oslo nowhere") == []
    assert rows("search", data, text="?!") == []


def test_coverage_gaps(tmp_path: Path) -> None:
    first = date(2024, 1, 1)
    counts = [10, 10, 1, 10, 10]
    articles = [
        Article("daily", first + timedelta(weeks=week), None, ("Text.",))
        for week, count in enumerate(counts)
        for _ in range(count)
    ]
    data = make_warehouse(tmp_path / "data", rows_of(articles))
    expected = [("daily", date(2024, 1, 15), 1, 10.0, near(11 * math.exp(-10)))]
    assert rows("coverage_gaps", data) == expected
    assert rows("coverage_gaps", data, max_chance=0.0001) == []


def test_every_question_is_tested_with_a_computed_answer() -> None:
    assert {name for name, _, _ in ANSWERS} | {"search", "coverage_gaps", "roles"} == set(questions())


@pytest.mark.parametrize("name", sorted(questions()))
class TestEveryQuestion:
    def test_is_a_question(self, name: str) -> None:
        assert questions()[name].description.endswith("?")

    def test_returns_the_columns_that_it_declares(self, name: str, data: Path) -> None:
        question = questions()[name]
        connection = open_safely(data)
        values = {
            each.name: run_query(connection, f"SELECT ({each.default})::{each.sql_type}").fetch(2)[0][0]
            for each in question.parameters
        }
        with run_query(connection, f"DESCRIBE {question.text}", values) as result:
            assert [(row[0], row[1]) for row in result.fetch(100)] == question.returns

    def test_uses_every_parameter_that_it_declares(self, name: str) -> None:
        question = questions()[name]
        assert question.text.count("-- param:") == len(question.parameters)
        assert all(f"${each.name}" in question.text for each in question.parameters)

    def test_is_answered_without_any_parameter(self, name: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.app(["ask", name, "--data", str(data)], result_action="return_value") == options.OK
        assert capsys.readouterr().out.startswith(questions()[name].description)


def test_roles_are_those_that_the_mentions_have_over_time(tmp_path: Path) -> None:
    tables = rows_of(ARTICLES)
    given = {A[1]: "mayor", A[3]: "mayor", A[4]: "writer"}
    for mention in tables["mentions"]:
        if mention["surface"] == ADA and mention["article_id"] in given:
            role = given[mention["article_id"]]
            mention |= {"role": role, "role_start_char": 0, "role_end_char": len(role)}
    data = make_warehouse(tmp_path / "data", tables)
    mayor, writer = ("mayor", 2, 2, J[1], J[3]), ("writer", 1, 1, J[3], J[3])
    assert rows("roles", data) == [mayor, writer]
    assert rows("roles", data, name="Nord", **{"from": J[2]}) == [("mayor", 1, 1, J[3], J[3]), writer]
    assert rows("roles", data, name=BEN) == []
    assert rows("profile", data, name=ADA)[0][7] == "mayor (2), writer (1)"


def command(*arguments: str, data: Path) -> int:
    code = cli.app([*arguments, "--data", str(data)], result_action="return_value")
    assert isinstance(code, int)
    return code


def test_parameters_are_bound_as_text_and_not_as_sql(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["ask", "search", "--text", "oslo'; DROP TABLE articles; --", "-f", "csv"]
    assert command(*given, data=data) == options.OK
    assert capsys.readouterr().out.splitlines() == ["score,published_on,source,title,sentence,article_id"]


def test_options_of_the_command_and_parameters_of_the_question_go_together(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["ask", "network", "--min-count", "2", "--limit", "1", "-f", "csv", "--to", "2024-01-10"]
    assert command(*given, data=data) == options.OK
    assert capsys.readouterr().out.splitlines()[1].startswith("Ada Nord,PERSON,Oslo,PLACE,2,1.66")
    assert command("ask", "share_of_voice", "--names", "Paris", "--names", "Oslo", "-f", "csv", data=data) == options.OK
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == ["name", "Oslo", "Paris"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2024-13-01"], "--from takes a date as 2024-01-31, came '2024-13-01'"),
        (["--limit", "many"], "--limit takes a whole number, came 'many'"),
        (["--limit", "1", "--limit", "2"], "--limit takes one value, came 2: 1, 2"),
        (["--colour", "red"], "the question named_with has no parameter --colour; it has:"),
        (["--name", "Sun"], "nobody and nothing is called 'Sun'; there are: Ben Sund"),
        (["--name", "Xyz"], "nobody and nothing is called 'Xyz'"),
    ],
)
def test_a_wrong_parameter_is_told_in_words(
    arguments: list[str], message: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("ask", "named_with", *arguments, data=data) == options.USAGE
    assert capsys.readouterr().err.startswith(f"dateline: {message}\n")


def test_a_question_is_described(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("ask", "correlation", "--describe", data=data) == options.OK
    printed = capsys.readouterr().out
    assert "--window (a whole number): Days in the window." in printed
    assert "corr(x.article_count, y.article_count)" in printed
    assert command("ask", data=data) == options.OK
    assert "--name --other --window --from --to" in capsys.readouterr().out


def test_values_are_read_by_their_types() -> None:
    assert bind(questions()["share_of_voice"], {"names": ["a, b", "c"], "to": ["2024-02-29"]}) == {
        "names": ["a, b", "c"],
        "to": date(2024, 2, 29),
    }
    with pytest.raises(ParameterError, match="has no parameter"):
        bind(questions()["search"], {"name": ["x"]})


ENDLESS = "SELECT sum(hash(a.range) % (b.range + 1)) FROM range(10000000) AS a, range(10000000) AS b"


def test_a_query_stops_at_its_time(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("query", ENDLESS, "--timeout", "0.2", data=data) == options.STOPPED
    assert capsys.readouterr().err.startswith("dateline: the query was stopped: it took longer than 0.2 seconds")


def _fetch_all(result: Result) -> None:
    while result.fetch(100_000):
        pass


def test_rows_that_are_fetched_late_stop_too(data: Path) -> None:
    many = "SELECT a.range FROM range(10000000) AS a, range(10000000) AS b"
    with pytest.raises(QueryLimitError, match="took longer"), query(many, data, limits=Limits(seconds=0.2)) as result:
        _fetch_all(result)


def test_a_query_stops_at_its_memory(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        command("query", "SELECT list(range) FROM range(100000000)", "--memory", "50MB", data=data) == options.STOPPED
    )
    assert "it needs more memory than 50MB" in capsys.readouterr().err


def test_a_query_in_time_is_not_stopped(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("query", "SELECT 1 AS x", "--timeout", "0", "-f", "csv", data=data) == options.OK
    assert command("query", "SELECT 1 AS x", "--timeout", "60", "-f", "csv", data=data) == options.OK
    assert capsys.readouterr().out == "x\n1\nx\n1\n"
    assert command("query", "SELECT 1", "--memory", "much", data=data) == options.FAILED


def test_ctrl_c_stops_a_running_query(data: Path) -> None:
    code = (
        "import os, signal, threading\n"
        "from flows.cli import main\n"
        "import warehouse.guard\n"
        "submitted = warehouse.guard.ThreadPoolExecutor.submit\n"
        "timers = []\n"
        "def submit(pool, step, *arguments):\n"
        # As if the user pressed the keys once DuckDB is at work on the step that takes long.
        "    for timer in timers: timer.cancel()\n"
        "    timers.append(threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)))\n"
        "    timers[-1].start()\n"
        "    return submitted(pool, step, *arguments)\n"
        "warehouse.guard.ThreadPoolExecutor.submit = submit\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "query", ENDLESS, "--data", str(data)],
        check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (options.INTERRUPTED, "", "")
