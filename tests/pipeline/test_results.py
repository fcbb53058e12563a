"""Results on their way to readers: told once, corrected when a person says so, silent for who stops. Each on both databases."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.desk import Desk
from bot.core.errors import RefusedError
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Plan
from bot.core.milestones.reading import load
from bot.core.model import Batch, UpdateState
from bot.core.people import People, Person
from bot.core.results import FINISH, Result, Standing, Tally, read_time
from bot.pipeline import brake, clocks, collect, withdraw
from bot.pipeline.announce import by_hand
from bot.pipeline.announce.step import Announced, announce
from bot.pipeline.announce.watching import Watcher
from bot.store import cards, feed, milestones, outbox, results
from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.houses import live, same_store, states

_RUNS = count()
PEOPLE = People("p", (Person("peake", "Tim Peake", (), "7", ("mass",)),))
WINNER = """
[[milestone]]
id = "winner"
result = "winner"
race = "mass"
strand = "official"
text = "{{ name }} wins in {{ result }}"
"""
PERSON = """
[[race]]
id = "mass"
clock = "mass"

[[milestone]]
id = "off"
person = "peake"
is = "started"
strand = "official"
text = "{{ person }} is off"

[[milestone]]
id = "still"
person = "peake"
is = "running"
clock = "mass"
after = "2h"
strand = "official"
text = "{{ person }} is still running"

