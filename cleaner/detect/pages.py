"""Whole pages: which lines are the article where a page was turned into text with its menus, teasers and comments.

Every line gets a score, the sum of the weights of what can be said about it; the article is the run of
lines with the highest sum. The weights stand in `data/page_weights.toml` and are fitted by
`benchmarks/fit_pages.py`. Selection of the best run of lines follows Pasternack and Roth, "Extracting
Article Text from the Web with Maximum Subsequence Segmentation" (2009); most of what is said about
lines comes from Kohlschütter et al., "Boilerplate Detection using Shallow Text Features" (2010).
"""

from __future__ import annotations

import math
import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate, pairwise

from cleaner.dates import find_date
from cleaner.detect.times import is_stamp
from cleaner.model import Document, Finding, Form, Line, Rule
from cleaner.names import is_name
from cleaner.prefilter import Prefilter
from cleaner.registry import PATTERN_KINDS, built_in
from cleaner.shape import PROSE_WORDS, is_headline
from cleaner.words import stems

SHORT_WORDS = 5
"""The entry of a menu is no longer than this, as a rule …"""
SHORT_LINES = 15
"""… and a page has at least so many of them …"""
SHORT_SHARE = 1 / 3
"""… which are at least this share of its lines."""
CHROME_LINES = 3
"""So many different lines that only pages have (“Subscribe”, “All rights reserved”) show a page …"""
CHROME_LINES_BELOW_MENU = 2
MENU_LINES = 20
"""… or fewer of them, if a menu of so many short lines stands above the first paragraph."""
ARTICLE_WORDS = 40
"""Running text of fewer words is no article."""
ARTICLE_TOPIC = 1 / 8
"""Mean share of a paragraph's words that other paragraphs of an article have, too; teasers of different articles share fewer."""

CHROME = {
    "NAV": "menu", "SHR": "share", "NWS": "letter", "LEG": "legal", "PAY": "paywall", "CKE": "cookies", "ADV": "ad",
    "PUB": "publisher", "FBK": "feedback", "REL": "related", "CMT": "comments", "TAG": "tags", "BYL": "byline",
    "TIM": "date", "BIO": "bio",
}  # fmt: skip
"""What the weights call the categories of rules."""
OF_ARTICLES = ("byline", "date", "bio", "tags", "related")
"""Kinds of lines that come with extracted articles, too, hence show no page."""
HEADINGS = ("related", "comments", "letter", "legal")
"""What is said about the lines below a line of these kinds, too …"""
REACH = (2, 4, 8, 16)
"""… for so many lines: the next one, the next three, …"""
MOST_OF_LINE = 0.6
"""A pattern says what a line is if it fits this share of the line."""

TITLE_WORDS = range(3, 31)
TITLE_WEIGHT = 2.0
"""Words that the title and the text have in common, by the root of the title's length: less is no title."""
TOPIC_LINES = 4
"""A word of the title that is in so many paragraphs says no less than one that is in more."""
TITLE_SHARE = 1 / 2
"""The title of a window is the article's for the better part; the rest names the site."""
NAME_WORDS = 3
"""Headlines in capitals, or in scripts without them, have the shape of longer names."""
HEADLINE_LINES = 12
"""Without such a title: the headline among so many lines above the article that shares most words with it."""
STANDFIRST_LINES = 3
"""A standfirst stands so near below the title …"""
STANDFIRST_WORDS = 6
"""… and has so many words."""

BOX_LINES = 12
"""A box of teasers or a letter inside the article has fewer lines …"""
ENDS = ("comments", "legal", "byline", "date")
"""… and none of these kinds: behind them stand comments, the foot of the page, another article."""
SAME_TOPIC = 1 / 5
"""Two paragraphs behind the box share so many of their words with the text before it; further articles share fewer …"""
SAME_TOPIC_OF_MORE = 1 / 20
"""… and more than two, which no list of teasers has without headlines between them, this share."""
SENTENCE_WORDS = 5
"""A shorter sentence is a label with a full stop."""
DOTS = ("…", "...")
OPENING_LINES = 3
"""Byline and date of a further article stand so near below its headline."""

BETWEEN = 0.9
"""How sure it is that a line between title and article is neither: less than rules that know what the line is."""

