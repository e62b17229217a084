"""The word index behind the macro ``search``: which article has which word how often.

Without an extension DuckDB has no full-text index; a table sorted by word serves as one, because its zone maps let a
query read only the row groups of its words. Articles get small numbers, as postings of 16-digit identifiers would take
several times the room. Changed articles are appended as another sorted stretch, with new numbers.
"""

from __future__ import annotations

from typing import Final

import duckdb

from warehouse.ddl import comment_columns, comment_relation
from warehouse.sqlfiles import SqlFile

#: To be raised with every change of what the index holds.
INDEX_VERSION: Final = 1

NUMBERS: Final = "article_numbers"
WORDS: Final = "search_words"

#: Articles that are taken apart at a time: what bounds the memory. One piece has about two million rows.
_PIECE_ARTICLES: Final = 8_000

#: Each word of each article numbered from one number to another (exclusive).
_WORDS_OF_RANGE: Final = (
    "SELECT n.article_no, unnest(words_of(concat_ws(' ', a.title, a.body))) AS word "
    f"FROM {NUMBERS} AS n INNER JOIN articles AS a ON n.article_id = a.article_id "
    "WHERE n.article_no >= ? AND n.article_no < ?"
)

_TABLES: Final = {
    NUMBERS: (
        "One row per article: a small number for it, which joins faster than its identifier, and its length in words.",
        {
            "article_id": ("VARCHAR", "The article."),
            "article_no": (
                "INTEGER",
                "Its number in search_words and entity_articles; another one after each change of the article.",
            ),
            "word_count": ("INTEGER", "Words of title and body, as the word index counts them."),
        },
    ),
    WORDS: (
        "One row per word and article that has it in its title or body.",
        {
            "word": ("VARCHAR", "The word as the macro words_of gives it: small letters, without accents."),
            "article_no": ("INTEGER", "The article's number in article_numbers."),
            "use_count": ("SMALLINT", "How often the article has it; 32767 also stands for more."),
        },
    ),
}


def tables() -> list[SqlFile]:
    """The two tables as relations that are created in their turn: behind the macro that they use."""
    return [
        SqlFile(name, description, f"-- stored per article_id\n{NUMBERS} words_of")
        for name, (description, _) in _TABLES.items()
    ]


def _create(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    description, columns = _TABLES[name]
    declared = ", ".join(f"{column} {sql_type} NOT NULL" for column, (sql_type, _) in columns.items())
    connection.execute(f"CREATE TABLE {name} ({declared})")
    connection.execute(comment_relation("TABLE", name, description))
    for statement in comment_columns(name, {column: comment for column, (_, comment) in columns.items()}):
        connection.execute(statement)


def _forget_changed(connection: duckdb.DuckDBPyConnection) -> None:
    changed = f"FROM {NUMBERS} WHERE article_id IN (SELECT article_id FROM changed_articles)"
    connection.execute(f"DELETE FROM {WORDS} WHERE article_no IN (SELECT article_no {changed})")
    connection.execute(f"DELETE {changed}")


def number_articles(connection: duckdb.DuckDBPyConnection, *, is_new: bool) -> None:
    """Number all articles (``is_new``), or anew those that the table ``changed_articles`` names."""
    if is_new:
        for name in _TABLES:
            _create(connection, name)
    else:
        _forget_changed(connection)
    connection.execute(
        f"INSERT INTO {NUMBERS} SELECT a.article_id, (SELECT coalesce(max(article_no), 0) FROM {NUMBERS}) "
        "+ row_number() OVER (ORDER BY a.published_on, a.article_id), 0 "
        f"FROM articles AS a ANTI JOIN {NUMBERS} AS n ON a.article_id = n.article_id"
    )


def _even_ranges(start: int, end: int, count: int) -> list[tuple[int, int]]:
    """At most ``count`` ranges of about the same length that make up ``start`` to ``end`` (exclusive)."""
    step = -(-(end - start) // count)
    return [(first, min(first + step, end)) for first in range(start, end, step)]


def index_words(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the articles apart that were numbered and are not indexed yet."""
    first, last = connection.execute(
        f"SELECT min(article_no), max(article_no) FROM {NUMBERS} WHERE word_count = 0"
    ).fetchall()[0]
    if first is None:
        return
    thread_count = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    for start in range(first, last + 1, _PIECE_ARTICLES):
        ranges = _even_ranges(start, min(start + _PIECE_ARTICLES, last + 1), thread_count)
        # DuckDB gives a table of fewer than 122,880 rows to one thread; it reads the parts of a union side by side.
        words = " UNION ALL ".join([_WORDS_OF_RANGE] * len(ranges))
        connection.execute(
            f"INSERT INTO {WORDS} SELECT word, article_no, least(count(*), 32767) FROM ({words}) "
            "GROUP BY word, article_no ORDER BY word, article_no",
            [bound for bounds in ranges for bound in bounds],
        )
    connection.execute(
        f"UPDATE {NUMBERS} AS n SET word_count = w.word_count FROM "
        f"(SELECT article_no, sum(use_count) AS word_count FROM {WORDS} WHERE article_no >= ? GROUP BY article_no) w "
        "WHERE n.article_no = w.article_no",
        [first],
    )
