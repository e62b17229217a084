"""Encodings: told, found out, and refused when the bytes leave a doubt."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parse_samples import only_reject, parse_one
from transforms.parse.decode import decode_head, decode_text
from transforms.parse.limits import RefusedError

#: A few sentences about rivers in each language, and an encoding that its files are still found in.
_TEXTS = {
    "cp1252": "La rivière traverse la forêt près du château. L’été, des pêcheurs s’y arrêtent à côté des écluses, là où"
    " l’eau est très fraîche. Où que l’on aille, le sentier mène à la même forêt, à l’écart de la vallée.",
    "cp1250": "Rzeka płynie przez dolinę, a nad brzegiem rosną wierzby. Wiosną łąki są zalane wodą, więc ścieżka jest"
    " wtedy nieprzejezdna. Późną jesienią źródła wysychają i można przejść na drugą stronę suchą nogą.",
    "iso8859_2": "Řeka teče údolím a na březích rostou vrby. Na jaře jsou louky zaplaveny vodou, takže pěšina je"
    " nesjízdná. Pozdě na podzim prameny vysychají a člověk může přejít na druhý břeh.",
    "cp1254": "Irmak vadiden geçer ve kıyısında söğütler yetişir. İlkbaharda çayırlar su altında kalır, bu yüzden"
    " patika geçilmez olur. Sonbaharın sonunda kaynaklar kurur ve karşı kıyıya yürüyerek geçilebilir.",
    "cp1251": "Река течёт через долину, и на берегах растут ивы. Весной луга залиты водой, поэтому тропа непроходима."
    " Поздней осенью родники высыхают, и можно перейти на другой берег пешком.",
    "koi8_r": "Река течет через долину, и на берегах растут ивы. Весной луга залиты водой, поэтому тропа непроходима."
    " Поздней осенью родники высыхают, и можно перейти на другой берег пешком.",
    "gb18030": "这条河的水是从山上流下来的，在春天，河边的人们不能过河，因为水很大。我们在秋天来这里的时候，水不大了，"
    "一个人可以走过去。这是中国的一条大河，有的人为了看它来了这个地方。",
    "euc_jp": "この川は山から流れてきて、春になると水がとても多くなるので、人は渡ることができない。秋の終わりには"
    "水が少なくなり、歩いて向こう岸に行くことができるようになる。",
    "cp949": "이 강은 산에서 흘러 내려와서 봄에는 물이 많아지기 때문에 사람들이 건너가지 못한다."
    " 가을이 되면 물이 적어지고 걸어서 강을 건너는 사람도 있다. 그는 이 길을 가고 있다.",
}


@pytest.mark.parametrize("encoding", _TEXTS)
def test_undeclared_text_is_read_and_told(encoding: str) -> None:
    decoded = decode_text(_TEXTS[encoding].encode(encoding))
    assert decoded.text == _TEXTS[encoding]
    assert [note.rule for note in decoded.notes] == ["encoding_guessed"]


@pytest.mark.parametrize("encoding", _TEXTS)
@pytest.mark.parametrize(
    "form", ['<?xml version="1.0" encoding="{}"?>', '<meta charset="{}">', "<meta content='text/html; charset={}'>"]
)
def test_declared_text_is_read(encoding: str, form: str) -> None:
    text = f"{form.format(encoding)}\n{_TEXTS[encoding]}"
    decoded = decode_text(text.encode(encoding))
    assert (decoded.text, decoded.notes) == (text, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_goes_before_a_declaration(encoding: str) -> None:
    text = f'<meta charset="iso-8859-1">{_TEXTS["cp1251"]}'
    assert decode_text(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark(encoding: str) -> None:
    text = "The river rises, and the café closes. 🙂"
    decoded = decode_text(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_japanese_mail_has_escapes_and_no_byte_beyond_ascii() -> None:
    assert decode_text(_TEXTS["euc_jp"].encode("iso-2022-jp")).text == _TEXTS["euc_jp"]


def test_valid_utf8_goes_before_a_wrong_declaration() -> None:
    text = f'<meta charset="windows-1252">{_TEXTS["cp1250"]}'
    decoded = decode_text(text.encode())
    assert (decoded.text, decoded.encoding, decoded.notes) == (text, "utf-8", ())


def test_a_declaration_that_cannot_be_true_is_told() -> None:
    text = f'<meta charset="utf-8">{_TEXTS["cp1251"]}'
    decoded = decode_text(text.encode("cp1251"))
    assert decoded.text == text
    assert "declared as utf-8, which it is not" in decoded.notes[0].reason


def test_latin_1_is_what_browsers_take_it_for() -> None:
    assert decode_text("“Café”".encode("cp1252"), "iso-8859-1").text == "“Café”"


def test_the_envelope_and_the_source_can_tell() -> None:
    content = "Straße".encode("cp1252")
    assert decode_text(content, "windows-1252").text == "Straße"
    assert decode_text(content, None, "latin-1").text == "Straße"


def test_the_punctuation_of_windows_is_sure() -> None:
    assert decode_text("“It’s here” — she said…".encode("cp1252")).text == "“It’s here” — she said…"


@pytest.mark.parametrize(
    "content",
    [
        "Straße".encode("cp1252"),  # too little to tell
        "El Niño: año, niño, señor.".encode("cp1252"),  # ñ or ń
        bytes(range(128, 256)) * 3,
        b"\x81\x8d\x8f" * 50,
        b"text \xff\xfe\xfd text" * 20,
    ],
)
def test_a_doubt_is_a_refusal(content: bytes) -> None:
    with pytest.raises(RefusedError):
        decode_text(content)


def test_one_broken_byte_refuses_a_declared_document() -> None:
    content = _TEXTS["euc_jp"].encode("euc_jp") + b"\xff"
    reject = only_reject(b'<html><meta charset="euc-jp">' + content, "a.html")
    assert reject["rule"] == "not_decodable"
    assert "byte 0xff at offset" in reject["reason"]


@pytest.mark.parametrize("encoding", _TEXTS)
def test_damaged_utf8_is_not_taken_for_another_encoding(encoding: str) -> None:
    content = f"“Quoted”, it’s {_TEXTS[encoding]}".encode()
    with pytest.raises(RefusedError, match="not UTF-8 text: byte 0xff at offset 3"):
        decode_text(content[:3] + b"\xff" + content[3:])


def test_a_guess_stands_beside_the_article() -> None:
    articles, rejects = parse_one(f" date 2024-03-01 T\n\n{_TEXTS['cp1250']}".encode("cp1250"))
    assert articles["body"].str.strip_chars().to_list() == [_TEXTS["cp1250"]]
    assert rejects.select("record_no", "rule").rows() == [(0, "encoding_guessed")]


@given(st.binary(max_size=400))
def test_no_bytes_are_replaced(content: bytes) -> None:
    decode_head(content)
    try:
        decoded = decode_text(content)
    except RefusedError:
        return
    assert "\ufffd" not in decoded.text or b"\xef\xbf\xbd" in content or decoded.encoding.startswith(("utf-", "gb"))


def test_seed_files_import_no_library_of_other_formats() -> None:
    code = (
        "import sys, polars as pl\n"
        "from transforms.parse import parse\n"
        "parse(pl.DataFrame({'source': ['s'], 'path': ['a'], 'content': [b' date 2024-03-01 T\\n\\nx']}))\n"
        "print(sorted({'trafilatura', 'lxml', 'feedparser', 'warcio', 'charset_normalizer', 'zstandard', 'yaml',"
        " 'babel', 'pyarrow.parquet', 'htmldate'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
