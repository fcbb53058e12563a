"""The fuse: a fresh rule that does far too much is taken out of action, and nothing is lost. Each on both databases."""

import pytest
from structlog.testing import capture_logs

from bot.app import look
from bot.app.rules import editing
from bot.app.rules.standing import rules_status
from bot.core.rules import language, program
from bot.core.rules.functions import FUNCTIONS, Function, Writer
from bot.core.rules.ruleset import Mode, RuleSet
from bot.core.rules.tree import Node
from bot.pipeline.curate.curator import Curator
from bot.store import rulesets
from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.houses import live, reopened
from tests.pipeline.incoming import keep, official
from tests.pipeline.ruled import rule, save, verdicts

OFFICIALS = rule("official-accounts", "is_official", action="publish")
EAGER = rule("eager", 'has(text, "the")', action="drop")
MANY = 21  # the first count that is too much


@pytest.fixture(autouse=True)
def settled(house: House) -> None:
    """A desk whose rules are days old."""
    save(house, OFFICIALS)
    house.clock.forward(minutes=5)


def bring(house: House, word: str, count: int, *, first: int = 0) -> None:
    """So many posts with a word, each by somebody else; judged at once."""
    now = house.clock()
    keep(
        house,
        *(
            a_post(f"{word} {n}", author=f"did:plc:{word}{n}", created_at=now, seen_at=now)
            for n in range(first, first + count)
        ),
    )
    house.app.curate()


def in_force(house: House) -> RuleSet:
    with house.app.database.read() as tx:
        stored = rulesets.active(tx, rulesets.RULES)
    assert stored is not None
    return house.app.compile_rules(stored)


def mode(house: House, name: str) -> Mode:
    return next(one.mode for one in in_force(house).rules if one.id == name)


