"""Tests of language tags and of a roadmap's language."""

import pytest

from app.core.language_tag import canonical, plain
from app.roadmaps.language import Language, accepted, resolve
from app.schemas.roadmap import RoadmapRequest


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        ("zh-hans", "zh-Hans"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sr-latn-rs", "sr-Latn-RS"),
        ("de-ch-1996", "de-CH-1996"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("zh-yue-HK", "zh-yue-HK"),
        ("yue", "yue"),
        ("mn-cyrl-mn", "mn-Cyrl-MN"),
        ("en-ca-x-ca", "en-CA-x-ca"),
        ("az-latn-x-latn", "az-Latn-x-latn"),
        ("de-de-u-co-phonebk", "de-DE-u-co-phonebk"),
        ("en-a-myext-b-another", "en-a-myext-b-another"),
        ("qaa-qaaa-qm-x-southern", "qaa-Qaaa-QM-x-southern"),
        ("x-whatever", "x-whatever"),
        ("i-klingon", "tlh"),
        ("I-Enochian", "i-enochian"),
        ("en-GB-oed", "en-GB-oxendict"),
        ("zh-min-nan", "nan"),
        ("sl-1994", "sl-1994"),
    ],
)
def test_a_tag_is_written_as_the_rfc_recommends(tag, written):
    assert canonical(tag) == written
    assert canonical(written) == written


@pytest.mark.parametrize(
    "tag",
    [
        *("", "e", "klingon", "english", "zh_CN", "zh-", "-zh", "zh--CN", "zh CN", "en-US ", "\nen", "中文"),
        *("de-419-DE", "a-DE", "ar-a-aaa-b-bbb-a-ccc", "de-DE-1901-1901", "en-x", "x", "x-", "i-nothing"),
        *(
            "en-a",
            "en-abcdefghi",
            "12",
            "zh-Hans-Hant",
            "en-say-hey-you",
            "en\n",
            "\uff45\uff4e",
            "en-" + "x-abcdefgh" * 9,
        ),
        *("*", "en;q=1", "en-US-u"),
    ],
)
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(ValueError, match="language tag"):
        canonical(tag)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("de-CH-1996", "de-CH"),
        ("en-0say-0yes-0pwn", "en"),
        ("sl-rozaj-biske-1994", "sl"),
        ("zh-yue-HK", "yue-HK"),
        ("en-say-US", "en-US"),
        ("und-Latn", ""),
        ("i-default", ""),
        ("es-419", "es-419"),
        ("en-x-ignore-all-rules", "en"),
        ("en-US-ignore-previous", "en-US"),
        ("de-DE-u-co-phonebk", "de-DE"),
        ("x-obey-the-learner", ""),
        ("i-mingo", "i-mingo"),
    ],
)
def test_what_is_said_of_a_tag_to_a_model_is_no_sentence(tag, said):
    assert plain(canonical(tag)) == said


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", []),
        ("*", []),
        ("de", ["de"]),
        ("zh-CN,zh;q=0.9,en;q=0.8", ["zh-CN", "zh", "en"]),
        ("en;q=0.2, fr;q=0.9 , de ;q=0.5", ["fr", "de", "en"]),
        ("da, en-gb;q=0.8, en;q=0.8", ["da", "en-GB", "en"]),
        ("de;q=0, en;q=0.0, fr;q=0.001", ["fr"]),
        ("de;q=2, fr;q=x, es;q=, it;q=-1, pt;q=0.1234, nl;level=1, sv", ["sv"]),
        ("german, zh_CN, ;q=1, ,, en-", []),
        ("x-obey-me, *;q=0.5, en;q=0.1", ["en"]),
        ("Q=1;de, en;Q=0.5", ["en"]),
        ("\xff\xfe, en", ["en"]),
        (", " * 10_000 + "en", []),
        ("en;" + ";" * 60_000 + ", de", []),
        ("zxx, mul;q=0.9, und-Latn, mis, i-default, de;q=0.1", ["de"]),
    ],
)
def test_accept_language_is_read_as_the_rfc_has_it(header, tags):
    assert accepted(header) == tuple(tags)