_COMMA = re.compile("[,،、，]")
_MARK = re.compile("[©|]")
MEAN_PARAGRAPH = 25
"""Words of a short paragraph, the unit in which running text near a line is counted."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The article of a page: indexes of its first and its last line, and of the title above it."""

    first: int
    last: int
    title: int | None
    scores: tuple[float, ...]


def form_of(document: Document) -> tuple[Form, str]:
    """Tell a whole page from an extracted article, and by what: many short lines, and lines that only pages have."""
    short = [line.words <= SHORT_WORDS and not line.prose and not line.finished for line in document.lines]
    count, of = sum(short), len(short)
    if count < SHORT_LINES or count < SHORT_SHARE * of:
        return "article", f"{count} of {of} lines are short and no sentences"
    kinds = document.view(chrome)
    of_pages = {document.keys[line.index] for line in document.lines if kinds[line.index] not in (*OF_ARTICLES, "")}
    chrome_lines = len(of_pages)
    menu = sum(short[: document.prose[0].index if document.prose else of])
    evidence = f"{count} of {of} lines are short and no sentences, {menu} of them on top; {chrome_lines} are what only pages have"
    is_page = chrome_lines >= CHROME_LINES or (chrome_lines >= CHROME_LINES_BELOW_MENU and menu >= MENU_LINES)
    return "page" if is_page else "article", evidence


def is_article(document: Document) -> bool:
    """False if the page has too little running text, or only teasers of different articles: a shop, a login, a front page."""
    selection = document.view(select)
    if selection is None:
        return False
    running = [line for line in document.lines[selection.first : selection.last + 1] if line.prose]
    if sum(line.words for line in running) < ARTICLE_WORDS:
        return False
    return (
        any(below.index - above.index == 1 for above, below in pairwise(running))
        or _coherence(document, running) >= ARTICLE_TOPIC
    )


def _coherence(document: Document, paragraphs: Iterable[Line]) -> float:
    """Mean share of a paragraph's words that stand in another one, too."""
    meanings = [meaning for meaning in (document.of(stems, line) for line in paragraphs) if meaning]
    counts = Counter(word for meaning in meanings for word in meaning)
    shares = [sum(counts[word] > 1 for word in meaning) / len(meaning) for meaning in meanings]
    return sum(shares) / len(shares) if shares else 0.0


def above(rule: Rule, document: Document) -> Iterator[Finding]:
    """What stands above the title, and between it and the article.

    A standfirst stays; names and dates do, too, for the rules that know what they say about the article.
    """
    selection = _selected(document)
    if selection is None:
        return
    lines = document.lines
    top = selection.first if selection.title is None else selection.title
    if top:
        evidence = f"{_lines(top)} above the article; {_because(document, selection, range(top))}"
        yield Finding(rule, lines[0].start, lines[top - 1].end, "", rule.confidence, evidence)
    if selection.title is None:
        return
    between = lines[selection.title + 1 : selection.first]
    standfirst = next((line for line in between[:STANDFIRST_LINES] if line.words >= STANDFIRST_WORDS), None)
    kinds = document.view(chrome)
    for line in between:
        says_who_or_when = kinds[line.index] in ("byline", "date") or is_name(line.text) or find_date(line.text) is not None
        if not says_who_or_when and (line is not standfirst or kinds[line.index]):
            evidence = f"between title and article; score {selection.scores[line.index]:.1f}"
            yield Finding(rule, line.start, line.end, "", BETWEEN, evidence)


def below(rule: Rule, document: Document) -> Iterator[Finding]:
    """What stands below the article, from one heading to the next; the rule's category says which headings are its own."""
    selection = _selected(document)
    if selection is None:
        return
    lines, kinds = document.lines, document.view(chrome)
    start, category = selection.last + 1, "NAV"
    for index in range(selection.last + 1, len(lines) + 1):
        heads = _CATEGORY_OF.get(kinds[index]) if index < len(lines) else "END"
        if heads is None or heads == category:
            continue
        if category == rule.category and start < index:
            span = range(start, index)
            evidence = f"{_lines(len(span))} below the article; {_because(document, selection, span)}"
            yield Finding(rule, lines[start].start, lines[index - 1].end, "", rule.confidence, evidence)
        start, category = index, heads


