"""HTML pages: what the markup says of lines, what the page states, and pages that are broken, huge or no articles."""

from __future__ import annotations

import hashlib
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from trafilatura.utils import trim

import cleaner
from cleaner import extract as extraction
from cleaner.extract import _MARK, _completed, _Unit, extract
from cleaner.markup import Markup, text_of
from cleaner.model import InputError
from cleaner.page import MAX_CHARACTERS, MAX_ELEMENTS, decode_page, parse_page
from cleaner.stated import stated

PAGES, STATED = (
    tomllib.loads((Path(__file__).parent / "pages" / name).read_text("utf-8"))["page"] for name in ("pages.toml", "stated.toml")
)
PARAGRAPHS = (
    "The bridge over the old harbour was closed on Monday morning after the storm had torn off parts of its roof.",
    "Workers will check the pillars for a week, the harbour office said, and nobody may cross the river until then.",
    "Ferries go every ten minutes instead, and those who live on the islands need not pay for them before the spring.",
    "The council meets on Friday to talk about what the repairs will cost the town, said one of its members last night.",
)
URL = "https://news.example.org/town/storm-closes-the-bridge"


def page(body: str, head: str = "") -> str:
    """A page around the body, in which {1} to {4} stand for the paragraphs."""
    for number, paragraph in enumerate(PARAGRAPHS, 1):
        body = body.replace(f"{{{number}}}", f"<p>{paragraph}</p>")
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


ARTICLE = "<article><h1>Storm closes the bridge</h1>{1}{2}{3}{4}</article>"


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case["name"])
def test_markup_speaks_for_its_lines(case: dict[str, Any]) -> None:
    result = cleaner.clean_html(page(case["body"]), url=URL)
    for paragraph in PARAGRAPHS:
        assert paragraph in result.text
    for text in case.get("gone", ()):
        assert text not in result.text
    for text in case.get("stays", ()):
        assert text in result.text
    assert set(case.get("rules", ())) <= {edit.finding.rule.code for edit in result.edits}
    sections = result.record["clean"]["sections"]
    for name in ("title", "standfirst"):
        if name in case:
            assert result.text[slice(*sections[name])] == case[name]
            assert case[name] not in result.body
    assert cleaner.restore(result.text, result.record) == result.raw
    assert cleaner.clean(result.text).text == result.text


@pytest.mark.parametrize("case", STATED, ids=lambda case: case["name"])
def test_what_the_page_states(case: dict[str, Any]) -> None:
    html = page(case.get("body", ARTICLE), case.get("head", ""))
    metadata = cleaner.clean_html(html, url=URL).metadata.to_dict()
    for name in ("title", "authors", "published", "modified", "tags", "sections"):
        if name in case:
            assert metadata[name] == case[name]
    assert metadata["published"] == case.get("published")


def test_what_comes_back_keeps_its_place_above_a_heading() -> None:
    tree = parse_page(page("<article><h1>Storm</h1>{1}{2}<h2>What the harbour office says</h2>{3}{4}</article>"))
    assert tree is not None
    first, dropped, third, fourth = tree.iter("p")
    (heading,) = tree.iter("h2")
    units = [_Unit(text_of(element), element, str(element.tag)) for element in (first, heading, third, fourth)]
    markup = Markup([(unit.element, len(unit.text)) for unit in units], URL)
    assert [unit.element for unit in _completed(units, markup)] == [first, dropped, heading, third, fourth]


def test_attributes_of_the_page_are_not_taken_for_marks() -> None:
    code = f'<code title="{_MARK}99999">{PARAGRAPHS[3]}</code>'
    assert PARAGRAPHS[3] in cleaner.clean_html(page(f"<article>{{1}}{{2}}{{3}}{code}</article>")).text


def test_pictures_in_long_sections_cost_no_square() -> None:
    section = "<section><img src='a.jpg'>" + "{1}{2}{3}{4}" * 250 + "</section>"
    start = time.process_time()
    extract(page(f"<article>{section * 4}</article>"), URL)
    assert time.process_time() - start < 10


