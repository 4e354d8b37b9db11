"""What every harness needs around its faults: an installation, a city, phones at work, and the final read."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from media.stores.folder import FolderStore
from media.stores.protocol import ObjectStore
from tests.faults.city import PASSWORD, City, found
from tests.faults.comparison import Receipted, Story, Verdict, compare, compare_by_api
from tests.faults.crew import Crew
from tests.faults.installation import Installation, installed
from tests.faults.line import Line
from tests.faults.outcome import Outcome, Plan
from tests.support.live import Phone as Caller

EMPTY_SECONDS = 90.0
DEVELOPED_SECONDS = 60.0
CONTROL_SECONDS = 12.0  # what is broken on purpose may never empty
SIGN_IN_SECONDS = 60.0
PATIENCE_SECONDS = 15.0


@dataclass(slots=True)
class Stage:
    """A harness at work; `outcome` is filled as it goes."""

    plan: Plan
    installation: Installation
    city: City
    crew: Crew
    outcome: Outcome
    line: Line | None = None
    store: ObjectStore | None = None
    tried: list[Receipted] = field(default_factory=list)
    probed: list[Receipted] = field(default_factory=list)
    """What a harness itself tried to send beside the phones, and what of it was accepted."""
    began: float = field(default_factory=time.monotonic)

    def hurt(self, times: int = 1) -> None:
        """Count faults that were injected."""
        self.outcome.faults += times

    def broke(self, promise: str) -> None:
        """Note a promise that was not kept."""
        self.outcome.broken.append(promise)

    def finish(self, *, seconds: float = EMPTY_SECONDS) -> Outcome:
        """Let the phones empty their outboxes, then read everything and compare."""
        patience = seconds if self.plan.planted is None else CONTROL_SECONDS
        began = time.monotonic()
        self.outcome.broken += self.crew.empty_outboxes(patience)
        self.outcome.remarks.append(
            f"outboxes were empty {time.monotonic() - began:.1f} s after the last fault"
        )
        self.compare()
        try:
            self._compare_by_api()
        except (OSError, AssertionError) as fault:
            self.broke(f"the final read over the API failed: {fault}")
        self.outcome.answers_500 += self.installation.answered(500)
        self.outcome.seconds = time.monotonic() - self.began
        return self.outcome

    def _compare_by_api(self) -> None:
        for hand in self.crew.hands:
            told = self.crew.story_of(hand)
            if hand.number == 0:
                told = Story([*told.kept, *self.tried], [*told.receipted, *self.probed])
            compare_by_api(self.signed_in(self.city.usernames[hand.number]), told, self.outcome.verdict)

    def signed_in(self, username: str) -> Caller:
        """Somebody who speaks to the installation itself, past every line.

        Raises:
            TimeoutError: nobody is let in.
        """
        device = {
            "id": f"reader-{username}",
            "platform": "android",
            "model": "reader",
            "app_version": "1.0.0",
        }
        told = {"username": username, "password": PASSWORD, "device": device}
        stranger = Caller("127.0.0.1", self.installation.port, patience_s=PATIENCE_SECONDS)
        until = time.monotonic() + SIGN_IN_SECONDS
        while (answer := stranger.post("/api/v1/sessions", told)).status != 201:
            if time.monotonic() > until:
                raise TimeoutError(f"nobody can sign in: {answer.status} {answer.body[:200]!r}")
            time.sleep(0.2)
        return replace(stranger, token=answer.json["access_token"])

    def _story(self) -> Story:
        told = self.crew.story()
        return Story([*told.kept, *self.tried], [*told.receipted, *self.probed])

    def compare(self) -> None:
        """Hold the receipts of all phones, which must be at rest, against database and store."""
        store = self.store or FolderStore(self.installation.folder / "photos")
        self.outcome.verdict = compare(self.installation, self._story(), store)

    def await_darkroom(self, seconds: float = DEVELOPED_SECONDS) -> None:
        """Wait until every received photo is developed: the work for it was written down with its receipt."""
        began = time.monotonic()
        while left := self.installation.ask("SELECT count(*) FROM photos WHERE state = 'received'")[0][0]:
            if time.monotonic() > began + seconds:
                self.broke(f"{left} photos wait to be developed after {seconds:g} s")
                return
            time.sleep(0.1)
        self.outcome.remarks.append(f"every photo was developed {time.monotonic() - began:.1f} s later")

    def check_figures(self) -> None:
        """The ledgers are what a rebuild makes of the visits, and the audit chain is whole."""
        rebuilt = self.installation.run("rebuild")
        if "were right" not in rebuilt.stdout:
            self.broke(f"the ledgers were wrong: {rebuilt.stdout[-300:]}{rebuilt.stderr[-300:]}")
        verified = self.installation.run("audit", "verify")
        if verified.returncode:
            self.broke(f"the audit chain is broken: {verified.stdout[-300:]}{verified.stderr[-300:]}")


@contextmanager
def staged(
    harness: str,
    plan: Plan,
    folder: Path,
    *,
    data: Path | None = None,
    settings: Mapping[str, str] | None = None,
    line: Line | None = None,
    impatient: bool = True,
) -> Iterator[Stage]:
    """A stage in that folder; no process of it is left when the block ends.

    The installation's data lie in `data` when they are to lie elsewhere. `line` is opened by this, and its server is the installation.
    """
    with ExitStack() as stack:
        where = data or folder / "data"
        log = folder / "serve.log"
        installation = stack.enter_context(installed(where, log, planted=plan.planted, settings=settings))
        city = found(installation, people=plan.phones)
        base_url = f"http://127.0.0.1:{installation.port}"
        if line is not None:
            line.server_port = installation.port
            base_url = stack.enter_context(line).base_url
        crew = Crew(base_url, city, folder / "phones", count=plan.phones, seed=plan.seed, impatient=impatient)
        stack.callback(crew.close)
        yield Stage(plan, installation, city, crew, Outcome(harness, plan.seed, Verdict(0)), line)
