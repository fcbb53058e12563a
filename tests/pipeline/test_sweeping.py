"""The sweep: what its author took down goes everywhere; whatever else happens, nothing goes that still stands."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import Gone, Verdict
from bot.pipeline import sweep
from bot.store import posts
from bot.store.database import Database
from tests.builders import a_desk, a_post
from tests.conftest import House
from tests.fakes import MACHINE_START, FakeSource
from tests.pipeline.houses import live, states
from tests.pipeline.incoming import held, keep, official, told


@dataclass
class Asked(FakeSource):
    """A source that keeps what it was asked for."""

    asked: list[list[str]] = field(default_factory=list)
    fails: OutsideError | None = None
    more: frozenset[str] = frozenset()

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        self.asked.append(list(ids))
        if self.fails is not None:
            raise self.fails
        return super().missing(ids) | self.more


@pytest.fixture
def source() -> Asked:
    return Asked()


@pytest.fixture
def home(database: Database, build_house: Callable[..., House], source: Asked) -> House:
    return build_house(database, source=source)


def texts(house: House) -> list[str]:
    return [update.text for update in live(house)]


def sweep_and_curate(house: House) -> int:
    found = house.app.sweep("hashtag")
    house.app.curate()
    return found


def test_what_is_gone_at_its_source_goes_from_the_page_and_from_every_account(home: House, source: Asked) -> None:
    official(home, "Here we go", "o1")
    official(home, "On we go", "o2")
    home.app.publish("social")
    source.missing_ids = {"o1"}
    assert sweep_and_curate(home) == 1
    assert texts(home) == ["On we go"]
    home.app.publish("social")
    assert states(home) == ["retracted", "sent"]
    (line,) = home.log("missing")
    assert (line.by, line.place, line.text) == ("sweep", "hashtag", "Here we go")
    (line,) = home.log("withdrawn")
    assert line.by == "author"
    assert "found missing by the sweep" in line.why


def test_it_asks_for_what_stands_and_for_nothing_else(home: House, source: Asked) -> None:
    assert sweep_and_curate(home) == 0
    assert source.asked == [], "nothing stands: nobody is asked"
    official(home, "Stands", "o1")
    held(home, "Waits", "n1", "did:plc:one")
    held(home, "A giveaway", "n2", "did:plc:two")
    told(home, "Our own words")
    sweep_and_curate(home)
    assert source.asked == [["o1"]]


def test_what_was_taken_off_is_not_asked_for_again(home: House, source: Asked) -> None:
    official(home, "Here we go", "o1")
    source.missing_ids = {"o1"}
    sweep_and_curate(home)
    assert sweep_and_curate(home) == 0
    assert source.asked == [["o1"]]
    assert len(home.log("withdrawn")) == 1


def test_two_sweeps_before_it_is_carried_out_take_it_off_once(home: House, source: Asked) -> None:
    official(home, "Here we go", "o1")
    source.missing_ids = {"o1"}
    assert home.app.sweep("hashtag") == home.app.sweep("hashtag") == 1
    home.app.curate()
    assert texts(home) == []
    assert len(home.log("withdrawn")) == 1


def test_a_source_that_cannot_tell_takes_nothing_off(home: House) -> None:
    official(home, "Here we go", "o1")
    assert sweep_and_curate(home) == 0
    assert texts(home) == ["Here we go"]


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("connection refused"),
        Unanswered("the answer was lost"),
        RateLimited("slow down", MACHINE_START + timedelta(minutes=7)),
        Rejected("410 gone"),
        Unauthorized("sign in"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_source_that_cannot_be_asked_takes_nothing_off_whatever_it_says(
    home: House, source: Asked, error: OutsideError
) -> None:
    official(home, "Here we go", "o1")
    source.fails = error
    source.missing_ids = {"o1"}
    assert sweep_and_curate(home) == 0
    assert texts(home) == ["Here we go"]
    assert home.log("missing") == []
    with pytest.raises(type(error)):
        sweep.sweep(home.app.database, source, a_desk(), name="hashtag", now=home.clock())
    source.fails = None
    assert sweep_and_curate(home) == 1


def test_what_a_source_names_without_being_asked_stays(home: House, source: Asked) -> None:
    official(home, "Here we go", "o1")
    number = held(home, "Go on Alice", "n1", "did:plc:one")
    source.more = frozenset({"n1", "never seen", ""})
    assert sweep_and_curate(home) == 0
    assert texts(home) == ["Here we go"]
    with home.app.database.read() as tx:
        assert [one.verdict for one in posts.by_id(tx, [number])] == [Verdict.HOLD]


def test_what_another_source_brought_is_not_this_ones_to_ask_for(home: House, source: Asked) -> None:
    official(home, "Here we go", "o1")
    source.missing_ids = {"o1"}
    assert sweep.sweep(home.app.database, source, a_desk(), name="another", now=home.clock()) == 0
    assert source.asked == []
    home.app.curate()
    assert texts(home) == ["Here we go"]


def test_the_desks_own_words_and_milestones_never_go(home: House, source: Asked) -> None:
    update = told(home, "Our own words")
    source.more = frozenset({"", "0", str(update.id), update.slug})
    source.missing_ids = {"", "0", str(update.id), update.slug}
    official(home, "Here we go", "o1")
    assert sweep_and_curate(home) == 0
    assert texts(home) == ["Our own words", "Here we go"]


def test_a_copy_that_comes_late_does_not_bring_it_back(home: House, source: Asked) -> None:
    official(home, "Here we go", "o1")
    source.missing_ids = {"o1"}
    sweep_and_curate(home)
    official(home, "Here we go", "o1")
    home.clock.forward(days=3)
    home.app.forget()
    official(home, "Here we go", "o1")
    assert texts(home) == []


def stones(house: House) -> int:
    with house.app.database.read() as tx:
        return int(tx.raw("SELECT count(*) FROM gone").scalar_one())


def test_tombstones_of_posts_that_never_came_are_forgotten_after_two_days_and_no_others(home: House) -> None:
    official(home, "Here we go", "o1")
    keep(home, gone=(Gone("o1", home.clock()), Gone("never", home.clock())))
    home.app.curate()
    assert stones(home) == 2
    home.clock.forward(hours=48)
    assert home.app.forget() == 0
    home.clock.forward(seconds=1)
    assert home.app.forget() == 1
    assert home.app.forget() == 0
    home.clock.forward(days=365)
    assert home.app.forget() == 0, "of a post that we have it stays for ever"
    assert stones(home) == 1


def test_a_tombstone_that_is_not_carried_out_is_not_forgotten(home: House) -> None:
    official(home, "Here we go", "o1")
    keep(home, gone=(Gone("o1", home.clock()),))
    home.clock.forward(days=3)
    assert home.app.forget() == 0
    home.app.curate()
    assert texts(home) == []


def test_until_it_is_forgotten_a_tombstone_keeps_a_late_post_away(home: House) -> None:
    keep(home, gone=(Gone("late", home.clock()),))
    home.clock.forward(hours=47)
    home.app.forget()
    keep(
        home,
        a_post("Too late", author="did:plc:organiser", native_id="late", created_at=home.clock(), seen_at=home.clock()),
    )
    home.app.curate()
    assert texts(home) == []
