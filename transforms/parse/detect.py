"""Which encoding undeclared text is in, if its letters leave no doubt.

Four questions. Is all that is not ASCII the punctuation on which every Windows code page agrees? Else: under
exactly one Latin code page, do the words keep to the alphabet of one language? Else: under exactly one
encoding of Chinese, Japanese or Korean, are the characters frequent that are frequent there? Else: does
charset-normalizer find one code page of another script, and no other that comes near? Two answers are none.
(Ranked guesses alone put ``ń`` for ``ñ`` and ``ľ`` for ``ž``: of 37 undeclared files they got 8 wrong.)
"""

from __future__ import annotations

import re
from typing import Final

#: Letters beyond ASCII of languages that are written in Latin script, from their national alphabets.
_ALPHABETS: Final = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        "àâæçéèêëîïôœùûüÿñ",  # French
        "äöüßéàèôç",  # German, Swiss German
        "áéíñóúüçàèòï·",  # Spanish, Catalan, Galician
        "áâãàçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "åäöéüà",  # Swedish, Finnish
        "åæøéòóôèêü",  # Danish, Norwegian
        "áðéíóúýþæö",  # Icelandic
        "ëïéèöüóáêçäô",  # Dutch, Afrikaans, Luxembourgish, Albanian
        "ąćęłńóśźżéü",  # Polish
        "áčďéěíňóřšťúůýžöü",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüűä",  # Hungarian
        "čćđšžöü",  # Croatian, Bosnian, Slovene
        "ăâîșțşţ",  # Romanian
        "çğıİöşüâîûé",  # Turkish
        "äõöüšž",  # Estonian
        "āčēģīķļņšūžō",  # Latvian
        "ąčęėįšųūž",  # Lithuanian
    )
)
# Encodings of Windows and ISO first: those of DOS and the old Macintosh only where none of these will do.
_LATIN: Final = (("cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257"), ("mac_roman", "cp850", "cp852"))
_OTHERS: Final = [
    "cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp866", "cp1253", "iso8859_7", "cp1255", "cp1256",
    "iso8859_6", "cp874",
]  # fmt: skip
#: The most frequent characters of running text: one in six and more of Japanese and Korean, one in ten of Chinese.
_FREQUENT: Final = {
    "gb18030": "的一是了在不有人和中国大我为这个上年们来",
    "big5hkscs": "的一是了在不有人和中國大我為這個上年們來",
    "cp949": "이다는에의을가고하지도로를한은기사서",
    "euc_jp": "のにはたをがでとしるいてなまれかっす",
    "cp932": "のにはたをがでとしるいてなまれかっす",
}
_FREQUENT_SHARE: Final = 0.06
_FREQUENT_KINDS: Final = 4
# Where Windows code pages 1250 to 1258 have the same character: dots, daggers, quotes, dashes, signs.
_AGREED: Final = frozenset(bytes.fromhex("82848586 87898b91 92939495 9697999b a0a6a7a9 abacaeb0 b1b5b6b7 bb"))
_ASCII: Final = frozenset(range(128))
_SAMPLE_BYTES: Final = 1 << 16
#: Fewer words or letters say too little about the code page that they are in.
_EVIDENCE: Final = 10
_FIT_SHARE: Final = 0.97
# The measure of mess of charset-normalizer, from 0; a rival this near makes the answer unsure.
_MAX_MESS: Final = 0.05
_CLEAR_LEAD: Final = 0.05
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_C1: Final = re.compile(r"[\x80-\x9f]")
_MARKUP: Final = re.compile(rb"<[^<>]{0,2000}>")
_WORD: Final = re.compile(r"[A-Za-z\x80-\U0010ffff'-]{1,200}")
_AROUND: Final = "‘’‚“”„–—…«»‹›•·°©®™§¶\xa0\xad¿¡€£'-×÷±¼½¾²³ªº"
_WITHIN: Final = frozenset("’‘-'·–—\xa0\xad…")


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeError:
        return None


