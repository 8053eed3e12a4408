"""Does the cost of cleaning grow with the text alone? Documents and lines made to trap it, at n and at 2n.

    python benchmarks/linear.py [--kind NAME] [--rule CODE] [--lines N]

Two parts, which take about 25 minutes together: whole documents of each kind, of 40,000 lines, 1,000,000 short lines or one
line of 10 MB; then each rule alone, on lines that repeat the beginning of each of its patterns 100,000 times, and on runs of
1,000,000 characters behind it. `--kind` and `--rule` measure only what they name, `--lines` other documents than these sizes.
Prints how many times as long 2n takes as n, and exits with 1 where that is above MOST_RATIO.
"""

import argparse
import gc
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from re import _constants as sre
from re import _parser as sre_parser
from typing import Any

from cleaner.detect import detector_of
from cleaner.model import Rule
from cleaner.pipeline import Cleaner
from cleaner.registry import built_in
from cleaner.segment import segment

MOST_RATIO = 2.6
"""Linear cost doubles with the size and quadratic cost takes four times as long; sorting, caches and noise lie between."""
RUNS = 8
"""A ratio that is too high is measured so often: another process may have taken the time."""
LINES = 20_000
"""Lines of the smaller document …"""
SHORT_LINES = 500_000
"""… if they are short and nothing else …"""
CHARACTERS = 40
"""… or so many characters for each of them, if it is a single line …"""
LONG_LINE = 125_000
"""… which is that of so many lines."""
BEGINNINGS = 50_000
"""The shorter line repeats the beginning of a pattern so often …"""
RUN = 500_000
"""… or has a run of so many characters."""
RUNS_OF = {
    "spaces": " ",
    "dots": ".",
    "digits": "1",
    "quotes": '"',
    "brackets": "(",
    "letters": "a",
    "capitals": "A",
    "dashes": "-",
}
NOISE = 0.05
"""Seconds for the longer line; what is faster need not be measured better."""

PROSE = "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said."
FRAME = [
    "Storm closes the old harbour bridge",
    PROSE,
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.",
]
PROFILE = [
    "Name: Jane Roe",
    "Birthday: 1990-01-01",
    "Address: 12 Hill St",
    "Phone: +1 555 0100",
    "Job: Reporter",
    "Hobby: Chess",
    "Introduction: My name is Jane Roe, and I like words.",
]

Kind = Callable[[int], str]


def _lines(*texts: str, gap: str = "\n") -> Kind:
    """A document of n lines that go round among the texts, with `{}` for the number of the line."""

    def make(count: int) -> str:
        return gap.join(text.format(number) for number, text in enumerate(islice(cycle(texts), count)))

    return make


def _behind_article(kind: Kind) -> Kind:
    return lambda count: "\n\n".join([*FRAME, kind(count)])


def _before_article(kind: Kind) -> Kind:
    return lambda count: "\n\n".join([kind(count), *FRAME])


def _between_paragraphs(*texts: str) -> Kind:
    return _lines(*(text for pair in ((text, PROSE + " {}") for text in texts) for text in pair), gap="\n\n")


