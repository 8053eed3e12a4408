"""HTML pages: from bytes to a parsed tree, as browsers read them, without network and in bounded time."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from cleaner.model import InputError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_CHARACTERS = 20_000_000
"""A larger page is no article but an archive or data."""
MAX_ELEMENTS = 100_000
"""Content selection looks at each element many times; real pages have some thousands."""
MAX_DEPTH = 200
"""Elements nested deeper are dissolved into the one around them: their text counts, their markup no more.
Real pages stay below 60, and the steps of content selection that follow children one by one take no more than some hundreds."""
PRESCAN = 4096
"""So many bytes at the beginning are searched for the name of the encoding; browsers look at 1024, pages often need more."""
DETECTED = 200_000
"""So many bytes are enough to guess an encoding from."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(
    rb"""<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?\s*([\w:.-]{2,40})|<\?xml\b[^>]{0,100}\bencoding=["']([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_AS_BROWSERS_READ = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
"""Encodings that a page names and browsers read as a wider one; a page whose `meta` can be read as ASCII is not UTF-16."""
_LABELS = {
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode": "utf-8",
    "x-gbk": "gb18030",
}
"""Names of encodings that browsers know and Python does not."""
_ASCII = b"<meta> \\x41 +AGE-"
"""Every encoding of a page reads this as ASCII does; codecs for escapes, EBCDIC or UTF-7 do not, nor do browsers have them."""
_SEVEN_BIT = frozenset({"iso2022_jp"})
"""Encodings whose bytes are UTF-8, too, but another text in it; what the page declares must decide."""
_SURROGATES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""As UTF-8 would have them …"""
_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20)])
_WITHOUT_CONTROLS = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
"""… and other characters that no tree can hold."""


def decode_page(data: bytes) -> tuple[str, str]:
    """The text of a page and the encoding it was read in.

    The byte order mark decides, then what the page declares, then whether the bytes are UTF-8, then their look. A page
    that declares another encoding and is UTF-8 all the same was declared wrongly, unless that encoding has seven bits.
    Never fails: what cannot be decoded is replaced, as browsers do.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    declared = _declared(data[:PRESCAN])
    if declared in _SEVEN_BIT and data.isascii():
        return data.decode(declared, "replace"), declared
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = declared if declared not in ("", "utf-8") else _guessed(data, declared)
    return data.decode(encoding, "replace"), encoding


def _declared(head: bytes) -> str:
    """The encoding that the page names; empty if it names none in which its own markup could be read."""
    found = _DECLARED.search(head)
    if found is None:
        return ""
    label = (found[1] or found[2]).decode("ascii", "replace").casefold()
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        name = _AS_BROWSERS_READ.get(name, name)
        is_read = _ASCII.decode(name, "replace") == _ASCII.decode("ascii")
    except (LookupError, UnicodeError):  # some codecs are no encodings of text, or replace nothing
        return ""
    return name if is_read else ""


def _guessed(data: bytes, declared: str) -> str:
    if declared:  # UTF-8 with a few broken bytes stays UTF-8 unless most of it is something else
        broken = data.decode("utf-8", "replace").count("\N{REPLACEMENT CHARACTER}")
        if broken * 100 < len(data):
            return declared
    from charset_normalizer import from_bytes

    best = from_bytes(data[:DETECTED]).best()
    return best.encoding if best is not None else "cp1252"


def parse_page(text: str, encoded: bytes | None = None) -> HtmlElement | None:
    """The tree of a page; `None` if there is nothing in it. `encoded` is the text in UTF-8, with surrogates, where it is known.

    Nothing is fetched and no entity but those of HTML is replaced. Raises `InputError` if the page is too large to be an
    article or cannot be parsed at all.
    """
    from lxml import etree, html

    if len(text) > MAX_CHARACTERS:
        raise InputError(f"a page of {len(text):,} characters is no article (the most is {MAX_CHARACTERS:,}); split it")
    if not text.strip():
        return None
    data = text.encode("utf-8", "surrogatepass") if encoded is None else encoded
    data = _SURROGATES.sub(b" ", data).translate(_WITHOUT_CONTROLS)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    # Fields of forms get no classes of their own: that takes a call from C to Python for each element that is looked at.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    try:
        tree = html.document_fromstring(data, parser=parser, ensure_head_body=False)
    except etree.ParserError:  # nothing but comments or an empty document
        return None
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise InputError(f"the page cannot be parsed: {error}; fetch it again") from error
    _flatten(tree)
    return tree


def _flatten(tree: HtmlElement) -> None:
    """Dissolve what is nested too deeply. Raises `InputError` if there are too many elements."""
    from lxml import etree

    count = int(tree.xpath("count(//*)"))
    if count > MAX_ELEMENTS:
        raise InputError(f"a page of {count:,} elements is no article (the most is {MAX_ELEMENTS:,}); split it")
    for element in tree.xpath("/*" * MAX_DEPTH):
        etree.strip_tags(element, "*")
