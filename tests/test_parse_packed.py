"""Containers: packed, nested, broken and hostile; WARC and ARC."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from parse_samples import (
    ARC,
    CSV,
    FILES,
    HTML,
    PACKERS,
    SEED,
    TEXT,
    WARC,
    http,
    only_article,
    only_reject,
    parquet,
    parse_one,
    tarred,
    warc_record,
    zipped,
)
from transforms.parse.limits import Limits

_CONTENT = ["title", "published_on", "published_at", "byline", "url", "language", "body"]


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("name", ["seed.txt", "lines.jsonl", "table.parquet", "crawl.warc", "pack.zip", "pack.tar"])
def test_packed_files_give_what_they_give_unpacked(name: str, pack: Callable[[bytes], bytes]) -> None:
    plain = parse_one(FILES[name], name)
    packed = parse_one(pack(FILES[name]), f"{name}.packed")
    assert packed.articles.select(_CONTENT).equals(plain.articles.select(_CONTENT))
    assert packed.rejects["rule"].to_list() == plain.rejects["rule"].to_list()


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_records_are_counted_over_all_members(pack: Callable[..., bytes]) -> None:
    csv = b"title,body\na,one\nb,\nc,three\n"
    content = pack(("d/x.csv", csv), ("y.bin", b"\xff\xd8\xff"), ("z.txt", SEED))
    articles, rejects = parse_one(content, "a")
    assert articles.select("record_no", "inner_path").rows() == [(0, "d/x.csv"), (2, "d/x.csv"), (4, "z.txt")]
    assert rejects.select("record_no", "rule").rows() == [(1, "body_missing"), (3, "not_text")]
    assert rejects["reason"][1].startswith("in y.bin: ")
    assert set(articles["path"]) | set(rejects["path"]) == {"a"}


def test_what_is_nested_tells_the_whole_way() -> None:
    content = tarred((
        "in.zip",
        zipped(("deep/t.txt.gz", gzip.compress(TEXT)), ("p.parquet", parquet([{"body": "x"}]))),
    ))
    assert parse_one(content, "a.tar").articles["inner_path"].to_list() == [
        "in.zip!/deep/t.txt.gz",
        "in.zip!/p.parquet",
    ]


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x.txt", "a/../../x.txt", "C:\\x.txt", "..\\x.txt"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_that_lead_out_are_refused(pack: Callable[..., bytes], name: str) -> None:
    articles, rejects = parse_one(pack((name, TEXT), ("ok.txt", TEXT)), "a")
    assert articles["inner_path"].to_list() == ["ok.txt"]
    assert rejects["rule"].to_list() == ["zip_slip"]


def test_links_and_hidden_members_are_refused() -> None:
    articles, rejects = parse_one(tarred((".git/x.txt", TEXT), ("ok.txt", TEXT), links=("link.txt",)), "a.tar")
    assert articles["record_no"].to_list() == [1]
    assert rejects.select("record_no", "rule").rows() == [(0, "hidden_member"), (2, "link")]


def test_an_encrypted_member_is_refused() -> None:
    content = bytearray(zipped(("a.txt", TEXT)))
    content[6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    assert only_reject(bytes(content), "a.zip")["rule"] == "encrypted"


def test_a_name_with_control_characters_can_be_shown() -> None:
    articles, rejects = parse_one(tarred(("a\n\x1b[31mb.bin", b"\xff\xd8\xff")), "a.tar")
    assert articles.is_empty()
    assert "\x1b" not in rejects["reason"][0]
    assert "\n" not in rejects["reason"][0]


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_bomb_is_refused_and_what_came_before_stays(pack: Callable[[bytes], bytes]) -> None:
    bomb = zipped(("ok.txt", TEXT), ("bomb.txt", b"a " * 5_000_000))
    articles, rejects = parse_one(pack(bomb), "a", limits=Limits(ratio=10, free_bytes=100_000))
    assert articles["inner_path"].to_list() == ["ok.txt"]
    assert rejects.select("record_no", "rule").rows() == [(-1, "bomb")]
    assert only_reject(pack(b"a " * 5_000_000), "a.txt", limits=Limits(ratio=10, free_bytes=9_000))["rule"] == "bomb"


def test_depth_and_members_are_limited() -> None:
    content = TEXT
    for _ in range(7):
        content = gzip.compress(content)
    assert only_reject(content, "a.txt.gz")["rule"] == "too_deep"
    articles, rejects = parse_one(zipped(*((f"{n}.txt", TEXT) for n in range(9))), "a.zip", limits=Limits(members=5))
    assert (len(articles), rejects["rule"].to_list()) == (5, ["bomb"])


@pytest.mark.parametrize("name", ["lines.jsonl", "table.csv"])
def test_a_stream_that_ends_too_early_gives_what_came_before(name: str) -> None:
    content = FILES[name].rstrip() + b"\n" + b"".join(FILES[name].splitlines(keepends=True)[-1:]) * 20_000
    packed = gzip.compress(content, 1)
    articles, rejects = parse_one(packed[: len(packed) // 2], f"{name}.gz")
    assert len(articles) > 0
    assert "corrupt" in rejects["rule"].to_list()


def test_of_a_document_that_is_cut_nothing_is_said_to_have_been_read() -> None:
    told = only_reject(gzip.compress(b" date 2024-01-11 T\n\nThe Severn rises.")[:30], "a.txt.gz")["reason"]
    assert told.endswith("it ends too early; only what is whole before that was read")


def test_zstd_that_is_cut_is_no_whole_text() -> None:
    text = SEED + b"\n\n".join(b"Paragraph %d of %d." % (number, number**3) for number in range(5_000))
    packed = zstandard.compress(text)
    assert only_reject(packed[: len(packed) // 2], "a.txt.zst")["rule"] == "corrupt"
    assert only_reject(packed[:-1], "a.txt.zst")["rule"] == "corrupt"
    assert only_reject(packed + b"rubbish", "a.txt.zst")["rule"] == "corrupt"
    skipped = b"\x50\x2a\x4d\x18\4\0\0\0pzst"
    assert only_article(skipped + packed, "a.txt.zst")["body"].count("Paragraph") == 5_000


def _tar(*names: str) -> bytes:
    """Seed texts in a tar: each takes two blocks of 512 bytes, its header and its text."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(SEED)
            archive.addfile(member, io.BytesIO(SEED))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:1034] + b"A" + content[1035:],
        lambda content: content[:1224],
        lambda content: content[:1540],
        lambda content: content[:1024],
    ],
    ids=["broken header", "cut header", "cut text", "cut between two"],
)
def test_what_is_lost_of_a_tar_is_told(spoil: Callable[[bytes], bytes]) -> None:
    articles, rejects = parse_one(spoil(_tar("a.txt", "b.txt", "c.txt")), "a.tar")
    assert len(articles) == 1
    assert "corrupt" in rejects["rule"].to_list()


