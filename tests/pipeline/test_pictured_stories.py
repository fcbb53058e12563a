"""What follows from a picture that another story carries."""

import pytest

from bot.core.model import Verdict
from bot.core.rules.circumstances import Circumstances
from bot.core.stories.match import Match
from bot.pipeline.curate.case import Case, settle
from bot.store.posts import Arrival, StoredPost
from tests.builders import START, a_post


def case_of(match: Match, verdict: Verdict = Verdict.PUBLISH) -> Case:
    stored = StoredPost(9, 9, a_post("Other words, lovely"), 1, Arrival.LIVE)
    return Case(stored, match, verdict, "rules", "what is lovely goes out")


def test_the_picture_of_another_story_is_for_a_person() -> None:
    case = case_of(Match(9, pictured_in=4, alike_id=5))
    settle(case, quiet=False, told=set(), closed={})
    assert (case.verdict, case.tell) == (Verdict.HOLD, False)
    assert case.why.startswith("carries the same picture as story 4 (post 5): a person decides")


def test_a_stranger_with_their_picture_does_not_silence_officials() -> None:
    case = case_of(Match(9, pictured_in=4))
    case.around = Circumstances(now=START, is_official=True)
    settle(case, quiet=False, told=set(), closed={})
    assert (case.verdict, case.tell) == (Verdict.PUBLISH, True)


@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.DROP, Verdict.WAIT])
def test_what_is_not_published_anyway_stays_as_it_is(verdict: Verdict) -> None:
    case = case_of(Match(9, pictured_in=4), verdict)
    settle(case, quiet=False, told=set(), closed={})
    assert (case.verdict, case.why) == (verdict, "what is lovely goes out")


def test_a_copy_of_a_removed_picture_waits_for_a_person() -> None:
    case = case_of(Match(4, "the same picture", size=1))
    settle(case, quiet=False, told=set(), closed={4: "removed"})
    assert (case.verdict, case.tell) == (Verdict.HOLD, False)
    assert "was removed at its source" in case.why
