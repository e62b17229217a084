"""Article files for the tests: good ones, and what people get wrong."""

from __future__ import annotations

from pathlib import Path

#: Four articles in three months.
GOOD = {
    "a.txt": (
        " date 2024-01-11 Envoys meet in Beijing\n\nPresident Ilham Aliyev met President Xi Jinping in Beijing."
        " China and Azerbaijan signed five agreements.\n\nThe talks lasted 3.5 hours.\n"
    ),
    "b.txt": " date 2024-01-12 Aliyev returns\n\nIlham Aliyev returned to Baku on Friday.\n",
    "deep/c.txt": " date 2024-03-01 Café prices\n\nIn Paris, prices rose 3.2 per cent, the 🙂 Bank of France said.\n",
    "d.txt": " date 2024-11-24\n\nCOP29 ended in Baku. Ilham Aliyev spoke.\n",
}
BAD = {
    "empty.txt": b"",
    "binary.txt": b"\x89PNG\r\n\x1a\n\x00\x00",
    "latin1.txt": " date 2024-01-01 Été\n\nC'est l'été.\n".encode("latin-1"),
    "feb30.txt": b" date 2024-02-30 Leap\n\nNo such day.\n",
    "no_date.txt": b" date Title only\n\nText.\n",
    "printed.txt": b"%PDF-1.7\n1 0 obj\nendobj\n",
    "no_body.txt": b" date 2024-01-01 Nothing follows\n\n",
}


def write_files(folder: Path, files: dict[str, str] | dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