def _is_word(word: str) -> bool:
    """Whether the case is that of a word: Word, word, WORD, but not worD."""
    parts = [part for part in re.split(r"[^\w]+", word) if part]
    return all(part.islower() or part.isupper() or part[1:].islower() or part.isascii() for part in parts)


def _fits(text: str) -> bool:
    """Whether the words with characters beyond ASCII are spelled in one alphabet."""
    if _C1.search(text):
        return False
    words = [word.strip(_AROUND) for word in _WORD.findall(text) if not word.isascii()]
    if len(words) < _EVIDENCE:
        return False
    beyond = [({each for each in word if not each.isascii()} - _WITHIN if _is_word(word) else {"\0"}) for word in words]
    best = max(sum(letters <= alphabet for letters in beyond) for alphabet in _ALPHABETS)
    return best >= _FIT_SHARE * len(words)


def _latin(content: bytes) -> list[str]:
    """The Latin code pages under which the text is that of a language, one for each different text."""
    sample = _MARKUP.sub(b" ", content[:_SAMPLE_BYTES])
    for tier in _LATIN:
        texts: dict[str, str] = {}
        for encoding in tier:
            text = _decoded(sample, encoding)
            if text is not None and _fits(text):
                texts.setdefault(text, encoding)
        if texts:
            return list(texts.values())
    return []


def _east_asian(content: bytes) -> list[str]:
    """The encodings under which frequent characters are frequent; only the clearly best."""
    shares = {}
    for encoding, frequent in _FREQUENT.items():
        text = _decoded(content, encoding)
        letters = [each for each in text or "" if not each.isascii() and each.isalpha()]
        if len(letters) >= _EVIDENCE:
            share = sum(each in frequent for each in letters) / len(letters)
            if share >= _FREQUENT_SHARE and len(set(letters) & set(frequent)) >= _FREQUENT_KINDS:
                shares[encoding] = share
    best = max(shares.values(), default=0.0)
    return [encoding for encoding, share in shares.items() if share > best / 2]


def _is_broken_utf8(sample: bytes) -> bool:
    """Whether nearly all that is not ASCII is UTF-8: a damaged file, and in no other encoding."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not each.isascii() for each in text) - broken
    return whole > broken


def _other(sample: bytes) -> str | None:
    import charset_normalizer  # ruff: ignore[import-outside-top-level] - few files need it

    found = charset_normalizer.from_bytes(
        sample, cp_isolation=_OTHERS, threshold=0.2, preemptive_behaviour=False, enable_fallback=False
    )
    matches = list(found)
    if not matches:
        return None
    best = matches[0]
    text = _decoded(sample, best.encoding)
    beyond = sum(not each.isascii() and each.isalpha() for each in text or "")
    latin = sum(each.isascii() and each.isalpha() for each in _decoded(_MARKUP.sub(b" ", sample), best.encoding) or "")
    if beyond < latin:  # a text of another script is written in it
        return None
    if best.chaos > _MAX_MESS or best.coherence <= 0 or beyond < _EVIDENCE or _C1.search(text or ""):
        return None
    for rival in matches[1:]:
        other = _decoded(sample, rival.encoding)
        is_near = rival.chaos < best.chaos + _CLEAR_LEAD and rival.coherence > best.coherence / 2
        if is_near and other != text and not _C1.search(other or ""):
            return None
    return str(best.encoding)


def detect(content: bytes) -> str | None:
    """The encoding of text that is not UTF-8, or None when it is binary or could be several."""
    if _CONTROLS.search(content, 0, _SAMPLE_BYTES):
        return None
    if set(content) - _ASCII <= _AGREED:
        words = _WORD.findall(content.decode("cp1252"))
        cores = {each for word in words for each in word.strip(_AROUND) if not each.isascii()}
        return "cp1252" if cores <= _WITHIN else None
    # Cut at the end of a line: the middle of a character would spoil the sample.
    sample = content if len(content) <= _SAMPLE_BYTES else content[: content.rfind(b"\n", 0, _SAMPLE_BYTES) + 1]
    if _is_broken_utf8(sample):
        return None
    for found in (_latin(sample), _east_asian(sample)):
        if found:
            return found[0] if len(found) == 1 else None
    return _other(sample)
