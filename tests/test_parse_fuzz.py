"""Broken files of every format: nothing is raised, and no file or record goes without a trace.

Each sample is damaged in the ways that files are damaged: bytes changed, cut out, repeated, and put in from
another format. The seeds of the damage are hypothesis's, so that a failure is made small and found again.
"""

from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parse_samples import FILES, LATEST
from transforms.contracts import TABLES
from transforms.parse import FORMATS, Options, parse, parse_stream
from transforms.parse.format import RAW_ARTICLE, Parsed
from transforms.parse.limits import Limits
from transforms.parse.reading import Head

_SUFFIXES = ("", ".txt", ".md", ".html", ".xml", ".json", ".jsonl", ".csv", ".tsv", ".zip", ".tar", ".gz", ".bin")
_OPTIONS = Options(latest=LATEST, limits=Limits(free_bytes=1 << 20, record_bytes=1 << 16, document_bytes=1 << 20))
_PIECES = (
    b"\0", b"\xff", b"\n", b'"', b"<", b">", b"]]>", b"<![CDATA[", b"<!--", b"&#0;", b"&#xd800;", b"\\ud800", b"{",
    b"[", b"---\n", b"+++\n", b"\x1b[2J", b"'; DROP TABLE articles; --", b"\xef\xbb\xbf", b"\xff\xfe", b"PK\3\4",
    b"\x1f\x8b\x08\0", b"WARC/1.0\r\n", b"9999999999", b"-1", "\N{RIGHT-TO-LEFT OVERRIDE}".encode(), b"\r", b"%s%n",
    b"date,title,body\n",
)  # fmt: skip
_damage = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "repeat", "insert", "splice"]),
        st.floats(0, 1),
        st.integers(0, 400),
        st.one_of(st.sampled_from(_PIECES), st.binary(max_size=8)),
        st.sampled_from(sorted(FILES)),
    ),
    min_size=1,
    max_size=6,
)


def _damaged(content: bytes, damage: list[tuple[str, float, int, bytes, str]]) -> bytes:
    for kind, place, length, piece, other in damage:
        start = int(place * len(content))
        end = start + length
        middle = {
            "set": piece + content[start + len(piece) : end],
            "cut": b"",
            "repeat": content[start:end] * 2,
            "insert": piece + content[start:end],
            "splice": FILES[other][: length * 4],
        }[kind]
        content = content[:start] + middle + content[end:]
    return content


def _check(parsed: Parsed, path: str) -> None:
    """The frames are what the contracts say, and every record is in them."""
    assert parsed.articles.schema == RAW_ARTICLE
    TABLES["rejects"].schema.validate(parsed.rejects)
    assert set(parsed.articles["path"]) | set(parsed.rejects["path"]) == {path}
    numbers = sorted(set(parsed.articles["record_no"]) | set(parsed.rejects["record_no"]) - {-1})
    assert numbers == list(range(len(numbers)))
    assert parsed.articles["record_no"].is_unique().all()
    assert parsed.articles["body"].str.contains(r"\S").all()
    for column in ("reason", "excerpt"):
        assert not parsed.rejects[column].str.contains(r"\p{Cc}").any()


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damage=_damage, suffix=st.sampled_from(_SUFFIXES))
def test_damaged_files(name: str, damage: list[tuple[str, float, int, bytes, str]], suffix: str) -> None:
    path = name + suffix
    content = _damaged(FILES[name], damage)
    files = pl.DataFrame({"source": ["s"], "path": [path], "content": [content]})
    parsed = parse(files, _OPTIONS)
    _check(parsed, path)
    chunks = list(parse_stream("s", path, io.BytesIO(content), _OPTIONS))
    assert pl.concat([chunk.articles for chunk in chunks]).equals(parsed.articles)


@settings(max_examples=100, deadline=None)
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), suffix=st.sampled_from(_SUFFIXES)
)
def test_any_bytes(content: bytes, suffix: str) -> None:
    files = pl.DataFrame({"source": ["s"], "path": ["a" + suffix], "content": [content]})
    _check(parse(files, _OPTIONS), "a" + suffix)


@settings(max_examples=30, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200))
def test_a_text_comes_out_as_it_went_in(text: str) -> None:
    """Whatever the encoding, if the file says which."""
    seed = f" date 2024-03-01 T\n\nx{text}y"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        files = pl.DataFrame({"source": ["s"], "path": ["a.txt"], "content": [seed.encode(encoding)]})
        assert parse(files, _OPTIONS).articles["body"].str.strip_chars("\n").to_list() == [f"x{text}y"]


def test_every_format_is_among_the_samples() -> None:
    owners = {
        next(each.name for each in FORMATS if each.matches(Head(content[:65536], name)))
        for name, content in FILES.items()
    }
    assert owners | {"bzip2", "xz", "zstd"} == {each.name for each in FORMATS}


def test_files_do_not_depend_on_each_other() -> None:
    files = pl.DataFrame({"source": ["s"] * len(FILES), "path": list(FILES), "content": list(FILES.values())})
    together = parse(files, _OPTIONS)
    backwards = parse(files.reverse(), _OPTIONS)
    for name in ("articles", "rejects"):
        keys = ["path", "record_no"] + (["rule"] if name == "rejects" else [])
        assert getattr(together, name).sort(keys).equals(getattr(backwards, name).sort(keys))
    alone = [parse(files[number], _OPTIONS).articles for number in range(len(files))]
    keys = ["path", "record_no"]
    assert pl.concat(alone).sort(keys).equals(together.articles.sort(keys))