def test_the_slash_before_a_query_does_not_hide_the_address() -> None:
    items = """[{"@type": "NewsArticle", "headline": "Ferry prices double", "url": "/town/ferry", "datePublished": "2024-01-02"},
      {"@type": "NewsArticle", "headline": "Old bridge shut", "url": "/town/bridge/", "datePublished": "2024-04-25"}]"""
    html = page(ARTICLE, f'<script type="application/ld+json">{items}</script>')
    metadata = cleaner.clean_html(html, url="https://news.example.org/town/bridge/?from=mail#top").metadata
    assert str(metadata.published) == "2024-04-25"


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{' + " " * 100_000 + "x</script>",
        '<script type="application/ld+json">[' + "0," * 500_000 + "0]</script>",
        "<title>" + "a_" * 100_000 + "</title>",
        '<meta property="og:title" content="Storm | Town">' * 5000 + "<h1>Storm</h1>" * 5000,
    ],
    ids=["spaces", "numbers", "marks", "headings"],
)
def test_what_a_page_states_is_read_in_linear_time(head: str) -> None:
    tree = parse_page(page(ARTICLE, head))
    assert tree is not None
    start = time.process_time()
    stated(tree, URL)
    assert time.process_time() - start < 5  # all of these took minutes where the cost was quadratic


def test_the_record_says_how_the_text_was_made() -> None:
    html = page(ARTICLE).encode("cp1251")
    extraction = cleaner.clean_html(html).record["extraction"]
    assert extraction["tool"] == "trafilatura"
    assert extraction["options"]["deduplicate"] is False
    assert extraction["html_encoding"] == "utf-8"  # nothing but ASCII
    assert extraction["html_sha256"] == hashlib.sha256(html).hexdigest()


def test_hints_are_evidence_and_spans_refer_to_the_extracted_text() -> None:
    case = next(case for case in PAGES if "newsletter" in case["name"])
    result = cleaner.clean_html(page(case["body"]))
    edit = next(edit for edit in result.edits if edit.finding.rule.code == "NWS006")
    assert "element for newsletters" in edit.finding.evidence
    assert result.raw[edit.start : edit.end].startswith("The week in the harbour")
    assert "NWS006" not in {edit.finding.rule.code for edit in cleaner.clean(result.raw).edits}


RUSSIAN = "Мост через старую гавань закрыли в понедельник утром, потому что буря сорвала часть крыши."
JAPANESE = "古い港にかかる橋は、嵐で屋根の一部がはがれたため、月曜日の朝から通行止めになった。"
GREEK = "Η γέφυρα πάνω από το παλιό λιμάνι έκλεισε τη Δευτέρα το πρωί μετά την καταιγίδα που ξήλωσε τη στέγη."
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'


NO_ENCODINGS = ("rot13", "idna", "undefined", "cp037", "unicode_escape", "utf-32")
"""Names that Python has codecs for, and in which no page can be written."""


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"\xef\xbb\xbf" + page(RUSSIAN, META.format("windows-1251")).encode(), "utf-8", RUSSIAN),
        (b"\xff\xfe" + page(RUSSIAN).encode("utf-16-le"), "utf-16-le", RUSSIAN),
        (b"\xfe\xff" + page(RUSSIAN).encode("utf-16-be"), "utf-16-be", RUSSIAN),
        (page(RUSSIAN, META.format("windows-1251")).encode("cp1251"), "cp1251", RUSSIAN),
        (page(JAPANESE, '<meta charset="Shift_JIS">').encode("cp932"), "cp932", JAPANESE),
        (page("“Café” – €", "<meta charset=iso-8859-1>").encode("cp1252"), "cp1252", "“Café” – €"),
        (page(RUSSIAN, META.format("windows-1251")).encode(), "utf-8", RUSSIAN),
        (b'<?xml version="1.0" encoding="ISO-8859-7"?>' + page(GREEK).encode("iso8859-7"), "iso8859-7", GREEK),
        (page(RUSSIAN * 3).encode("cp1251"), "cp1251", RUSSIAN),
        (page(RUSSIAN, '<meta charset="no-such-thing">').encode(), "utf-8", RUSSIAN),
        (page(RUSSIAN, '<meta charset="utf-8">').encode() + b"\xff", "utf-8", RUSSIAN),
        (page(JAPANESE, '<meta charset="iso-2022-jp">').encode("iso2022_jp"), "iso2022_jp", JAPANESE),
        (page(JAPANESE, '<meta charset="iso-2022-jp">').encode(), "utf-8", JAPANESE),
        (page(RUSSIAN, '<meta charset="x-mac-cyrillic">').encode("mac_cyrillic"), "mac-cyrillic", RUSSIAN),
        *((page(RUSSIAN * 3, f'<meta charset="{name}">').encode("cp1251"), "cp1251", RUSSIAN) for name in NO_ENCODINGS),
    ],
    ids=[
        "mark",
        "utf-16",
        "utf-16-be",
        "meta",
        "label",
        "latin",
        "wrongly declared",
        "xml",
        "by its look",
        "unknown",
        "one bad byte",
        "seven bits",
        "eight bits, wrongly declared",
        "label that Python lacks",
        *NO_ENCODINGS,
    ],
)
def test_encodings_are_read_as_browsers_do(data: bytes, encoding: str, text: str) -> None:
    decoded, found = decode_page(data)
    assert found == encoding
    assert text in decoded


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n",
        "<!-- nothing -->",
        "<html></html>",
        "<html><script>document.write('<p>Rain fell.</p>')</script></html>",
        "<div" * 1000,
        "<p>Rain" + "<" * 1000,
        "</p></div></html>",
        "\ud800\x00<p>\x01",
        "<nav><a href='/a'>Home</a><a href='/b'>News</a></nav>",
        b"\x00\xff\xfe\x00" * 100,
        b"%PDF-1.7 \xe2\xe3\xcf\xd3",
    ],
    ids=["empty", "blank", "comment", "shell", "script", "open", "angles", "closed", "surrogate", "menu", "zeros", "pdf"],
)
def test_a_page_without_an_article_is_flagged(html: str | bytes) -> None:
    result = cleaner.clean_html(html)
    assert "not-an-article" in result.flags
    assert cleaner.restore(result.text, result.record) == result.raw