_CATEGORY_OF = {"related": "REL", "comments": "CMT", "menu": "NAV", "legal": "NAV", "share": "NAV", "letter": "NAV"}


def _selected(document: Document) -> Selection | None:
    return document.view(select) if document.form == "page" and is_article(document) else None


def _lines(count: int) -> str:
    return f"{count} lines" if count > 1 else "1 line"


def _because(document: Document, selection: Selection, span: range) -> str:
    running = sum(document.lines[index].prose for index in span)
    mean = sum(selection.scores[index] for index in span) / len(span)
    return f"{running} of running text, mean score {mean:.1f}"


def select(document: Document) -> Selection | None:
    """The article of a page by the weights of the package; `None` if no line has a positive score."""
    weights, least, most = _weights()
    return selected(document, scores_of(features(document), weights), least, most)


def selected(document: Document, scores: tuple[float, ...], least: float, most: float) -> Selection | None:
    """The article of a page by the scores of its lines, each held within bounds; `None` if none is positive."""
    run = best_run(scores, least, most)
    if run is None:
        return None
    first, last = _extended(document, *run)
    last = _end_of_first(document, first, last)
    return Selection(first, last, _title_above(document, first), scores)


def _extended(document: Document, first: int, last: int) -> tuple[int, int]:
    """The run with what goes on behind a box inside the article, and with sentences that stand directly at its ends.

    Weights learn from long articles, where a box of teasers or a letter is small beside the text around it. Teasers
    below an article are one paragraph under each headline; two that follow each other are text that goes on.
    """
    lines, kinds = document.lines, document.view(chrome)
    topics = {word for line in lines[first : last + 1] if line.prose for word in document.of(stems, line)}
    is_sentence = [_is_sentence(line, kinds) for line in lines]
    end = last + 1
    while end < len(lines) and is_sentence[end]:
        end += 1
    at = end
    while at < len(lines) and at - end < BOX_LINES and kinds[at] not in ENDS:
        behind = _end_of_text(is_sentence, kinds, at)
        if _goes_on(document, topics, lines[at:behind]):
            end = behind
        at = max(behind, at + 1)
    while first and is_sentence[first - 1]:
        first -= 1
    return first, end - 1


def _end_of_first(document: Document, first: int, last: int) -> int:
    """Index of the last line before a further article inside the run, which opens with a headline, a byline and a date.

    What stands above must be the larger part; else it may be the standfirst and a teaser of what stands below.
    """
    lines, kinds = document.lines, document.view(chrome)
    words = list(accumulate((line.words if line.prose else 0 for line in lines[: last + 1]), initial=0))
    for at in range(first + 1, last):
        opening = lines[at + 1 : at + 1 + OPENING_LINES]
        if (
            words[at] - words[first] >= words[-1] - words[at]
            and any(kinds[line.index] == "byline" for line in opening)
            and any(is_stamp(line.text) for line in opening)
            and not any(line.prose for line in (lines[at], *opening[:2]))
            and is_headline(lines[at].text, lines[at].words)
            and not kinds[at]
        ):
            return at - 1
    return last


def _end_of_text(is_sentence: Sequence[bool], kinds: Sequence[str], at: int) -> int:
    """Index behind the text that starts at a line: two sentences and more, single sub-headings between them."""
    if not all(is_sentence[at : at + 2]) or at + 1 >= len(is_sentence):
        return at
    while at < len(is_sentence):
        is_heading = not kinds[at] and is_sentence[at - 1] and any(is_sentence[at + 1 : at + 2])
        if not is_sentence[at] and not is_heading:
            break
        at += 1
    return at


def _is_sentence(line: Line, kinds: Sequence[str]) -> bool:
    """True if the line is a sentence of some length, or several, and nothing that pages have; teasers end in dots."""
    finished = line.words >= SENTENCE_WORDS and line.finished and not line.text.endswith(DOTS)
    return (finished or line.prose) and not kinds[line.index]


