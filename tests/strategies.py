"""Random text, documents glued from real lines, pages glued from real fragments, and the bytes of all of them."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import textwrap
import tomllib
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from cleaner.registry import built_in

ROOT = Path(__file__).parent.parent
BENCH = ROOT.parent / "shared" / "bench"
BENCH_ROWS = 25
"""So many rows of each file of the benchmark are read, if it is there: all of them would take longer than a test."""
LONGEST_LINE = 400
"""Lines of the benchmark that are longer would make most documents that are glued from them one paragraph."""
LONG_RUN = 1_000

# text


@cache
def real_lines() -> list[str]:
    """Lines of the seeds, of the fixtures, of the rules' own examples, and of the benchmark where it is at hand."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    texts += [path.read_text("utf-8") for path in sorted((ROOT / "fixtures").rglob("*.txt"))]
    texts += [tomllib.loads(path.read_text("utf-8"))["raw"] for path in sorted((ROOT / "fixtures").rglob("*.toml"))]
    for rule in built_in().rules:
        texts += [example.text for example in rule.examples]
        texts += rule.counterexamples
    texts += [line for row in bench_rows("texts.jsonl.gz") for line in row["text"].split("\n") if len(line) <= LONGEST_LINE]
    return sorted({line for text in texts for line in text.split("\n") if line.strip()})


@cache
def phrases() -> list[str]:
    """The phrases of all rules, which are whole lines of junk."""
    return sorted({phrase for rule in built_in().rules for phrase in rule.phrases})


@cache
def bench_rows(name: str) -> list[dict[str, Any]]:
    """The first rows of a file of the benchmark; none where it is not at hand."""
    if not (BENCH / name).is_file():
        return []
    with gzip.open(BENCH / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, BENCH_ROWS)]