def _long_line(text: str) -> Kind:
    return lambda count: (text * (count * CHARACTERS // len(text) + 1))[: count * CHARACTERS]


def _phrases(count: int) -> str:
    """Beginnings of the phrases of all rules, and the phrases themselves."""
    phrases = [phrase for rule in built_in().rules for phrase in rule.phrases]
    beginnings = [text for phrase in phrases for text in (phrase, phrase[: len(phrase) // 2 + 1])]
    return "\n\n".join(islice(cycle(beginnings), count))


def _examples(count: int) -> str:
    """Lines of the examples of all rules in any order, with paragraphs between them."""
    texts = [line for rule in built_in().rules for example in rule.examples for line in example.text.split("\n") if line.strip()]
    chosen = random.Random(count)
    return "\n\n".join(chosen.choice(texts) if chosen.random() < 0.7 else PROSE for _ in range(count))


def _needles(count: int) -> str:
    """The first example of each rule, the same one many times in a row: where rules look around, there is no end."""
    texts = [rule.examples[0].removed[0] for rule in built_in().rules if rule.examples[0].removed]
    return "\n\n".join(text for text in texts for _ in range(count // len(texts) + 1))


def _names(count: int) -> str:
    """Candidates for joined words, each another one."""
    letters = "abcdefghijklmnopqrstuvwxyz"

    def name(number: int) -> str:
        return "Q" + "".join(letters[number // 26**place % 26] for place in range(4))

    return "\n\n".join(f"They met {name(at)}have and the {name(at)} of the town in{name(at)}." for at in range(count))


REPEATED = {
    "words": "the storm and the bridge ", "sentences": "It rained. ", "joined sentences": "It rained.The",
    "spaces": f" a{38 * ' '}", "dots": ".", "commas": "a,", "digits": "1", "dates": "12 May 2024 ", "letters": "a",
    "capitals": "A", "names": "Jane Roe ", "double quotes": '"', "quotes": '." a', "open quotes": "“a ", "brackets": "(",
    "closed brackets": "(a)and ", "angles": "<", "tags": "<b>a</b> ", "entities": "&amp;", "ampersands": "&",
    "addresses": "a@b.c ", "links": "https://a.b/c ", "joined links": "https://a.b/c", "bars": "a | ", "colons": "a: ",
    "hyphens": "a-", "dashes": "— ", "accents": "e\u0301", "mojibake": "Ã©", "ideographs": "天地", "capital words": "AndThe",
    "joined words": "thesecond ", "slashes": "a/", "hashes": "#a ", "phrases": "Sign up for our newsletter ",
    "shortcodes": "[a", "invisible": "a\u200b",
}  # fmt: skip
"""What the kinds that are a single long line repeat."""

KINDS: dict[str, Kind] = {
    "short lines": _lines("line {}", gap="\n"),
    "blocks of short lines": _lines("line {}", "word", "", gap="\n"),
    "one word": _lines("Share"),
    "phrases and their beginnings": _phrases,
    "examples of all rules": _examples,
    "each rule many times in a row": _needles,
    "paragraphs": _lines(PROSE + " {}", gap="\n\n"),
    "the same paragraph": _lines(PROSE, gap="\n\n"),
    "repeated title": _behind_article(_lines(FRAME[0])),
    "repeated title, apart": _behind_article(_lines(FRAME[0], gap="\n\n")),
    "repeated title between paragraphs": lambda count: "\n\n".join([*FRAME, _between_paragraphs(FRAME[0])(count)]),
    "doubled lines": _lines("Rain fell on the town. Rain fell on the town."),
    "title case": _lines("Ten Bridges That Fell {}", "How Storms Are Named"),
    "title case behind the article": _behind_article(_lines("Ten Bridges That Fell in the Storm", gap="\n\n")),
    "title case under labels": _behind_article(_lines("Related Stories:", "Ten Bridges That Fell {}", gap="\n\n")),
    "related labels": _behind_article(_lines("Also Read: Ten bridges that did not last {}", gap="\n\n")),
    "barred labels": _between_paragraphs("IN PICTURES | Ten bridges that fell {}"),
    "labels": _lines("Label {}:", gap="\n"),
    "labels apart": _lines("Related:", gap="\n\n"),
    "labels between paragraphs": _between_paragraphs("More on this:", "Advertisement"),
    "candidate names": _names,
    "names in lines": _lines("Jane Roe", "John Public"),
    "names behind the article": _behind_article(_lines("Jane Roe, Leeds Bureau", gap="\n")),
    "bios": _behind_article(_lines("Jane Roe{} is a reporter based in Leeds. Follow her on Twitter @janeroe.", gap="\n\n")),
    "bios in a list": _behind_article(_lines("- Jane Roe{} is a reporter who covers the old harbour in Leeds. Follow @janeroe.")),
    "author labels": _behind_article(_lines("About the author", "Jane Roe writes books.", gap="\n\n")),
    "desks": _behind_article(_lines("Staff Reporter", "Sports Desk")),
    "captions": _between_paragraphs("Waves over the road to the old mill near York. Photo: Getty Images"),
    "captions in a row": _lines("The bridge seen from the old mill near York in 2019", gap="\n\n"),
    "credits": _behind_article(_lines("Photo: Jane Roe/Reuters", "The bridge from the old mill near York on a day in May")),
    "dates": _lines("12 May 2024", gap="\n\n"),
    "dates behind the article": _behind_article(_lines("12 May 2024 10:{}", "3 hours ago", gap="\n\n")),
    "times of day": _lines("10:45 The council meets again", "10:{} PM", gap="\n\n"),
    "comments": _behind_article(_lines("Comments", "Jane Roe", "12 May 2024 at 10:45", "Well said, the bridge {}!", "Reply")),
    "headings of comments": _behind_article(_lines("Comments", gap="\n\n")),
    "comment stamps only": _lines("Jane says:", "3 hours ago", "Reply"),
    "invented profiles": _lines(*PROFILE, "Article information"),
    "profiles between paragraphs": _lines("Author information", *PROFILE, PROSE, gap="\n\n"),
    "article information": _lines("Views: 12", "Rating: 4.7 / 5 (77 voted)", "Reviews: 84% found it helpful", PROSE, gap="\n\n"),
    "list items": _lines("- item {}", "* another", "1. third"),
    "list items behind the article": _behind_article(_lines("- Ten bridges that fell", "- Share")),
    "sections on top": _before_article(_lines("News", "Sport", gap="\n\n")),
    "breadcrumbs on top": _before_article(_lines("- Home", "- News")),
    "tags behind the article": _behind_article(_lines("Tags:", "bridge", "storm", gap="\n\n")),
    "controls": _behind_article(_lines("Share", "Tweet", "Email", "Print", "12")),
    "posts": _behind_article(_lines("See this https://t.co/abc{}", "— Jane Roe (@janeroe) May 12, 2024")),
    "a post under a line of links": lambda count: f"{_long_line('https://a.b/c')(count)} a\n— Jane Roe (@janeroe) May 12, 2024",
    "press contacts": _behind_article(_lines("Press contact", "Phone: 0113 4960{}", gap="\n\n")),
    "portraits": _behind_article(_lines("About Harbour Works", PROSE, gap="\n\n")),
    "quoted lines": _lines("“I saw it fall", "and ran,", "she said.”"),
    "open quotations": _lines("“I saw it fall {}"),
    "entities and spaces": _lines("Rain &amp;amp; wind  fell\u00a0on\u200b the&nbsp;town {}"),
    "mojibake": _lines("The cafÃ© of the â€œold millâ€\u009d {}", gap="\n\n"),
    "joined words": _lines("Rain fell on thesecond day ofthe storm.The mayor said,and left {}.", gap="\n\n"),
    "live blog": _lines("10:45", "Jane Roe", PROSE, gap="\n\n"),
    "widgets": _behind_article(_lines("Dow Jones 34,000.12 +0.5%", "12", "FTSE 100 7,500 -1%")),
    "carriage returns": _lines("line {}", gap="\r"),
    "blank lines": _lines("", "", "word", gap="\n"),
    "indented": _lines("    verse {}", "  and more"),
    **{f"long line of {name}": _long_line(text) for name, text in REPEATED.items()},
}  # fmt: skip


def seconds(cleaner: Cleaner, text: str) -> float:
    """CPU time of one run, without the collector of reference cycles, whose pauses come by chance."""
    gc.disable()
    try:
        start = time.process_time()
        cleaner.clean(text)
        return time.process_time() - start
    finally:
        gc.enable()


def ratio(short: Callable[[], float], long: Callable[[], float], most: float = MOST_RATIO) -> float:
    """How many times as long the second run takes, by the seconds that both return: the fastest ones, until `most` holds."""
    fast, slow = short(), long()
    for _ in range(RUNS - 1):
        if slow <= most * fast:
            break
        fast, slow = min(fast, short()), min(slow, long())
    return slow / fast


def ratio_of(cleaner: Cleaner, kind: str, lines: int) -> float:
    """How many times as long a text of this kind takes when it has twice as many lines."""
    short, long = (KINDS[kind](lines * factor) for factor in (1, 2))
    return ratio(partial(seconds, cleaner, short), partial(seconds, cleaner, long))


def lines_of(kind: str) -> int:
    """How many lines the smaller document of a kind has."""
    if kind in ("short lines", "blocks of short lines", "one word"):
        return SHORT_LINES
    return LONG_LINE if kind.startswith("long line") else LINES


def beginning(tree: Iterable[tuple[Any, Any]]) -> str:
    """A text that fits an expression, or nearly so: of alternatives the first, of repetitions the least or one."""
    text = ""
    for op, argument in tree:
        if op is sre.LITERAL:
            text += chr(argument)
        elif op is sre.IN:
            text += _member(argument)
        elif op in (sre.ANY, sre.NOT_LITERAL):
            text += "x"
        elif op is sre.BRANCH:
            text += beginning(argument[1][0])
        elif op is sre.SUBPATTERN:
            text += beginning(argument[3])
        elif op is sre.ATOMIC_GROUP:
            text += beginning(argument)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, _, body = argument
            text += beginning(body) * max(1, least)
    return text


def _member(items: Sequence[tuple[Any, Any]]) -> str:
    """A character of a set; of one that says what does not belong to it any other."""
    op, value = items[0]
    if op is sre.LITERAL:
        return chr(value)
    if op is sre.RANGE:
        return chr(value[0])
    return {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " "}.get(value, "x")


def hostile_lines(rule: Rule) -> Iterator[tuple[str, Callable[[int], str]]]:
    """What is long in a line that is made to trap a rule, and the line, one or two times as long."""
    expressions = [pattern.pattern for _, pattern in rule.patterns]
    expressions += [term.pattern for term in (rule.unless, rule.topic, *rule.terms.values()) if term is not None]
    starts = [beginning(sre_parser.parse(expression, re.IGNORECASE)) for expression in expressions] or [
        next(iter(rule.phrases), "x")
    ]
    for start in dict.fromkeys(starts):
        yield f"{start!r}", lambda times, start=start: start * BEGINNINGS * times + "\x00"
    for name, run in RUNS_OF.items():
        yield name, lambda times, run=run: starts[0] + run * RUN * times + "\x00"


def seconds_of_rule(rule: Rule, text: str) -> float:
    """CPU time for the findings of one rule in a document of one line behind an article."""
    document = segment("\n\n".join([*FRAME, text]))
    start = time.process_time()
    for _ in detector_of(rule)(rule, document):
        pass
    return time.process_time() - start


def ratios_of_rule(rule: Rule) -> Iterator[tuple[str, float]]:
    """For each line made to trap the rule how many times as long twice its length takes; 0 if that is next to nothing."""
    for name, line in hostile_lines(rule):
        short, long = line(1), line(2)
        if seconds_of_rule(rule, long) <= NOISE:
            yield name, 0.0
        else:
            yield name, ratio(partial(seconds_of_rule, rule, short), partial(seconds_of_rule, rule, long))


def main() -> None:
    codes = [rule.code for rule in built_in().rules]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=list(KINDS), metavar="NAME", help="only this kind; may be repeated")
    parser.add_argument("--rule", action="append", choices=codes, metavar="CODE", help="only this rule; may be repeated")
    parser.add_argument("--lines", type=int, metavar="N", help="lines of the smaller documents [those of the kind]")
    args = parser.parse_args()
    cleaner = Cleaner()
    worst = 0.0
    for kind in args.kind or (KINDS if not args.rule else ()):
        found = ratio_of(cleaner, kind, args.lines or lines_of(kind))
        worst = max(worst, found)
        print(f"{kind:45} {found:6.2f}", flush=True)
    for code in args.rule or (codes if not args.kind else ()):
        name, found = max(ratios_of_rule(built_in()[code]), key=lambda one: one[1])
        worst = max(worst, found)
        print(f"{code} {f'{found:6.2f} for {name[:60]}' if found else 'takes next to nothing on all lines'}", flush=True)
    sys.exit(worst > MOST_RATIO)


if __name__ == "__main__":
    main()
