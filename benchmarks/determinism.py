"""Compare copies and records, byte for byte, with what other conditions and other interpreters make of the same texts.

    python benchmarks/determinism.py [--bench FOLDER] [PYTHON ...]

Cleans the seeds, the fixtures, the pages of the tests and, if a folder is given, the texts and pages of the benchmark, as
single texts and as rows of a corpus. Compares what this interpreter makes of them with other hash seeds, time zones, locales,
numbers of workers and sizes of chunks, and what other interpreters make of them, each in a virtual environment of its own in
.determinism, with the pinned versions of all libraries. Without PYTHON these are 3.11 to 3.13, where they can be found.
Prints what differs, and exits with 1 if anything does. Takes two minutes, with the benchmark half an hour.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from shutil import which

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.11", "3.12", "3.13")
PYENV = Path("~/.pyenv/versions").expanduser()
VARIATIONS: Mapping[str, tuple[Mapping[str, str], Sequence[str]]] = {
    "hash seed 1": ({"PYTHONHASHSEED": "1"}, ()),
    "hash seed 2": ({"PYTHONHASHSEED": "2"}, ()),
    "time zone of Kathmandu": ({"TZ": "Asia/Kathmandu"}, ()),
    "locale C, without UTF-8 mode": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ()),
    "locale C.UTF-8": ({"LC_ALL": "C.UTF-8"}, ()),
    "locale tr_TR.UTF-8": ({"LC_ALL": "tr_TR.UTF-8"}, ()),
    "two workers": ({}, ("--workers", "2")),
    "three workers": ({}, ("--workers", "3")),
    "chunks of one row": ({}, ("--chunk-rows", "1")),
    "chunks of 5,000 bytes": ({}, ("--chunk-bytes", "5000", "--workers", "2")),
}


def texts(bench: Path | None) -> Iterator[tuple[str, str]]:
    """(name, raw text) of all articles."""
    for path in [*sorted(ROOT.glob("seeds/*.txt")), *sorted(ROOT.glob("fixtures/*/*.txt"))]:
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")
    for path in sorted(ROOT.glob("fixtures/*/*.toml")):
        yield str(path.relative_to(ROOT)), tomllib.loads(path.read_text("utf-8"))["raw"]
    if bench is not None:
        from dataset import read_texts

        for extractor, found in sorted(read_texts(bench).items()):
            yield from ((f"{extractor}/{name}", text) for name, text in sorted(found.items()))


def pages(bench: Path | None) -> Iterator[tuple[str, str]]:
    """(name, HTML) of all pages."""
    for path in sorted(ROOT.glob("tests/pages/*.toml")):
        for number, case in enumerate(tomllib.loads(path.read_text("utf-8"))["page"]):
            body = case.get("body", "") + "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
            yield (
                f"{path.name}/{number}",
                f"<html><head>{case.get('head', '')}</head><body><article>{body}</article></body></html>",
            )
    if bench is not None:
        from dataset import read_pages

        yield from ((f"page/{page.id}", page.html) for page in read_pages(bench) if page.html)


PARAGRAPHS = [
    "The bridge over the old harbour was closed on Monday morning after the storm had torn off parts of its roof.",
    "Workers will check the pillars for a week, the harbour office said, and nobody may cross the river until then.",
    "Ferries go every ten minutes instead, and those who live on the islands need not pay for them before the spring.",
]


def records(bench: Path | None, workers: int, most: int | None) -> Iterator[tuple[str, str]]:
    """(name, clean text and record) of everything: texts and pages as the library cleans them, and the rows of a corpus."""
    import cleaner

    found = list(islice(texts(bench), most))
    results = cleaner.clean_many((text for _, text in found), workers=workers)
    for (name, _), result in zip(found, results, strict=True):
        yield name, result.text + result.record.to_json()
    for name, html in islice(pages(bench), most):
        try:
            result = cleaner.clean_html(html, url="https://news.example.org/storm")
            yield name, result.text + result.record.to_json()
        except cleaner.CleanerError as error:
            yield name, str(error)
    yield from rows(found, workers)


def rows(found: Sequence[tuple[str, str]], workers: int) -> Iterator[tuple[str, str]]:
    """(name, row) of a corpus of the texts, as the command line writes it."""
    from click.testing import CliRunner

    from cleaner.cli import main

    with tempfile.TemporaryDirectory() as folder:
        raw, out = Path(folder, "raw.jsonl"), Path(folder, "out", "clean.jsonl")
        raw.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in found), "utf-8")
        arguments = ["clean", str(raw), "--out", str(out), "--workers", str(workers), "--isolated"]
        done = CliRunner().invoke(main, arguments)
        assert out.is_file(), done.output
        for (name, _), row in zip(found, out.read_text("utf-8").removesuffix("\n").split("\n"), strict=True):
            yield f"row {name}", row


def write(args: argparse.Namespace) -> None:
    """Clean everything with this interpreter and write names and digests, a line each; of one text all that came out."""
    from cleaner import corpora

    corpora.CHUNK_ROWS = args.chunk_rows or corpora.CHUNK_ROWS
    corpora.CHUNK_BYTES = args.chunk_bytes or corpora.CHUNK_BYTES
    for name, content in records(args.bench, args.workers, args.most):
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        print(json.dumps([name, content if name == args.show else digest]))


def made(python: Path | str, environment: Mapping[str, str], options: Sequence[str]) -> dict[str, str]:
    """What an interpreter makes of everything: digests by name. Exits if it fails."""
    command = [str(python), str(Path(__file__).resolve()), "--write", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **environment}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')}")
    return dict(map(json.loads, done.stdout.decode("ascii").splitlines()))


def exists(variation: str) -> bool:
    """False for a locale that this system does not have."""
    wanted = VARIATIONS[variation][0].get("LC_ALL", "C")
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout if which("locale") else ""
    return wanted == "C" or wanted.lower().replace("-", "") in known.lower().replace("-", "").split()


def interpreters() -> dict[str, str]:
    """By version the interpreters of `VERSIONS` that can be found on this system, and nothing for the others."""
    found = {}
    for version in VERSIONS:
        places = [*sorted(PYENV.glob(f"{version}.*/bin/python")), which(f"python{version}")]
        found[version] = str(next(filter(None, places), ""))
    return found


def environment_of(python: str) -> Path:
    """The interpreter of a virtual environment with the pinned versions of all libraries that the package needs."""
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    inside = ROOT / ".determinism" / version / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", inside.parent.parent], check=True)
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", ROOT / "constraints.txt"]
    subprocess.run([*install, *needed], check=True)
    return inside


def difference(name: str, one: str, other: str) -> str:
    """Where two outcomes part, with a little of what stands there."""
    at = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    return f"  {name}: {one[at - 30 : at + 30]!r} and {other[at - 30 : at + 30]!r}"


SHOWN = 5
"""So many differences of each comparison are shown."""


def compare(label: str, python: Path | str, variation: str, base: Mapping[str, str], options: Sequence[str]) -> bool:
    """Clean everything another way, and say what differs. True if nothing does."""
    environment, more = VARIATIONS[variation] if variation else ({"PYTHONHASHSEED": "3"}, ("--workers", "2"))
    other = made(python, environment, [*options, *more])
    differing = [name for name in {**base, **other} if base.get(name) != other.get(name)]
    print(f"{label:45} {len(other):,} outcomes, {len(differing) or 'none'} differ", flush=True)
    for name in differing[:SHOWN]:
        show = [*options, "--show", name]
        one, two = (run.get(name, "") for run in (made(sys.executable, {}, show), made(python, environment, [*show, *more])))
        print(difference(name, one, two), flush=True)
    return not differing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="*", metavar="PYTHON", help="other interpreters, by path")
    parser.add_argument("--bench", type=Path, metavar="FOLDER", help="pages and texts of the benchmark as well")
    parser.add_argument("--write", action="store_true", help="write digests, and compare nothing")
    parser.add_argument("--show", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, metavar="N", help="of texts and of pages only the first")
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--chunk-rows", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--chunk-bytes", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        write(args)
        return
    options = ["--bench", str(args.bench.resolve())] if args.bench else []
    options += ["--most", str(args.most)] if args.most else []
    base = made(sys.executable, {}, options)
    print(f"{'Python ' + sys.version.split()[0]:45} {len(base):,} outcomes", flush=True)
    good = []
    for variation in VARIATIONS:
        if exists(variation):
            good.append(compare(variation, sys.executable, variation, base, options))
        else:
            print(f"{variation:45} left out: this system does not have it", flush=True)
    for version, python in {path: path for path in args.python}.items() if args.python else interpreters().items():
        if python:
            good.append(compare(f"Python {version}", environment_of(python), "", base, options))
        else:
            print(f"{'Python ' + version:45} left out: this system does not have it", flush=True)
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
