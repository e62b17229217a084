"""Marts and macros: what they hold, that they say so, and that they follow the change."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.batch import peak_memory_bytes
from flows.pipeline import run_directly
from flows.settings import Settings
from samples import GOOD, write_files
from small_warehouse import ARTICLES, Article, article_id, entity_id, make_warehouse, rows_of, run_row
from warehouse import open_warehouse
from warehouse.audit import audit
from warehouse.marts import make_marts, stored_marts_version
from warehouse.search_index import tables as index_tables
from warehouse.sqlfiles import SqlFile, sql_files

MARTS = sql_files("marts")
MACROS = sql_files("macros")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    data = make_warehouse(tmp_path_factory.mktemp("marts") / "data", rows_of(ARTICLES))
    with open_warehouse(data) as connection:
        yield connection


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
class TestEveryMart:
    def test_begins_with_its_grain(self, mart: SqlFile) -> None:
        assert mart.description.startswith("One row per ")

    def test_comments_every_column_and_no_other(self, mart: SqlFile, small: duckdb.DuckDBPyConnection) -> None:
        found = small.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [mart.name]
        ).fetchall()
        assert found == list(mart.columns.items())
        assert all(comment.endswith((".", "…")) for comment in mart.columns.values())

    def test_carries_its_description(self, mart: SqlFile, small: duckdb.DuckDBPyConnection) -> None:
        kind = "table" if mart.stored_per else "view"
        found = small.execute(f"SELECT comment FROM duckdb_{kind}s() WHERE {kind}_name = ?", [mart.name]).fetchall()
        assert found == [(mart.description,)]


@pytest.mark.parametrize("macro", MACROS, ids=lambda macro: macro.name)
class TestEveryMacro:
    def test_is_in_the_file_with_its_description(self, macro: SqlFile, small: duckdb.DuckDBPyConnection) -> None:
        found = small.execute(
            "SELECT comment FROM duckdb_functions() WHERE function_name = ? AND database_name = 'warehouse'",
            [macro.name],
        ).fetchall()
        assert found == [(macro.description,)]

    def test_has_an_example_that_runs(self, macro: SqlFile, small: duckdb.DuckDBPyConnection) -> None:
        if macro.example is None:
            # A helper of others.
            assert any(macro.name in other.words for other in [*MACROS, *sql_files("queries")] if other is not macro)
        else:
            assert macro.name in macro.example
            small.execute(macro.example).fetchall()

    def test_has_no_step_that_duckdb_1_4_would_not_find(self, macro: SqlFile) -> None:
        # DuckDB 1.4.0 loses the WITH of a macro that a newer version stored.
        assert "with" not in {word.lower() for word in macro.words}


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return found


def test_the_calendar_has_every_day(small: duckdb.DuckDBPyConnection) -> None:
    assert rows(small, "SELECT count(*), min(day), max(day), sum(article_count) FROM calendar") == [
        (10, date(2024, 1, 1), date(2024, 1, 10), 5)
    ]
    assert rows(small, "FROM calendar WHERE day = '2024-01-07'") == [
        (date(2024, 1, 7), 2024, 1, "2024-01", "2024-W01", 7, True, 0, 0)
    ]


def test_entities_per_day_have_their_share(small: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT published_on, mention_count, article_count, share_of_articles FROM entities_per_day WHERE name = ? "
    assert small.execute(sql + "ORDER BY published_on", ["Ada Nord"]).fetchall() == [
        (date(2024, 1, 1), 2, 1, 0.5),
        (date(2024, 1, 3), 2, 2, 1.0),
    ]


def test_places_per_day_have_coordinates(small: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT name, country_code, latitude, longitude, mention_count FROM places_per_day "
    assert rows(small, sql + "WHERE published_on = '2024-01-03' ORDER BY name") == [
        ("Oslo", "NO", 59.91, 10.75, 1),
        ("Paris", "FR", 48.85, 2.35, 2),
    ]


def test_sources_are_compared(small: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        small,
        "SELECT source, article_count, share_of_articles, first_on, last_on, day_count, articles_per_day, "
        "entity_count, mention_count, mentions_per_article FROM sources",
    ) == [
        ("daily", 3, 0.5, date(2024, 1, 1), date(2024, 1, 3), 2, 1.5, 4, 9, 3.0),
        ("weekly", 3, 0.5, date(2024, 1, 3), date(2024, 1, 10), 2, 1.5, 5, 7, pytest.approx(7 / 3)),
    ]


def test_co_mentions_have_lift_and_mutual_information(small: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        small,
        "SELECT article_count, lift, pmi FROM co_mentions "
        "WHERE name = 'Ada Nord' AND other_name = 'Oslo' AND published_month = '2024-01'",
    )
    assert found == [(2, pytest.approx(5 / 3), pytest.approx(0.7369656))]


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Ada Nord", "Ada Nord"),
        ("ADA NORD", "Ada Nord"),
        ("nord", "Ada Nord"),
        ("nordbank", "Nordbänk"),
        (entity_id("Oslo"), "Oslo"),
    ],
)
def test_names_spellings_and_ids_find_an_entity(called: str, name: str, small: duckdb.DuckDBPyConnection) -> None:
    assert small.execute("SELECT name FROM entity_called(?)", [called]).fetchall() == [(name,)]


def test_a_shared_spelling_means_the_entity_that_is_mostly_meant(tmp_path: Path) -> None:
    content = rows_of(ARTICLES)
    # The bank's second spelling is that of the person, who has it more often.
    mention = next(each for each in content["mentions"] if each["surface"] == "Nordbänk")
    content["mentions"].append(mention | {"mention_no": 7, "surface": "Ada Nord"})
    with open_warehouse(make_warehouse(tmp_path / "data", content)) as connection:
        assert rows(connection, "SELECT entity_type FROM entity_called('ada nord')") == [("PERSON",)]


def _exact_tail(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    every, marked = trials + other_trials, hits + other_hits
    ways = [
        math.comb(marked, n) * math.comb(every - marked, trials - n)
        for n in range(hits, min(marked, trials) + 1)
        if trials - n <= every - marked
    ]
    return sum(ways) / math.comb(every, trials)


@pytest.mark.parametrize(
    "counts",
    [(1, 1, 0, 29), (2, 8, 0, 100), (3, 30, 5, 300), (20, 100, 40, 1000), (9, 50, 1, 50), (400, 1000, 3000, 10_000)],
)
def test_surprise_is_fishers_exact_test_and_never_more(
    counts: tuple[int, int, int, int], small: duckdb.DuckDBPyConnection
) -> None:
    score = small.execute("SELECT surprise(?, ?, ?, ?)", counts).fetchall()[0][0]
    exact = -math.log10(_exact_tail(*counts))
    assert exact - 0.2 < score < exact + 1e-9


def test_equal_shares_are_no_surprise(small: duckdb.DuckDBPyConnection) -> None:
    assert rows(small, "SELECT surprise(3, 30, 10, 100) < 0.3, surprise(1, 10, 0, 0), surprise(10, 10, 100, 100)") == [
        (True, pytest.approx(0), pytest.approx(0))
    ]


def test_a_timeline_fills_days_outside_the_calendar(small: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT day, article_count, share_of_articles FROM entity_timeline('Oslo', '2024-01-10', '2024-01-12')"
    assert rows(small, sql) == [(date(2024, 1, day), 0, 0.0) for day in (10, 11, 12)]


def test_articles_are_known_from_the_release_that_had_them(tmp_path: Path) -> None:
    content = rows_of(ARTICLES[:2])
    content["runs"] += [
        run_row("run 2", datetime(2024, 2, 2, tzinfo=UTC), "unchanged"),
        run_row("run 3", datetime(2024, 2, 3, 23, 59, tzinfo=UTC)),
        run_row("run 4", datetime(2024, 2, 5, tzinfo=UTC)),
    ]
    first = content["versions"][0]
    # The first article was edited by the third run. Another one was withdrawn by the third run.
    past = {"last_run_id": "run 1", "former_body": "Former text."}
    content["versions"][0] = first | past | {"title": "Former"}
    content["versions"].append(first | {"first_run_id": "run 3"})
    content["versions"].append(first | past | {"article_id": article_id(9), "title": "Withdrawn"})
    with open_warehouse(make_warehouse(tmp_path / "data", content)) as connection:
        known = {
            day: [title for (title,) in rows(connection, f"SELECT title FROM as_known_on('2024-02-0{day}') ORDER BY 1")]
            for day in range(1, 6)
        }
        assert known == {
            1: ["Former", "Speech", "Withdrawn"],
            2: ["Former", "Speech", "Withdrawn"],
            3: ["Fair opens", "Speech"],
            4: ["Fair opens", "Speech"],
            5: ["Fair opens", "Speech"],
        }
        assert rows(connection, "FROM as_known_on('2024-01-31')") == []


EDITS = (
    {"a.txt": " date 2024-01-11 Talks\n\nAngela Merkel spoke in Paris. Paris was cold.\n"},
    {"b.txt": " date 2024-02-01 Visit\n\nAngela Merkel visited Berlin.\n"},
    {"a.txt": " date 2024-01-11 Talks\n\nAngela Merkel spoke in London.\n"},
    {"c.txt": " date 2024-02-01 Prices\n\nPrices rose in Berlin, the Bank of France said.\n"},
)


def test_stored_marts_and_the_word_index_follow_the_change(
    tmp_path: Path, settings_for: Callable[..., Settings]
) -> None:
    settings = settings_for(batch_files=1)
    folder = tmp_path / "articles"
    # So many articles stay that the file is changed and not built anew. The first has nothing to index.
    texts = [" date 2023-03-01 …\n\n* * *\n"]
    texts += [f" date 2024-03-01 T\n\nNews {number} from Rome.\n" for number in range(9)]
    write_files(folder, {f"{number}.txt": text for number, text in enumerate(texts)})
    for edit in EDITS:
        write_files(folder, edit)
        run_directly(settings, [folder])
        with open_warehouse(settings.data) as connection:
            for mart in MARTS:
                if mart.stored_per:
                    for sql in (
                        f"FROM {mart.name} EXCEPT ALL ({mart.text})",
                        f"({mart.text}) EXCEPT ALL FROM {mart.name}",
                    ):
                        assert rows(connection, sql) == []
            stored = (
                "SELECT word, article_id, use_count::BIGINT FROM search_words JOIN article_numbers USING (article_no)"
            )
            counted = (
                "SELECT word, article_id, count(*) FROM (SELECT article_id, "
                "unnest(words_of(concat_ws(' ', title, body))) AS word FROM articles) GROUP BY word, article_id"
            )
            assert rows(connection, f"{stored} EXCEPT ALL ({counted})") == []
            assert rows(connection, f"{counted} EXCEPT ALL ({stored})") == []
            assert rows(connection, "SELECT count(*) FROM article_numbers ANTI JOIN articles USING (article_id)") == [
                (0,)
            ]


def index_rows(data: Path) -> list[tuple[Any, ...]]:
    with open_warehouse(data) as connection:
        assert rows(connection, "SELECT min(word_count) > 0 FROM article_numbers") == [(True,)]
        return rows(connection, "FROM search_words ORDER BY ALL")


def test_pieces_of_any_size_make_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = index_rows(make_warehouse(tmp_path / "whole", rows_of(ARTICLES)))
    monkeypatch.setattr("warehouse.search_index._PIECE_CHARS", 60)
    monkeypatch.setattr("warehouse.search_index._BATCH_ARTICLES", 1)
    assert index_rows(make_warehouse(tmp_path / "pieces", rows_of(ARTICLES))) == whole


def test_uses_beyond_a_small_integer_are_counted_as_its_largest(tmp_path: Path) -> None:
    article = Article("daily", date(2024, 1, 1), None, ("[Oslo] " + "again " * 32_768 + "and more.",))
    with open_warehouse(make_warehouse(tmp_path / "data", rows_of([article]))) as connection:
        assert rows(connection, "SELECT use_count FROM search_words WHERE word = 'again'") == [(32_767,)]
        assert rows(connection, "SELECT word_count FROM article_numbers") == [(32_767 + 3,)]


def test_the_tables_of_the_word_index_are_commented(small: duckdb.DuckDBPyConnection) -> None:
    for table in index_tables():
        assert small.execute("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [table.name]).fetchall() == [
            (table.description,)
        ]
        comments = small.execute("SELECT comment FROM duckdb_columns() WHERE table_name = ?", [table.name]).fetchall()
        assert all(re.search(r"\w\.$", comment) for (comment,) in comments)


def test_what_a_former_version_made_is_dropped(tmp_path: Path) -> None:
    data = make_warehouse(tmp_path / "data", rows_of(ARTICLES))
    path = data / "releases" / "000001" / "warehouse.duckdb"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS warehouse")
        connection.execute("USE warehouse")
        # A former version had the calendar as a table, and other relations.
        connection.execute("CREATE VIEW former_view AS SELECT 1 AS x")
        connection.execute("CREATE MACRO former_macro(x) AS x")
        connection.execute("CREATE MACRO former_rows(x) AS TABLE SELECT x")
        connection.execute("DROP VIEW calendar")
        connection.execute("CREATE TABLE calendar AS SELECT 1 AS day")
        connection.execute("CREATE TEMP TABLE changed_articles AS SELECT article_id FROM articles LIMIT 0")
        connection.execute("CREATE TEMP TABLE changed_entities AS SELECT entity_id FROM entities LIMIT 0")
        make_marts(connection)
        assert rows(connection, "SELECT count(*) FROM calendar") == [(10,)]
        left = "SELECT view_name FROM duckdb_views() UNION ALL SELECT function_name FROM duckdb_functions()"
        assert not [name for (name,) in rows(connection, left) if name.startswith("former_")]
        # Nothing that is stored was made anew or lost.
        assert rows(connection, "SELECT count(*) FROM entity_articles") == [(14,)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse to which a test may do damage, in a transaction that it rolls back."""
    content = rows_of(ARTICLES)
    role = {"role": "fair", "role_start_char": 20, "role_end_char": 24}
    content["mentions"] = [each | role if each["surface"] == "Nord" else each for each in content["mentions"]]
    columns = ("article_id", "published_month", "start_char", "end_char", "surface", "mention_type", "score")
    content["compared_mentions"] = [
        {column: each[column] for column in columns} | {"recogniser": "other"} for each in content["mentions"]
    ]
    data = make_warehouse(tmp_path_factory.mktemp("sound") / "data", content)
    with duckdb.connect(data / "releases" / "000001" / "warehouse.duckdb") as connection:
        yield connection


