"""The language of a text."""

from __future__ import annotations

from importlib import resources

import pytest
from langdetect.detector_factory import DetectorFactory

from cleaner.language import LOOKS, _factory, detect_language, function_words

TEXTS = {
    "ar": "أثار ظهور الرئيس في العاصمة موجة من التعليقات على المنصات بعد أن قال إنه لا يعرف ما حدث في هذه المدينة التي زارها.",
    "da": "Den gamle bro i havnen har været lukket siden mandag, efter at en storm rev dele af taget af, sagde byen, og det bliver ikke bedre.",
    "de": "Die alte Brücke am Hafen ist seit Montag zu, weil ein Sturm das Dach beschädigt hat, wie die Stadt am Abend sagte.",
    "el": "Η παλιά γέφυρα στο λιμάνι είναι κλειστή από τη Δευτέρα, αφού μια καταιγίδα έσκισε μέρος της στέγης, είπε ο δήμος.",
    "en": "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said in the evening.",
    "es": "El viejo puente del puerto está cerrado desde el lunes, tras una tormenta que se llevó parte del techo, dijo la ciudad.",
    "fr": "Le vieux pont du port est fermé depuis lundi, après une tempête qui a emporté une partie du toit, a dit la ville.",
    "he": "הגשר הישן בנמל סגור מאז יום שני, אחרי שסערה קרעה חלקים מהגג, כך הודיעה העירייה אתמול בערב לתושבים.",
    "hi": "शहर ने कहा कि तूफ़ान से छत का एक हिस्सा उड़ जाने के बाद बंदरगाह का पुराना पुल सोमवार से बंद है और लोग नाव से जाते हैं।",
    "it": "Il vecchio ponte del porto è chiuso da lunedì, dopo una tempesta che ha portato via parte del tetto, ha detto la città.",
    "ja": "港の古い橋は、嵐で屋根の一部が飛ばされたため、月曜日から通行止めになっていると市が発表した。復旧の見通しは立っていない。",
    "ko": "항구의 오래된 다리는 폭풍으로 지붕 일부가 떨어져 나간 뒤 월요일부터 통제되고 있다고 시가 어제 밝혔다. 복구에는 몇 주가 걸릴 것이다.",
    "nl": "De oude brug in de haven is sinds maandag dicht, nadat een storm delen van het dak had afgerukt, zei de stad.",
    "pl": "Stary most w porcie jest zamknięty od poniedziałku, po tym jak burza zerwała część dachu, podało wczoraj miasto.",
    "pt": "A velha ponte do porto está fechada desde segunda, depois de uma tempestade que levou parte do telhado, disse a cidade.",
    "ru": "Старый мост в порту закрыт с понедельника, после того как буря сорвала часть крыши, сообщила мэрия города.",
    "th": "สะพานเก่าที่ท่าเรือปิดตั้งแต่วันจันทร์หลังจากพายุพัดหลังคาบางส่วนหลุดออกไป เมืองกล่าวเมื่อวานนี้",
    "tr": "Eski liman köprüsü, fırtınanın çatının bir kısmını koparmasının ardından pazartesi gününden beri kapalı, dedi belediye ve bu daha da sürecek.",
    "uk": "Старий міст у порту закрито з понеділка, після того як буря зірвала частину даху, повідомила мерія міста вчора.",
    "zh": "港口的老桥自星期一起关闭，因为一场风暴刮走了部分桥顶，市政府昨天在一份声明中说，修复工作还需要几个星期才能完成。",
}


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_languages(language: str) -> None:
    assert detect_language(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "Rain.", "12:30", "12345 " * 50, "…" * 100])
def test_too_little_to_tell(text: str) -> None:
    assert detect_language(text) == ""


RESULTS = """Girls basketball, second round of the cup
Palm Bay defeats Rockledge 70-44
Rockledge: Upshaw 3 points, Williams 6 points, Carter 11 points and 5 assists
Palm Bay: Brown 22 points, Davis 14 points and 9 rebounds, Green 9 points
Boys soccer, first half
Viera defeats Bayside 3-1, goals: Smith 2, Jones 1, assists: Baker 2, saves: Hill 5
"""
ZULU = (
    "Ibhuloho elidala laseThekwini livaliwe kusukela ngoMsombuluko ngoba isiphepho sisuse uphahla, kusho imeya. Uthe abashayeli "
    "kumele basebenzise omunye umgwaqo uma beya edolobheni, futhi akwazi ukuthi lizovulwa nini, kodwa umsebenzi usuqalile."
)
NORWEGIAN = (
    "Den gamle broen i havnen har vært stengt siden mandag, etter at en storm rev av deler av taket, sier byen, og det blir ikke "
    "bedre før uken etter."
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (TEXTS["da"], "da"),
        (NORWEGIAN, "no"),
        (TEXTS["hi"], "hi"),
        (TEXTS["tr"], "tr"),
        (RESULTS, "en"),
        (ZULU, "zu"),
    ],
)
def test_what_needs_no_guess(text: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.language._ask_langdetect", None)
    assert detect_language(text) == language


def test_a_beginning_that_leaves_doubt_is_not_all_that_is_looked_at() -> None:
    names = "Kubernetes Docker Grafana Prometheus Terraform Ansible Jenkins Nomad Consul Vault " * 13
    assert len(names) > LOOKS[0]
    assert detect_language(f"{names}\n{TEXTS['de'] * 12}") == "de"


def test_the_same_text_has_the_same_answer() -> None:
    unsure = "Kubernetes Docker Grafana Prometheus Terraform Ansible Jenkins Nomad Consul Vault"
    assert len({detect_language(unsure) for _ in range(5)}) == 1


def test_every_language_of_the_list_has_enough_function_words() -> None:
    assert all(len(words) >= 15 for words in function_words().values())


def test_langdetect_finds_the_frequencies_that_it_would_read_itself() -> None:
    theirs = DetectorFactory()
    profiles = resources.files("langdetect").joinpath("profiles")
    theirs.load_json_profile([path.read_text("utf-8") for path in sorted(profiles.iterdir(), key=lambda path: path.name)])
    ours = _factory()
    assert ours.langlist == theirs.langlist
    assert ours.word_lang_prob_map.keys() == theirs.word_lang_prob_map.keys()
    assert all(ours.word_lang_prob_map[piece] == shares for piece, shares in theirs.word_lang_prob_map.items())
