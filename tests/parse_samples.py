"""Small files of every format, made here in our own words, and a short way to parse one."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from transforms.parse import Options, parse
from transforms.parse.format import Parsed

LATEST = date(2025, 1, 1)

SEED = b" date 2024-03-01 Tides of the Severn\n\nThe Severn has one of the widest tidal ranges on Earth.\n"
TEXT = b"Tides of the Severn\n\nThe Severn has one of the widest tidal ranges on Earth.\n"
MARKDOWN = b"""---
title: Tides of the Severn
date: 2024-03-01
author: [Ada Rivers, Ben Brook]
---

The **Severn** has one of the [widest](https://example.org) tidal ranges.
"""
HTML = b"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Tides of the Severn - Example Times</title>
<link rel="canonical" href="https://example.org/severn">
<meta property="og:site_name" content="Example Times">
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Tides of the Severn", "datePublished": "2024-03-01T23:30:00-05:00",
"author": {"name": "Ada Rivers"}}</script>
</head><body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Tides of the Severn</h1>
<p>The Severn has one of the widest tidal ranges on Earth, and the funnel of its estuary is the reason for it.</p>
<p>Twice a day the water rises by as much as fifteen metres, and a wave called the bore runs up the river.</p>
<p>Surfers have ridden the bore since the middle of the twentieth century, some of them for several miles.</p>
</article><footer>All rights reserved</footer></body></html>
"""
#: The same page, which tells no date.
UNDATED_HTML = HTML.replace(b'"datePublished": "2024-03-01T23:30:00-05:00",', b"")
RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Rivers</title><language>en</language>
<item><title>Tides of the Severn</title><link>https://example.org/severn</link>
<pubDate>Fri, 01 Mar 2024 10:00:00 GMT</pubDate><description>&lt;p&gt;The Severn rises.&lt;/p&gt;</description></item>
<item><title>Only a link</title><link>https://example.org/link</link></item>
</channel></rss>
"""
RDF = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org/"><title>Rivers</title></channel>
<item rdf:about="https://example.org/severn"><title>Tides of the Severn</title>
<link>https://example.org/severn</link>
<description>The Severn rises.</description><dc:date>2024-03-01T10:00:00Z</dc:date></item></rdf:RDF>
"""
ATOM = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Rivers</title>
<entry><title>Tides of the Severn</title><link href="https://example.org/severn"/>
<published>2024-03-01T10:00:00Z</published>
<author><name>Ada Rivers</name></author>
<content type="html">&lt;p&gt;The Severn rises.&lt;/p&gt;</content></entry></feed>
"""
RECORD = {
    "title": "Tides of the Severn",
    "date": "2024-03-01",
    "author": "Ada Rivers",
    "url": "https://example.org/severn",
    "lang": "en",
    "body": "The Severn rises.",
}
JSON_FEED = json.dumps({
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Rivers",
    "items": [
        {
            "id": "1",
            "url": "https://example.org/severn",
            "title": "Tides of the Severn",
            "date_published": "2024-03-01T10:00:00Z",
            "content_html": "<p>The Severn rises.</p>",
        }
    ],
}).encode()
JSON = json.dumps({"status": "ok", "articles": [RECORD, RECORD]}).encode()
JSON_LINES = b"".join(json.dumps(RECORD).encode() + b"\n" for _ in range(2))
CSV = b'title,date,author,url,lang,body\n"Tides, of the Severn",2024-03-01,Ada Rivers,https://example.org/s,en,"It\nrises."\n'
TSV = b"date\ttitle\tbody\n2024-03-01\tTides of the Severn\tThe Severn rises.\n"


def parquet(rows: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tarred(*members: tuple[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(member)
    return buffer.getvalue()


def warc_record(kind: str, url: str, content: bytes) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"Content-Type: application/http; msgtype=response\r\n\r\n" + content + b"\r\n\r\n"


def http(content: bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


WARC = b"".join((
    warc_record("warcinfo", "", b"software: ours\r\n"),
    warc_record("response", "https://example.org/severn", http(HTML)),
    warc_record("response", "https://example.org/gone", http(b"<html>Gone</html>", status="404 Not Found")),
    warc_record("response", "https://example.org/a.png", http(b"\x89PNG", kind="image/png")),
    warc_record("request", "https://example.org/severn", b"GET / HTTP/1.1\r\n\r\n"),
))
_ARC_PAGE = http(HTML)
_ARC_VERSION = b"1 0 Ours\nURL IP-address Archive-date Content-type Archive-length\n"
ARC = (
    f"filedesc://a.arc 0.0.0.0 20240301000000 text/plain {len(_ARC_VERSION)}\n".encode()
    + _ARC_VERSION
    + f"\nhttps://example.org/severn 192.0.2.1 20240301000000 text/html {len(_ARC_PAGE)}\n".encode()
    + _ARC_PAGE
    + b"\n"
)
PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}
#: One sound file of every format, by a name that fits.
FILES: dict[str, bytes] = {
    "seed.txt": SEED,
    "plain.txt": TEXT,
    "page.html": HTML,
    "post.md": MARKDOWN,
    "rss.xml": RSS,
    "rdf.xml": RDF,
    "atom.xml": ATOM,
    "feed.json": JSON_FEED,
    "list.json": JSON,
    "lines.jsonl": JSON_LINES,
    "table.csv": CSV,
    "table.tsv": TSV,
    "table.parquet": parquet([RECORD]),
    "crawl.warc": WARC,
    "crawl.arc": ARC,
    "pack.zip": zipped(("a.txt", TEXT), ("b.html", HTML)),
    "pack.tar": tarred(("a.txt", TEXT), ("b.csv", CSV)),
    "pack.tar.gz": gzip.compress(tarred(("a.txt", SEED))),
}


def parse_one(content: bytes, path: str = "a.txt", **options: Any) -> Parsed:
    """Parse one file; the last plausible date is fixed."""
    files = pl.DataFrame({"source": ["s"], "path": [path], "content": [content]})
    return parse(files, Options(**({"latest": LATEST} | options)))


def only_article(content: bytes, path: str = "a.txt", **options: Any) -> dict[str, Any]:
    """The article of a file that has one and no reject."""
    articles, rejects = parse_one(content, path, **options)
    assert rejects.is_empty(), rejects.rows()
    assert len(articles) == 1
    return articles.row(0, named=True)


def only_reject(content: bytes, path: str = "a.txt", **options: Any) -> dict[str, Any]:
    """The reject of a file that has one and no article."""
    articles, rejects = parse_one(content, path, **options)
    assert articles.is_empty(), articles.rows()
    assert len(rejects) == 1, rejects.rows()
    return rejects.row(0, named=True)