def _goes_on(document: Document, topics: Set[str], lines: Sequence[Line]) -> bool:
    """True if lines that follow each other are text about these topics; the more lines, the less they must have in common."""
    if len(lines) < 2 or not any(line.prose for line in lines):
        return False
    meaning = frozenset().union(*(document.of(stems, line) for line in lines))
    return len(meaning & topics) >= (SAME_TOPIC if len(lines) == 2 else SAME_TOPIC_OF_MORE) * len(meaning) > 0


def _title_above(document: Document, first: int) -> int | None:
    """Index of the title of the article that starts at the line `first`: what `title_of` finds, put right by its neighbours."""
    kinds = document.view(chrome)
    topics = {word for line in document.prose if line.index >= first for word in document.of(stems, line)}

    def weight(line: Line) -> float:
        meaning = document.of(stems, line)
        if kinds[line.index] or not is_headline(line.text, line.words) or (is_name(line.text) and line.words <= NAME_WORDS):
            return 0.0
        return len(meaning & topics) / math.sqrt(max(1, len(meaning)))

    title = document.view(title_of)
    if title is None or title >= first:
        title = max(range(max(0, first - HEADLINE_LINES), first), key=lambda at: weight(document.lines[at]), default=None)
        if title is None or not weight(document.lines[title]):
            return None
    # The title of the window stands first and has the site's name with it.
    window = document.keys[title]
    for line in document.lines[title + 1 : first]:
        key = document.keys[line.index]
        if line.words in TITLE_WORDS and len(key) >= TITLE_SHARE * len(window) and key in window:
            title = line.index
    # A standfirst has more words of the article than the title above it; what stands elsewhere, too, is a menu's entry.
    topics |= document.of(stems, document.lines[title])
    if title and document.lines[title].words > PROSE_WORDS > document.lines[title - 1].words:
        is_entry = document.keys.count(document.keys[title - 1]) > 1
        if weight(document.lines[title - 1]) and not is_entry:
            return title - 1
    return title


def scores_of(described: Iterable[Iterable[str]], weights: Mapping[str, float]) -> tuple[float, ...]:
    """The score of each line: the sum of the weights of what is said about it."""
    return tuple(weights["always"] + sum(weights.get(name, 0.0) for name in names) for names in described)


def best_run(scores: Iterable[float], least: float, most: float) -> tuple[int, int] | None:
    """First and last index of the run with the highest sum of scores, each held within bounds; the first of equals."""
    best, run, start, total = 0.0, None, 0, 0.0
    for index, score in enumerate(scores):
        if total <= 0:
            start, total = index, 0.0
        total += min(most, max(least, score))
        if total > best:
            best, run = total, (start, index)
    return run


@cache
def _weights() -> tuple[dict[str, float], float, float]:
    data = tomllib.loads(resources.files("cleaner").joinpath("data/page_weights.toml").read_text("utf-8"))
    return data["weights"], data["least"], data["most"]


def features(document: Document) -> Iterator[list[str]]:
    """What can be said about each line, in the words of the table of weights."""
    lines = document.lines
    meanings = document.each(stems)
    topics: Counter[str] = Counter()
    for line in document.prose:
        topics.update(meanings[line.index])
    words = list(accumulate((line.words if line.prose else 0 for line in lines), initial=0))
    repeated = {key for key, count in Counter(document.keys).items() if count > 1}
    title, kinds = document.view(title_of), document.view(chrome)
    up, down = _distances(lines)
    seen: dict[str, int] = {}
    for line in lines:
        at = line.index
        names = _of_itself(line, topics, meanings[at])
        names += _of_place(at, words, title)
        size = _size(line)
        names.append(f"paragraphs {_step(up[at], (2, 4))} above {_step(down[at], (2, 4))} below {size}")
        names += [f"behind {kind} {_step(at - index, REACH)}" for kind, index in seen.items() if at - index < REACH[-1]]
        if kinds[at]:
            names.append(f"is {kinds[at]}")
            if kinds[at] in HEADINGS:
                seen[kinds[at]] = at
        if document.keys[at] in repeated:
            names.append(f"repeated {size}")
        yield names