LINE_BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\n\r", "\r\r\n", "\x1c", "\x1e"]
INVISIBLE = ["\x00", "\x01", "\x1b", "\x7f", "\xad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\ufffe", "\ufffc"]
DIRECTIONS = ["\u200e", "\u200f", "\u061c", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
COMBINING = ["\u0301", "\u0308", "\u0345", "\u0e31", "\u093f", "\u20dd", "\ufe0f", "e\u0301", "\u0301" * 12, "\u1100\u1161"]
ASTRAL = [
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\U00010400", "\U00020000", "\U0010ffff", "\U000e0041",
]  # fmt: skip
SPACES = [" ", "  ", "\t", "\xa0", "\u2003", "\u3000", "\u202f", "\u180e", "\u1680"]
CASES = ["ı", "İ", "ß", "ẞ", "ſ", "ς", "ǆ", "ŉ", "ﬃ", "µ", "K", "𝐀", "١", "²"]
MARKS = ['"', "“", "”", "„", "«", "»", "「", "’", "'", "(", ")", "[", "]", "{", "<", ">", "|", "©", "…", "- ", "* ", "1. ", "— "]
DEBRIS = [
    "&amp;", "&amp;amp;#8217;", "&nbsp;", "&#0;", "&#xD800;", "&#10;", "&bogus;", "&", "â€™", "Ã©", "Рџ", "<b>", "</p>",
    "[caption]",
]  # fmt: skip
NASTY = [*LINE_BREAKS, *INVISIBLE, *DIRECTIONS, *COMBINING, *ASTRAL, *SPACES, *CASES, *MARKS, *DEBRIS]
"""What programs for text trip over."""

characters = st.characters(exclude_categories=["Cs"])
breaks = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\r", "\u2028", "\x85", "\n \n", "\n\t", "\n    "])
words = st.sampled_from(
    ["Rain", "the", "bridge", "said", "Advertisement", "Photo:", "By", "Jane Roe", "2024", "12 May", "the.Storm"]
)


@st.composite
def patchwork(draw: st.DrawFn) -> str:
    """Any characters, words and all that is nasty side by side; in some texts a piece stands very many times in a row."""
    piece = st.one_of(st.text(characters, max_size=8), st.sampled_from(NASTY), st.sampled_from(NASTY), words)
    times = st.one_of(*[st.just(1)] * 8, st.integers(2, 30))
    pieces = [text * times for text, times in draw(st.lists(st.tuples(piece, times), max_size=40))]
    if pieces and draw(st.integers(0, 9)) == 0:
        pieces[draw(st.integers(0, len(pieces) - 1))] *= draw(st.integers(100, LONG_RUN))
    return "".join(pieces)


@st.composite
def glued(draw: st.DrawFn) -> str:
    """A document of real lines in any order, some with marks of damage, with any breaks between them."""
    line = st.one_of(st.sampled_from(real_lines()), st.sampled_from(real_lines()), st.sampled_from(phrases()))
    spoiled = [draw(st.sampled_from(DAMAGE))(text) for text in draw(st.lists(line, max_size=25))]
    return "".join(piece for text in spoiled for piece in (text, draw(breaks)))


DAMAGE = [
    *[lambda line: line] * 8,
    lambda line: line.upper(),
    lambda line: f"- {line}",
    lambda line: line.replace("&", "&amp;amp;").replace(" ", "&nbsp;", 2),
    lambda line: line.replace(" ", "\u00a0\u200b ", 1),
    lambda line: line.encode("utf-8").decode("latin-1"),
    lambda line: f"{line}{line}",
    lambda line: f"“{line}",
    lambda line: f"{line}”",
    lambda line: f"\ufeff{line}\u200d",
    lambda line: f"\u202e{line}\u202c",
    lambda line: line.replace("é", "e\u0301").replace("ü", "u\u0308").replace(" ", "\u0301 ", 1),
    lambda line: line.replace(" ", "\x00", 1),
    lambda line: line.replace(". ", "."),
    lambda line: textwrap.fill(line, 60),
    lambda line: textwrap.fill(line, 80, subsequent_indent="    "),
]

texts = st.one_of(st.text(characters, max_size=400), patchwork(), glued(), glued())

# pages

_TAG = re.compile(r"(?<=>)(?=<(?:p|div|ul|ol|li|table|figure|section|article|aside|h[1-6]|script|header|footer|nav)\b)")


@cache
def real_fragments() -> list[str]:
    """Pieces of the pages of the tests, and of the benchmark where it is at hand."""
    found = set()
    for path in sorted((ROOT / "tests" / "pages").glob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8"))["page"]:
            for part in (case.get("head", ""), case.get("body", "")):
                found |= {part, *_TAG.split(part)}
    for row in bench_rows("pages.jsonl.gz")[:8]:
        found |= {piece for piece in _TAG.split(row["html"]) if len(piece) <= LONGEST_LINE}
    return sorted(found - {""})


DEPTH = 300
HOSTILE_MARKUP = [
    "<div>" * DEPTH, "</div>" * DEPTH, "<b>" * DEPTH, "<table><tr><td>" * 60, "<p>" * DEPTH, "<a href='/a'><a href='/b'>", "<p",
    "<p class=", "<!--", "-->", "<!-- -- > -->", "<![CDATA[", "]]>", "<?xml version='1.0' encoding='utf-16'?>", "<?php",
    "<!DOCTYPE", "<!DOCTYPE html [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>&b;", "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "<script>", "</script>", "<style>", "<title>", "<textarea>", "<plaintext>", "<xmp>", "<noscript>", "<template>",
    "<svg><title>", "<math>", "<iframe src='http://a.example'>", "<base href='http://[::1'>", "<a href='http://[x'>bracket</a>",
    "<a href='//[/'>Rain</a>", "<meta charset='utf-7'>", "<meta charset='x-unknown'>", "<meta charset='utf-16'>",
    "<meta http-equiv=refresh content='0'>", "<script type='application/ld+json'>{\"@type\": \"NewsArticle\", \"headline\": [[[[",
    "<script type='application/ld+json'>[[[[1e999]]]]</script>",
    "<script type='application/ld+json'>{\"@graph\": [{\"@type\": \"Article\", \"author\": {\"@id\": 7}}]}</script>",
    "<time datetime='9999-99-99T99:99'>", "<time datetime='0000-00-00' pubdate>",
    "<link rel=canonical href='http://a.example:x/'>", "<p title='\u241f7'>", "<li rend='\u241f1'>", "<h2 xml:lang='en'>",
    "<o:p>", "<p:>", "<x\x00y>", "<p \x00='\x01'>", "<html><html>", "<body><body>", "<frameset><frame>", "</html>", "</body>",
    "<br/>" * 60, "<hr>", "<pre>\n\n", "<td>", "<option>", "<ruby>天<rt>ten</rt></ruby>",
]  # fmt: skip
ENTITIES = [
    "&#0;", "&#x0;", "&#xD800;", "&#xDFFF;", "&#x110000;", "&#99999999999;", "&#x80;", "&#128;", "&#10;", "&#8232;",
    "&amp;lt;b&amp;gt;", "&ampamp", "&nosuch;", "&", "&#", "&#x", "&lt;script&gt;", "&nbsp;" * 30, "&zwj;", "&rlm;", "&notin;",
    "&NotEqualTilde;", "&copy",
]  # fmt: skip


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page of real fragments, real lines in elements, and hostile markup, in any order."""
    line = st.one_of(st.sampled_from(real_lines()), texts.map(lambda text: text[:200]), st.sampled_from(ENTITIES))
    tag = st.sampled_from(["p", "p", "p", "div", "li", "h1", "h2", "td", "figcaption", "blockquote", "a", "span", "aside", "pre"])
    element = st.tuples(tag, line).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
    fragment = st.sampled_from(real_fragments())
    hostile = st.one_of(st.sampled_from(HOSTILE_MARKUP), st.sampled_from(ENTITIES), st.sampled_from(NASTY))
    return "".join(draw(st.lists(st.one_of(element, element, fragment, hostile), max_size=30)))


# files

MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
ENCODINGS = [
    *MARKED, "utf-16", "utf-32", "utf-7", "ascii", "latin-1", "cp1252", "cp1251", "koi8-r", "mac-roman", "cp037", "gb18030",
    "big5", "shift_jis", "euc-jp", "iso2022_jp", "euc-kr", "hz",
]  # fmt: skip
"""What files are written in."""


@st.composite
def encoded(draw: st.DrawFn) -> tuple[bytes, str]:
    """The bytes of a text, with or without a byte order mark, and the encoding that the settings name for it, right or wrong."""
    text, encoding = draw(texts), draw(st.sampled_from(ENCODINGS))
    data = text.encode(encoding, "ignore")
    if draw(st.booleans()):
        data = MARKED.get(encoding, b"") + data
    named = draw(st.sampled_from([encoding, encoding, encoding, "utf-8", draw(st.sampled_from(ENCODINGS))]))
    return data, named