def test_a_tar_that_tells_of_more_than_there_is_ends() -> None:
    header = bytearray(_tar("a.txt")[:512])
    header[124:136] = b"\x80" + (1 << 60).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    _, rejects = parse_one(bytes(header) + SEED, "a.tar")
    assert rejects["reason"][1] == (
        "the tar archive is broken here: it ends too early; only what is whole before that was read"
    )


def test_a_broken_member_does_not_take_the_next_with_it() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", TEXT)
        archive.writestr("b.txt", TEXT)
    content = buffer.getvalue().replace(b"Tides", b"Tidal", 1)
    articles, rejects = parse_one(content, "a.zip")
    assert articles["inner_path"].to_list() == ["b.txt"]
    assert rejects["rule"].to_list() == ["corrupt"]


@pytest.mark.parametrize(
    "content", [b"PK\3\4" + b"\0" * 100, tarred(("a.txt", TEXT))[:700], b"\x1f\x8b\x08\0", b"BZh9"]
)
def test_broken_containers_are_refused(content: bytes) -> None:
    articles, rejects = parse_one(content, "a")
    assert articles.is_empty() or len(rejects) > 0
    assert len(rejects) >= 1


def test_empty_containers_hold_no_article() -> None:
    assert only_reject(zipped(), "a.zip")["rule"] == "no_article"
    assert only_reject(tarred(), "a.tar")["rule"] in {"no_article", "not_text", "unknown_format"}


def test_office_documents_are_named() -> None:
    content = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
    assert "Office" in only_reject(content, "a.docx")["reason"]


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
def test_a_crawl(pack: Callable[[bytes], bytes]) -> None:
    articles, rejects = parse_one(pack(WARC), "a.warc.gz")
    assert articles.select("record_no", "title", "url").rows() == [
        (0, "Tides of the Severn", "https://example.org/severn")
    ]
    assert rejects.select("record_no", "rule", "excerpt").rows() == [
        (1, "http_status", "https://example.org/gone"),
        (2, "not_html", "https://example.org/a.png"),
    ]
    assert rejects["reason"][0] == "record 3 of the archive: the server answered 404, not 200"