def _of_itself(line: Line, topics: Counter[str], meaning: frozenset[str]) -> list[str]:
    text, size = line.text, _size(line)
    end = "sentence" if line.finished else "colon" if text[-1] in ":：" else "open"
    names = [
        f"words {_step(line.words, (2, 4, 7, 12, 20, 35))} {end}",
        f"commas {min(len(_COMMA.findall(text)), 2)} {size}",
    ]
    if meaning:
        shared = sum(topics[word] > line.prose for word in meaning) / len(meaning)
        names.append(f"topic {_step(shared, (0.01, 0.2, 0.4, 0.6, 0.8))} {size}")
    if line.item:
        names.append("item")
    if _MARK.search(text):
        names.append("mark")
    return names


def _of_place(at: int, words: Sequence[int], title: int | None) -> list[str]:
    """`words` are the words of running text before each line, and in all."""
    count, whole = len(words) - 1, words[-1] or 1
    names = []
    for reach in (2, 5):
        before = (words[at] - words[max(0, at - reach)]) / (reach * MEAN_PARAGRAPH)
        behind = (words[min(count, at + 1 + reach)] - words[at + 1]) / (reach * MEAN_PARAGRAPH)
        names.append(f"text {reach} above {_step(before, (0.01, 0.2, 0.5, 0.9))}")
        names.append(f"text {reach} below {_step(behind, (0.01, 0.2, 0.5, 0.9))}")
    shares = (1e-9, 0.05, 0.3, 0.7, 0.95, 1 - 1e-9)
    names.append(f"share above {_step(words[at] / whole, shares)}")
    names.append(f"share below {_step((words[-1] - words[at + 1]) / whole, shares)}")
    names.append("title " + ("none" if title is None else "below" if at < title else "here" if at == title else "above"))
    return names


def _size(line: Line) -> str:
    return "long" if line.prose else "short"


def _step(value: float, edges: Sequence[float]) -> int:
    """How many of the edges the value has reached."""
    return bisect_right(edges, value)


def _distances(lines: Sequence[Line]) -> tuple[list[int], list[int]]:
    """For each line how far above and below the next running text is."""
    far = len(lines)
    up, down = [], []
    distance = far
    for line in lines:
        up.append(distance)
        distance = 1 if line.prose else distance + 1
    distance = far
    for line in reversed(lines):
        down.append(distance)
        distance = 1 if line.prose else distance + 1
    return up, down[::-1]


def title_of(document: Document) -> int | None:
    """Index of the line above the bulk of the text whose words the paragraphs take up most; the last of equals."""
    topics: Counter[str] = Counter()
    for line in document.prose:
        topics.update(document.of(stems, line))
    half = sum(line.words for line in document.prose) / 2
    best, at, words = TITLE_WEIGHT, None, 0
    for line in document.lines:
        if words >= half:
            break
        words += line.words if line.prose else 0
        if line.prose or line.words not in TITLE_WORDS or line.text[-1] in ".:;,":
            continue
        meaning = document.of(stems, line)
        weight = sum(min(topics[word], TOPIC_LINES) for word in meaning) / max(1, len(meaning)) ** 0.5
        if weight >= best:
            best, at = weight, line.index
    return at


def chrome(document: Document) -> tuple[str, ...]:
    """For each line what the phrases and patterns of the rules say it is; empty where they say nothing."""
    rules, prefilter = _chrome()
    if document.candidates is None:
        document = document.having(candidates=prefilter.candidates(document))
    kinds = [""] * len(document.lines)
    for rule in rules:
        for line in document.fitting(rule):
            if not kinds[line.index] and line.words <= rule.max_words and _fits(rule, document, line):
                kinds[line.index] = CHROME[rule.category]
    return tuple(kinds)


def _fits(rule: Rule, document: Document, line: Line) -> bool:
    if document.plains[line.index] in rule.phrases:
        return True
    if rule.detect not in PATTERN_KINDS:
        return False
    found = (pattern.match(line.text) for _, pattern in document.patterns_for(rule, line))
    return any(match is not None and match.end() >= MOST_OF_LINE * len(line.text) for match in found)


@cache
def _chrome() -> tuple[tuple[Rule, ...], Prefilter]:
    rules = tuple(rule for rule in built_in().rules if rule.category in CHROME)
    return rules, Prefilter(rules)  # which matches all patterns at the beginning of lines
