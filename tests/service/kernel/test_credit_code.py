"""Credit codes are checked against real codes of GB 32100-2015."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.credit_code import (
    ALPHABET,
    Fault,
    HolderKind,
    check,
    check_character,
    holder_kind,
    is_valid,
    normalise,
    suggest,
)

REAL = [
    "9144030071526726XG",
    "91110108551385082Q",
    "91440300192317458F",
    "914403001922038216",
    "91110000710926094P",
    "9111000071093123XX",
    "91330100799655058B",
    "91440400192548256N",
    "91440606722473344C",
    "91350900587527783P",
    "911100007642153860",
    "913715003261669244",
    "913715226722001441",
    "93371526MA3UHRJD3T",
    "121200004013590816",
]

bodies = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", REAL)
def test_it_accepts_a_real_code_whose_organisation_code_fits_as_well(code):
    result = check(code)
    assert (result.fault, result.position, result.organisation_fits) == (None, None, True)


@pytest.mark.parametrize(
    ("code", "fault", "position"),
    [
        ("91110000600037341N", Fault.CHECK_DIGIT, 18),
        ("9111000060003IOZSV", Fault.ALPHABET, 14),
        ("91110108355231542F", Fault.CHECK_DIGIT, 18),
        ("91350181M0000YAJ2R", Fault.CHECK_DIGIT, 18),
        ("91350203M0001DYJ3X", Fault.CHECK_DIGIT, 18),
        ("9144030071526726X", Fault.LENGTH, None),
        ("9144030071526726XG0", Fault.LENGTH, None),
        ("", Fault.LENGTH, None),
        ("9144030071526726xG", Fault.ALPHABET, 17),
        ("914403001922038２16", Fault.ALPHABET, 16),
        ("91440300192203821\n", Fault.ALPHABET, 18),
    ],
)
def test_it_names_the_first_fault_and_its_place(code, fault, position):
    result = check(code)
    assert (result.fault, result.position) == (fault, position)
    assert not is_valid(code)


def test_it_ends_in_zero_where_the_sum_is_a_multiple_of_31():
    assert check_character("91110000764215386") == "0"


def test_it_never_refuses_a_region_nobody_knows():
    body = "91999999710926094"
    assert is_valid(body + check_character(body))


def test_it_takes_a_code_whose_organisation_code_does_not_fit_and_says_so():
    body = "91110000710926090"
    result = check(body + check_character(body))
    assert (result.fault, result.organisation_fits) == (None, False)


@given(bodies)
def test_it_accepts_every_code_made_by_the_rule(body):
    assert is_valid(body + check_character(body))


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_it_refuses_every_code_with_one_changed_character(body, place, other):
    code = body + check_character(body)
    changed = code[:place] + other + code[place + 1 :]
    assert is_valid(changed) == (changed == code)


@pytest.mark.parametrize(
    "typed",
    [
        " 9144030071526726xg ",
        "９１４４０３００７１５２６７２６ＸＧ",
        "914403 00-71526726\u3000XG",
        "\ufeff91440300—71526726—XG\u200b\r\n",
    ],
)
def test_it_normalises_what_people_type(typed):
    assert normalise(typed) == "9144030071526726XG"


@given(st.text(max_size=40))
def test_it_normalises_once_and_for_all(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("code", "suggestion"),
    [
        ("91110108551385O82Q", "91110108551385082Q"),
        ("9I44O3OOI92O382I6X", None),
        ("9I44O3OO1922O382I6", "914403001922038216"),
        ("91110108551385082Q", None),
        ("", None),
    ],
)
def test_it_suggests_zero_and_one_only_where_that_makes_a_valid_code(code, suggestion):
    assert suggest(code) == suggestion


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("51370000MJD0000000", HolderKind.ASSOCIATION),
        ("9144030071526726XG", HolderKind.ENTERPRISE),
        ("93371526MA3UHRJD3T", HolderKind.FARMERS_COOPERATIVE),
        ("121200004013590816", HolderKind.PUBLIC_INSTITUTION),
        ("N2", HolderKind.RURAL_COLLECTIVE),
        ("54", HolderKind.OTHER),
        ("", HolderKind.OTHER),
    ],
)
def test_it_labels_the_kind_of_holder(code, kind):
    assert holder_kind(code) is kind
