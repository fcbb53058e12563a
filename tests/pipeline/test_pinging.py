"""WebSub: hubs are named in the feeds and told of each change once; a hub that is away is told when it is there again."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree.ElementTree import fromstring

import pytest
from pytest_httpserver import HTTPServer

from bot.app import look
from bot.app.hall import App
from bot.config.load import load
from bot.core.errors import ConfigError, OutsideError, RateLimited, Rejected, Unanswered, Unavailable
from bot.platforms._http.sending import Sender
from bot.platforms.websub import Hubs
from bot.store.database import Database
from tests.config.stand_ins import MODELS
from tests.conftest import House
from tests.pipeline.houses import same_store
from tests.pipeline.incoming import told
from tests.platforms.contract import Clock

ONE, TWO = "https://hub.example/", "https://other.example/publish"
FEEDS = ["https://live.example/feed.atom", "https://live.example/feed.json"]


@dataclass
class Ears:
    """Hubs that a test holds in its hand."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    fails: dict[str, OutsideError] = field(default_factory=dict)

    def __call__(self, hub: str, feed: str) -> None:
        if hub in self.fails:
            raise self.fails[hub]
        self.heard.append((hub, feed))

    def at(self, hub: str) -> list[str]:
        return [feed for where, feed in self.heard if where == hub]


def with_hubs(house: House, ears: Ears, *hubs: str) -> House:
    house.app.close()
    page = house.app.settings.page.model_copy(update={"hubs": hubs})
    settings = house.app.settings.model_copy(update={"page": page})
    parts = replace(house.app.parts, database=same_store(house.app.database), settings=settings, tell_hub=ears)
    return House(App(parts), house.source, house.publisher, house.clock, house.machine, house.rules)


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def heard(database: Database, build_house: Callable[..., House], ears: Ears) -> House:
    return with_hubs(build_house(database), ears, ONE, TWO)


def tell(house: House, text: str) -> None:
    told(house, text)
    house.app.refresh()
    house.app.ping()


def test_each_change_is_told_to_each_hub_once(heard: House, ears: Ears) -> None:
    tell(heard, "Good morning")
    heard.app.ping()
    assert ears.at(ONE) == ears.at(TWO) == FEEDS
    tell(heard, "Here we go")
    assert ears.at(ONE) == ears.at(TWO) == FEEDS * 2
    heard.app.refresh()
    heard.app.ping()
    assert len(ears.heard) == 8
    heard.app.close()


def test_what_is_not_drawn_yet_is_not_told(heard: House, ears: Ears) -> None:
    tell(heard, "Good morning")
    told(heard, "Here we go")
    heard.app.ping()
    assert ears.at(ONE) == FEEDS
    heard.app.close()


@pytest.mark.parametrize("error", [Unavailable("away"), Unanswered("cut off")])
def test_a_hub_that_is_away_is_told_once_when_it_is_there_and_the_others_do_not_wait(
    heard: House, ears: Ears, error: OutsideError
) -> None:
    ears.fails = {ONE: error}
    for number in range(5):
        tell(heard, f"mile {number}")
        heard.machine.forward(minutes=11)
    assert (ears.at(ONE), len(ears.at(TWO))) == ([], 10)
    assert f"{error}: readers of the feeds hear of updates later" in look.status(heard.app).problems
    ears.fails = {}
    heard.app.ping()
    heard.app.ping()
    assert ears.at(ONE) == FEEDS
    assert not [one for one in look.status(heard.app).problems if "readers of the feeds" in one]
    heard.app.close()


@pytest.mark.parametrize(
    ("error", "early", "late"),
    [
        (Unavailable("away"), {"seconds": 9}, {"seconds": 2}),
        (Rejected("404"), {"minutes": 59}, {"minutes": 2}),
    ],
)
def test_a_hub_is_not_asked_all_the_time(
    heard: House, ears: Ears, error: OutsideError, early: dict[str, float], late: dict[str, float]
) -> None:
    ears.fails = {ONE: error}
    tell(heard, "Good morning")
    ears.fails = {}
    heard.machine.forward(**early)
    heard.app.ping()
    assert ears.at(ONE) == []
    heard.machine.forward(**late)
    heard.app.ping()
    assert ears.at(ONE) == FEEDS
    heard.app.close()


def test_a_limit_is_waited_for(heard: House, ears: Ears) -> None:
    ears.fails = {ONE: RateLimited("slowly", heard.machine() + timedelta(minutes=3))}
    tell(heard, "Good morning")
    ears.fails = {}
    heard.machine.forward(seconds=170)
    heard.app.ping()
    assert ears.at(ONE) == []
    heard.machine.forward(seconds=11)
    heard.app.ping()
    assert ears.at(ONE) == FEEDS
    heard.app.close()


def test_a_restart_tells_nothing_twice_and_forgets_nothing(heard: House, ears: Ears) -> None:
    tell(heard, "Good morning")
    ears.fails = {ONE: Unavailable("away")}
    tell(heard, "Here we go")
    ears.fails = {}
    heard.machine.forward(minutes=2)
    again = with_hubs(heard, ears, ONE, TWO)
    again.app.ping()
    assert (ears.at(ONE), ears.at(TWO)) == (FEEDS * 2, FEEDS * 2)
    again.app.close()


def test_the_feeds_name_their_hubs_and_the_door_says_it_too(heard: House) -> None:
    tell(heard, "Good morning")
    atom, feed = heard.app.page_file("feed.atom"), heard.app.page_file("feed.json")
    assert atom is not None
    assert feed is not None
    links = [one.attrib for one in fromstring(atom.body).iter("{http://www.w3.org/2005/Atom}link")]  # noqa: S314 - our own
    assert [one["href"] for one in links if one["rel"] == "hub"] == [ONE, TWO]
    assert json.loads(feed.body)["hubs"] == [{"type": "WebSub", "url": ONE}, {"type": "WebSub", "url": TWO}]
    assert feed.links == f'<{ONE}>; rel="hub", <{TWO}>; rel="hub", <https://live.example/feed.json>; rel="self"'
    page = heard.app.page_file("index.html")
    assert page is not None
    assert page.links == ""
    heard.app.close()


def test_without_hubs_nothing_is_told_and_nothing_named(house: House) -> None:
    tell(house, "Good morning")
    feed = house.app.page_file("feed.json")
    assert feed is not None
    assert "hubs" not in json.loads(feed.body)
    assert feed.links == ""


def test_a_real_hub_hears_what_the_specification_says(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hub", method="POST").respond_with_data(status=204)
    Hubs(Sender("milepost-tests", Clock())).tell(httpserver.url_for("/hub"), FEEDS[0])
    request, _ = httpserver.log[-1]
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.get_data(as_text=True)) == {"hub.mode": ["publish"], "hub.url": [FEEDS[0]]}


@pytest.mark.parametrize(
    ("page", "what"),
    [
        ('hubs = ["https://hub.example/"]', 'give "public_url", too'),
        ('public_url = "https://live.example"\nhubs = ["hub.example"]', "no address of a hub"),
    ],
)
def test_hubs_that_cannot_work_are_told_at_the_start(tmp_path: Path, page: str, what: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[event]\nname = "A race"\n\n[page]\n{page}\n')
    with pytest.raises(ConfigError, match=what):
        load(path, models=MODELS, environ={})
