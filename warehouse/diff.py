"""Diff: which articles and mentions came, went or changed from one release to another.

Only the month partitions whose bytes differ are read, so the cost follows the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import duckdb

from transforms.contracts import TABLES
from warehouse.folder import Release
from warehouse.guard import GuardedConnection, QueryError
from warehouse.query import Result, spill_folder
from warehouse.quoting import quote_identifier

#: Columns that tell nothing of their own: ``content_sha256`` stands for the text, the counts follow from it.
_FOLLOWING: Final = frozenset({"article_id", "published_month", "body"})

#: Mentions are told apart by what they say, and those that say the same are numbered by their place: an edit moves all
#: that stands behind it, and what only moved did not change.
_NUMBERED: Final = """
CREATE TEMP TABLE numbered_{letter} AS
SELECT *, row_number() OVER (PARTITION BY {identity} ORDER BY start_char, end_char) AS occurrence_no
FROM (SELECT * REPLACE (coalesce(entity_id, '') AS entity_id) FROM mentions_{letter})
"""
_IDENTITY: Final = "article_id, surface, mention_type, entity_id, recogniser"

_MENTION_CHANGES: Final = f"""
CREATE TEMP TABLE mention_changes AS
SELECT 'came' AS change, * FROM numbered_b ANTI JOIN numbered_a USING ({_IDENTITY}, occurrence_no)
UNION ALL
SELECT 'went', * FROM numbered_a ANTI JOIN numbered_b USING ({_IDENTITY}, occurrence_no)
"""

_MENTIONS_PER_ARTICLE: Final = """
CREATE TEMP VIEW mentions_per_article AS
SELECT
    article_id,
    count(*) FILTER (WHERE change = 'came') AS came,
    count(*) FILTER (WHERE change = 'went') AS went
FROM mention_changes GROUP BY article_id
"""

_ARTICLES: Final = """
SELECT
    CASE WHEN a.article_id IS NULL THEN 'came' WHEN b.article_id IS NULL THEN 'went' ELSE 'changed' END AS change,
    coalesce(b.source, a.source) AS source,
    coalesce(b.path, a.path) AS path,
    coalesce(b.record_no, a.record_no) AS record_no,
    CASE WHEN b.article_id IS NULL THEN a.published_on ELSE b.published_on END AS published_on,
    CASE WHEN b.article_id IS NULL THEN a.title ELSE b.title END AS title,
    CASE WHEN a.article_id IS NOT NULL AND b.article_id IS NOT NULL THEN concat_ws(', ', {columns}) END AS columns,
    coalesce(m.came, 0) AS mentions_came,
    coalesce(m.went, 0) AS mentions_went,
    article_id
FROM articles_a AS a
FULL JOIN articles_b AS b USING (article_id)
FULL JOIN mentions_per_article AS m USING (article_id)
WHERE a.article_id IS NULL OR b.article_id IS NULL OR m.article_id IS NOT NULL OR {is_other}
ORDER BY source, path, record_no
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """How many articles and mentions of two releases differ."""

    articles_came: int
    articles_went: int
    articles_changed: int
    mentions_came: int
    mentions_went: int


def _load(connection: duckdb.DuckDBPyConnection, name: str, table: str, release: Release, other: Release) -> None:
    """Make a view of the rows of a table in those months in which its bytes, or those of the mentions, differ."""
    # An article is needed for its name even if only its mentions differ.
    months = {
        month
        for each in (table, "mentions")
        for month in release.partitions(each).keys() | other.partitions(each).keys()
        if release.partitions(each).get(month) != other.partitions(each).get(month)
    }
    files = [str(release.path / entry["path"]) for month, entry in release.partitions(table).items() if month in months]
    if files:
        connection.read_parquet(files, hive_partitioning=False).create_view(name)
    else:
        connection.register(name, TABLES[table].empty().to_arrow())


class Comparison:
    """What differs from release ``a`` to release ``b``. Use it as a context manager; the releases must be held.

    An article came, went, or changed in any column or in its mentions. A mention came or went by what it says:
    surface, type, entity and recogniser; one that stands in another place now did neither.

    Raises ``QueryError`` when a release cannot be read.
    """

    def __init__(self, a: Release, b: Release) -> None:
        self._connection = duckdb.connect(":memory:", config={"temp_directory": spill_folder()})
        try:
            self._compare(a, b)
        except duckdb.Error as error:
            self._connection.close()
            raise QueryError(f"releases {a.number} and {b.number} cannot be compared: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _compare(self, a: Release, b: Release) -> None:
        for letter, release, other in (("a", a, b), ("b", b, a)):
            _load(self._connection, f"articles_{letter}", "articles", release, other)
            _load(self._connection, f"mentions_{letter}", "mentions", release, other)
            self._connection.execute(_NUMBERED.format(letter=letter, identity=_IDENTITY))
        self._connection.execute(_MENTION_CHANGES)
        self._connection.execute(_MENTIONS_PER_ARTICLE)
        compared = [quote_identifier(name) for name in TABLES["articles"].columns if name not in _FOLLOWING]
        changed = ", ".join(
            f"CASE WHEN a.{name} IS DISTINCT FROM b.{name} THEN '{name.strip(chr(34))}' END" for name in compared
        )
        is_other = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in compared)
        articles = _ARTICLES.format(columns=changed, is_other=is_other)
        self._connection.execute(f"CREATE TEMP TABLE article_changes AS {articles}")

    def counts(self) -> Difference:
        """How much differs."""
        counted = self._connection.execute("""
            SELECT
                count(*) FILTER (WHERE change = 'came'),
                count(*) FILTER (WHERE change = 'went'),
                count(*) FILTER (WHERE change = 'changed'),
                coalesce(sum(mentions_came), 0)::BIGINT,
                coalesce(sum(mentions_went), 0)::BIGINT
            FROM article_changes
        """).fetchall()
        return Difference(*counted[0])

    def articles(self) -> Result:
        """One row per article that differs, sorted by its file. The result closes the comparison."""
        self._connection.execute("SELECT * FROM article_changes ORDER BY source, path, record_no")
        return Result(GuardedConnection(self._connection))

    def mentions(self) -> Result:
        """One row per mention that came or went, sorted by its file and place. The result closes the comparison."""
        self._connection.execute("""
            SELECT m.change, c.source, c.path, m.start_char, m.end_char, m.surface, m.mention_type,
                nullif(m.entity_id, '') AS entity_id, m.recogniser, m.article_id
            FROM mention_changes AS m JOIN article_changes AS c ON m.article_id = c.article_id
            ORDER BY c.source, c.path, m.article_id, m.start_char, m.end_char, m.change, m.surface, m.mention_type
        """)
        return Result(GuardedConnection(self._connection))
