"""What rules know of an author and of words: published, rejected, seen before. Each on both databases."""

import pytest

from bot.app import look, verbs
from bot.store import authors
from bot.store.authors import AuthorHistory
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.incoming import held, official
from tests.pipeline.ruled import rule, save, verdicts


@pytest.fixture(autouse=True)
def five_past(house: House) -> None:
    house.clock.forward(minutes=5)


def history(house: House, post_id: int = 1) -> AuthorHistory:
    with house.app.database.read() as tx:
        author = int(tx.raw(f"SELECT author_id FROM posts WHERE id = {post_id}").scalar_one())  # noqa: S608 - our own number
        return authors.histories(tx, [author])[author]


def test_only_a_person_rejects(house: House) -> None:
    held(house, "a giveaway")
    assert (history(house).seen, history(house).rejected) == (1, 0)
    verbs.reject(house.app, str(held(house, "rubbish")), by="ana")
    assert (history(house).seen, history(house).rejected) == (2, 1)


def test_what_is_withdrawn_is_published_no_more(house: House) -> None:
    verbs.approve(house.app, str(held(house, "first")), by="ana")
    verbs.approve(house.app, str(held(house, "second")), by="ana")
    assert history(house).published == 2
    verbs.take_back(house.app, live(house)[0].slug, by="ana")
    assert history(house).published == 1
    verbs.take_back(house.app, "1", by="ana")
    assert history(house).published == 1, "a second time takes nothing away"


def test_words_that_another_post_said_were_seen_before(house: House) -> None:
    save(
        house,
        rule("echo", "seen_before(text)", action="drop") + rule("official-accounts", "is_official", action="publish"),
    )
    held(house, "Good luck everyone!", author="did:plc:one")
    held(house, "good luck, EVERYONE", author="did:plc:two")
    held(house, "Good luck, Kim!", author="did:plc:three")
    assert verdicts(house) == {"Good luck everyone!": "hold", "good luck, EVERYONE": "drop", "Good luck, Kim!": "hold"}
    explained = look.explain(house.app, "2").explanation
    assert "✓ seen_before(text)" in explained
    official(house, "Roads open at six")
    assert len(live(house)) == 1