def test_a_fresh_rule_that_drops_far_too_much_goes_to_shadow_and_its_posts_come_back(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    before = in_force(house).name
    bring(house, "the", MANY - 1)
    assert mode(house, "eager") is Mode.LIVE
    assert set(verdicts(house).values()) == {"drop"}
    with capture_logs() as logs:
        bring(house, "the", 1, first=MANY)
    assert mode(house, "eager") is Mode.SHADOW
    assert set(verdicts(house).values()) == {"hold"}, "all of them are undecided again"
    (line,) = house.log("fused")
    assert (line.rule, line.by, line.rule_set) == ("eager", "milepost", in_force(house).name)
    assert line.rule_set != before
    assert "rule eager (rules/10-rules.toml:6) is fresh and dropped or held 21 posts since it was saved" in line.why
    assert 'save it again to put it back into action, or write fuse = "off" into it' in line.why
    assert line.why.endswith("`milepost rules live eager` puts it back as it is")
    assert [one for one in logs if one["log_level"] == "error" and one["rules"] == ("eager",)]
    assert any(
        "rule eager" in problem and "taken out of action" in problem for problem in look.status(house.app).problems
    )
    stands = rules_status(house.app)
    assert (stands.fused, stands.shadow, stands.disk) == (("eager",), ("eager",), "same")
    bring(house, "the", 3, first=100)
    assert len(house.log("fused")) == 1
    assert "● eager  would drop [shadow, fused]" in look.explain(house.app, "22").explanation


def test_what_officials_said_meanwhile_is_told(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    official(house, "the road is closed", native_id="o1")
    assert live(house) == []
    bring(house, "the", MANY)
    assert [update.text for update in live(house)] == ["the road is closed"]


def test_an_edit_in_between_does_not_lose_what_comes_back(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    bring(house, "the", MANY - 1)
    now = house.clock()
    keep(house, a_post("the last straw", author="did:plc:straw", created_at=now, seen_at=now))
    Curator(house.app.database, house.app.desk, holder="another", load=house.app.compile_rules).run(now)
    assert len(house.log("fused")) == 1
    assert set(verdicts(house).values()) == {"drop"}
    save(house, rule("other", 'has(text, "x")', score="1"), "20-other.toml")
    house.app.curate()
    assert set(verdicts(house).values()) == {"hold"}


def test_posts_older_than_the_window_stay_as_they_are(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    bring(house, "the", 1, first=100)
    house.clock.forward(hours=2, minutes=1)
    bring(house, "the", MANY)
    assert verdicts(house)["the 100"] == "drop"
    assert sorted(set(verdicts(house).values())) == ["drop", "hold"]


def test_a_share_of_the_last_posts_is_needed_too(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    for batch in range(MANY + 5):
        bring(house, "quiet", 25, first=batch * 25)
        bring(house, "the", 1, first=batch)  # one in 26: under 5 %
    assert mode(house, "eager") is Mode.LIVE
    bring(house, "the", 12, first=500)
    assert mode(house, "eager") is Mode.SHADOW


@pytest.mark.parametrize("change", ["older", "off", "publish", "same condition by another"])
def test_what_is_not_fresh_or_does_not_act_is_left_alone(house: House, change: str) -> None:
    text = EAGER
    match change:
        case "off":
            text = EAGER + 'fuse = "off"\n'
        case "publish":
            text = rule("eager", 'has(text, "the")', action="publish")
        case "same condition by another":
            save(house, OFFICIALS + rule("old-hand", 'has(text, "the")', action="drop"))
            house.clock.forward(days=2)
            text = rule("old-hand", 'has(text, "the")', action="drop") + EAGER
    save(house, OFFICIALS + text)
    if change == "older":
        house.clock.forward(days=1, seconds=1)
    bring(house, "the", MANY + 5)
    assert mode(house, "eager") is Mode.LIVE
    assert house.log("fused") == []


def test_the_rules_that_a_desk_began_with_are_not_fresh(house: House) -> None:
    bring(house, "giveaway", 1)
    save(house, OFFICIALS + "# a comment more\n")
    assert house.log("fused") == []


def test_a_changed_list_makes_a_rule_fresh_and_arms_it_again(house: House) -> None:
    listed = rule("listed", "has_any(text, lists.words)", action="drop")
    (house.rules / "lists").mkdir()
    (house.rules / "lists" / "words.txt").write_text("casino\n")
    save(house, OFFICIALS + listed)
    house.clock.forward(days=2)
    (house.rules / "lists" / "words.txt").write_text("casino\nthe\n")
    house.app.adopt(at_once=True)
    bring(house, "the", MANY)
    assert mode(house, "listed") is Mode.SHADOW
    save(house, rule("other", 'has(text, "x")', score="1"), "20-other.toml")
    assert mode(house, "listed") is Mode.SHADOW, "another file says nothing about it"
    (house.rules / "lists" / "words.txt").write_text("casino\n")
    house.app.adopt(at_once=True)
    assert mode(house, "listed") is Mode.LIVE


def test_saving_the_rule_again_puts_it_back_and_arms_the_fuse_anew(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    bring(house, "the", MANY)
    save(house, OFFICIALS + EAGER + "# I mean it\n")
    assert mode(house, "eager") is Mode.LIVE
    assert house.log("adopted")[-1].why.endswith("files 10-rules.toml changed; rule eager is back in action")
    assert rules_status(house.app).fused == ()
    house.clock.forward(hours=3)  # what came back is not judged again
    bring(house, "the", MANY - 1, first=100)
    assert mode(house, "eager") is Mode.LIVE
    bring(house, "the", 1, first=200)
    assert mode(house, "eager") is Mode.SHADOW
    assert len(house.log("fused")) == 2


@pytest.mark.parametrize("restarted", [False, True])
def test_a_person_puts_it_back_as_it_is_and_it_counts_anew(house: House, restarted: bool) -> None:
    save(house, OFFICIALS + EAGER)
    before = in_force(house).name
    bring(house, "the", MANY)
    fused = in_force(house).name
    assert editing.put_back(house.app, "eager", by="ana")
    assert (in_force(house).name, mode(house, "eager")) == (before, Mode.LIVE)
    (line,) = house.log("re-armed")
    assert (line.rule, line.by, line.rule_set) == ("eager", "ana", before)
    assert line.why == f"rules {fused} -> {before}: rule eager is back in action as it is, for posts from now on"
    assert rules_status(house.app).fused == ()
    assert not editing.put_back(house.app, "eager", by="ana"), "once is enough"
    if restarted:
        house.app.close()
        house = reopened(house)
        assert not house.app.adopt(at_once=True).changed, "the files are what is in force"
    bring(house, "the", MANY - 1, first=100)
    assert set(list(verdicts(house).values())[:MANY]) == {"hold"}, "what came back stays with the people"
    assert set(list(verdicts(house).values())[MANY:]) == {"drop"}
    assert mode(house, "eager") is Mode.LIVE
    bring(house, "the", 1, first=200)
    assert mode(house, "eager") is Mode.SHADOW
    assert len(house.log("fused")) == 2
    house.app.close()


def test_the_same_rule_set_again_counts_from_the_moment_it_was_put_back(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    bring(house, "the", MANY)
    assert editing.put_back(house.app, "eager", by="ana"), "before the next run, which would have forgotten its count"
    bring(house, "the", 1, first=100)
    assert (mode(house, "eager"), len(house.log("fused"))) == (Mode.LIVE, 1)


def test_of_two_that_are_out_of_action_one_goes_back(house: House) -> None:
    save(house, OFFICIALS + EAGER + rule("nervous", 'has(text, "a")', action="hold"))
    bring(house, "the", MANY)
    bring(house, "a", MANY)
    assert rules_status(house.app).fused == ("eager", "nervous")
    assert editing.put_back(house.app, "nervous", by="ana")
    assert rules_status(house.app).fused == ("eager",)
    assert not editing.put_back(house.app, "official-accounts", by="ana")
    assert not editing.put_back(house.app, "nobody", by="ana")


def test_a_fused_set_lasts_over_a_restart_and_explains_its_verdicts(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    bring(house, "the", MANY)
    name = in_force(house).name
    house.app.close()
    again = reopened(house)
    assert not again.app.adopt(at_once=True).changed
    assert (in_force(again).name, mode(again, "eager")) == (name, Mode.SHADOW)
    assert look.explain(again.app, "1").rule_set == name
    again.app.close()


def test_counts_last_over_a_restart_and_over_an_edit_of_something_else(house: House) -> None:
    save(house, OFFICIALS + EAGER)
    bring(house, "the", 10)
    house.app.close()
    again = reopened(house)
    bring(again, "the", 5, first=20)
    save(again, rule("other", 'has(text, "x")', score="1"), "20-other.toml")
    bring(again, "the", 5, first=40)
    assert mode(again, "eager") is Mode.LIVE
    bring(again, "the", 1, first=60)
    assert mode(again, "eager") is Mode.SHADOW
    again.app.close()


def test_holding_too_much_blows_it_as_well_and_two_at_once(house: House) -> None:
    save(house, OFFICIALS + EAGER + rule("nervous", 'has(text, "a")', action="hold"))
    now = house.clock()
    keep(
        house,
        *(
            a_post(f"{w} {n}", author=f"did:plc:{w}{n}", created_at=now, seen_at=now)
            for w in ("the", "a")
            for n in range(MANY)
        ),
    )
    house.app.curate()
    assert [mode(house, name) for name in ("eager", "nervous")] == [Mode.SHADOW, Mode.SHADOW]
    assert [line.rule for line in house.log("fused")] == ["eager", "nervous"]


# -- a rule that cannot be judged ---------------------------------------------------------------------------------------


def breaking(text: str) -> bool:
    if "poison" in text:
        raise ZeroDivisionError("a fault in the engine")
    return "strange" in text


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function of the language that has a fault: no rule can be made to fail from within."""
    sound = FUNCTIONS["has_email"]

    def write(writer: Writer, arguments: tuple[Node, ...]) -> str:
        return writer.once(f"{writer.constant(breaking)}({writer.code(arguments[0])})")

    faulty = Function(sound.name, sound.slots, sound.gives, sound.meaning, sound.example, write)
    for room in (language, program):
        monkeypatch.setattr(room, "FUNCTIONS", {**FUNCTIONS, "has_email": faulty})


@pytest.mark.usefixtures("fault")
@pytest.mark.parametrize("shadow", [False, True])
def test_a_rule_that_cannot_be_judged_holds_the_post_and_is_off_and_the_others_go_on(
    house: House, shadow: bool
) -> None:
    more = {"mode": "shadow"} if shadow else {}
    save(house, OFFICIALS + rule("mails", "has_email(text)", action="drop", **more))
    official(house, "the start", native_id="o1")
    now = house.clock()
    keep(
        house,
        *(
            a_post(text, author=f"did:plc:{n}", created_at=now, seen_at=now)
            for n, text in enumerate(("fine", "poison", "poison too", "fine again"))
        ),
    )
    official(house, "the poison is gone", native_id="o2")
    assert [update.text for update in live(house)] == ["the start"]
    held = {item.post.text: (item.rule, item.why) for item in look.queue(house.app)}
    assert held["poison"] == (
        "mails",
        "rule mails (rules/10-rules.toml:6) cannot be judged: ZeroDivisionError: a fault in the engine: a person decides",
    )
    assert set(held) == {"fine", "poison", "poison too", "fine again", "the poison is gone"}
    assert mode(house, "mails") is Mode.OFF
    (line,) = house.log("fused")
    assert "cannot be judged: ZeroDivisionError" in line.why
    assert rules_status(house.app).fused == ("mails",)
    official(house, "more poison", native_id="o3")
    assert [update.text for update in live(house)] == ["the start", "more poison"], "nobody asks it any more"
    assert verdicts(house)["poison"] == "hold"
