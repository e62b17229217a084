"""How right the text, titles and dates of HTML pages are: ``python tests/page_scores.py PAGES [--worst 5]``.

PAGES holds gzipped pages and ``index.jsonl``: of each page ``file`` (without ``.gz``) and ``set``, and where they are
known ``text``, ``title`` and ``date`` as they should come out, and ``url``.

The text is scored by token F1, over the words of the page that is expected and the one that came, each as often as it
stands there; beside it stands what trafilatura gives by itself, with its defaults.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

from trafilatura import extract

from transforms.parse import parse_stream
from transforms.parse.decode import decode_text
from transforms.parse.limits import RefusedError
from transforms.parse.page_metadata import is_same


def token_f1(expected: str, came: str) -> float:
    """F1 over the words of two texts as bags."""
    first, second = (Counter(re.findall(r"\w+", text.casefold())) for text in (expected, came))
    shared = (first & second).total()
    return 2 * shared / (first.total() + second.total()) if shared else 0.0


def extractor_text(content: bytes) -> str:
    """The text that trafilatura gives with its defaults, without comments."""
    try:
        markup = decode_text(content).text
    except RefusedError:
        return ""
    return extract(markup, include_comments=False) or ""


def read(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The article that a run would load of a page (empty if none), and the rules of its rejects."""
    with gzip.open(path) as file:
        parsed = list(parse_stream("pages", path.stem, file))  # type: ignore[arg-type] # a file for all that matters
    articles = [row for each in parsed for row in each.articles.iter_rows(named=True)]
    return (articles or [{}])[0], [rule for each in parsed for rule in each.rejects["rule"]]


def score(page: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The figures of a page; those of which nothing is known are left out."""
    path = folder / f"{page['file']}.gz"
    article, rules = read(path)
    figures: dict[str, Any] = {"file": page["file"], "is_read": bool(article), "rules": rules}
    if page.get("text"):
        figures["f1"] = token_f1(page["text"], article.get("body", ""))
        figures["extractor_f1"] = token_f1(page["text"], extractor_text(gzip.decompress(path.read_bytes())))
    if page.get("title"):
        figures["title"] = is_same(page["title"], article.get("title") or "")
        figures["titles"] = (page["title"], article.get("title"))
    if isinstance(page.get("date"), str):
        came = article.get("published_on")
        figures["date"] = came == date.fromisoformat(page["date"][:10])
        figures["is_wrong_date"] = came is not None and not figures["date"]
        figures["dates"] = (page["date"], came and came.isoformat())
    return figures


def _share(rows: list[dict[str, Any]], name: str) -> str:
    known = [row[name] for row in rows if name in row]
    return f"{sum(known)}/{len(known)}" if known else "-"


def _mean(rows: list[dict[str, Any]], name: str) -> str:
    known = [row[name] for row in rows if name in row]
    return f"{mean(known):.3f}" if known else "-"


def main() -> int:
    """Print the figures of each set and of all, and the pages that came out worst."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--worst", type=int, default=0)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # trafilatura tells of every page that it gives up
    lines = (given.pages / "index.jsonl").read_text(encoding="utf-8").splitlines()
    by_set: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        page = json.loads(line)
        by_set[page["set"]].append(score(page, given.pages))
    every = [row for rows in by_set.values() for row in rows]
    heads = ("pages", "read", "text F1", "extractor", "titles", "dates", "wrong")
    print(f"{'set':<14}" + "".join(f"{head:>11}" for head in heads))
    for name, rows in [*sorted(by_set.items()), ("all", every)]:
        cells = (
            str(len(rows)), _share(rows, "is_read"), _mean(rows, "f1"), _mean(rows, "extractor_f1"),
            _share(rows, "title"), _share(rows, "date"), _share(rows, "is_wrong_date"),
        )  # fmt: skip
        print(f"{name:<14}" + "".join(f"{cell:>11}" for cell in cells))
    for row in sorted(every, key=lambda row: row.get("f1", 1.0))[: given.worst]:
        print(f"F1 {row['f1']:.3f}  extractor {row['extractor_f1']:.3f}  {row['file']}  {', '.join(row['rules'])}")
    for row in every if given.worst else []:
        for name in ("title", "date"):
            if not row.get(name, True):
                print(f"{name}  {row['file']}: expected {row[name + 's'][0]!r}, came {row[name + 's'][1]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
