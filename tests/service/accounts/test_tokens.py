"""Tokens are long, ours are recognised, and the next pair follows from the last."""

from uuid import uuid4

import pytest

from service.accounts import tokens

SECRET = b"a secret"


def test_it_makes_tokens_of_256_bits_that_never_repeat():
    made = {tokens.first_pair(uuid4(), SECRET).access_token for _ in range(200)}
    assert len(made) == 200
    assert min(map(len, made)) >= 43


def test_it_recognises_its_own_refresh_token():
    sign_in_id = uuid4()
    assert tokens.sign_in_of(tokens.first_pair(sign_in_id, SECRET).refresh_token, SECRET) == sign_in_id


@pytest.mark.parametrize(
    "token", ["", "x", "AAAA", "é", "!" * 86, "A" * 85, "A" * 86, "A" * 200, "\x00", "=" * 86]
)
def test_it_takes_nothing_for_its_own_that_is_not(token):
    assert tokens.sign_in_of(token, SECRET) is None


def test_it_does_not_recognise_the_token_of_another_installation():
    assert tokens.sign_in_of(tokens.first_pair(uuid4(), b"other").refresh_token, SECRET) is None


def test_it_gives_the_same_next_pair_to_whoever_asks_twice():
    sign_in_id = uuid4()
    first = tokens.first_pair(sign_in_id, SECRET)
    second = tokens.next_pair(sign_in_id, first.refresh_token, SECRET)
    assert second == tokens.next_pair(sign_in_id, first.refresh_token, SECRET)
    assert len({first.access_token, first.refresh_token, second.access_token, second.refresh_token}) == 4
    assert tokens.sign_in_of(second.refresh_token, SECRET) == sign_in_id


def test_it_keys_the_hash_of_a_pin():
    assert tokens.pin_hash("12345678", b"one") != tokens.pin_hash("12345678", b"other")


def test_it_makes_pins_of_eight_digits():
    assert all(len(pin) == 8 and pin.isdecimal() for pin in (tokens.new_pin() for _ in range(200)))