[[milestone]]
id = "home"
person = "peake"
is = "finished"
strand = "official"
text = "{{ person }} finishes in {{ result }}"
"""


def plan(house: House, text: str) -> Plan:
    desk = house.app.desk
    return load(text, clocks=desk.clocks, strands=tuple(desk.strands), accounts=desk.accounts, zone=desk.zone)


def result(
    key: str,
    finish: str = "",
    place: int | None = None,
    *,
    name: str = "",
    standing: Standing | None = None,
    half: str = "",
) -> Result:
    times = (("HALF", read_time(half)), (FINISH, read_time(finish)))
    stands = standing or (Standing.FINISHED if finish else Standing.STARTED if half else Standing.ENTERED)
    return Result("mass", key, name or f"runner {key}", place, times, stands)


def arrive(house: House, *rows: Result, source: str = "timing", tallies: Mapping[str, int] | None = None) -> None:
    told = tuple(Tally(name, value) for name, value in (tallies or {}).items())
    terms = collect.Terms(source, has_baseline=False)
    batch = Batch(results=rows, tallies=told, cursor="1")
    collect.store(house.app.database, batch, terms, lane="fetch", now=house.clock(), machine_now=house.machine())


def tick(house: House, found: Plan, watcher: Watcher | None = None, **more: float) -> Announced:
    house.clock.forward(**more)
    desk: Desk = house.app.desk
    return announce(house.app.database, desk, found, now=house.clock(), watcher=watcher, people=PEOPLE)


def texts(house: House) -> list[str]:
    return [update.text for update in live(house)]


def test_a_winner_is_told_once_however_often_the_row_comes_and_who_looks(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    assert tick(house, found, watcher) == Announced()
    arrive(house, result("2", "2:03:51", 2))
    assert tick(house, found, watcher, minutes=1) == Announced()
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"))
    assert tick(house, found, watcher, minutes=1) == Announced(told=1)
    for _ in range(3):
        arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"), result("2", "2:03:51", 2))
        assert tick(house, found, watcher, minutes=1) == Announced()
        assert tick(house, found, None, minutes=1) == Announced(), "a second process has seen nothing of it"
    assert texts(house) == ["Eliud Kipchoge wins in 2:03.05"]
    (line,) = house.log("told")
    assert "mass 1 of timing" in line.why
    with house.app.database.read() as tx:
        assert [row.seq for row in results.changed_after(tx, 0, 10)] == [1, 2], "the same row twice is one fact"


def test_a_corrected_time_waits_for_a_person_and_is_corrected_everywhere_once(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    arrive(house, result("1", "2:03:04", 1, name="Eliud Kipchoge"))
    tick(house, found, watcher)
    house.day()
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"))
    assert tick(house, found, watcher, minutes=1) == Announced(cards=1)
    assert tick(house, found, watcher, minutes=1) == Announced()
    assert tick(house, found, None, minutes=1) == Announced(), "one card, whoever looks"
    assert texts(house) == ["Eliud Kipchoge wins in 2:03.04"], "nothing changes before a person says so"
    with house.app.database.read() as tx:
        (card,) = cards.open_cards(tx)
    assert (card.kind, card.about) == ("correction", "winner")
    assert ("2:03.04" in card.before, "2:03.05" in card.after) == (True, True)

    update = by_hand.correct(house.app.database, found, "winner", now=house.clock(), by="ana")
    assert update.text == "Eliud Kipchoge wins in 2:03.05"
    assert texts(house) == ["Eliud Kipchoge wins in 2:03.05"]
    assert states(house) == ["correcting"]
    house.day()
    assert tick(house, found, watcher, minutes=1) == Announced()
    assert tick(house, found, None, minutes=1) == Announced()
    with pytest.raises(RefusedError, match="nothing has changed"):
        by_hand.correct(house.app.database, found, "winner", now=house.clock(), by="ana")


def test_a_correction_that_is_taken_back_closes_its_card(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1))
    tick(house, found, watcher)
    arrive(house, result("1", "2:03:50", 1))
    assert tick(house, found, watcher, minutes=1).cards == 1
    arrive(house, result("1", "2:03:05", 1))
    assert tick(house, found, watcher, minutes=1) == Announced()
    with house.app.database.read() as tx:
        assert cards.open_cards(tx) == []


def test_a_winner_who_is_disqualified_is_withdrawn_where_a_person_says_so(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1))
    tick(house, found, watcher)
    arrive(house, result("1", "2:03:05", 1, standing=Standing.DISQUALIFIED))
    assert tick(house, found, watcher, minutes=1).cards == 1
    update = by_hand.correct(house.app.database, found, "winner", now=house.clock(), by="ana")
    assert update.state is UpdateState.WITHDRAWN
    assert texts(house) == []
    arrive(house, result("2", "2:03:51", 1))
    assert tick(house, found, watcher, minutes=1) == Announced(), "a milestone is told once for ever"


def test_what_a_person_leaves_is_not_asked_again_before_it_changes_again(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1))
    tick(house, found, watcher)
    arrive(house, result("1", "2:03:06", 1))
    tick(house, found, watcher, minutes=1)
    by_hand.leave(house.app.database, found, "winner", now=house.clock(), by="ana", why="the referee is looking")
    arrive(house, result("2", "2:03:51", 2))
    assert tick(house, found, watcher, minutes=1) == Announced()
    assert tick(house, found, None, minutes=1) == Announced()
    arrive(house, result("1", "2:03:07", 1))
    assert tick(house, found, watcher, minutes=1).cards == 1


def test_what_was_withdrawn_raises_no_card(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1))
    tick(house, found, watcher)
    (update,) = live(house)
    withdraw.withdraw(house.app.database, update.id, now=house.clock(), by="ana", why="wrong", note="")
    arrive(house, result("1", "2:03:06", 1))
    assert tick(house, found, watcher, minutes=1) == Announced()


def test_still_running_is_never_told_after_finished(house: House) -> None:
    found, watcher = plan(house, PERSON), Watcher(house.app.database)
    arrive(house, result("7", half="1:00:00"))
    assert tick(house, found, watcher).told == 1
    assert tick(house, found, watcher, hours=2).told == 1
    assert texts(house) == ["Tim Peake is off", "Tim Peake is still running"]
    arrive(house, result("7", "2:05:21", half="1:00:00"))
    assert tick(house, found, watcher, minutes=5).told == 1
    off, still, home = live(house)
    assert home.text == "Tim Peake finishes in 2:05.21"
    assert (off.followed, still.followed) == (home.slug, home.slug), "what is old news leads on"
    with house.app.database.read() as tx:
        assert cards.open_cards(tx) == [], "that he was running was so"
    assert states(house) == ["cancelled", "cancelled", "owed"], "what was not sent of it is not sent any more"


def test_after_an_outage_only_the_last_of_a_persons_news_is_told(house: House) -> None:
    found = plan(house, PERSON)
    house.clock.forward(hours=2, minutes=10)
    arrive(house, result("7", "2:05:21", half="1:00:00"))
    assert tick(house, found).told == 1
    assert texts(house) == ["Tim Peake finishes in 2:05.21"]
    with house.app.database.read() as tx:
        assert milestones.states(tx) == {"off": "skipped", "home": "told"}


def test_a_person_who_stops_gets_silence_until_a_person_decides(house: House) -> None:
    found, watcher = plan(house, PERSON), Watcher(house.app.database)
    arrive(house, result("7", half="1:00:00", standing=Standing.STOPPED))
    assert tick(house, found, watcher, hours=2).cards == 3
    assert tick(house, found, watcher, minutes=1) == Announced()
    assert tick(house, found, None, minutes=1) == Announced()
    assert texts(house) == []
    with house.app.database.read() as tx:
        assert set(milestones.states(tx).values()) == {"held"}
        assert [(card.kind, card.about) for card in cards.open_cards(tx)] == [("stopped", "peake")]
    house.clock.forward(minutes=28)
    arrive(house, result("7", "2:30:00", half="1:00:00"))  # it was a mistake of timing
    assert tick(house, found, watcher).told == 1
    assert texts(house) == ["Tim Peake finishes in 2:30.00"]


def test_what_one_unofficial_source_says_is_provisional_until_it_is_confirmed(house: House) -> None:
    head = '[[race]]\nid = "mass"\nofficial = ["timing"]\n'
    found, watcher = plan(house, head + WINNER + "provisional = true\n"), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"), source="radio")
    tick(house, found, watcher)
    assert texts(house) == ["Provisional: Eliud Kipchoge wins in 2:03.05"]
    house.day()
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"))
    assert tick(house, found, watcher, minutes=1) == Announced()
    assert texts(house) == ["Eliud Kipchoge wins in 2:03.05"]
    assert states(house) == ["correcting"]
    assert "is confirmed" in house.log("edited")[0].why


def test_in_quiet_mode_only_plain_words_are_told(house: House) -> None:
    found = plan(house, WINNER + 'plain = "The race has a winner."\n' + WINNER.replace('"winner"', '"other"', 1))
    brake.quiet_on(house.app.database, house.app.desk, found, now=house.clock(), by="ana", why="an accident")
    arrive(house, result("1", "2:03:05", 1))
    assert tick(house, found).told == 1
    assert texts(house) == ["The race has a winner."]


def test_a_milestone_keeps_its_distance_to_the_last_of_its_strand(house: House) -> None:
    second = WINNER.replace('"winner"', '"raised"', 1).replace(
        'result = "winner"\nrace = "mass"', 'reached = 5\nof = "raised"'
    )
    found = plan(house, WINNER + second.replace("{{ name }} wins in {{ result }}", "five") + 'cool_down = "20m"\n')
    watcher = Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1))
    assert tick(house, found, watcher).told == 1
    arrive(house, tallies={"raised": 5})
    assert tick(house, found, watcher, minutes=1) == Announced()
    assert tick(house, found, watcher, minutes=18) == Announced()
    assert tick(house, found, watcher, minutes=1).told == 1, "that it kept its distance does not make it late"


def test_an_old_result_found_after_an_outage_is_late_by_the_races_clock(house: House) -> None:
    found = plan(house, '[[race]]\nid = "mass"\nclock = "mass"\n' + WINNER)
    house.clock.forward(hours=3)
    arrive(house, result("1", "2:03:05", 1))
    assert tick(house, found).missed == 1
    with house.app.facts() as facts:
        now = replace(facts, board=None)
    with pytest.raises(RefusedError, match="what is not known yet"):
        by_hand.fire(house.app.database, house.app.desk, found, "winner", now, by="ana")
    with Watcher(house.app.database).facts(house.app.desk, found, PEOPLE, now=house.clock()) as facts:
        fired = by_hand.fire(house.app.database, house.app.desk, found, "winner", facts, by="ana")
    assert fired.update.text == "runner 1 wins in 2:03.05"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("row"), st.integers(1, 4), st.integers(0, 3), st.booleans()),
            st.tuples(st.just("clock"), st.integers(-90, 90), st.just(0), st.just(value=False)),
            st.tuples(st.just("restart"), st.just(0), st.just(0), st.just(value=False)),
            st.tuples(st.just("edit"), st.integers(0, 1), st.just(0), st.just(value=False)),
        ),
        max_size=14,
    )
)
def test_whatever_comes_in_whatever_order_no_milestone_is_told_twice(
    house: House, steps: list[tuple[str, int, int, bool]]
) -> None:
    tag = f"r{next(_RUNS)}"  # every example has milestones of its own
    bodies = {
        f"{tag}-winner": 'result = "winner"',
        f"{tag}-two": 'reached = 2\nof = "finishers"',
        f"{tag}-first": 'result = "first"\npoint = "HALF"',
    }
    text = "".join(
        f'[[milestone]]\nid = "{name}"\n{body}\nrace = "{tag}"\nstrand = "official"\nlate = "say"\ntext = "{name} {{{{ name }}}}"\n'
        for name, body in bodies.items()
    )
    plans = [plan(house, text), plan(house, text.replace("{{ name }}", "again {{ name }}"))]
    found, watcher = plans[0], Watcher(house.app.database)
    reached: set[str] = set()
    for what, one, place, done in steps:
        match what:
            case "row":
                row = replace(result(str(one), "2:03:05" if done else "", place or None, half="1:00:00"), race=tag)
                arrive(house, row)
            case "clock":
                house.clock.forward(minutes=one)
            case "restart":
                watcher = Watcher(house.app.database)
            case _:
                found = plans[one]
        tick(house, found, watcher)
        with house.app.database.read() as tx:
            now = {name for name, state in milestones.states(tx).items() if state == "told" and name.startswith(tag)}
        assert reached <= now, "what was told stays told"
        reached = now
    told = [update.milestone for update in live(house) if update.milestone.startswith(tag)]
    assert len(told) == len(set(told))
    assert set(told) == reached
    with house.app.database.read() as tx:
        assert all(len(outbox.of_update(tx, one.id)) == 1 for one in feed.live(tx) if one.milestone.startswith(tag))


def test_the_clock_may_step_back_after_a_result(house: House) -> None:
    found, watcher = plan(house, WINNER), Watcher(house.app.database)
    arrive(house, result("1", "2:03:05", 1))
    assert tick(house, found, watcher).told == 1
    assert tick(house, found, watcher, hours=-2) == Announced()
    assert tick(house, found, watcher, hours=2) == Announced()


RECAP = """
[[milestone]]
id = "recap"
clock = "mass"
after = "2h10m"
recap = "2h"
cool_down = "30m"
strand = "official"
text = "If you are just joining us: {{ items | join('; ') }}."
"""


def test_a_recap_sums_up_what_was_important_once_and_is_corrected_with_it(house: House) -> None:
    text = (
        WINNER
        + 'headline = "{{ name }} wins"\n'
        + WINNER.replace('"winner"', '"raised"', 1).replace('result = "winner"\nrace = "mass"', 'reached = 5\nof = "raised"')
        .replace("{{ name }} wins in {{ result }}", "Five are raised")
        + "important = true\n"
        + RECAP
        + RECAP.replace('"recap"', '"again"', 1).replace("2h10m", "2h20m")
    )  # fmt: skip
    found, watcher = plan(house, text), Watcher(house.app.database)
    house.clock.forward(hours=1)
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"))
    tick(house, found, watcher, minutes=1)
    arrive(house, tallies={"raised": 5})
    tick(house, found, watcher, minutes=1)
    house.clock.forward(minutes=68)
    assert tick(house, found, watcher).told == 1
    assert texts(house)[-1] == "If you are just joining us: Eliud Kipchoge wins; Five are raised."
    assert tick(house, found, watcher, minutes=10) == Announced()
    assert "the last recap is not 30m ago" in house.log("skipped")[0].why
    arrive(house, result("1", "2:03:05", 1, name="Wilson Kipsang"))
    tick(house, found, watcher, minutes=1)
    by_hand.correct(house.app.database, found, "winner", now=house.clock(), by="ana")
    assert "If you are just joining us: Wilson Kipsang wins; Five are raised." in texts(house)


def test_a_recap_of_nothing_is_skipped(house: House) -> None:
    found = plan(house, RECAP)
    house.clock.forward(hours=2, minutes=9)
    assert tick(house, found, minutes=1) == Announced()
    assert "nothing happened" in house.log("skipped")[0].why


CALL = """
[[milestone]]
id = "pictures"
clock = "mass"
after = "1h"
call = "30m"
answers = "readers"
strand = "official"
text = "Home? Send us a picture."
"""


def test_a_call_is_open_for_its_time_and_its_answers_are_counted(house: House) -> None:
    found = plan(house, CALL)
    house.clock.forward(hours=1)
    assert tick(house, found).told == 1
    terms = collect.Terms("readers", has_baseline=False)
    post = a_post("Here it is", source="readers")
    for _ in range(2):
        batch = Batch(posts=(post,), cursor="1")
        collect.store(house.app.database, batch, terms, lane="fetch", now=house.clock(), machine_now=house.machine())
    tick(house, found, minutes=29)
    assert live(house)[0].note == ""
    tick(house, found, minutes=1)
    tick(house, found, minutes=1)
    assert live(house)[0].note == "This call is closed."
    (line,) = house.log("closed")
    assert "its time is over; 1 answer by readers" in line.why
    assert states(house) == ["owed"], "nothing is sent again for it"


def test_quiet_mode_closes_a_call_and_opens_none(house: House) -> None:
    found = plan(house, CALL + CALL.replace("pictures", "more").replace('"1h"', '"1h10m"'))
    house.clock.forward(hours=1)
    assert tick(house, found).told == 1
    brake.quiet_on(house.app.database, house.app.desk, found, now=house.clock(), by="ana", why="an accident")
    assert tick(house, found, minutes=10) == Announced()
    assert "quiet mode is on" in house.log("closed")[0].why
    with pytest.raises(RefusedError, match="light and quiet mode is on"):
        by_hand.fire(
            house.app.database, house.app.desk, found, "more", Facts(house.clock(), house.app.desk.clocks), by="ana"
        )


def test_two_processes_that_look_at_the_same_moment_tell_each_once(house: House) -> None:
    number = 12
    text = "".join(
        WINNER.replace('"winner"', f'"w{one}"', 1).replace('"mass"', f'"race{one}"') for one in range(number)
    )
    found, desk, now = plan(house, text), house.app.desk, house.clock()
    gate = Barrier(2)
    failed: list[BaseException] = []

    def process() -> None:
        database = same_store(house.app.database)
        watcher = Watcher(database)
        try:
            for _ in range(number):
                gate.wait(30)
                announce(database, desk, found, now=now, watcher=watcher, people=PEOPLE)
                gate.wait(30)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)
            gate.abort()
        finally:
            database.close()

    def feed_rows() -> None:
        for one in range(number):
            arrive(house, replace(result("1", "2:03:05", 1), race=f"race{one}"))

    feed_rows()
    both = [Thread(target=process) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert not failed
    assert len(texts(house)) == number
    assert states(house) == ["owed"] * number


def test_what_timing_says_otherwise_than_before_stands_in_the_log(house: House) -> None:
    arrive(house, result("1", half="1:01:24", name="Eliud Kipchoge"))
    arrive(house, result("1", "2:03:04", 1, half="1:01:24", name="Eliud Kipchoge"))
    assert house.log("result changed") == [], "it only says more"
    arrive(house, result("1", "2:03:05", 2, half="1:01:24", name="Eliud Kipchoge"))
    arrive(house, result("1", half="1:01:24", name="Eliud Kipchoge", standing=Standing.DISQUALIFIED))
    assert [line.why for line in house.log("result changed")] == [
        "mass 1, Eliud Kipchoge: finish 2:03.04 -> 2:03.05, place 1 -> 2",
        "mass 1, Eliud Kipchoge: finish 2:03.05 -> nothing, place 2 -> nothing, finished -> disqualified",
    ]
    arrive(house, *(result(str(number), "3:00:00") for number in range(2, 203)))
    arrive(house, *(result(str(number), "3:00:01") for number in range(2, 203)))
    lines = house.log("result changed")[2:]
    assert len(lines) == 101
    assert lines[-1].why == "and 101 more rows say otherwise than they did"


def test_what_waits_for_a_clock_and_more_moves_with_the_clock(house: House) -> None:
    found = plan(
        house,
        '[[milestone]]\nid = "last"\nresult = "last"\nrace = "mass"\nclock = "mass"\nafter = "8h"\nstrand = "official"\ntext = "{{ name }}"\n',
    )
    desk, start = house.app.desk, house.app.desk.clocks["mass"].start_at
    arrive(house, result("1", "2:03:05", 1))
    house.clock.forward(hours=9)
    assert tick(house, found).missed == 1
    later = start + timedelta(hours=2)
    moved = clocks.move(house.app.database, desk, desk.clocks, found, "mass", later, now=house.clock(), by="ana")
    assert moved.back == ("last",)
    house.app.see_clocks()
    assert tick(house, found, minutes=59) == Announced()
    assert tick(house, found, minutes=1).told == 1


def test_what_is_found_too_late_is_left_to_the_next_recap(house: House) -> None:
    late = '[[race]]\nid = "mass"\nclock = "mass"\n' + WINNER + 'late = "fold"\n'
    second = WINNER.replace('"winner"', '"raised"', 1).replace(
        'result = "winner"\nrace = "mass"', 'reached = 5\nof = "raised"'
    )
    text = late + second.replace("{{ name }} wins in {{ result }}", "Five are raised") + "important = true\n" + RECAP
    found, watcher = plan(house, text.replace("2h10m", "2h40m")), Watcher(house.app.database)
    house.clock.forward(hours=2, minutes=30)
    arrive(house, result("1", "2:03:05", 1, name="Eliud Kipchoge"), tallies={"raised": 5})
    assert tick(house, found, watcher) == Announced(told=1)
    assert "left to the next recap" in house.log("folded")[0].why
    assert tick(house, found, watcher, minutes=10).told == 1
    recap = next(text for text in texts(house) if text.startswith("If you are"))
    assert "Eliud Kipchoge wins in 2:03.05" in recap


def test_a_quicker_one_who_comes_later_is_a_correction_and_no_withdrawal(house: House) -> None:
    found = plan(house, '[[race]]\nid = "mass"\nsettle = "5m"\n' + WINNER)
    watcher = Watcher(house.app.database)
    arrive(house, result("2", "2:03:51", name="Stanley Biwott"))
    assert tick(house, found, watcher, minutes=4) == Announced()
    assert tick(house, found, watcher, minutes=1).told == 1
    arrive(house, result("1", "2:03:05", name="Eliud Kipchoge"))
    assert tick(house, found, watcher, minutes=1).cards == 1
    update = by_hand.correct(house.app.database, found, "winner", now=house.clock(), by="ana")
    assert (update.state, update.text) == (UpdateState.LIVE, "Eliud Kipchoge wins in 2:03.05")


def test_what_a_person_tells_of_somebody_makes_what_was_told_before_old_news(house: House) -> None:
    found, watcher = plan(house, PERSON), Watcher(house.app.database)
    arrive(house, result("7", half="1:00:00"))
    assert tick(house, found, watcher).told == 1
    arrive(house, result("7", half="1:00:00", standing=Standing.STOPPED))
    assert tick(house, found, watcher, minutes=1).cards == 2
    arrive(house, result("7", "2:05:21", half="1:00:00", standing=Standing.STOPPED))
    tick(house, found, watcher, minutes=1)
    arrive(house, result("7", "2:05:21", half="1:00:00"))
    with watcher.facts(house.app.desk, found, PEOPLE, now=house.clock()) as facts:
        home = by_hand.fire(house.app.database, house.app.desk, found, "home", facts, by="ana").update
    assert [update.followed for update in live(house)] == [home.slug, ""]
    assert states(house) == ["cancelled", "owed"]
