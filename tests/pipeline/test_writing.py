"""The desk's own hand: live, scheduled or a draft; every mistake is said before anything is stored."""

from datetime import datetime, timedelta

import pytest

from bot.app import look, verbs
from bot.core.errors import NotFoundError, RefusedError, Unanswered
from bot.core.model import Credit, LengthUnit, Limits, Media, Tone, Update, UpdateKind, UpdateState
from bot.pipeline.write import Manuscript
from bot.store import feed
from tests.builders import START
from tests.conftest import House
from tests.pipeline.houses import deliveries, live, states
from tests.pipeline.incoming import held, told

NOON = START + timedelta(hours=2)


def write(house: House, text: str = "Here we go", **more: object) -> Update:
    return verbs.write(house.app, verbs.manuscript(text, **more), by="ana").update  # type: ignore[arg-type] # by name


def edit(house: House, update: Update, **more: object) -> Update:
    changes: dict[str, object] = {"changes": {}, "by": "ana", **more}
    return verbs.edit(house.app, update.slug, **changes).update  # type: ignore[arg-type] # by name


def stored(house: House, update: Update) -> Update | None:
    with house.app.database.read() as tx:
        return feed.by_id(tx, update.id)


def test_what_is_written_is_live_at_once_and_owed_to_its_strands_accounts(house: House) -> None:
    update = write(house, "  Here we go \n", title=" Start ", strand="official", byline=Credit("Ana", role="editor"))
    assert (update.kind, update.state, update.text, update.title) == (
        UpdateKind.DESK,
        UpdateState.LIVE,
        "Here we go",
        "Start",
    )
    assert (update.is_official, update.tone, update.credit) == (True, Tone.NEWS, Credit("Ana", role="editor"))
    assert stored(house, update) == update
    assert [one.account for one in deliveries(house)] == ["social"]
    assert [(line.what, line.by) for line in house.log() if line.update] == [("told", "ana")]


@pytest.mark.parametrize(
    ("accounts", "strand", "expected"),
    [
        (None, "official", ("social",)),
        ((), "official", ()),
        (None, "", ()),
        (("social",), "", ("social",)),
        (("social", "social"), "", ("social",)),
    ],
)
def test_accounts_that_are_named_stand_above_the_strands(
    house: House, accounts: tuple[str, ...] | None, strand: str, expected: tuple[str, ...]
) -> None:
    write(house, accounts=accounts, strand=strand)
    assert tuple(one.account for one in deliveries(house)) == expected


@pytest.mark.parametrize(
    ("strand", "tone", "expected"),
    [("", None, Tone.NEWS), ("getinspired", None, Tone.LIGHT), ("getinspired", Tone.SAFETY, Tone.SAFETY)],
)
def test_a_tone_that_is_named_stands_above_the_strands(
    house: House, strand: str, tone: Tone | None, expected: Tone
) -> None:
    assert write(house, strand=strand, tone=tone).tone is expected