def test_an_old_crawl() -> None:
    assert only_article(ARC, "a.arc")["title"] == "Tides of the Severn"


def test_a_page_in_a_crawl_is_in_the_encoding_that_the_server_told() -> None:
    page = HTML.decode().replace('<meta charset="utf-8">', "").replace("Twice a day", "Zweimal täglich, über Nacht")
    content = warc_record(
        "response", "https://example.org/s", http(page.encode("latin-1"), "text/html; charset=latin1")
    )
    assert "täglich, über" in only_article(content, "a.warc")["body"]


def _sent(content: bytes, *headers: str, told: str = "text/html; charset=utf-8") -> bytes:
    lines = [f"Content-Type: {told}"] if told else []
    head = "\r\n".join(["HTTP/1.1 200 OK", *lines, *headers])
    return warc_record("response", "https://example.org/s", f"{head}\r\n\r\n".encode() + content)


def _raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": _raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "gzip, br": lambda content: brotli.compress(gzip.compress(content)),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_in_a_crawl_is_unpacked_as_the_server_packed_it(coding: str) -> None:
    packed = CODINGS[coding](HTML)
    chunked = b"%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n"
    header = f"Content-Encoding: {coding}"
    plain = only_article(warc_record("response", "https://example.org/s", http(HTML)), "a.warc")
    for content in (_sent(packed, header), _sent(chunked, header, "Transfer-Encoding: chunked"), _sent(HTML, header)):
        assert only_article(content, "a.warc") == plain


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_page_whose_end_is_missing_is_told(coding: str) -> None:
    noise = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(256))
    long = HTML.replace(b"</body>", f"<p>{noise}</p></body>".encode())
    articles, rejects = parse_one(_sent(CODINGS[coding](long)[:-5_000], f"Content-Encoding: {coding}"), "a.warc")
    assert "wave called the bore" in articles["body"][0]
    assert rejects.select("record_no", "rule").rows() == [(0, "incomplete")]


def test_a_page_that_the_archive_cuts_is_told() -> None:
    cut = warc_record("response", "https://example.org/severn", http(HTML + b" " * 5_000))[:-3_000]
    articles, rejects = parse_one(cut, "a.warc")
    assert len(articles) == 1
    assert rejects.select("record_no", "rule").rows() == [(0, "incomplete")]


@pytest.mark.parametrize("damage", [slice(0, 60), slice(0, -4)], ids=["cut", "without a checksum"])
@pytest.mark.parametrize(
    "pack",
    [
        lambda: warc_record("response", "https://example.org/severn", http(HTML)),
        lambda: _tar("a.txt")[:1024],
    ],
    ids=["warc", "tar"],
)
def test_what_comes_before_a_broken_member_of_gzip_stands(pack: Callable[[], bytes], damage: slice) -> None:
    whole = gzip.compress(pack())
    articles, rejects = parse_one(whole + whole[damage], "a.gz")
    assert len(articles) >= 1
    assert "corrupt" in rejects["rule"].to_list()


def test_a_page_that_the_crawler_cut_is_told() -> None:
    record = warc_record("response", "https://example.org/s", http(HTML))
    content = record.replace(b"WARC-Type", b"WARC-Truncated: length\r\nWARC-Type", 1)
    assert parse_one(content, "a.warc")[1].select("rule", "reason").rows() == [
        ("incomplete", "the crawler cut it off (length): the end of the page is missing")
    ]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_page_that_is_a_bomb_is_refused(coding: str) -> None:
    bomb = CODINGS[coding](b"<!DOCTYPE html>" + b"<p>x</p>" * 2_000_000)
    assert only_reject(_sent(bomb, f"Content-Encoding: {coding}"), "a.warc")["rule"] == "too_large"


def test_a_page_without_a_type_is_known_by_its_start() -> None:
    assert only_article(_sent(HTML, told=""), "a.warc")["title"] == "Tides of the Severn"
    assert only_reject(_sent(b"a,b\n1,2\n", told=""), "a.warc")["rule"] == "not_html"


def test_a_crawl_that_breaks_off_gives_what_came_before() -> None:
    articles, rejects = parse_one(WARC + b"WARC/1.0\r\nnonsense", "a.warc")
    assert len(articles) == 1
    assert len(rejects) >= 2


def test_csv_in_a_tar_within_xz() -> None:
    content = PACKERS["xz"](tarred(("t.csv", CSV)))
    assert only_article(content, "a.txz")["inner_path"] == "t.csv"
