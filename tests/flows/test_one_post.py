"""One post, one milestone and one rule edit through the real house, with fakes at both ends. Read these first."""

from pathlib import Path

from bot.app import look, verbs
from bot.core.recording import decode_line
from tests.builders import OFFICIAL, a_post
from tests.conftest import House


def page(house: House, name: str = "index.html") -> str:
    return (house.app.page_folder / name).read_text()


def test_an_official_post_goes_to_the_page_and_the_account_once(house: House) -> None:
    house.clock.forward(minutes=5)
    house.source.posts.append(a_post("The start has gone off on time", author=OFFICIAL, minutes=5))
    house.day()
    house.day()
    assert "The start has gone off on time" in page(house)
    assert "The organiser" in page(house)
    (text,) = house.publisher.standing()
    assert "The start has gone off on time" in text
    assert [line.what for line in house.log() if line.post] == ["judged", "told", "sent"]


def test_a_held_post_waits_for_a_person_and_carries_their_name(house: House) -> None:
    house.clock.forward(minutes=5)
    house.source.posts.append(a_post("Go on my sister Alice in her rhino suit", minutes=5))
    house.day()
    (item,) = look.queue(house.app)
    assert house.publisher.sent == {}
    verbs.approve(house.app, str(item.id), by="ana", why="lovely")
    house.day()
    assert "rhino suit" in page(house)
    assert len(house.publisher.standing()) == 1
    judged = house.log("judged")[-1]
    assert (judged.by, judged.verdict, judged.why) == ("ana", "publish", "lovely")
    assert look.queue(house.app) == []


def test_a_milestone_fires_once_for_ever(house: House) -> None:
    (house.rules / "milestones.toml").write_text(
        '[[milestone]]\nid = "four-hours"\nclock = "mass"\nafter = "4h"\ntext = "{{ hours }} hours in {{ clock }}, it is {{ time }}."\nstrand = "official"\n',
    )
    house.clock.forward(hours=3, minutes=59, seconds=59)
    house.day()
    assert "4 hours" not in page(house)
    house.clock.forward(seconds=1)
    house.day()
    house.clock.forward(minutes=1)
    house.day()
    assert "4 hours in the masses race, it is 14:00." in page(house)
    assert len(house.publisher.standing()) == 1
    assert len(house.log("told")) == 1


def test_a_rule_edit_judges_what_is_undecided_again_and_leaves_what_is_public(house: House) -> None:
    house.clock.forward(minutes=5)
    house.source.posts += [
        a_post("Watch the bridge at mile twelve", author=OFFICIAL, minutes=5),
        a_post("The bridge is loud", minutes=5),
        a_post("Nothing to see", minutes=5),
    ]
    house.day()
    assert [item.post.text for item in look.queue(house.app)] == ["The bridge is loud", "Nothing to see"]
    (house.rules / "20-more.toml").write_text(
        '[[rule]]\nid = "no-bridges"\nabout = "No bridges today."\naction = "drop"\nwhen = [\'has(text, "bridge")\']\n'
        'catches = ["a bridge"]\nspares = ["a road"]\n',
    )
    house.day()
    assert [item.post.text for item in look.queue(house.app)] == ["Nothing to see"]
    assert "Watch the bridge at mile twelve" in page(house)
    assert len(house.publisher.standing()) == 1
    assert "rules" in house.log("adopted")[-1].why
    receipt = house.log("receipt")[-1]
    (slug,) = [line.update for line in house.log("told")]
    assert receipt.why == (
        "of the last 3 posts 2 would be decided differently: 1 hold → drop by no-bridges, 1 publish → drop by no-bridges (was official-accounts); "
        f"1 live update would not be told now and stays until a person decides (`milepost rules receipt`): {slug}"
    )
    assert isinstance(receipt.details, dict)
    assert receipt.details["off"] == [
        {"update": slug, "post": 1, "verdict": "drop", "rule": "no-bridges", "approved_by": ""}
    ]


def test_a_broken_edit_is_refused_as_a_whole_and_the_last_good_set_stays(house: House) -> None:
    before = look.status(house.app).rule_set
    (house.rules / "20-more.toml").write_text(
        '[[rule]]\nid = "broken"\nabout = "x"\naction = "dorp"\nwhen = [\'is_official\']\n'
    )
    house.day()
    status = look.status(house.app)
    assert status.rule_set == before
    assert "20-more.toml:4" in status.rules_refused
    house.clock.forward(minutes=5)
    house.source.posts.append(a_post("still judged", author=OFFICIAL, minutes=5))
    house.day()
    assert len(house.publisher.standing()) == 1
    (house.rules / "20-more.toml").unlink()
    house.day()
    assert look.status(house.app).rules_refused == ""


def test_a_deleted_post_disappears_from_the_page_and_is_retracted(house: House) -> None:
    house.clock.forward(minutes=5)
    post = a_post("Told and then deleted", author=OFFICIAL, minutes=5)
    house.source.posts.append(post)
    house.day()
    slug = look.explain(house.app, "1").update
    assert slug is not None
    house.source.missing_ids.add(post.native_id)
    house.app.sweep("hashtag")
    house.day()
    assert "Told and then deleted" not in page(house)
    assert "Told and then deleted" not in page(house, f"u/{slug.slug}.html")
    assert "deleted-entry" in page(house, "feed.atom")
    assert house.publisher.standing() == []
    assert house.log("retracted")[-1].place == "social"


def test_a_recording_of_the_day_can_be_read_back(house: House, tmp_path: Path) -> None:
    house.app.record(tmp_path / "day.jsonl")
    house.clock.forward(minutes=5)
    posts = [a_post("one", minutes=5), a_post("two", minutes=5)]
    house.source.posts += posts
    house.day()
    recorded = [decode_line(line) for line in (tmp_path / "day.jsonl").read_bytes().splitlines()]
    assert [post for line in recorded for post in line.batch.posts] == posts
    assert recorded[0].at == house.clock.at


PLAN = '[[milestone]]\nid = "late"\nclock = "mass"\nafter = "9h"\ntext = "Nine hours."\n'


def test_an_empty_plan_or_a_lost_folder_never_means_fewer_milestones(house: House) -> None:
    plan = house.rules / "milestones.toml"
    plan.write_text(PLAN)
    house.day()
    plan.write_text("")
    house.day()
    assert [one.id for one in house.app.plan().milestones] == ["late"]
    assert "no milestones any more" in look.status(house.app).rules_refused
    kept = (house.rules / "10-rules.toml").read_text()
    for path in house.rules.glob("*.toml"):
        path.unlink()
    house.rules.rmdir()
    house.day()
    assert [one.id for one in house.app.plan().milestones] == ["late"]
    house.rules.mkdir()
    (house.rules / "10-rules.toml").write_text(kept)
    house.day()
    assert house.app.plan().milestones == (), "a file that is deleted while the others stay is meant"
