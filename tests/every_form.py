"""The same articles and mentions, in whatever form they come: ``python tests/every_form.py CORPUS [--articles 2000]``.

Writes articles of a folder of seed files as JSON Lines, CSV, Parquet, a tar.gz of seed files, a WARC of HTML pages and
a folder of seed files, loads each into a warehouse of its own, and compares what the articles say and mention.
"""

from __future__ import annotations

import argparse
import html
import io
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.pipeline import run_directly
from flows.settings import Settings
from transforms.normalise import normalise
from transforms.parse import parse
from warehouse.folder import DataFolder
from warehouse.scan import scan_table


def sample_articles(corpus: Path, count: int) -> pl.DataFrame:
    """Title, day and text of some articles, as a run normalises them."""
    paths = sorted(path for path in corpus.rglob("*.txt") if path.is_file())
    paths = paths[:: max(1, len(paths) // count)][:count]
    files = pl.DataFrame({
        "source": ["corpus"] * len(paths),
        "path": [path.name for path in paths],
        "content": [path.read_bytes() for path in paths],
    })
    articles = normalise(parse(files).articles)[0].articles
    return articles.select("title", pl.col("published_on").alias("date"), pl.col("body").alias("text"))


def seed_text(title: str | None, date: object, text: str) -> str:
    return f" date {date} {title or ''}\n\n{text}\n"


def _folder(articles: pl.DataFrame, place: Path) -> None:
    for number, row in enumerate(articles.iter_rows()):
        (place / f"{number:06d}.txt").write_text(seed_text(*row), encoding="utf-8")


def write_tar(articles: pl.DataFrame, place: Path) -> None:
    with tarfile.open(place / "articles.tar.gz", "w:gz") as archive:
        for number, row in enumerate(articles.iter_rows()):
            content = seed_text(*row).encode()
            member = tarfile.TarInfo(f"{number:06d}.txt")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def page(title: str | None, date: object, text: str) -> str:
    """An HTML page with nothing but the article."""
    paragraphs = "".join(f"<p>{html.escape(each)}</p>" for each in text.split("\n\n"))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title or "")}</title>'
        f'<meta property="article:published_time" content="{date}"></head><body><article>'
        f"<h1>{html.escape(title or '')}</h1>{paragraphs}</article></body></html>"
    )


def write_warc(articles: pl.DataFrame, place: Path) -> None:
    with (place / "articles.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, row in enumerate(articles.iter_rows()):
            content = page(*row).encode()
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                f"https://example.org/{number}", "response", payload=io.BytesIO(content), http_headers=headers
            )
            writer.write_record(record)


FORMS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    "folder of seed files": _folder,
    "tar.gz of seed files": write_tar,
    "JSON Lines": lambda articles, place: articles.write_ndjson(place / "articles.jsonl"),
    "CSV": lambda articles, place: articles.write_csv(place / "articles.csv"),
    "Parquet": lambda articles, place: articles.write_parquet(place / "articles.parquet"),
    "WARC of HTML pages": write_warc,
}


def _content(data: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the articles say, and what they mention, without what names the file."""
    release = DataFolder(data).published_release()
    said = ["title", "published_on", "body"]
    articles = scan_table(release, "articles").select("article_id", *said).collect()
    mentions = (
        scan_table(release, "mentions")
        .join(articles.lazy(), on="article_id")
        .select(*said, "start_char", "end_char", "mention_type", "score", "entity_id", "role")
        .collect()
    )
    return articles.select(said).sort(said), mentions.sort(mentions.columns)


def main() -> int:
    """Print how each form compares with the folder of seed files; 1 if any differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=2_000)
    given = parser.parse_args()
    articles = sample_articles(given.corpus, given.articles)
    expected: tuple[pl.DataFrame, pl.DataFrame] | None = None
    is_same = True
    print(f"{'form':<24}{'articles':>10}{'same':>10}{'mentions':>10}{'same':>10}{'seconds':>10}")
    for form, write in FORMS.items():
        with tempfile.TemporaryDirectory(prefix="dateline-forms-") as name:
            place = Path(name)
            (place / "articles").mkdir()
            write(articles, place / "articles")
            start = time.perf_counter()
            run_directly(Settings.given(data=place / "data", settle_seconds=0), [place / "articles"])
            seconds = time.perf_counter() - start
            found = _content(place / "data")
        expected = expected or found
        same = [len(ours.join(theirs, on=ours.columns, how="semi", nulls_equal=True)) for ours, theirs in
                zip(found, expected, strict=True)]  # fmt: skip
        print(f"{form:<24}{len(found[0]):>10,}{same[0]:>10,}{len(found[1]):>10,}{same[1]:>10,}{seconds:>10.1f}")
        is_same &= all(ours.equals(theirs) for ours, theirs in zip(found, expected, strict=True))
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
