"""The desk's people become a set in the store: good ones at once, broken ones never, and nobody is lost by accident."""

from pathlib import Path

import pytest
from msgspec import structs

from bot.app import look
from bot.app.people import known
from bot.app.rules.standing import rules_status
from bot.core.errors import NotFoundError
from bot.core.idents import ident
from bot.core.model import Author
from bot.core.people import FILE, People
from bot.pipeline.adopt import Adopted
from bot.pipeline.curate.known import KnownPeople
from bot.store import posts, rulesets
from bot.store.database import Database
from tests.builders import START, a_post
from tests.conftest import House
from tests.pipeline.houses import reopened
from tests.pipeline.incoming import keep

ANA = '[[person]]\nid = "ana"\nname = "Ana"\naccounts = ["bluesky:did:plc:ana", "x:12345"]\n'
BEN = '[[person]]\nid = "ben"\nname = "Ben"\naccounts = ["bluesky:did:plc:ben"]\n'
RAIN = "[[rule]]\nid = 'rain'\naction = 'drop'\nwhen = ['has(text, \"rain\")']\n"
BROKEN = ANA.replace("x:12345", "x:@ana")


def save(house: House, text: str) -> Adopted:
    (house.rules / FILE).write_text(text, encoding="utf-8")
    return house.app.adopt(at_once=True)


def looks(house: House, seconds: int) -> list[Adopted]:
    """As the daemon looks: once a second, for so long."""
    found = []
    for _ in range(seconds):
        house.machine.forward(seconds=1)
        found.append(house.app.adopt())
    return found


def ids(house: House) -> list[str]:
    return [person.id for person in house.app.people().persons]


def test_a_good_file_is_adopted_and_told(house: House) -> None:
    assert save(house, ANA).changed
    assert ids(house) == ["ana"]
    (line,) = [line for line in house.log("adopted") if line.place == "people"]
    assert line.why.endswith("added ana; files people.toml new")
    assert save(house, ANA + BEN).changed
    assert house.log("adopted")[-1].why.endswith("added ben; files people.toml changed")
    assert not house.app.adopt(at_once=True).changed, "once is enough"
    other = reopened(house)
    assert ids(other) == ["ana", "ben"]
    other.app.close()


@pytest.mark.parametrize("text", ["", "# nobody yet\n"])
def test_a_file_that_names_nobody_is_no_news(house: House, text: str) -> None:
    before = house.log()
    assert not save(house, text).changed
    assert house.log() == before
    assert house.app.people() == People()


def test_a_broken_file_is_refused_with_its_place_and_the_last_good_set_stays(house: House) -> None:
    save(house, ANA)
    found = save(house, BROKEN)
    assert found.refused
    assert not found.changed
    assert ids(house) == ["ana"]
    assert "rules/people.toml:4:36: '@ana' is no permanent account id of x" in house.log("refused")[-1].why
    (refusal,) = look.refusals(house.app)
    assert (refusal.kind, refusal.stays) == ("people", True)
    assert "people.toml:4:36" in look.status(house.app).rules_refused
    save(house, ANA)
    assert look.refusals(house.app) == []
    assert "goes on" in house.log("mended")[-1].why


def test_a_broken_first_file_does_not_touch_the_rules_and_can_be_mended_by_nobody(house: House) -> None:
    assert save(house, BROKEN).refused
    assert look.status(house.app).rule_set
    assert house.app.people().persons == ()
    save(house, "# nobody\n")
    assert look.refusals(house.app) == []
    assert len(house.log("mended")) == 1


def test_broken_rules_do_not_keep_people_from_being_adopted(house: House) -> None:
    (house.rules / "20-broken.toml").write_text("[[rule]\n")
    found = save(house, ANA)
    assert found.refused
    assert found.changed
    assert ids(house) == ["ana"]


def test_a_file_that_is_emptied_is_refused(house: House) -> None:
    save(house, ANA)
    assert save(house, "# gone\n").refused
    assert "the file has no people any more: delete it if that is meant" in house.log("refused")[-1].why
    assert ids(house) == ["ana"]


def test_people_that_go_are_believed_when_the_file_has_rested(house: House) -> None:
    save(house, ANA + BEN)
    (house.rules / FILE).write_text(ANA)  # a slow writer
    looks(house, 4)
    assert ids(house) == ["ana", "ben"]
    looks(house, 3)
    assert ids(house) == ["ana"]
    (house.rules / FILE).unlink()
    looks(house, 4)
    assert ids(house) == ["ana"]
    looks(house, 3)
    assert ids(house) == []
    assert house.log("adopted")[-1].why.endswith("removed ana; files people.toml removed")


