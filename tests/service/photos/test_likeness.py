import random

import pytest

from media.fingerprint import distance
from service.photos.likeness import ALIKE_BITS, MOST_ALIKE, alike
from tests.factories.photos import SCENE, add_photo


def signed(bits):
    return bits - 2**64 if bits >= 2**63 else bits


def turned(likeness, *bits):
    for bit in bits:
        likeness ^= 1 << bit
    return likeness


@pytest.fixture
def photo(session, world):
    def make(likeness, by=None):
        return add_photo(session, by or world.field1, difference_hash=signed(likeness))

    return make


@pytest.mark.parametrize(
    "bits", [(), (0,), (15, 16, 31, 32, 47, 63), (0, 1, 2, 3, 4, 5), (10, 11, 26, 27, 42, 58)]
)
def test_it_finds_the_photo_of_anybody_up_to_six_bits_away(session, world, photo, bits):
    asked, other = photo(SCENE), photo(turned(SCENE, *bits), world.field2)
    (found,) = alike(session, [asked.id])
    assert (found.photo_id, found.other_id, found.bits) == (asked.id, other.id, len(bits))


def test_it_leaves_out_what_is_farther(session, photo):
    asked = photo(SCENE)
    photo(turned(SCENE, *range(0, 63, 9)))
    assert alike(session, [asked.id], within=ALIKE_BITS) == []
    assert len(alike(session, [asked.id], within=7)) == 1


def test_it_refuses_a_distance_beyond_which_it_would_miss_some(session):
    with pytest.raises(ValueError, match="missed"):
        alike(session, [], within=8)


@pytest.mark.parametrize("flat", [0, 2**64 - 1, 1, turned(2**64 - 1, 3), 0b1010101])
def test_flat_pictures_resemble_nothing(session, photo, flat):
    asked = photo(flat)
    photo(flat)
    assert alike(session, [asked.id]) == []


def test_it_finds_every_neighbour_that_counting_the_bits_finds(session, photo):
    chance = random.Random(3)
    hashes = [turned(SCENE, *chance.sample(range(64), chance.randint(1, 9))) for _ in range(15)]
    asked, others = photo(SCENE), {photo(one).id: one for one in hashes}
    near = {photo_id for photo_id, one in others.items() if distance(SCENE, one) <= ALIKE_BITS}
    assert {one.other_id for one in alike(session, [asked.id])} == near


def test_it_gives_the_nearest_first_and_no_flood(session, photo):
    asked = photo(SCENE)
    for bit in range(40):
        photo(turned(SCENE, bit, (bit + 7) % 64))
    nearest = photo(turned(SCENE, 9))
    found = alike(session, [asked.id])
    assert len(found) == MOST_ALIKE
    assert found[0].other_id == nearest.id