@pytest.mark.parametrize(
    ("check", "defect"),
    [
        ("stored_marts_match", "DELETE FROM entity_articles WHERE article_no = 1"),
        ("stored_marts_match", "DELETE FROM entity_names WHERE spelling = 'Nord'"),
        ("word_index_is_whole", "DELETE FROM search_words WHERE word = 'oslo' AND article_no = 1"),
        ("word_index_is_whole", "DELETE FROM article_numbers WHERE article_no = 1"),
        ("word_index_is_whole", "INSERT INTO search_words VALUES ('oslo', 99, 1)"),
        ("word_index_is_whole", "DELETE FROM articles WHERE published_on IS NULL"),
        ("spans_slice_to_surface", "UPDATE mentions SET start_char = 1, end_char = 5 WHERE surface = 'Oslo'"),
        # A place in bytes, of a body that has fewer characters than bytes.
        ("spans_slice_to_surface", "UPDATE mentions SET start_char = 20, end_char = 26 WHERE surface = 'Bergen'"),
        ("spans_slice_to_surface", "UPDATE mentions SET surface = 'Nordbanc' WHERE surface = 'Nordbänk'"),
        ("spans_slice_to_surface", "UPDATE mentions SET role = 'far', role_start_char = 20, role_end_char = 23"),
        ("spans_slice_to_surface", "UPDATE compared_mentions SET surface = 'Ada Sund' WHERE start_char = 0"),
    ],
)
def test_a_check_finds_what_is_wrong(check: str, defect: str, sound: duckdb.DuckDBPyConnection) -> None:
    (text,) = [each.text for each in sql_files("checks") if each.name == check]
    assert rows(sound, text) == []
    sound.execute("BEGIN")
    try:
        sound.execute(defect)
        assert rows(sound, text) != []
    finally:
        sound.execute("ROLLBACK")


