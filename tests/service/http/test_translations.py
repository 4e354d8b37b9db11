"""What people read of a fault is in their language, whole."""

import inspect
import json
import re
import string

import marshmallow as ma
import pytest
from marshmallow import fields, validate

from service.http.parsing import read_document
from service.http.schemas import Wan, choice
from service.http.translations import json_trouble, translate, unrepresentable
from service.kernel.errors import Malformed, Refusal, TooLarge, readable_size
from service.kernel.revisions import Unrepresentable
from service.photos.errors import BytesDiffer, PhotoTooLarge
from service.visits.models import VisitMode

CHINESE = re.compile(r"[\u4e00-\u9fff]")
OF_ANSWERS = "cannot be formatted"
"""Marshmallow's trouble with what we answer is no fault of what was sent."""
BOUNDS = [
    validate.Range(**bounds, min_inclusive=low, max_inclusive=high)
    for bounds in ({"min": 1}, {"max": 3}, {"min": 1, "max": 3})
    for low in (True, False)
    for high in (True, False)
]


def sentences_of_fields():
    kinds = [
        kind for _, kind in inspect.getmembers(fields, inspect.isclass) if issubclass(kind, fields.Field)
    ]
    found = {text for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()}
    return sorted(text for text in found if OF_ANSWERS not in text)


def filled(template):
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    words = {"obj_type": "datetime", "awareness": "aware", "choices": "a, b"}
    return template.format(**{name: words.get(name, "1") for name in names})


@pytest.mark.parametrize("template", sentences_of_fields())
def test_it_says_what_fields_say_in_chinese(template):
    assert CHINESE.search(translate(filled(template)))


@pytest.mark.parametrize(
    "check",
    [
        *BOUNDS,
        validate.Length(min=9),
        validate.Length(max=1),
        validate.Length(min=9, max=9),
        validate.Length(equal=9),
        validate.OneOf(["a"]),
        validate.ContainsOnly(["a"]),
        validate.NoneOf(["0", 0]),
        validate.Equal(7),
        validate.Regexp("x"),
        validate.Email(),
        validate.URL(),
    ],
)
def test_it_says_what_validators_say_in_chinese(check):
    said = []
    for value in (0, 4, "0", [0, 0]):
        try:
            check(value)
        except ma.ValidationError as error:
            said.extend(error.messages)
        except TypeError:
            continue
    assert said
    assert all(CHINESE.search(translate(sentence)) for sentence in said), said


def test_it_names_the_codes_that_are_allowed():
    with pytest.raises(ma.ValidationError) as refused:
        choice(VisitMode).deserialize("by_balloon")
    (sentence,) = refused.value.messages
    assert translate(sentence).startswith("只能是其中之一：door_to_door（登门拜访）、reception（来访接待）")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"a"',
        b'{"a":1',
        b'{"a":1,}',
        b'["a',
        b'"\n"',
        rb'"\x"',
        rb'"\u12"',
        b"1 2",
        b"\xff\xfe",
        b"{a:1}",
    ],
)
def test_it_says_in_one_language_what_is_wrong_with_json(raw):
    with pytest.raises(Malformed) as refused:
        read_document(raw)
    zh, en = refused.value.text("zh"), refused.value.text("en")
    assert not re.search(r"[A-Za-z]{3,}", zh.replace("JSON", "").replace("UTF", ""))
    assert not CHINESE.search(en)
    assert "at at" not in en
    assert "：写法不对（" not in zh


def test_it_knows_a_sentence_of_the_parser_it_has_not_heard():
    assert json_trouble("Something new at character 3") == (
        "写法不对（位置 3）",
        "Something new at character 3",
    )


@pytest.mark.parametrize("reason", Unrepresentable)
def test_it_has_words_for_every_reason_not_to_store_a_body(reason):
    zh, en = unrepresentable(reason)
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)
    assert reason.value not in f"{zh} {en}"


@pytest.mark.parametrize("amount", ["twelve", "¥12000", "无", "12000美元", "9" * 70, 5])
def test_it_refuses_an_amount_in_both_languages_apart(amount):
    with pytest.raises(ma.ValidationError) as refused:
        Wan().deserialize(amount)
    zh, _, en = refused.value.messages[0].partition(" / ")
    assert "amount" not in zh
    assert en.lower().startswith(("not an amount", "an amount"))


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (TooLarge(limit=20 * 1024 * 1024), ("上限为 20 MB", "at most 20 MB")),
        (PhotoTooLarge(limit=1536 * 1024), ("上限为 1.5 MB", "at most 1.5 MB")),
        (BytesDiffer(what="wrong_length"), ("长度不符", "another length")),
        (BytesDiffer(what="wrong_hash"), ("内容不符", "other content")),
    ],
)
def test_it_gives_sizes_and_differences_in_words(refusal: Refusal, words):
    zh, en = words
    assert zh in refusal.text("zh")
    assert en in refusal.text("en")
    assert "_" not in refusal.text("zh") + refusal.text("en")


@pytest.mark.parametrize(("count", "words"), [(999, "999 B"), (2048, "2 KB"), (1048577, "1 MB")])
def test_it_reads_sizes_as_people_do(count, words):
    assert readable_size(count) == words


def test_it_keeps_no_code_in_the_sentence_of_a_body_with_a_field_twice(client, world):
    raw = json.dumps({"summary": "a"})[:-1] + ', "summary": "b"}'
    answer = client.as_(world.field1).put(
        "/api/v1/visits/019aa5a0-0000-7000-8000-000000000001", data=raw, content_type="application/json"
    )
    assert answer.get_json()["detail"] == "内容无法准确保存：同一字段出现了两次"