@pytest.mark.parametrize(
    ("topic", "tag"),
    [
        ("Rust 所有权", "zh"),
        ("学习编程", "zh"),
        ("學習程式設計", "zh"),
        ("Kubernetes 入门 for beginners", "zh"),
        ("日本の歴史", "ja"),
        ("ｶﾀｶﾅ", "ja"),
        ("Rustのオーナーシップ", "ja"),
        ("러스트 소유권", "ko"),
        ("Что такое Rust", "ru"),
        ("ιστορία της Ελλάδας", "el"),
        ("تعلم البرمجة", "ar"),
        ("לימוד תכנות", "he"),
        ("เรียนรู้การเขียนโปรแกรม", "th"),
        ("प्रोग्रामिंग सीखें", "hi"),
        ("ml மொழி", "ta"),
        ("ქართული", "ka"),
        *(("برنامه\u200cنویسی", "fa"), ("گرافیک", "fa"), ("پروگرامنگ سیکھیں", "ur"), ("د ښځو روغتیا", "ps")),
        *(("Вивчаємо їжу", "uk"), ("Увод: програмирање", "sr"), ("Сучасная мова ў школе", "be")),
        *(("ⵜⴰⵎⴰⵣⵉⵖⵜ", "zgh"), ("ꆈꌠꉙ", "ii"), ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "chr"), ("ᱥᱟᱱᱛᱟᱲᱤ", "sat"), ("ᐃᓄᒃᑎᑐᑦ", "iu")),
        *(("ܠܫܢܐ", "syr"), ("ߒߞߏ", "nqo"), ("𞤀𞤁", "ff-Adlm"), ("ᠮᠣᠩᠭᠣᠯ", "mn-Mong"), ("々", "zh")),
        ("και Rust", "el"),
        ("αβ", "el"),
    ],
)
def test_a_topic_that_is_not_latin_says_its_language(topic, tag):
    assert resolve(None, (topic,), "de, en;q=0.5") == Language(tag, "topic")


@pytest.mark.parametrize(
    "topic",
    [
        "Rust",
        "λ-calculus",
        "Δt and \u03b1-β pruning",
        "¿Qué es?",
        "Ünïcode",
        "🎉 C++",
        "∑ ∞",
        "x²",
        "ﬁnance",
        "ΔΣ modulator design",
        "αβ pruning in chess engines",
        "µm and μΩ",
        "🈚 Rust",
        "㈱ accounting",
        "㎞ 🈁 ㊙",
        "𓀀𓀁 hieroglyphs",
    ],
)
def test_latin_letters_and_formulas_say_nothing(topic):
    assert resolve(None, (topic,), "de-CH, en;q=0.5") == Language("de-CH", "accept-language")
    assert resolve(None, (topic,), "") == Language("en", "default")


def test_the_goal_speaks_where_the_topic_does_not():
    assert resolve(None, ("Rust", "写嵌入式程序"), "de").tag == "zh"
    assert resolve(None, ("Изучаем Rust", "写嵌入式程序"), "de").tag == "ru"


@pytest.mark.parametrize(
    ("topic", "header", "tag"),
    [
        ("所有权", "zh-Hant-TW, en;q=0.5", "zh-Hant-TW"),
        ("日本史", "ja", "ja"),
        ("Вивчаємо програмування", "en, uk;q=0.5", "uk"),
        ("یادگیری", "fa-IR", "fa-IR"),
        ("Что", "zh", "ru"),
        ("学习所有权", "en-US,en;q=0.9,ja;q=0.1", "zh"),
        ("学习所有权", "en, ja, zh-TW", "zh-TW"),
        ("优の品 品牌设计", "zh-CN, ja", "zh-CN"),
        ("优の品 品牌设计", "en, zh", "ja"),
        ("优のの品", "zh-CN", "ja"),
        ("の", "zh-CN", "ja"),
        ("گرافیک", "ar, ckb;q=0.5", "ckb"),
        ("گرافیک", "ar", "fa"),
        ("𞤀𞤁", "ff", "ff-Adlm"),
    ],
)
def test_of_the_languages_of_one_script_the_readers_own_is_meant(topic, header, tag):
    assert resolve(None, (topic,), header) == Language(tag, "topic")


def test_what_is_asked_for_counts_more_than_all_else():
    assert resolve("fr", ("所有权",), "de") == Language("fr", "request")


@pytest.mark.parametrize("tag", ["und", "mul", "zxx", "mis", "und-Latn", "i-default", "UND"])
def test_what_is_no_language_cannot_be_asked_for(tag):
    with pytest.raises(ValueError, match="one language"):
        RoadmapRequest(topic="Rust", language=tag)