@pytest.mark.parametrize("word", ["Smith", "Smythé"])
def test_the_spans_of_a_long_body_are_checked_in_little_memory(word: str) -> None:
    (text,) = [each.text for each in sql_files("checks") if each.name == "spans_slice_to_surface"]
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        # Every 10 characters, so that names stand across the ends of pieces.
        connection.execute(
            "CREATE TABLE articles AS SELECT 'a' AS article_id, repeat(? , 50000) AS body", [f"{word:<10}"]
        )
        connection.execute(
            "CREATE TABLE mentions AS SELECT 'a' AS article_id, n AS mention_no, (n * 10)::INT AS start_char,"
            " (n * 10 + ?)::INT AS end_char, ? AS surface, NULL::VARCHAR AS role, NULL::INT AS role_start_char,"
            " NULL::INT AS role_end_char FROM range(5000) AS _ (n)",
            [len(word), word],
        )
        connection.execute("CREATE TABLE compared_mentions AS FROM mentions LIMIT 0")
        peak_bytes = peak_memory_bytes()
        assert rows(connection, text) == []
        # A copy of the body for each of 2,048 mentions that DuckDB handles together would take 1 GB.
        assert peak_memory_bytes() - peak_bytes < 300_000_000
        for moved in (7, 600_000):
            connection.execute(
                "UPDATE mentions SET start_char = ?, end_char = ? WHERE mention_no = 3", [moved, moved + 5]
            )
            assert [row[1] for row in rows(connection, text)] == [3]


