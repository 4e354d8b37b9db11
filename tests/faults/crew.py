"""Reference phones that write and send without rest while an installation is hurt, each in a thread of its own."""

import random
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.city import PASSWORD, City
from tests.faults.comparison import Receipted, Story
from tests.support.phone import Phone
from tests.support.phone.clock import SystemClock
from tests.support.phone.outbox import Kind, State
from tests.support.phone.report import Round
from tests.support.phone.wire import Misbehaviour
from tests.support.phone_steps import checkin_body, visit_body
from tests.support.photos import picture

HANG_UP = DOUBLE_TAP = 0.05
ENOUGH_UNSENT, ENOUGH_PHOTOS = 24, 10
HURRY = 60
TIMEOUT_S = 15.0
_PAUSE_S = 0.02


@dataclass(slots=True)
class Hand:
    """One phone and the person who writes on it."""

    phone: Phone
    number: int
    chance: random.Random
    city: City
    written: list[UUID] = field(default_factory=list)
    count: int = 0
    last: Round = field(default_factory=Round)

    def write(self) -> None:
        """One more thing: mostly a visit, sometimes with photos, sometimes a check-in, an edit or a withdrawal."""
        self.count += 1
        what = self.chance.random()
        if what < 0.12:
            self.phone.keep_checkin(checkin_body(str(self.city.site_id), note=self._mark()))
        elif what < 0.22 and self.written:
            self.phone.edit(self.chance.choice(self.written), self._visit())
        elif what < 0.26 and len(self.written) > 4:
            self.phone.withdraw(self.written.pop(), "记错了")
        elif what < 0.46 and self._photos_unsent() < ENOUGH_PHOTOS:
            self._write_with_photos()
        else:
            self.written.append(self.phone.keep_visit(self._visit()))

    @property
    def needed_bytes(self) -> int:
        """What would go over a perfect line: every body and every photo once."""
        items = self.phone.outbox.items
        photos = sum(int(item.body["size"]) for item in items if item.kind is Kind.PHOTO)
        return photos + sum(len(item.text) for item in items)

    def _write_with_photos(self) -> None:
        photo_ids = [str(self.phone.keep_photo(self._photo())) for _ in range(self.chance.choice((1, 1, 2)))]
        self.written.append(self.phone.keep_visit(self._visit(photo_ids=photo_ids)))

    def _photos_unsent(self) -> int:
        return sum(1 for item in self.phone.outbox.pending if item.kind is Kind.PHOTO)

    def _visit(self, **facts: Any) -> dict[str, Any]:
        return visit_body(
            summary=self._mark(), enterprise_id=str(self.chance.choice(self.city.enterprise_ids)), **facts
        )

    def _photo(self) -> bytes:
        return unique(_PICTURES[self.chance.randrange(len(_PICTURES))], self._mark(), self.chance)

    def _mark(self) -> str:
        return f"{self.number}-{self.count}-{self.chance.getrandbits(64):x}"


class HurriedClock(SystemClock):
    """A counter that runs ahead, so that every pause of the phone is a sixtieth of what a person would see."""

    def elapsed_ms(self) -> int:
        """Sixty milliseconds for each that passes."""
        return time.monotonic_ns() * HURRY // 1_000_000

    def sleep(self, seconds: float) -> None:
        """Sleep as long as the counter says."""
        time.sleep(seconds / HURRY)


class Crew:
    """Some phones; between `set_out` and `come_home` they write and send."""

    def __init__(
        self, base_url: str, city: City, folder: Path, *, count: int, seed: int, impatient: bool = True
    ) -> None:
        self.city = city
        self.hands = [
            _hand(base_url, city, folder / f"phone{number}", number, seed, impatient=impatient)
            for number in range(count)
        ]
        self._writing = threading.Event()
        self._home = threading.Event()
        self._threads: list[threading.Thread] = []
        self.faults: list[BaseException] = []

    @contextmanager
    def out(self) -> Iterator[None]:
        """The phones write and send while the block runs."""
        self._writing.set()
        self._home.clear()
        self._threads = [
            threading.Thread(target=self._live, args=(hand,), daemon=True) for hand in self.hands
        ]
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._home.set()
            for thread in self._threads:
                thread.join(90)
        self.demand_well()

    def demand_well(self) -> None:
        """A phone never raises, whatever line and server do.

        Raises:
            RuntimeError: one did.
        """
        if self.faults:
            raise RuntimeError("a phone failed") from self.faults[0]

    def empty_outboxes(self, seconds: float) -> list[str]:
        """Send until nothing is left, or the time is over; what is left, by phone."""
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._empty, args=(hand, until), daemon=True) for hand in self.hands
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + 60)
        self.demand_well()
        return [left for hand in self.hands if (left := _left(hand))]

    @property
    def acknowledged(self) -> int:
        """How many receipts the phones hold."""
        return sum(len(hand.phone.outbox.receipts) for hand in self.hands)

    def story(self) -> Story:
        """What all phones did."""
        stories = [self.story_of(hand) for hand in self.hands]
        return Story(
            [one for each in stories for one in each.kept],
            [one for each in stories for one in each.receipted],
        )

    def story_of(self, hand: Hand) -> Story:
        """What one phone did."""
        items = [
            (Receipted(item.kind.value, item.id, item.sha256), item.state) for item in hand.phone.outbox.items
        ]
        return Story([one for one, _ in items], [one for one, state in items if state is State.SENT])

    def close(self) -> None:
        """Close the phones' files."""
        for hand in self.hands:
            hand.phone.close()

    def _live(self, hand: Hand) -> None:
        try:
            while not self._home.is_set():
                if len(hand.phone.outbox.pending) < ENOUGH_UNSENT:
                    hand.write()
                    hand.write()
                hand.phone.sync()
                self._home.wait(_PAUSE_S)
        except BaseException as fault:  # noqa: BLE001 -- told in the main thread
            self.faults.append(fault)

    def _empty(self, hand: Hand, until: float) -> None:
        try:
            while hand.phone.outbox.pending and time.monotonic() < until:
                hand.last = hand.phone.sync()
                time.sleep(_PAUSE_S)
        except BaseException as fault:  # noqa: BLE001 -- told in the main thread
            self.faults.append(fault)


def _hand(base_url: str, city: City, where: Path, number: int, seed: int, *, impatient: bool) -> Hand:
    username = city.usernames[number % len(city.usernames)]
    chance = random.Random(f"{seed}/{number}")
    phone = Phone(
        base_url,
        where,
        username=username,
        password=PASSWORD,
        device_id=f"phone-{number}",
        seed=seed,
        batch=number % 4 != 0,
        clock=HurriedClock(),
        misbehaviour=Misbehaviour(HANG_UP, DOUBLE_TAP) if impatient else None,
        timeout_s=TIMEOUT_S,
    )
    return Hand(phone, number, chance, city)


def unique(jpeg: bytes, mark: str, chance: random.Random) -> bytes:
    """The same picture with a comment of its own (2 kB to 60 kB), so that no two photos have the same bytes."""
    comment = mark.encode() + chance.randbytes(chance.randrange(2_000, 60_000))
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]


def _left(hand: Hand) -> str:
    unsent, problems = hand.phone.outbox.pending, hand.phone.outbox.problems
    if not unsent and not problems:
        return ""
    why = [str((item.problem or {}).get("code")) for item in [*unsent, *problems]]
    return f"phone {hand.number} keeps {len(unsent)} unsent, {len(problems)} with a problem: {', '.join(sorted(set(why)))}; {hand.last}"


_PICTURES = [picture(seed) for seed in (1, 2, 3)]
