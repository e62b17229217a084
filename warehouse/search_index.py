"""The word index behind the macro ``search``: which article has which word how often.

Without an extension DuckDB has no full-text index; a table sorted by word serves as one, because its zone maps let a
query read only the row groups of its words. Articles get small numbers, as postings of 16-digit identifiers would take
several times the room. Changed articles are appended as another sorted stretch, with new numbers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa

from warehouse.ddl import comment_columns, comment_relation
from warehouse.quoting import quote_identifier
from warehouse.sqlfiles import SqlFile, sql_files
from warehouse.words import count_words

#: To be raised with every change of what the index holds.
INDEX_VERSION: Final = 2

NUMBERS: Final = "article_numbers"
WORDS: Final = "search_words"

#: Characters of articles that are taken apart at a time: what bounds the memory. One piece has about two million rows.
_PIECE_CHARS: Final = 24_000_000

#: Articles whose words are split off at a time within a piece.
_BATCH_ARTICLES: Final = 2_048

#: Pieces that are counted before anybody asks for them; one takes about 30 MB then.
_PIECES_AHEAD: Final = 4

#: Ranges of numbers whose articles have about as many characters as a piece.
_PIECES: Final = (
    "SELECT min(article_no), max(article_no) FROM (SELECT n.article_no, "
    "sum(a.char_count + coalesce(length(a.title), 0)) OVER (ORDER BY n.article_no) // ? AS piece "
    f"FROM {NUMBERS} AS n INNER JOIN articles AS a ON n.article_id = a.article_id WHERE n.article_no > ?) "
    "GROUP BY piece ORDER BY piece"
)

_TEXTS: Final = (
    "SELECT n.article_no AS text_no, fold(concat_ws(' ', a.title, a.body)) AS text "
    f"FROM {NUMBERS} AS n INNER JOIN articles AS a ON n.article_id = a.article_id "
    "WHERE n.article_no BETWEEN ? AND ?"
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
        SqlFile(name, description, f"-- stored per article_id\n{NUMBERS} fold")
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


def _counted(connection: duckdb.DuckDBPyConnection, first: int, last: int) -> pa.Table:
    """The words of the articles with these numbers."""
    return count_words(connection, connection.sql(_TEXTS, params=[first, last]).to_arrow_table(_BATCH_ARTICLES))


@contextmanager
def counted_ahead(connection: duckdb.DuckDBPyConnection) -> Generator[Iterator[pa.Table]]:
    """Number the articles of a new file, and count their words while the caller loads its other tables.

    One thread can count, and DuckDB leaves part of the processor to it. The articles are committed, for another
    connection to see them. The value goes to ``index_words``; a few pieces at most are counted before that.
    """
    number_articles(connection, is_new=True)
    (fold,) = (macro for macro in sql_files("macros") if macro.name == "fold")
    connection.execute(fold.text)
    connection.execute("COMMIT")
    connection.execute("BEGIN")
    (catalog,) = connection.execute("SELECT current_database()").fetchall()[0]
    with connection.cursor() as reader, ThreadPoolExecutor(1) as counter:
        reader.execute(f"USE {quote_identifier(catalog)}")
        pieces = deque(reader.execute(_PIECES, [_PIECE_CHARS, 0]).fetchall())
        ahead: deque[Future[pa.Table]] = deque()

        def count_more() -> None:
            while pieces and len(ahead) < _PIECES_AHEAD:
                ahead.append(counter.submit(_counted, reader, *pieces.popleft()))

        def counted() -> Iterator[pa.Table]:
            while ahead:
                piece = ahead.popleft().result()
                count_more()
                yield piece

        count_more()
        try:
            yield counted()
        finally:
            # What went wrong elsewhere does not wait for what nobody will ask for.
            counter.shutdown(wait=True, cancel_futures=True)


def index_words(connection: duckdb.DuckDBPyConnection, counted: Iterable[pa.Table] | None = None) -> None:
    """Index the articles that were numbered and are not indexed yet, whose words may have been counted ahead."""
    # Numbers rise: those behind the last article with a word are new, or have no words.
    (indexed,) = connection.execute(f"SELECT coalesce(max(article_no), 0) FROM {WORDS}").fetchall()[0]
    if counted is None:
        pieces = connection.execute(_PIECES, [_PIECE_CHARS, indexed]).fetchall()
        counted = (_counted(connection, first, last) for first, last in pieces)
    for piece in counted:
        connection.register("counted_words", piece)
        connection.execute(f"INSERT INTO {WORDS} SELECT word, text_no, use_count FROM counted_words")
        connection.unregister("counted_words")
    connection.execute(
        f"UPDATE {NUMBERS} AS n SET word_count = w.word_count FROM "
        f"(SELECT article_no, sum(use_count) AS word_count FROM {WORDS} WHERE article_no > ? GROUP BY article_no) w "
        "WHERE n.article_no = w.article_no",
        [indexed],
    )
