"""How fast each format is read: ``python tests/format_speed.py CORPUS [--articles 4000] [--form NAME]``.

Writes the same articles of a folder of seed files in every form (what holds many articles in eight files, so that two
workers can share them), loads each with one worker and with two, and prints a Markdown table: the transform stage with
two workers, its ratio to one, and the whole run with two, in articles and megabytes of input per second. Leave the
machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import html
import io
import json
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from every_form import page, sample_articles, seed_text, write_tar, write_warc
from flows.pipeline import run_directly
from flows.settings import Settings

_PARTS: Final = 8


def _each(suffix: str, content: Callable[[str | None, object, str], str]) -> Callable[[pl.DataFrame, Path], None]:
    """One file for each article."""

    def write(articles: pl.DataFrame, place: Path) -> None:
        for number, row in enumerate(articles.iter_rows()):
            folder = place / f"{number // 1000:03d}"
            folder.mkdir(exist_ok=True)
            (folder / f"{number:06d}{suffix}").write_text(content(*row), encoding="utf-8")

    return write


def _parts(write: Callable[[pl.DataFrame, Path], None]) -> Callable[[pl.DataFrame, Path], None]:
    """Several files, each in a folder of its own."""

    def write_all(articles: pl.DataFrame, place: Path) -> None:
        size = -(-len(articles) // _PARTS)
        for number, part in enumerate(articles.iter_slices(size)):
            (place / str(number)).mkdir()
            write(part, place / str(number))

    return write_all


def _markdown(title: str | None, date: object, text: str) -> str:
    return f"---\ntitle: {json.dumps(title or '')}\ndate: {date}\n---\n\n{text}\n"


def _rss(articles: pl.DataFrame, place: Path) -> None:
    items = "".join(
        f"<item><guid>{number}</guid><title>{html.escape(title or '')}</title><pubDate>{date}</pubDate>"
        f"<description>{html.escape(text)}</description></item>\n"
        for number, (title, date, text) in enumerate(articles.iter_rows())
    )
    feed = f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>All</title>{items}</channel></rss>\n'
    (place / "feed.xml").write_text(feed, encoding="utf-8")


def _zip(articles: pl.DataFrame, place: Path) -> None:
    with zipfile.ZipFile(place / "articles.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, row in enumerate(articles.iter_rows()):
            archive.writestr(f"{number:06d}.txt", seed_text(*row))


def _json(articles: pl.DataFrame, place: Path) -> None:
    buffer = io.BytesIO()
    articles.write_json(buffer)
    (place / "articles.json").write_bytes(buffer.getvalue())


FORMS: Final[dict[str, Callable[[pl.DataFrame, Path], None]]] = {
    "seed text": _each(".txt", seed_text),
    "Markdown": _each(".md", _markdown),
    "HTML": _each(".html", page),
    "JSON": _parts(_json),
    "JSON Lines": _parts(lambda articles, place: articles.write_ndjson(place / "articles.jsonl")),
    "CSV": _parts(lambda articles, place: articles.write_csv(place / "articles.csv")),
    "Parquet": _parts(lambda articles, place: articles.write_parquet(place / "articles.parquet")),
    "RSS": _parts(_rss),
    "WARC of HTML, gzip": _parts(write_warc),
    "tar.gz of seed text": _parts(write_tar),
    "zip of seed text": _parts(_zip),
}


def _measure(place: Path, workers: int) -> tuple[int, float, float]:
    """Articles, and the seconds of the transform stage and of the whole run."""
    with tempfile.TemporaryDirectory(prefix="dateline-speed-") as data:
        # So many batches that two workers are busy to the end.
        settings = Settings.given(
            data=Path(data), workers=workers, settle_seconds=0, batch_files=250, batch_bytes=1_000_000
        )
        start = time.perf_counter()
        summary = run_directly(settings, [place])
        return summary.articles_total, summary.stage_seconds["transform"], time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--form", choices=FORMS, action="append")
    given = parser.parse_args()
    articles = sample_articles(given.corpus, given.articles)
    print("| format | articles | MB | transform: articles/s | MB/s | 2 workers : 1 | whole run: articles/s | MB/s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for form, write in FORMS.items():
        if given.form and form not in given.form:
            continue
        with tempfile.TemporaryDirectory(prefix="dateline-forms-") as name:
            place = Path(name)
            write(articles, place)
            size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
            _, alone, _ = _measure(place, 1)
            count, both, whole = _measure(place, 2)
        print(
            f"| {form} | {count:,} | {size:.1f} | {count / both:,.0f} | {size / both:.1f} | {alone / both:.2f} "
            f"| {count / whole:,.0f} | {size / whole:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
