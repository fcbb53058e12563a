"""What the desk says itself is part of its stories: once, and as long as anything else."""

from datetime import timedelta

from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.incoming import keep, told
from tests.pipeline.ruled import LOVELY, save, verdicts

WORDS = (
    "A lovely crowd at Tower Bridge: two hundred people sing as one while the rhino and the lighthouse run past them"
)


def came(house: House, who: str) -> None:
    now = house.clock()
    keep(house, a_post(WORDS, author=f"did:plc:{who}", native_id=who, created_at=now, seen_at=now))
    house.app.curate()


def test_our_own_words_count_once_however_often_their_update_changes(house: House) -> None:
    save(house, LOVELY)
    told(house, WORDS)
    for number in range(5):
        came(house, f"fan{number}")
    keeper = house.app._curator._keeper
    assert keeper.size(-1) == 6, "five posts and our own words"
    (update,) = live(house)
    assert verdicts(house) == {WORDS: "drop"}
    assert update.text == WORDS


def test_our_own_words_leave_the_window_as_posts_do_also_after_a_restart(house: House) -> None:
    save(house, LOVELY)
    told(house, WORDS)
    house.clock.forward(hours=house.app.desk.window / timedelta(hours=1) + 1)
    house.app._curator._keeper.forget()
    came(house, "fan")
    assert verdicts(house) == {WORDS: "publish"}
