"""Both directions through X's own OpenAPI document: no request of ours, and no answer of the simulator, breaks it."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from bot.core.errors import RateLimited, Rejected, Unauthorized
from bot.core.model import Media
from tests.drawings import photo, saved
from tests.platforms.contract import Clock, Kept, check_source
from tests.platforms.x.x_world import NOON, World, snippet
from tests.servers.prism import prism
from tests.servers.x_simulator import BEARER, XSimulator, new_key

CREATE = "/2/tweets$"


@pytest.fixture(scope="module")
def guarded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[XSimulator, str, Path]]:
    """A simulator, the guarded address before it, and what the guard says."""
    log = tmp_path_factory.mktemp("prism") / "log"
    with XSimulator(Clock(NOON)) as x, prism(shared_data / "x-openapi.json", x.url, log) as url:
        x.hosts.add(url.removeprefix("http://"))
        yield x, url, log


@pytest.fixture
def x(guarded: tuple[XSimulator, str, Path]) -> Iterator[XSimulator]:
    x = guarded[0]
    x.now = Clock(NOON)
    x.posts.clear()
    x.faults.clear()
    x.errors.clear()
    x.limits.clear()
    x.spelling = "both"
    yield x
    said = guarded[2].read_text(encoding="utf-8", errors="replace")
    assert "VIOLATIONS" not in said, said[-3000:]


@pytest.fixture
def url(guarded: tuple[XSimulator, str, Path]) -> str:
    return guarded[1]


def clock_of(x: XSimulator) -> Clock:
    assert isinstance(x.now, Clock)
    return x.now


def test_the_guard_guards(guarded: tuple[XSimulator, str, Path]) -> None:
    _, url, _ = guarded
    headers = {"authorization": f"Bearer {BEARER}"}
    with httpx2.Client(trust_env=False, headers=headers) as client:
        broken = client.get(f"{url}/2/tweets/search/recent", params={"query": "(#a)", "max_results": "5"})
        assert broken.status_code == 422
        assert "max_results" in broken.text
        assert client.post(f"{url}/2/tweets", json={"text": "a", "unknown": 1}).status_code == 422


@pytest.mark.parametrize("spelling", ["tweet", "post", "both"])
def test_reading(x: XSimulator, url: str, spelling: str) -> None:
    clock = clock_of(x)
    ana = x.account(f"ana_{spelling}")
    ids = []
    for number in range(120):
        ids.append(ana.post(f"{number} & https://example.org/{number} #LondonMarathon @somebody"))
        clock.move(seconds=1)
    ids.append(ana.edit(ids[5], "edited #LondonMarathon"))
    clock.move(minutes=1)
    kind = "https://api.x.com/2/problems/resource-not-found"
    beside = {"resource_type": "tweet", "resource_id": "77", "type": kind, "title": "Not Found Error", "detail": "no"}
    x.errors = [beside]
    # in one spelling alone the answers lack what the document promises of the other: only ours are held against it
    x.spelling = "both" if spelling == "both" else spelling
    posts = check_source(
        lambda: World(clock, "it", memory=Kept()).source(url, official=(ana.id,), daily_usd=500), "it", clock()
    )
    assert len(posts) == 120
    source = World(clock).source(url)
    assert source.fetch("").gone[0].id == "77"
    x.errors = []
    x.deleted.add(ids[0])
    assert source.missing(ids[:3]) == {ids[0]}


def test_posting(x: XSimulator, url: str) -> None:
    clock = clock_of(x)
    world = World(clock)
    world.pictures["media/a.jpg"] = saved(photo(1))
    account = world.account(url, x.account("desk"))
    media = (Media("image", "media/a.jpg", "A rhino"),)
    receipt = account.publish(snippet("With a picture & a link https://example.org", media=media), new_key())
    assert x.media[x.posts[receipt.id]["media"][0]]["alt"] == "A rhino"  # prism hands no bytes on unharmed
    with pytest.raises(Rejected, match="these words before"):
        account.publish(snippet("With a picture & a link https://example.org"), new_key())
    account.retract(receipt)
    account.retract(receipt)


def test_refusals(x: XSimulator, url: str) -> None:
    world = World(clock_of(x))
    desk = x.account("desk2")
    account = world.account(url, desk)
    x.limits["/2/tweets"] = 0
    with pytest.raises(RateLimited):
        account.publish(snippet(), new_key())
    del x.limits["/2/tweets"]
    clock_of(x).move(minutes=16)
    body = {"code": 402, "message": "no credits", "title": "CreditsDepleted", "detail": "no credits"}
    x.fail(CREATE, 402, body)
    with pytest.raises(RateLimited, match="buy credits"):
        account.publish(snippet(), new_key())
    desk.suspended = True
    with pytest.raises(Unauthorized, match="suspended the account"):
        account.publish(snippet(), new_key())
    world.secrets["bearer_token"] = "wrong"
    with pytest.raises(Unauthorized, match="does not take the keys"):
        world.source(url).fetch("")


def test_a_place_that_is_too_old(x: XSimulator, url: str) -> None:
    clock = clock_of(x)
    ana = x.account("ana2")
    ana.post("#LondonMarathon")
    clock.move(minutes=1)
    world = World(clock)
    cursor = world.source(url).fetch("").cursor
    clock.move(days=8)
    assert "seven days back" in world.source(url).fetch(cursor).note