def test_stored_marts_that_other_sql_made_are_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path / "articles", {"a.txt": GOOD["a.txt"], "b.txt": GOOD["b.txt"], "d.txt": GOOD["d.txt"]})
    settings = Settings.given(data=tmp_path / "data", workers=1, settle_seconds=0)

    def updated() -> tuple[str, int]:
        run_directly(settings, [tmp_path / "articles"])
        database = settings.folder.published_release().manifest["database"]
        return database["stored_marts"], database["updated_articles"]

    assert updated() == (stored_marts_version(), 0)
    write_files(tmp_path / "articles", {"e.txt": " date 2024-12-01 New\n\nText.\n"})
    assert updated() == (stored_marts_version(), 1)
    monkeypatch.setattr("warehouse.search_index.INDEX_VERSION", 0)
    write_files(tmp_path / "articles", {"f.txt": " date 2024-12-02 New\n\nText.\n"})
    assert updated() == (stored_marts_version(), 0)
    assert audit(settings.folder) == []


def test_a_mention_of_another_type_than_its_entity_makes_no_second_row(tmp_path: Path) -> None:
    content = rows_of(ARTICLES)
    mention = next(each for each in content["mentions"] if each["surface"] == "Oslo")
    content["mentions"].append(mention | {"mention_no": 7, "mention_type": "ORGANISATION"})
    with open_warehouse(make_warehouse(tmp_path / "data", content)) as connection:
        found = rows(connection, "SELECT entity_type, mention_count FROM entity_articles WHERE article_no = 1")
        assert sorted(found) == [("PERSON", 1), ("PERSON", 2), ("PLACE", 2)]
