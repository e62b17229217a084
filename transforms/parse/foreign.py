"""Files that are known and hold no text to read: named, so that the refusal says what to do."""

from __future__ import annotations

from typing import Final

_PICTURE: Final = "pictures are not read: remove it"
_CONVERT: Final = "convert it to HTML or text"

#: First bytes, what the file is, and what to do.
_KNOWN: Final = (
    (b"%PDF-", "a PDF document", _CONVERT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", _CONVERT),
    (b"{\\rtf", "an RTF document", _CONVERT),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", _PICTURE),
    (b"\xff\xd8\xff", "a JPEG picture", _PICTURE),
    (b"GIF8", "a GIF picture", _PICTURE),
    (b"II*\0", "a TIFF picture", _PICTURE),
    (b"MM\0*", "a TIFF picture", _PICTURE),
    (b"SQLite format 3\0", "an SQLite database", "export its articles as JSON Lines"),
    (b"ARROW1", "an Arrow file", "write it as Parquet"),
    (b"Obj\x01", "an Avro file", "write it as Parquet or JSON Lines"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "pack it as zip or tar"),
    (b"Rar!\x1a\x07", "a RAR archive", "pack it as zip or tar"),
    (b"\x7fELF", "a program", "remove it"),
    (b"MZ\x90\0", "a program", "remove it"),
    (b"\0asm", "a program", "remove it"),
    (b"OggS", "a sound file", "remove it"),
    (b"ID3", "a sound file", "remove it"),
    (b"RIFF", "a sound, video or picture file", "remove it"),
    (b"\x00\x05\x16\x07", "a resource fork of macOS", "remove it"),
)


def what_it_is(content: bytes) -> str | None:
    """What a binary file is and what to do with it, if its first bytes tell."""
    found = next((each for each in _KNOWN if content.startswith(each[0])), None)
    if found is None and content[4:8] == b"ftyp":
        found = (b"", "a video or picture file", "remove it")
    return None if found is None else f"it is {found[1]}; {found[2]}"


def is_surely_foreign(content: bytes) -> bool:
    """Whether first bytes that could begin a text, too, do not: there are zero bytes, or nobody writes so."""
    return 0 in content or content.startswith((b"%PDF-", b"{\\rtf"))
