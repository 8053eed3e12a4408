"""Whole pages: what kind of text it is, where its article stands, and pages without one."""

from __future__ import annotations

import pytest

from cleaner.config import Config
from cleaner.model import ConfigError
from cleaner.pipeline import Cleaner

MENU = "Skip to content\nHome\nNews\nSport\nCulture\nWeather\nMore\nSubscribe\nSign in\nSearch\nHarbour\nSchools\nTraffic\nVideos\nPodcasts"
TITLE = "Storm closes the harbour bridge"
BODY = (
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said in a statement.",
    "Engineers of the ministry will look at the bridge this week, and the ferry to the islands will go every ten minutes until then.",
    "What comes next",
    "“We do not expect the bridge to open before the summer,” the mayor told the council, which will meet on Friday to talk about it.",
)
TEASERS = "Related articles\nTen tips for a dry cellar\nFerry to the islands is free until the spring\nNewport wins again"
COMMENTS = (
    "Comments\nSam\n2 hours ago\nThey should have mended it years ago.\nReply\nKim\n1 hour ago\nThe ferry is better.\nReply"
)
FOOT = "Contact\nTerms of use\nPrivacy policy\nAdvertise with us\nAll rights reserved"
PAGE = "\n".join([MENU, TITLE, "By Jane Roe", "12 May 2024", *BODY, TEASERS, COMMENTS, FOOT])
ARTICLE = "\n\n".join([TITLE, *BODY]) + "\n"
RECIPE = "\n\n".join(
    [
        "Lemon cake",
        "\n".join(
            "flour butter sugar eggs milk salt vanilla lemons almonds raisins cream jam chocolate coconut nuts bowl tin".split()
        ),
        "Mix the flour, the butter and the sugar in the bowl until no lumps are left, and then add the eggs one by one.",
        "Bake the cake in the tin for an hour, let it cool down, and spread the cream on it before the guests arrive.\n",
    ]
)


def test_the_article_of_a_page(cleaner: Cleaner) -> None:
    result = cleaner.clean(PAGE)
    assert result.text == ARTICLE
    assert result.record["input"]["form"] == "page"
    assert result.record["input"]["evidence"].startswith("33 of 40 lines are short and no sentences, 18 of them on top; 12")
    assert result.metadata.title == TITLE
    assert result.metadata.authors == ("Jane Roe",)
    assert str(result.metadata.published) == "2024-05-12"
    removed = {edit.finding.rule.code: edit.finding.evidence for edit in result.edits}
    assert set(removed) == {"NAV006", "BYL013", "TIM003", "REL002", "CMT003", "NRM001"}
    assert removed["NAV006"].startswith("15 lines above the article; 0 of running text")


def test_what_no_other_rule_knows_goes_by_its_place(cleaner: Cleaner) -> None:
    foot = "Contact\nHarbour guide\nMoorings\nTide tables\nPrivacy policy\nLighthouse keepers\nAll rights reserved"
    teasers = (
        "Most read\nTen tips for a dry cellar\nFerry to the islands is free until the spring, the council says in its new plan."
    )
    result = cleaner.clean("\n".join([MENU, TITLE, *BODY, foot, teasers]))
    assert result.text == ARTICLE
    removed = {edit.finding.rule.code for edit in result.edits}
    assert {"NAV007", "REL014"} <= removed


def test_the_title_is_not_what_the_window_says(cleaner: Cleaner) -> None:
    window = f"{TITLE} | Newport Courier"
    assert cleaner.clean("\n".join([window, MENU, TITLE, "By Jane Roe", *BODY, FOOT])).text == ARTICLE


def test_a_headline_that_shares_few_words_with_its_article_stays_above_the_standfirst(cleaner: Cleaner) -> None:
    title, standfirst = (
        "Nobody crosses before June",
        "The harbour bridge has lost its roof, and the ferry to the islands will go every ten minutes",
    )
    result = cleaner.clean("\n".join([MENU, title, standfirst, "By Jane Roe", *BODY, FOOT]))
    assert result.text == "\n\n".join([title, standfirst, *BODY]) + "\n"


def test_an_article_goes_on_behind_a_box(cleaner: Cleaner) -> None:
    box = "Sign up to our newsletter\nEnter your email address\nSign up\nPrivacy policy\nYou may also like\nNewport wins again, and nobody knows why"
    rest = (
        "The roof had been mended in the spring of last year, for a sum of which nobody speaks gladly any more.",
        "Most of it was found in the gardens on the other side of the river.",
        "The city wants to know by Friday who had fixed it.",
    )
    result = cleaner.clean("\n".join([MENU, TITLE, *BODY, box, *rest, TEASERS, FOOT]))
    assert result.text.endswith("\n\n".join(rest) + "\n")


