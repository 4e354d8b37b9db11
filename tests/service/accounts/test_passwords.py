"""Long passwords pass, common ones do not, and a stranger takes as long as a friend."""

import threading

import pytest

from service.accounts import passwords
from service.accounts.errors import WeakPassword
from service.kernel.errors import Unavailable


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "九个字符的密码啊啊",
        "1234567890",
        "13812345678",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "password123",
        "Password2026!",
        "  qwertyuiop  ",
        "!!iloveyou!!99",
        "woaini1314520",
        "administrator",
        "Qianbai2026!!",
        "x" * 129,
    ],
)
def test_it_refuses_what_is_easy_to_guess(password):
    assert passwords.weakness(password) is not None


@pytest.mark.parametrize(
    "password",
    [
        "blue horse on tuesday",
        "k7mp-x3qr-9wzh-ab2c",
        "登门招商从周二下午开始的",
        "correct-Horse_battery",
        "Zh4o!sh4ngQB9x",
    ],
)
def test_it_takes_what_is_long_and_rare(password):
    assert passwords.weakness(password) is None


def test_it_refuses_the_persons_own_name():
    with pytest.raises(WeakPassword) as refused:
        passwords.refuse_weak("lining-on-the-road", pointer="/new_password", own_words=["LiNing", None])
    assert refused.value.faults[0].pointer == "/new_password"


def test_it_ships_more_than_three_thousand_common_passwords():
    assert len(passwords.common_passwords()) > 3_000


def test_it_makes_one_time_passwords_that_its_own_rules_take():
    assert all(passwords.weakness(passwords.one_time_password()) is None for _ in range(100))


def test_it_recognises_a_password_in_any_width_of_letters():
    hashed = passwords.hash_password("blue horse on tuesday")
    assert passwords.matches(hashed, "ｂｌｕｅ　ｈｏｒｓｅ　ｏｎ　ｔｕｅｓｄａｙ")
    assert not passwords.matches(hashed, "blue horse on monday")


def test_it_uses_the_parameters_of_the_design():
    assert passwords.hash_password("blue horse on tuesday").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_outdated("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")


@pytest.mark.parametrize("kept", [None, "", "no hash at all"])
def test_it_never_matches_without_a_hash(kept):
    assert not passwords.matches(kept, "nobody has this password")


def test_it_hashes_no_more_than_its_bound_at_once(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    class Counting:
        def verify(self, _hash, _password):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
                if running == passwords.AT_ONCE:
                    full.set()
            assert full.wait(60)
            with lock:
                running -= 1
            return True

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    threads = [threading.Thread(target=passwords.matches, args=("hash", "password")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == passwords.AT_ONCE


def test_it_says_so_when_too_many_wait(monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.01)
    monkeypatch.setattr(passwords, "_turns", threading.BoundedSemaphore(1))
    passwords._turns.acquire()
    with pytest.raises(Unavailable):
        passwords.hash_password("blue horse on tuesday")
