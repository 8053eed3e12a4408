"""Normalization inside lines: white space, invisible characters, entities, mojibake, accents."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator

from cleaner.detect.patterns import shortened
from cleaner.model import Document, Finding, Line, Rule
from cleaner.segment import BREAK
from cleaner.shape import has_columns

_SPACES = re.compile(r"[ \t\xa0\u1680\u2000-\u200a\u202f\u205f]{2,}|[\t\xa0\u1680\u2000-\u200a\u202f\u205f]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufff9-\ufffb]+")
"""Control characters, soft hyphens, zero-width spaces, marks of byte order; not joiners, which spell words."""
_ENTITY = re.compile(r"&(?:amp;){0,4}(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_ACCENT = re.compile(r"[\u0300-\u036f]")
_DECOMPOSED = re.compile(r"[^\W\d_][\u0300-\u036f]{1,8}")
_MOJIBAKE = re.compile(
    r"[\xc2-\xf4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[\u0420\u0421][\u0400-\u040f\u0450-\u045f\xa0-\xbf’“”•–—™]|[√∆«»¬Ä][\xa0-\xff†°¢£§•¶ß®©™´¨≠ÆØ∞±]"
)
"""What UTF-8 read as Windows-1252, Windows-1251 or Mac Roman looks like; ftfy decides whether it is that."""
_LEADS = frozenset("√∆«»¬Ä\u0420\u0421").union(map(chr, range(0xC2, 0xF5)))
_LEAD = re.compile(f"[{''.join(sorted(_LEADS))}]")
NAMES_OF_INVISIBLE = {0xAD: "soft hyphen", 0x200B: "zero-width space", 0xFEFF: "byte order mark", 0x2060: "word joiner"}


def _with(document: Document, has: Callable[[str], bool]) -> Iterator[Line]:
    """The lines of whose text something is true."""
    return (line for line, holds in zip(document.lines, document.each(has), strict=True) if holds)


def _is_unprintable(text: str) -> bool:
    """True if some character is no letter, mark or plain space; what most lines are not is told fastest."""
    return not text.isprintable()


def _has_odd_spaces(text: str) -> bool:
    return "  " in text or not text.isprintable()


def _has_mojibake(text: str) -> bool:
    """True if ftfy should look at the line; most are told by their having none of the characters that come first."""
    lead = None if text.isascii() else _LEAD.search(text)
    return lead is not None and _MOJIBAKE.search(text, lead.start()) is not None


def _has_accents(text: str) -> bool:
    return not unicodedata.is_normalized("NFC", text) and _ACCENT.search(text) is not None


def spaces(rule: Rule, document: Document) -> Iterator[Finding]:
    """Runs of white space and odd spaces inside lines become one space; tables and verse keep theirs."""
    yield from _at_edges(rule, document)
    for line in _with(document, _has_odd_spaces):
        runs = list(_SPACES.finditer(line.text))
        if not runs or has_columns(line.text) or (_in_block(document, line) and not line.prose):
            continue
        for found in runs:
            yield _replace(rule, document, line, found, " ", "white space inside the line")


def _at_edges(rule: Rule, document: Document) -> Iterator[Finding]:
    """White space with which an edit begins or ends a line: no line has it, and what stands between lines is no part of one."""
    if not any(edit.replacement.strip() not in ("", edit.replacement) for edit in document.edits):
        return
    for line in document.lines:
        end = line.offset + len(line.text)
        # Both edges may lie in one edit, which is looked at once then.
        for whole, first, last in dict.fromkeys(document.offsets.whole(document.text, at, at, "") for at in (line.offset, end)):
            kept = document.text[max(first, line.offset) : min(last, end)]
            if kept != whole and kept == whole.strip() and not BREAK.search(whole):
                start = document.to_raw(first)
                yield Finding(
                    rule, start, document.to_raw(last, end=True), kept, rule.confidence, "white space at the edge of the line"
                )


def _in_block(document: Document, line: Line) -> bool:
    return line.tight or (line.index + 1 < len(document.lines) and document.lines[line.index + 1].tight)


def invisible(rule: Rule, document: Document) -> Iterator[Finding]:
    """Characters that no reader sees and that part words for every program."""
    for line in _with(document, _is_unprintable):
        for found in _INVISIBLE.finditer(line.text):
            code = ord(found.group()[0])
            evidence = NAMES_OF_INVISIBLE.get(code, "control character") + f" (U+{code:04X})"
            yield _replace(rule, document, line, found, "", evidence)


def entities(rule: Rule, document: Document) -> Iterator[Finding]:
    """HTML entities that were never decoded, or encoded twice."""
    if "&" not in document.text:
        return
    for line in document.lines:
        for found in _ENTITY.finditer(line.text):
            plain = found.group()
            for _ in range(6):
                plain = html.unescape(plain)
            if (
                plain != found.group()
                and ";" not in plain
                and not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in plain)
            ):
                yield _replace(rule, document, line, found, plain, f"the entity {shortened(found.group())}")


def mojibake(rule: Rule, document: Document) -> Iterator[Finding]:
    """UTF-8 that was read in another encoding, repaired by ftfy where it is sure."""
    for line, has_mojibake in zip(document.lines, document.each(_has_mojibake), strict=True):
        text = line.text
        if text[-1] in _LEADS and document.text.startswith("\xa0", line.offset + len(text)):
            text += "\xa0"  # which passes for white space behind the line, and is half of “à” or of a space
        elif not has_mojibake:
            continue
        import ftfy

        fixed, plan = ftfy.fix_encoding_and_explain(text)
        fixed = fixed.strip()
        if fixed == line.text or _INVISIBLE.search(fixed) or BREAK.search(fixed):
            continue
        start = _common(text, fixed)
        behind = _common(text[start:][::-1], fixed[start:][::-1])
        end = len(text) - behind
        steps = ", ".join(step.parameter for step in plan or ())
        change = document.rewritten(line, start, end, fixed[start : len(fixed) - behind])
        yield Finding(rule, *change, rule.confidence, f"ftfy repairs it by {shortened(steps)}")


def _common(one: str, other: str) -> int:
    """Length of the common beginning."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))


def accents(rule: Rule, document: Document) -> Iterator[Finding]:
    """Letters and accents that stand as two characters where one exists (Unicode NFC)."""
    for line in _with(document, _has_accents):
        for found in _DECOMPOSED.finditer(line.text):
            composed = unicodedata.normalize("NFC", found.group())
            if len(composed) < len(found.group()):
                yield _replace(rule, document, line, found, composed, f"“{composed}” as {len(found.group())} characters")


def _replace(rule: Rule, document: Document, line: Line, found: re.Match[str], replacement: str, evidence: str) -> Finding:
    return Finding(rule, *document.rewritten(line, *found.span(), replacement), rule.confidence, evidence)