def test_a_file_that_cannot_be_read_takes_nobody_away(house: House) -> None:
    save(house, ANA)
    (house.rules / FILE).write_bytes(b"# \xff\n")
    assert house.app.adopt(at_once=True).refused
    assert ids(house) == ["ana"]
    assert "people.toml: is not UTF-8" in house.log("refused")[-1].why
    assert [one.kind for one in look.refusals(house.app)] == ["people"], "the rules are as good as they were"


def test_a_folder_that_is_gone_takes_nobody_away(house: House) -> None:
    save(house, ANA)
    house.rules.rename(house.rules.with_name("aside"))
    assert house.app.adopt(at_once=True).refused
    assert ids(house) == ["ana"]


def test_another_machine_without_the_file_takes_nobody_away(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if house.app.database.is_sqlite:
        return  # it has one machine, and one folder
    save(house, ANA)
    monkeypatch.setattr("socket.gethostname", lambda: "second")
    (house.rules / FILE).rename(tmp_path / FILE)
    house.app._turns.give_back()
    other = reopened(house)
    (house.rules / "20-rain.toml").write_text(RAIN)
    assert other.app.adopt(at_once=True).changed, "its turn, and its folder was looked at"
    assert ids(other) == ["ana"]
    other.app.close()


# -- what the curator asks --------------------------------------------------------------------------------------------


def test_the_curator_reads_people_once_for_each_set(house: House) -> None:
    curator = house.app._curator
    with house.app.database.read() as tx:
        assert curator._known.of(tx).by_author == {}
    save(house, ANA)
    with house.app.database.read() as tx:
        first = curator._known.of(tx)
        assert first.by_author[ident("bluesky", "did:plc:ana")] == first.by_author[ident("x", "12345")]
        assert curator._known.of(tx) is first
    save(house, ANA + BEN)
    with house.app.database.read() as tx:
        assert len(curator._known.of(tx).persons) == 2


def test_a_stored_set_that_this_version_cannot_read_as_a_whole_stops_nobody(database: Database) -> None:
    """Another version, on another machine or before a step back, may know keys and platforms that this one does not."""
    newer = ANA.replace("x:12345", "holodeck:ana") + 'bib = "7"\n' + BEN.replace("bluesky:did:plc:ben", "holodeck:ben")
    with database.begin() as tx:
        rulesets.adopt(tx, rulesets.PEOPLE, "newer", {FILE: newer}, START)
    with database.read() as tx:
        found = KnownPeople().of(tx)
    assert [(person.id, person.accounts) for person in found.persons] == [("ana", ("bluesky:did:plc:ana",))]


# -- what people ask --------------------------------------------------------------------------------------------------


def test_people_are_listed_with_what_was_seen_of_their_accounts(house: House) -> None:
    save(house, ANA + BEN)
    keep(house, a_post("hello"))
    (ana, ben) = known(house.app)
    assert [(one.account, one.seen) for one in ana.accounts] == [("bluesky:did:plc:ana", 1), ("x:12345", 0)]
    assert [one.seen for one in ben.accounts] == [0]
    assert known(house.app, "ANA")[0].id == "ana"
    assert [one.id for one in known(house.app, "x:12345")] == ["ana"]


def test_an_account_of_nobody_is_found_by_its_handle_with_its_permanent_id(house: House) -> None:
    keep(house, a_post("hello", author="did:plc:cat"))
    (found,) = known(house.app, "@cat.example")
    assert (found.id, found.accounts[0].account, found.accounts[0].seen) == ("", "bluesky:did:plc:cat", 1)
    with pytest.raises(NotFoundError, match="nobody is called 'dog'"):
        known(house.app, "dog")


def test_the_status_of_rules_tells_of_people(house: House) -> None:
    assert rules_status(house.app).people.disk == "same"
    (house.rules / FILE).write_text(ANA)
    assert rules_status(house.app).people.disk == "other"
    save(house, ANA)
    found = rules_status(house.app)
    assert (found.disk, found.people.disk, found.people.persons, found.people.accounts) == ("same", "same", 1, 2)
    save(house, BROKEN)
    found = rules_status(house.app)
    assert (found.disk, found.people.disk, found.people.persons) == ("same", "refused", 1)
    assert found.people.mistakes[0].place == "rules/people.toml:4:36"


def test_what_a_platform_has_verified_is_kept_with_the_post(house: House) -> None:
    verified = ("https://ana.example", "https://shared.example/ana")
    keep(house, a_post("hello", native_id="at://1", author="did:plc:ana"))
    keep(house, structs.replace(a_post("hi", native_id="at://2"), author=Author("did:plc:ana", verified=verified)))
    with house.app.database.read() as tx:
        found = [
            stored.post.author.verified for key in ("at://1", "at://2") for stored in posts.by_key(tx, "bluesky", key)
        ]
    assert found == [(), verified]