def test_of_two_articles_the_first_is_kept(cleaner: Cleaner) -> None:
    other = (
        "Ovens for the old mill",
        "By Max Poe",
        "11 May 2024",
        "Ovens from six centuries stand in an old mill, where visitors may knead, bake and eat until five o’clock.",
        "The museum was opened by a baker who had nowhere else to put them, and who still comes on Sundays.",
    )
    result = cleaner.clean("\n".join([MENU, TITLE, "By Jane Roe", "12 May 2024", *BODY, *other, FOOT]))
    assert result.text == ARTICLE
    assert result.metadata.authors == ("Jane Roe",)


def test_an_article_is_no_page(cleaner: Cleaner) -> None:
    result = cleaner.clean(ARTICLE)
    assert result.record["input"]["form"] == "article"
    assert result.edits == ()


def test_many_short_lines_alone_make_no_page(cleaner: Cleaner) -> None:
    result = cleaner.clean(RECIPE)
    assert result.record["input"]["form"] == "article"
    assert result.text == RECIPE


def test_the_settings_decide() -> None:
    told = Cleaner(Config(input="article")).clean(PAGE)
    assert told.record["input"] == {"form": "article", "evidence": "the settings say so"}
    assert not {"NAV006", "NAV007", "REL014", "CMT005"} & {edit.finding.rule.code for edit in told.edits}
    few = "\n".join(["Home", "Schools", "Weather", "Harbour", TITLE, *BODY, "Traffic", "Podcasts"])
    assert Cleaner(Config(input="page")).clean(few).text == ARTICLE
    assert "Podcasts" in Cleaner(Config(input="auto")).clean(few).text


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="input must be one of auto, article, page, not 'pages'; did you mean 'page'"):
        Config(input="pages")


TEASERS_OF_THE_DAY = {
    "Rain until Friday": "Umbrellas are sold out in most shops, and a new delivery will not come before the weekend, as the mayor said.",
    "United lose again": "Three goals within eight minutes were too much for a team that had not trained since the last defeat.",
    "A museum for bread": "Ovens from six centuries stand in an old mill, where visitors may knead, bake and eat until five o’clock.",
    "Fewer night trains": "Passengers who come home late must take a taxi from Saturday on, because too many drivers are on sick leave.",
    "Choir seeks tenors": "Whoever sings in the bath can apply now; experience helps less than a loud voice and some free evenings.",
}
FRONT = "\n".join(f"{headline}\n{teaser}\n3 hours ago" for headline, teaser in TEASERS_OF_THE_DAY.items())


@pytest.mark.parametrize(
    "content",
    [
        FRONT,
        "Oops\nThe page that you are looking for does not exist.",
        "Sign in to read on\nE-mail\nPassword\nForgot your password?",
        "Blue kettle\n$ 29.00\nAdd to cart\nRed kettle\n$ 31.00\nAdd to cart",
    ],
    ids=["front page", "error", "login", "shop"],
)
def test_a_page_without_an_article_is_flagged_and_keeps_its_prose(cleaner: Cleaner, content: str) -> None:
    result = cleaner.clean("\n".join([MENU, content, FOOT]))
    assert "not-an-article" in result.flags
    for line in content.split("\n"):
        if len(line.split()) > 12:
            assert line in result.text


def test_japanese_counts_in_characters(cleaner: Cleaner) -> None:
    menu = "ホーム\nニュース\nスポーツ\n文化\n天気\nもっと見る\n購読\nログイン\n検索\n港\n学校\n交通\n動画\n音声\nイベント"
    title = "嵐で港の橋が通行止めに"
    body = [
        "月曜日、嵐で屋根の一部が飛ばされたため、港の古い橋が通行止めになったと市が発表した。橋は一九〇四年に建てられた。",
        "省の技術者が今週中に橋を調べる予定で、それまでは島へのフェリーが十分おきに運航される。市民は無料で乗ることができる。",
        "「夏までに橋が再開するとは思わない」と市長は議会で述べた。議会は金曜日に開かれ、橋の修理の費用について話し合う。",
    ]
    foot = "お問い合わせ\n利用規約\nプライバシーポリシー\n会社概要\n無断転載を禁じます"
    result = cleaner.clean("\n".join([menu, title, *body, "関連記事\n地下室を乾かす十の方法\n島へのフェリーが無料に", foot]))
    assert result.text == "\n\n".join([title, *body]) + "\n"
