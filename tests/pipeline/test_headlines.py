"""The bullets at the top of the page: replaced in place, five at most, gone with their update. Each on both databases."""

import pytest

from bot.app import headlines, verbs
from bot.core.errors import NotFoundError, RefusedError
from bot.pipeline import brake, withdraw
from bot.pipeline.announce import by_hand
from bot.pipeline.announce.watching import Watcher
from bot.store import headlines as store
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.test_results import WINNER, arrive, plan, result, tick

LEADS = """
[[milestone]]
id = "leads"
result = "first"
race = "mass"
point = "HALF"
strand = "official"
text = "{{ name }} leads"
headline = "{{ name }} leads"
slot = "men"
"""
WINS = WINNER + 'headline = "{{ name }} wins"\nslot = "men"\n'


def standing(house: House) -> list[str]:
    return [one.text for one in headlines.standing(house.app)]


def front(house: House) -> str:
    house.app.refresh()
    return (house.app.page_folder / "index.html").read_text(encoding="utf-8")


def test_who_leads_becomes_who_wins_in_the_same_place_with_history(house: House) -> None:
    found, watcher = plan(house, LEADS + WINS), Watcher(house.app.database)
    headlines.pin(house.app, "weather", "Cold and dry", update="", by="ana")
    arrive(house, result("1", half="1:01:24", name="Eliud Kipchoge"))
    tick(house, found, watcher)
    headlines.pin(house.app, "roads", "Tower Bridge is shut", update="", by="ana")
    assert standing(house) == ["Tower Bridge is shut", "Eliud Kipchoge leads", "Cold and dry"]
    arrive(house, result("1", "2:03:05", 1, half="1:01:24", name="Eliud Kipchoge"))
    tick(house, found, watcher, minutes=1)
    assert standing(house) == ["Eliud Kipchoge wins", "Tower Bridge is shut", "Cold and dry"]
    past = headlines.history(house.app, 10)
    assert [one.text for one in past if one.ended_at] == ["Eliud Kipchoge leads"]
    slug = live(house)[-1].slug
    assert f'<a href="u/{slug}.html">Eliud Kipchoge wins</a>' in front(house)
    assert house.log("headline")[-1].by == "clock"


def test_a_correction_changes_the_headline_and_a_withdrawal_takes_it_down(house: House) -> None:
    found, watcher = plan(house, WINS), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"))
    tick(house, found, watcher)
    arrive(house, result("1", "2:03:05", 1, name="Wilson Kipsang"))
    tick(house, found, watcher, minutes=1)
    assert standing(house) == ["Eliud Kipchoge wins"]
    by_hand.correct(house.app.database, found, "winner", now=house.clock(), by="ana")
    assert standing(house) == ["Wilson Kipsang wins"]
    withdraw.withdraw(house.app.database, live(house)[0].id, now=house.clock(), by="ana", why="wrong", note="")
    assert standing(house) == []
    assert "Key points" not in front(house)


def test_five_stand_and_a_sixth_takes_the_place_of_the_oldest_of_a_milestone(house: House) -> None:
    found = plan(house, WINS)
    arrive(house, result("1", "2:03:05", 1, name="Ana"))
    tick(house, found)
    for number in range(4):
        headlines.pin(house.app, f"pin{number}", f"Pin {number}", update="", by="ana")
    assert len(standing(house)) == 5
    headlines.pin(house.app, "pin4", "Pin 4", update="", by="ana")
    assert standing(house) == [f"Pin {number}" for number in (4, 3, 2, 1, 0)]
    with pytest.raises(RefusedError, match="there are 5 already"):
        headlines.pin(house.app, "pin5", "Pin 5", update="", by="ana")
    text = WINNER.replace('"winner"', '"late"', 1) + 'headline = "Late"\n'
    assert tick(house, plan(house, WINS + text), minutes=1).told == 1, (
        "a milestone is told whether there is room or not"
    )
    assert len(standing(house)) == 5
    assert "there is no room" in house.log("headline")[-1].why


def test_what_a_person_has_pinned_stays(house: House) -> None:
    headlines.pin(house.app, "men", "A photo finish", update="", by="ana")
    arrive(house, result("1", "2:03:05", 1, name="Ana"))
    assert tick(house, plan(house, WINS)).told == 1
    assert standing(house) == ["A photo finish"]
    assert not headlines.pin(house.app, "men", "A photo finish", update="", by="ana"), "it says that already"
    headlines.unpin(house.app, "men", by="ana")
    with pytest.raises(NotFoundError, match="none stands"):
        headlines.unpin(house.app, "men", by="ana")


@pytest.mark.parametrize(
    ("slot", "text", "update", "said"),
    [
        ("men's", "x", "", "letters, digits"),
        ("men", "  ", "", "1 to 120 characters"),
        ("men", "x" * 121, "", "1 to 120 characters"),
        ("men", "x", "nothere1", "there is no update"),
    ],
)
def test_what_cannot_be_pinned(house: House, slot: str, text: str, update: str, said: str) -> None:
    with pytest.raises((RefusedError, NotFoundError), match=said):
        headlines.pin(house.app, slot, text, update=update, by="ana")


def test_a_headline_leads_only_to_what_readers_can_see(house: House) -> None:
    draft = verbs.write(house.app, verbs.manuscript("A draft", strand="official"), by="ana").update
    withdraw.withdraw(house.app.database, draft.id, now=house.clock(), by="ana", why="no", note="")
    with pytest.raises(RefusedError, match="is withdrawn"):
        headlines.pin(house.app, "men", "x", update=draft.slug, by="ana")


def test_hostile_words_are_only_words_and_a_paused_page_keeps_its_bullets(house: House) -> None:
    headlines.pin(house.app, "men", "<script>alert(1)</script> & co", update="", by="ana")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in front(house)
    brake.pause(house.app.database, house.app.desk, "page", now=house.clock(), by="ana", why="a look")
    headlines.pin(house.app, "men", "Second", update="", by="ana")
    assert "Second" not in front(house)
    brake.resume(house.app.database, house.app.desk, "page", now=house.clock(), by="ana", why="")
    assert "Second" in front(house)
    with house.app.database.read() as tx:
        assert [one.slot for one in store.standing(tx)] == ["men"]
