"""A warehouse of a few literal articles, for answers that are computed by hand. No run of the pipeline makes it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from transforms.contracts import TABLES
from warehouse.ddl import comment_table, create_table
from warehouse.load import STORAGE_VERSION
from warehouse.marts import make_marts


@dataclass(frozen=True, slots=True)
class Article:
    """An article; in its sentences a mention is written ``[surface]`` or ``[surface=name of the entity]``."""

    source: str
    day: date | None
    title: str | None
    sentences: tuple[str, ...]


#: Name, type, country, latitude, longitude. The position makes the id.
ENTITIES: Final = (
    ("Ada Nord", "PERSON", None, None, None),
    ("Ben Sund", "PERSON", None, None, None),
    ("Oslo", "PLACE", "NO", 59.91, 10.75),
    ("Paris", "PLACE", "FR", 48.85, 2.35),
    ("Bergen", "PLACE", "NO", 60.39, 5.32),
    ("Nordbänk", "ORGANISATION", None, None, None),
)

ARTICLES: Final = (
    Article(
        "daily",
        date(2024, 1, 1),
        "Fair opens",
        ("[Ada Nord] opened the fair in [Oslo].", "[Nord=Ada Nord] thanked [Ben Sund]."),
    ),
    Article("daily", date(2024, 1, 1), "Speech", ("[Ben Sund] spoke in [Paris].",)),
    Article(
        "daily", date(2024, 1, 3), "Talks", ("[Ada Nord] and [Ben Sund] met in [Oslo].", "The talks lasted an hour.")
    ),
    Article("weekly", date(2024, 1, 3), "Visit", ("[Ada Nord] visited [Paris].", "[Paris] was cold.")),
    Article("weekly", date(2024, 1, 10), "Bank", ("[Nordbänk] opened in [Bergen].", "[Ben Sund] spoke.")),
    Article("weekly", None, None, ("[Ada Nord] wrote a letter.",)),
)

_MENTION: Final = re.compile(r"\[([^]=]+)(?:=([^]]+))?\]")


def entity_id(name: str) -> str:
    return f"{[each[0] for each in ENTITIES].index(name) + 1:016x}"


def article_id(number: int) -> str:
    """The id of the article at this place, from 1."""
    return f"{number:015x}a"


def _article_rows(number: int, article: Article) -> dict[str, list[dict[str, Any]]]:
    month = article.day.strftime("%Y-%m") if article.day else "undated"
    key = {"article_id": article_id(number), "published_month": month}
    body, sentences, mentions = "", [], []
    for sentence_no, marked in enumerate(article.sentences):
        start, last = len(body) + bool(body), 0
        body += " " if body else ""
        for found in _MENTION.finditer(marked):
            body += marked[last : found.start()]
            name = found[2] or found[1]
            mentions.append({
                **key,
                "mention_no": len(mentions),
                "published_on": article.day,
                "sentence_no": sentence_no,
                "start_char": len(body),
                "end_char": len(body) + len(found[1]),
                "surface": found[1],
                "mention_type": next(each[1] for each in ENTITIES if each[0] == name),
                "score": 1.0,
                "recogniser": "literal",
                "entity_id": entity_id(name),
                "is_credit": False,
            })
            body += found[1]
            last = found.end()
        body += marked[last:]
        sentences.append({
            **key, "sentence_no": sentence_no, "paragraph_no": 0, "start_char": start, "end_char": len(body)
        })  # fmt: skip
    file = {"source": article.source, "path": f"{number}.txt", "record_no": 0}
    content = {**key, **file, "published_on": article.day, "title": article.title, "content_sha256": f"{number:064x}"}
    counts = {"paragraph_count": 1, "sentence_count": len(sentences), "word_count": len(body.split())}
    return {
        "articles": [{**content, **counts, "body": body, "char_count": len(body)}],
        "sentences": sentences,
        "mentions": mentions,
        "versions": [{**content, "first_run_id": "run 1"}],
    }


def _entity_rows(mentions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for name, entity_type, country_code, latitude, longitude in ENTITIES:
        mine = [mention for mention in mentions if mention["entity_id"] == entity_id(name)]
        days = [mention["published_on"] for mention in mine if mention["published_on"]]
        rows += [{
            "entity_id": entity_id(name), "entity_type": entity_type, "name": name, "country_code": country_code,
            "latitude": latitude, "longitude": longitude, "mention_count": len(mine),
            "article_count": len({mention["article_id"] for mention in mine}),
            "first_seen_on": min(days), "last_seen_on": max(days),
        }] if mine else []  # fmt: skip
    return rows


def run_row(run_id: str, finished_at: datetime, status: str = "published") -> dict[str, Any]:
    counts = {name: 0 for name in TABLES["runs"].columns if name.endswith("_count")}
    return {
        "run_id": run_id, "status": status, "started_at": finished_at, "finished_at": finished_at,
        "engine_version": "literal", **counts,
    }  # fmt: skip


def rows_of(articles: Sequence[Article]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table for these articles, all loaded by one run."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for number, article in enumerate(articles, start=1):
        for name, found in _article_rows(number, article).items():
            rows[name] += found
    rows["entities"] = _entity_rows(rows["mentions"])
    rows["runs"] = [run_row("run 1", datetime(2024, 2, 1, 12, tzinfo=UTC))]
    return rows


def make_warehouse(data: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    """A data folder with one release, whose DuckDB file has these rows and the marts made of them."""
    release = data / "releases" / "000001"
    release.mkdir(parents=True)
    with duckdb.connect(":memory:") as connection:
        target = release / "warehouse.duckdb"
        connection.execute(f"ATTACH '{target}' AS warehouse (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE warehouse")
        for table in TABLES.values():
            connection.execute(create_table(table))
            for statement in comment_table(table):
                connection.execute(statement)
            frame = pl.DataFrame(rows[table.name], schema=table.empty().schema)
            connection.register("given_rows", table.schema.validate(frame).to_arrow())
            connection.execute(f"INSERT INTO {table.name} SELECT * FROM given_rows")
            connection.unregister("given_rows")
        make_marts(connection)
        connection.execute("CHECKPOINT warehouse")
        connection.execute("USE memory")
        connection.execute("DETACH warehouse")
    (release / "manifest.json").write_text(json.dumps({"release": 1}))
    (data / "current").symlink_to("releases/000001")
    return data
