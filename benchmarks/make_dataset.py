"""Make a folder in the benchmark's format from a clone of scrapinghub/article-extraction-benchmark.

    git clone https://github.com/scrapinghub/article-extraction-benchmark
    python benchmarks/make_dataset.py article-extraction-benchmark OUT

The data set (MIT licence) has `ground-truth.json` ({id: {url, articleBody}}) and `html/ID.html.gz`. Any other set of
pages can be brought into that form. The extractors are those that are installed, of trafilatura, newspaper4k,
readability-lxml, goose3 and resiliparse: `pip install newspaper4k lxml_html_clean readability-lxml goose3 resiliparse`.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

SET = "zyte"
Extractor = Callable[[str, str], str | None]


def extractors() -> dict[str, Extractor]:
    """The installed ones, by name."""
    found: dict[str, Extractor] = {}
    for name, load in LOADERS.items():
        try:
            found[name] = load()
        except ImportError as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
    return found


def _trafilatura() -> Extractor:
    import trafilatura

    return lambda html, url: trafilatura.extract(html, url=url, include_comments=False)


def _newspaper4k() -> Extractor:
    import newspaper

    return lambda html, url: newspaper.article(url, input_html=html).text


def _readability() -> Extractor:
    import readability
    from bs4 import BeautifulSoup

    return lambda html, url: BeautifulSoup(readability.Document(html, url).summary(), "lxml").get_text("\n")


def _goose3() -> Extractor:
    import goose3

    return lambda html, url: goose3.Goose().extract(url=url, raw_html=html).cleaned_text


def _resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html, _url: extract_plain_text(html, main_content=True)


LOADERS: dict[str, Callable[[], Extractor]] = {
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper4k,
    "readability": _readability,
    "goose3": _goose3,
    "resiliparse": _resiliparse,
}


def texts_of(html: str, url: str, chosen: dict[str, Extractor]) -> dict[str, str]:
    """What each extractor makes of a page; one that fails on it leaves the page out."""
    texts = {}
    for name, extract in chosen.items():
        try:
            texts[name] = extract(html, url) or ""
        except Exception as error:  # extractors raise whatever their parsers raise
            print(f"{name}: {url}: {error}", file=sys.stderr)
    return texts


def write(path: Path, rows: Iterable[dict]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the clone")
    parser.add_argument("out", type=Path, help="the folder to write")
    args = parser.parse_args()
    truth = json.loads((args.source / "ground-truth.json").read_text("utf-8"))
    chosen = extractors()
    pages, texts = [], []
    for page, entry in sorted(truth.items()):
        html = gzip.decompress((args.source / "html" / f"{page}.html.gz").read_bytes()).decode("utf-8", "replace")
        pages.append({"id": page, "set": SET, "lang": "", "gold": entry["articleBody"], "optional": []})
        texts += [
            {"id": page, "extractor": name, "text": text} for name, text in texts_of(html, entry.get("url", ""), chosen).items()
        ]
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out / "pages.jsonl.gz", pages)
    write(args.out / "texts.jsonl.gz", texts)
    print(f"{len(pages)} pages and {len(texts)} texts in {args.out}")


if __name__ == "__main__":
    main()
