"""Make `cleaner/data/english_words.txt` from the word lists of SCOWL.

    apt-get download scowl && dpkg -x scowl_*.deb /tmp/scowl
    python tools/english_words.py /tmp/scowl/usr/share/dict/scowl

Two parts, parted by an empty line: common words, against which the halves of a joined word are
checked, and healthy words that look as if they were joined and must never be parted.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from cleaner.detect.joined import LEAST_AFTER_ARTICLE, LEAST_LETTERS, LEFT, PAIRED_LEFT, PAIRED_RIGHT, RIGHT

COMMON = (
    "english-words.10",
    "english-words.20",
    "american-words.10",
    "american-words.20",
    "british-words.10",
    "british-words.20",
)
HEADER = """\
# Common English words, then healthy words that look joined. Made by tools/english_words.py.
# From SCOWL, copyright 2000-2018 Kevin Atkinson; permission to use, copy, modify, distribute and sell these
# word lists is granted without fee, provided that this notice appears in all copies. No warranty.
"""


def words(path: Path) -> Iterator[str]:
    return (line.strip() for line in path.read_text("latin-1").splitlines())


def main(folder: Path) -> None:
    common = {word for name in COMMON for word in words(folder / name) if word.isascii() and word.isalpha() and word.islower()}
    known = {word.lower() for path in folder.iterdir() for word in words(path)}
    long = [word for word in common if len(word) >= LEAST_LETTERS]
    joined = {left + word for word in long for left in LEFT} | {word + right for word in long for right in RIGHT}
    joined |= {"the" + word for word in common if len(word) == LEAST_AFTER_ARTICLE}
    joined |= {left + right for left in PAIRED_LEFT for right in PAIRED_RIGHT}
    named = {word for word in known if any(word.endswith(right) for right in RIGHT)}
    healthy = (joined & known | named) - common
    target = Path("cleaner/data/english_words.txt")
    target.write_text(HEADER + "\n".join(sorted(common)) + "\n\n" + "\n".join(sorted(healthy)) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
