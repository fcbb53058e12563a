"""What looks like a copy and is none: nothing is put into anybody's mouth."""

from bot.core.model import Gone, Media, Post
from bot.pipeline import regroup
from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.incoming import keep
from tests.pipeline.ruled import LOVELY, save, verdicts

RHINO = "A lovely sleep: the rhino has lain down on the grass beside the course and nobody wants to wake it up again"
NEWS = "Not lovely: the police have closed the bridge and ask all runners to stay where they are until they are told"


def says(house: House, text: str, who: str, *, picture: str = "", native_id: str = "", is_edit: str = "") -> Post:
    now = house.clock()
    media = (Media("image", f"https://x.example/{who}.jpg", cid=picture),) if picture else ()
    return a_post(
        text,
        author=f"did:plc:{who}",
        native_id=native_id or who,
        version=is_edit,
        created_at=now,
        seen_at=now,
        media=media,
    )


def come(house: House, *posts: Post) -> None:
    keep(house, *posts)
    house.app.curate()


def test_a_wordless_copy_of_a_picture_does_not_open_its_story_to_other_words(house: House) -> None:
    save(house, LOVELY)
    come(house, says(house, RHINO, "ann", picture="bafy1"), says(house, "", "bob", picture="bafy1"))
    come(house, says(house, NEWS, "cat", picture="bafy1"))
    assert verdicts(house)[NEWS] == "hold"
    (update,) = live(house)
    assert (update.text, update.also) == (RHINO, 1)


def test_what_adds_a_fact_in_the_same_second_is_no_copy(house: House) -> None:
    save(house, LOVELY)
    more = f"{RHINO} at mile 9"
    come(house, says(house, RHINO, "ann"), says(house, more, "ann", native_id="more"))
    assert sorted(update.text for update in live(house)) == [RHINO, more]


def test_a_split_does_not_tell_words_that_were_taken_down(house: House) -> None:
    save(house, LOVELY)
    come(house, says(house, RHINO, "ann"), says(house, RHINO, "bob"), says(house, RHINO, "cat"))
    keep(house, gone=(Gone("ann", house.clock()),))
    house.app.curate()
    regroup.split(house.app.database, house.app.desk, [1], now=house.clock(), by="ana")
    house.app.curate()
    assert live(house) == []


def test_an_edit_that_says_something_else_loses_those_who_said_the_old_words(house: House) -> None:
    save(house, LOVELY)
    come(house, says(house, RHINO, "ann"), says(house, RHINO, "bob"))
    (update,) = live(house)
    assert (update.also, [copy.handle for copy in update.copies]) == (1, ["bob.example"])
    come(house, says(house, NEWS.replace("Not lovely", "A lovely start"), "ann", is_edit="2"))
    (update,) = live(house)
    assert (update.also, update.copies) == (0, ())
