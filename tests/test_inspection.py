"""`dateline inspect`: what would be read of a file, told without loading anything."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import cli
from flows.cli import options as codes
from flows.inspection import Inspection, inspect_file
from samples import BAD, GOOD
from transforms.parse.reading import Options

RECORD = {"headline": {"main": "Rates rise"}, "published_at": "2024-03-01", "author": "", "text": "Rates rose.", "n": 3}


def _lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _packed_tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in GOOD.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def _packed_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", GOOD["a.txt"])
        archive.writestr("more.jsonl", _lines(RECORD, RECORD))
    return packed.getvalue()


def _parquet() -> bytes:
    packed = io.BytesIO()
    pl.DataFrame({"Title": ["T"], "content": ["Text."]}).write_parquet(packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told", "fields", "count"),
    [
        ("a.txt", GOOD["a.txt"].encode(), ("seed_text", "utf-8"), {}, 1),
        (
            "a.jsonl",
            _lines(RECORD, RECORD),
            ("json_lines", "utf-8"),
            {"body": "text", "title": "headline.main", "published": "published_at"},
            2,
        ),
        ("a.json", json.dumps([RECORD]).encode("utf-16"), ("json", "utf-16-le"), {"body": "text"}, 1),
        (
            "a.csv",
            b"title;date;text\nA;2024-01-01;One.\n",
            ("delimited", "utf-8"),
            {"body": "text", "published": "date"},
            1,
        ),
        ("a.parquet", _parquet(), ("parquet", None), {"body": "content", "title": "Title"}, 1),
        ("a.jsonl.gz", gzip.compress(_lines(RECORD)), ("gzip > json_lines", "utf-8"), {"body": "text"}, 1),
        ("a.tar.gz", _packed_tar(), ("gzip > tar > seed_text (4)", "utf-8"), {}, 4),
        ("a.zip", _packed_zip(), ("zip > seed_text > json_lines", "utf-8"), {"body": "text"}, 3),
    ],
)
def test_format_encoding_fields_and_articles_are_told(
    tmp_path: Path, name: str, content: bytes, told: tuple[str, str | None], fields: dict[str, str], count: int
) -> None:
    (tmp_path / name).write_bytes(content)
    found = inspect_file(tmp_path / name, Options(), 100)
    assert (found.format, found.encoding) == told
    assert (found.article_count, found.is_sound) == (count, True)
    assert fields.items() <= found.fields.items()
    assert "byline" not in found.fields, "the field is empty"
    assert found.is_whole


def test_the_first_articles_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(_lines(*[RECORD | {"text": f"{number}\n\n" + "x" * 200} for number in range(5)]))
    found = inspect_file(tmp_path / "a.jsonl", Options(), 100)
    assert [sample.start for sample in found.samples] == [f"{number} " + "x" * 78 for number in range(3)]
    assert (found.samples[0].title, str(found.samples[0].published)) == ("Rates rise", "2024-03-01")


def test_a_mapping_is_followed_and_what_does_not_map_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(_lines({"kopf": "T", "inhalt": {"voll": "Text."}}))
    blind = inspect_file(path, Options(), 100)
    assert (blind.article_count, blind.problem_count, blind.fields) == (0, 1, {})
    assert "one of: kopf, inhalt" in blind.problems[0].reason
    mapped = inspect_file(path, Options(fields={"title": "kopf", "body": "inhalt.voll"}), 100)
    assert (mapped.article_count, mapped.fields) == (1, {"body": "inhalt.voll", "title": "kopf"})


def test_a_large_file_is_read_as_far_as_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(_lines(*[RECORD, {"x": 1}] * 5_000))
    found = inspect_file(path, Options(), 100)
    assert (found.article_count, found.problem_count, found.is_whole) == (50, 50, False)
    assert len(found.problems) == 20
    whole = inspect_file(path, Options(), 1_000_000)
    assert (whole.article_count, whole.problem_count, whole.is_whole) == (5_000, 5_000, True)


def test_remarks_on_articles_that_are_read_are_counted_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(_lines(RECORD, RECORD | {"published_at": "2024-02-30"}, {"n": 1}))
    found = inspect_file(path, Options(), 100)
    assert (found.article_count, found.problem_count, found.remark_count) == (2, 2, 1)
    assert (found.unused, found.fields["title"]) == (["n"], "headline.main")


def test_the_path_tells_the_date_as_in_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., tuple[int, str, str]]
) -> None:
    folder = tmp_path / "news/2024/03/05"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("# Title\n\nText.\n", encoding="utf-8")
    assert "no date | Title" in run(folder / "a.md")[1], "who knows where its source begins?"
    with monkeypatch.context() as context:
        context.chdir(tmp_path)
        assert "2024-03-05 | Title" in run(Path("news/2024/03/05/a.md"))[1]
    (tmp_path / "sources.toml").write_text('[news]\nlocation = "news"\n', encoding="utf-8")
    assert "2024-03-05 | Title" in run(folder / "a.md")[1]


@pytest.mark.parametrize("name", sorted(BAD.keys() - {"no_header.txt", "latin1.txt"}))
def test_bad_files_have_problems_and_raise_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    found = inspect_file(tmp_path / name, Options(), 100)
    assert not found.is_sound
    assert found.problem_count >= 1


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command with a data folder of this test."""

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        code = cli.app(
            ["inspect", *map(str, arguments), "--data", str(tmp_path / "data")], result_action="return_value"
        )
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_the_command_prints_plain_lines_that_no_file_can_spoil(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    record = RECORD | {"headline": "A\x1b[31mred\nline", "\x1b[2Jfield": "x"}
    (tmp_path / "a\x1b[1m.jsonl").write_bytes(_lines(record, {"\x1b[2J": 1}))
    code, out, _ = run(tmp_path / "a\x1b[1m.jsonl")
    assert code == codes.FAILED
    assert "\x1b" not in out
    lines = out.splitlines()
    assert lines[:-1] == [
        f"{tmp_path}/a [1m.jsonl",
        "  format    json_lines, 152 bytes",
        "  encoding  utf-8",
        "  fields    body from text, title from headline, published from published_at",
        "  not used  n,  [2Jfield",
        "  articles  1",
        "            2024-03-01 | A [31mred line | Rates rose.",
        "  problems  1",
    ]
    assert lines[-1].startswith("            record 1: line 2: ")
    assert not (tmp_path / "data").exists()


def test_the_command_reads_as_the_source_list_says(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news/a.jsonl").write_bytes(_lines({"kopf": "T", "kern": "Text."}))
    assert run(tmp_path / "news/a.jsonl")[0] == codes.FAILED
    (tmp_path / "sources.toml").write_text(
        '[german]\nlocation = "news"\nfields = { title = "kopf", body = "kern" }\n', encoding="utf-8"
    )
    code, out, _ = run(tmp_path / "news/a.jsonl")
    assert code == codes.OK
    assert "  source    german\n" in out
    assert "  fields    body from kern, title from kopf\n" in out
    # A copy that was fetched is read as its source, too.
    (tmp_path / "data/fetched/german").mkdir(parents=True)
    (tmp_path / "data/fetched/german/a.jsonl").write_bytes((tmp_path / "news/a.jsonl").read_bytes())
    assert run(tmp_path / "data/fetched/german/a.jsonl")[0] == codes.OK
    (tmp_path / "other.jsonl").write_bytes((tmp_path / "news/a.jsonl").read_bytes())
    assert run(tmp_path / "other.jsonl", "--source", "german")[0] == codes.OK
    code, _, err = run(tmp_path / "other.jsonl", "--source", "germn")
    assert (code, "did you mean 'german'?" in err) == (codes.USAGE, True)


def test_the_command_writes_json_and_csv(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "a.txt").write_text(GOOD["a.txt"], encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"")
    code, out, _ = run(tmp_path / "a.txt", tmp_path / "b.txt", "--format", "json")
    first, second = json.loads(out)
    assert code == codes.FAILED
    assert (first["format"], first["first_articles"][0]["title"]) == ("seed_text", "Envoys meet in Beijing")
    assert (second["article_count"], second["problems"][0]["rule"]) == (0, "empty_file")
    _, out, _ = run(tmp_path / "a.txt", tmp_path / "b.txt", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["path"], row["article_count"], row["problem_count"]) for row in rows] == [
        (str(tmp_path / "a.txt"), "1", "0"),
        (str(tmp_path / "b.txt"), "0", "1"),
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nowhere.txt", "no such file"),
        (".", "is a folder: name files in it"),
        ("/dev/null", "is a device or a pipe: name files"),
    ],
)
def test_what_is_no_file_is_told(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]], name: str, problem: str
) -> None:
    code, out, err = run(tmp_path / name)
    assert (code, out) == (codes.USAGE, "")
    assert problem in err


def test_a_name_that_is_no_text_can_be_inspected(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt"))
    try:
        path.write_bytes(b" date 2024-03-01 Tides\n\nThe Severn rises.\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    for form in ("table", "csv", "json"):
        code, out, _ = run(path, "--format", form)
        assert code == codes.OK
        assert "bad" in out
        out.encode()


def test_an_inspection_without_articles_is_not_sound() -> None:
    assert not Inspection(Path("a"), 0).is_sound