@pytest.mark.parametrize("tag", ["div", "span", "b", "blockquote", "ul><li", "table><tr><td", "section", "font"])
def test_ten_thousand_levels(tag: str) -> None:
    start = time.monotonic()
    result = cleaner.clean_html(f"<html><body>{f'<{tag}>' * 10_000}{page(ARTICLE)}")
    assert cleaner.restore(result.text, result.record) == result.raw
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("x" * (MAX_CHARACTERS + 1), "characters is no article"),
        ("<i></i>" * (MAX_ELEMENTS + 1), "elements is no article"),
        (page("<article>{1}<p>" + "word and word, " * 80_000 + "</p></article>"), "is data, not article text"),
    ],
    ids=["characters", "elements", "line"],
)
def test_a_page_that_is_too_large_is_refused(html: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cleaner.clean_html(html)


def test_no_entity_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret of the harbour")
    doctype = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    result = cleaner.clean_html(page(f"{ARTICLE}<p>&x;</p>").replace("<!DOCTYPE html>", doctype))
    assert "secret" not in result.text
    assert PARAGRAPHS[0] in result.text


def test_a_file_goes_the_same_way(tmp_path: Path) -> None:
    html = page(PAGES[0]["body"], '<meta charset="windows-1252">').replace("harbour", "harboür").encode("cp1252")
    path = tmp_path / "a.htm"
    path.write_bytes(html)
    from_file, from_bytes = cleaner.clean_file(path), cleaner.clean_html(html)
    assert from_file.text == from_bytes.text
    assert "old harboür" in from_file.text
    assert from_file.record["extraction"] == from_bytes.record["extraction"]
    assert from_file.record["extraction"]["html_encoding"] == "cp1252"
    assert from_file.record["source"]["path"] == "a.htm"


def test_the_declared_language_counts_where_the_text_does_not_tell() -> None:
    zulu = "Ibhuloho elidala livaliwe ngoMsombuluko ekuseni ngenxa yesiphepho esiphephule uphahla lwalo, kusho ihhovisi."
    html = page(ARTICLE).replace("<html>", '<html lang="de-DE">')
    assert cleaner.clean_html(html).metadata.language == "en"
    for paragraph in PARAGRAPHS:
        html = html.replace(paragraph, zulu)
    assert cleaner.clean_html(html.replace("de-DE", "zu")).metadata.language == "zu"


def test_long_lines_of_earlier_pages_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "MOST_KEPT", 300)
    trim.cache_clear()
    for number in range(40):
        cleaner.clean_html(f"<article><p>Storm {number} tore off parts of the roof, the city said.</p></article>")
    assert trim.cache_info().currsize < 20