WRONG: list[tuple[dict[str, object], str]] = [
    ({"text": ""}, "the update says nothing: give it a text"),
    ({"text": " \n\t"}, "the update says nothing: give it a text"),
    ({"strand": "oficial"}, "no strand is called 'oficial': there are getinspired, official"),
    ({"accounts": ("socail",)}, "no account is called 'socail': there are social"),
    ({"accounts": ("social", "page")}, "no account is called 'page': there are social"),
    ({"media": (Media("image", "media/a.png", "  "),)}, "picture media/a.png: needs an alt text"),
    ({"due_at": START}, "2016-04-24 10:00 BST is past: leave --at out to tell it now"),
    ({"due_at": START - timedelta(days=1)}, "is past"),
    ({"due_at": START, "draft": True}, "is past"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG)
def test_a_mistake_is_said_with_what_there_is_and_nothing_is_stored(
    house: House, wrong: dict[str, object], reason: str
) -> None:
    before = house.log()
    with pytest.raises(RefusedError) as caught:
        write(house, **{"text": "Here we go", **wrong})  # type: ignore[arg-type] # by name
    assert reason in str(caught.value)
    assert (live(house), look.waiting(house.app), deliveries(house), house.log()) == ([], [], [], before)


@pytest.mark.parametrize(
    ("wrong", "reason"), [one for one in WRONG if "due_at" not in one[0] and "draft" not in one[0]]
)
def test_the_same_mistake_is_said_when_it_is_edited_and_nothing_changes(
    house: House, wrong: dict[str, object], reason: str
) -> None:
    for update in (write(house, strand="official"), write(house, draft=True)):
        with pytest.raises(RefusedError) as caught:
            edit(house, update, changes=wrong)
        assert reason in str(caught.value)
        assert stored(house, update) == update
    assert house.log("edited") == []


def test_a_title_alone_says_something(house: House) -> None:
    assert write(house, "", title="Start").title == "Start"


def test_a_draft_tells_nobody_and_is_told_when_somebody_says_so(house: House) -> None:
    draft = write(house, strand="official", draft=True)
    house.clock.forward(hours=1)
    house.day()
    assert (live(house), deliveries(house)) == ([], [])
    assert [update.slug for update in look.waiting(house.app)] == [draft.slug]
    changed = edit(house, draft, changes={"text": "On we go"})
    assert (changed.state, changed.text) == (UpdateState.DRAFT, "On we go")
    found = edit(house, draft, tell=True)
    assert (found.state, found.at, found.slug) == (UpdateState.LIVE, house.clock(), draft.slug)
    assert states(house) == ["owed"]
    assert look.waiting(house.app) == []
    assert [line.what for line in house.log() if line.update] == ["drafted", "edited", "told"]


def test_a_draft_with_a_time_stays_a_draft(house: House) -> None:
    draft = write(house, draft=True, due_at=NOON)
    assert draft.state is UpdateState.DRAFT
    house.clock.at = NOON
    house.day()
    assert live(house) == []


def test_a_draft_can_be_scheduled_and_moved_and_told_before_its_time(house: House) -> None:
    draft = write(house, draft=True)
    assert edit(house, draft, due_at=NOON).state is UpdateState.SCHEDULED
    later = edit(house, draft, due_at=NOON + timedelta(minutes=5))
    assert (later.state, later.due_at) == (UpdateState.SCHEDULED, NOON + timedelta(minutes=5))
    assert [update.due_at for update in look.waiting(house.app)] == [NOON + timedelta(minutes=5)]
    assert edit(house, draft, tell=True).due_at is None
    house.clock.at = NOON + timedelta(minutes=5)
    house.day()
    assert len(house.log("told")) == 1


@pytest.mark.parametrize("due_at", [START, START - timedelta(seconds=1)])
def test_nothing_is_moved_into_the_past(house: House, due_at: datetime) -> None:
    update = write(house, due_at=NOON)
    with pytest.raises(RefusedError, match=r"2016-04-24 .* is past: give a time to come, or tell it now"):
        edit(house, update, due_at=due_at)
    assert stored(house, update) == update


def test_what_waits_is_listed_soonest_first_and_drafts_last(house: House) -> None:
    write(house, "draft", draft=True)
    write(house, "later", due_at=NOON + timedelta(hours=1))
    write(house, "soon", due_at=NOON)
    assert [update.text for update in look.waiting(house.app)] == ["soon", "later", "draft"]


def test_an_edit_of_what_is_live_follows_on_the_page_with_its_note_and_says_who_keeps_the_old_words(
    house: House,
) -> None:
    update = told(house, "Road closed")
    house.day()
    house.clock.forward(minutes=1)
    found = verbs.edit(house.app, update.slug, changes={"text": "Road open"}, by="bob", note="It is open again")
    assert (found.update.text, found.update.note, found.update.changed_at, found.update.at) == (
        "Road open",
        "It is open again",
        house.clock(),
        update.at,
    )
    assert found.note.startswith("these accounts carry the old words: social")
    assert found.previews == (), "nothing is sent there any more"
    house.day()
    shown = (house.app.page_folder / "index.html").read_text()
    assert "Road open" in shown
    assert "Road closed" not in shown
    assert [what for what, _ in house.publisher.calls] == ["publish"], "an account cannot be edited"
    (line,) = house.log("edited")
    assert (line.by, line.why) == ("bob", "It is open again")


def test_an_edit_that_takes_an_account_away_says_that_it_is_taken_down_there(house: House) -> None:
    update = told(house, "Road closed")
    house.day()
    with pytest.raises(RefusedError, match="says that already"):
        verbs.edit(house.app, update.slug, changes={"strand": "official"}, by="bob")
    found = verbs.edit(house.app, update.slug, changes={"accounts": ()}, by="bob")
    assert (found.note, found.previews, states(house)) == ("taken down at social", (), ["retracting"])


def test_what_was_not_sent_yet_is_shown_anew_and_nothing_is_taken_down(house: House) -> None:
    update = told(house, "Road closed")
    found = verbs.edit(house.app, update.slug, changes={"text": "Road open"}, by="bob")
    (preview,) = found.previews
    assert preview.snippet is not None
    assert preview.snippet.text.startswith("Official: Road open")
    assert found.note == ""
    assert verbs.edit(house.app, update.slug, changes={"accounts": ()}, by="bob").note == ""
    assert states(house) == ["cancelled"]


def test_an_account_that_is_added_to_what_is_live_is_owed_it(house: House) -> None:
    update = write(house, accounts=())
    edit(house, update, changes={"accounts": ("social",)})
    assert states(house) == ["owed"]


def test_an_account_that_is_taken_away_before_it_was_sent_to_and_given_back_is_sent_to(house: House) -> None:
    update = told(house, "Here we go")
    edit(house, update, changes={"accounts": ()})
    assert states(house) == ["cancelled"]
    house.clock.forward(hours=1)
    given_back = edit(house, update, changes={"accounts": ("social",), "text": "On we go"})
    (delivery,) = deliveries(house)
    assert (delivery.state.value, delivery.down, delivery.owed_at) == ("owed", False, house.clock())
    house.day()
    house.day()
    assert house.publisher.standing() == [f"Official: On we go https://live.example/u/{update.slug}"]
    assert [what for what, _ in house.publisher.calls] == ["publish"]
    assert (given_back.accounts, states(house)) == (("social",), ["sent"])


def test_an_account_that_it_was_sent_to_is_not_sent_it_again_when_given_back_and_the_desk_is_told(house: House) -> None:
    update = told(house, "Here we go")
    house.day()
    edit(house, update, changes={"accounts": ()})
    for taken_down in ("retracting", "retracted"):
        assert states(house) == [taken_down]
        found = verbs.edit(house.app, update.slug, changes={"accounts": ("social",)}, by="ana")
        assert found.note == (
            "not sent again to social, where it was sent or tried before; withdraw it and write it anew"
        )
        house.day()
        verbs.edit(house.app, update.slug, changes={"accounts": ()}, by="ana")
    assert (house.publisher.standing(), states(house)) == ([], ["retracted"])
    assert [what for what, _ in house.publisher.calls] == ["publish", "retract"]


def test_an_account_that_may_have_it_is_not_sent_it_again_when_given_back_and_the_desk_is_told(house: House) -> None:
    update = told(house, "Here we go")
    house.publisher.fail_after = [Unanswered("the answer was lost")]
    house.app.publish("social")
    edit(house, update, changes={"accounts": ()})
    found = verbs.edit(house.app, update.slug, changes={"accounts": ("social",)}, by="ana")
    assert (states(house), "not sent again to social" in found.note) == (["unconfirmed"], True)
    house.machine.forward(hours=1)
    house.day()
    assert (house.publisher.standing(), states(house)) == ([], ["retracted"])
    assert [what for what, _ in house.publisher.calls] == ["publish", "find", "retract"]


def test_somebody_elses_words_are_never_altered(house: House) -> None:
    number = held(house, "Go on Alice")
    update = verbs.approve(house.app, str(number), by="ana").update
    assert update is not None
    with pytest.raises(RefusedError, match="is somebody else's words: they are never altered; withdraw it instead"):
        edit(house, update, changes={"text": "Go on Bob"})
    assert stored(house, update) == update


def test_what_is_withdrawn_is_not_edited_and_not_told_again(house: House) -> None:
    update = told(house, "Here we go")
    verbs.take_back(house.app, update.slug, by="ana")
    for more in ({"changes": {"text": "On we go"}}, {"tell": True}, {"due_at": NOON}):
        with pytest.raises(RefusedError, match="is withdrawn: write a new one"):
            edit(house, update, **more)
    assert live(house) == []


def test_an_update_that_does_not_exist_is_not_edited(house: House) -> None:
    with pytest.raises(NotFoundError, match="'nothing1' is unknown"):
        verbs.edit(house.app, "nothing1", changes={}, by="ana")


def test_a_rehearsal_shows_how_it_would_read_and_stores_nothing(house: House) -> None:
    before = house.log()
    found = verbs.write(house.app, verbs.manuscript("Here we go", strand="official"), by="ana", dry_run=True)
    (preview,) = found.previews
    assert preview.snippet is not None
    assert preview.snippet.text.startswith("Official: Here we go")
    assert (preview.length, preview.limit, preview.problem) == (len(preview.snippet.text), 300, "")
    assert (live(house), deliveries(house), house.log()) == ([], [], before)


def test_what_is_too_long_for_an_account_says_so(house: House) -> None:
    house.publisher.bound = Limits(40, LengthUnit.CHARACTERS, link=False)
    written = verbs.write(house.app, verbs.manuscript("Here we go and on and on " * 5, strand="official"), by="ana")
    assert written.note == "too long for social: only its beginning stands there; --dry-run shows it before"
    assert verbs.write(house.app, verbs.manuscript("Short", strand="official"), by="ana").note == ""


def test_a_manuscript_has_everything_that_an_update_needs() -> None:
    assert verbs.manuscript("Here we go") == Manuscript("Here we go")
