"""The outbox under everything at once: nothing is lost, stands twice, stands that was taken back, or stands uncorrected."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.app import look, verbs
from bot.app.hall import App
from bot.app.parts import Parts
from bot.config.settings import EventSettings, Settings
from bot.core.errors import OutsideError, RateLimited, RefusedError, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import Receipt, Snippet, UpdateState
from bot.core.reports import LogFilter
from bot.store import feed, outbox
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.builders import START, a_desk
from tests.fakes import MACHINE_START, FakePublisher, FixedClock

_FAILURES = st.sampled_from(
    ["no", "unavailable", "unanswered, sent", "unanswered, not sent", "limited", "rejected", "unauthorized"]
)


@dataclass
class EveryoneIsNew(FakePublisher):
    """An account for which every send is a new post, whatever its key."""

    posts: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        self._maybe(self.fail)
        self.posts.append((key, snippet.text))
        self._maybe(self.fail_after)
        return Receipt(str(len(self.posts) - 1))

    def find(self, key: str, since: datetime) -> Receipt | None:
        del since
        self._maybe(self.fail)
        found = [number for number, (other, _) in enumerate(self.posts) if other == key]
        return Receipt(str(found[0])) if found else None

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        del key
        self._maybe(self.fail)
        self.posts[int(receipt.id)] = (self.posts[int(receipt.id)][0], snippet.text)
        self._maybe(self.fail_after)
        return receipt

    def standing(self) -> list[str]:
        return [text for number, (_, text) in enumerate(self.posts) if str(number) not in self.retracted]


class Outbox(RuleBasedStateMachine):
    """Tells, takes back, fails, pauses, restarts; one account that does not recognise a repeated send."""

    def __init__(self) -> None:
        super().__init__()
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        self.folder = Path(tempfile.mkdtemp(prefix="milepost-outbox-"))
        self.clock, self.machine = FixedClock(START), FixedClock(MACHINE_START)
        self.network = EveryoneIsNew()
        self.slugs: list[str] = []
        self.edited: set[str] = set()
        self.numbers: dict[str, str] = {}  # by slug, what the update's text begins with
        self.number = 0

    @initialize()
    def open(self) -> None:
        database = Database(f"sqlite:///{self.folder}/outbox.db")
        migrate(database)
        database.forgo_durability()
        parts = Parts(
            Settings(event=EventSettings(name="Day")),
            self.folder,
            database,
            a_desk(),
            self.clock,
            self.machine,
            "test",
            publishers={"social": self.network},
        )
        self.app = App(parts)

    @rule()
    def tell(self) -> None:
        self.number += 1
        words = f"Number {self.number}."
        written = verbs.write(self.app, verbs.manuscript(words, strand="official"), by="ana")
        self.slugs.append(written.update.slug)
        self.numbers[written.update.slug] = words

    @rule(which=st.integers(0, 9))
    def take_back(self, which: int) -> None:
        if self.slugs:
            verbs.take_back(self.app, self.slugs[which % len(self.slugs)], by="ana")

    @rule(which=st.integers(0, 9), accounts=st.sampled_from([(), ("social",)]))
    def edit(self, which: int, accounts: tuple[str, ...]) -> None:
        """The account is taken away, or given back."""
        if not self.slugs:
            return
        slug = self.slugs[which % len(self.slugs)]
        with suppress(RefusedError):  # it is withdrawn
            verbs.edit(self.app, slug, changes={"accounts": accounts}, by="ana")
            self.edited.add(slug)

    @rule(which=st.integers(0, 9), version=st.integers(0, 3))
    def reword(self, which: int, version: int) -> None:
        """What it says changes, perhaps back to what it said before."""
        if not self.slugs:
            return
        slug = self.slugs[which % len(self.slugs)]
        with suppress(RefusedError):  # it is withdrawn
            verbs.edit(self.app, slug, changes={"text": f"{self.numbers[slug]} Version {version}"}, by="ana")

    @rule(failure=_FAILURES)
    def publish(self, failure: str) -> None:
        errors: dict[str, OutsideError] = {
            "unavailable": Unavailable("away"),
            "unanswered, not sent": Unanswered("lost"),
            "unanswered, sent": Unanswered("lost"),
            "limited": RateLimited("slow down", self.machine.at + timedelta(minutes=3)),
            "rejected": Rejected("no"),
            "unauthorized": Unauthorized("sign in"),
        }
        self.network.fail = [errors[failure]] if failure in errors and failure != "unanswered, sent" else []
        self.network.fail_after = [errors[failure]] if failure == "unanswered, sent" else []
        self.app.publish("social")
        self.network.fail, self.network.fail_after = [], []

    @rule(what=st.sampled_from(["pause", "resume", "resume", "quiet on", "quiet off", "quiet off", "restart"]))
    def desk(self, what: str) -> None:
        match what:
            case "pause":
                verbs.pause(self.app, "social", by="ana")
            case "resume":
                verbs.resume(self.app, "social", by="ana")
            case "restart":
                self.restart()
            case _:
                verbs.quiet(self.app, what == "quiet on", by="ana")

    @rule(failure=_FAILURES)
    def regret(self, failure: str) -> None:
        """Told, tried, and taken back before anybody knows how the try ended."""
        self.tell()
        self.publish(failure)
        verbs.take_back(self.app, self.slugs[-1], by="ana")

    @rule()
    def go_on(self) -> None:
        """What most often happens: a little time, and a publish without trouble."""
        self.time_passes(2)
        self.app.publish("social")

    @rule(minutes=st.integers(1, 12))
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)
        self.machine.forward(minutes=minutes)

    def restart(self) -> None:
        parts = replace(self.app.parts, database=Database(f"sqlite:///{self.folder}/outbox.db"))
        self.app.close()
        parts.database.forgo_durability()
        self.app = App(parts)

    @invariant()
    def nothing_stands_twice(self) -> None:
        numbers = [text.partition(". ")[0] for text in self.network.standing()]
        assert len(numbers) == len(set(numbers))

    def teardown(self) -> None:
        if not hasattr(self, "app"):
            return
        verbs.resume(self.app, "social", by="ana")
        verbs.quiet(self.app, False, by="ana")
        for _ in range(8):
            self.machine.forward(hours=2)
            self.app.publish("social")
        with self.app.database.read() as tx:
            assert outbox.open_deliveries(tx) == [], "everything comes to rest"
            for slug in self.slugs:
                update = feed.by_slug(tx, slug)
                assert update is not None
                (delivery,) = outbox.of_update(tx, update.id)
                found = [text for text in self.network.standing() if self.numbers[slug] in text]
                stands = bool(found)
                if stands and not self._kept(slug):
                    assert found[0].endswith(update.text), (found, update.text)
                assert stands is (delivery.state.value == "sent"), (update.text, delivery)
                if update.state is UpdateState.WITHDRAWN or not update.accounts:
                    assert not stands
                elif not stands and slug in self.edited:
                    assert delivery.key or delivery.error, (
                        "what was never tried is sent where the account is given back"
                    )
                elif not stands:
                    assert delivery.state.value in ("failed", "cancelled")
                    assert delivery.error, "what was not sent says why"
        self.app.close()
        shutil.rmtree(self.folder)

    def _kept(self, slug: str) -> bool:
        """The old words stay at the account, and the log says so."""
        lines = look.log(self.app, LogFilter(what="not corrected", limit=1000))
        return any(line.update == slug for line in lines)


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(
    max_examples=120, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
