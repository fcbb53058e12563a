"""What the desk switches off is its own decision: no failure of former times is held against it. Each on both databases."""

from bot.app import look, verbs
from bot.core.errors import Unauthorized, Unavailable
from tests.conftest import House
from tests.fakes import FakePublisher
from tests.pipeline.houses import states
from tests.pipeline.incoming import told


def switch_off(house: House, what: str) -> None:
    """As after a restart with `enabled = false` in the block."""
    (block,) = getattr(house.app.settings, what)
    house.app.settings = house.app.settings.model_copy(
        update={what: (block.model_copy(update={"enabled": False}),)},
    )


def to_do(house: House) -> list[str]:
    nothing_runs = "nothing runs on this database: start it with `milepost run`"
    return [problem for problem in look.status(house.app).problems if problem != nothing_runs]


def explode() -> None:
    raise RuntimeError("the sky is falling")


def test_a_source_that_is_off_is_no_failure_and_nothing_to_do(house: House) -> None:
    house.source.error = Unavailable("connection refused")
    house.day()
    assert to_do(house) == ["source hashtag is failing: connection refused"]
    switch_off(house, "source")
    found = look.status(house.app)
    assert (to_do(house), found.sources[0].state, found.sources[0].error) == ([], "off", "")


def test_nor_is_a_step_of_it_that_failed(house: House) -> None:
    house.source.before = explode
    house.day()
    assert to_do(house)[0].startswith("step collect:hashtag fails since ")
    switch_off(house, "source")
    assert to_do(house) == []


def test_an_account_that_is_off_is_no_failure_and_nothing_to_do(house: House) -> None:
    assert isinstance(house.publisher, FakePublisher)
    told(house, "Here we go")
    house.publisher.fail = [Unauthorized("the password is wrong")]
    house.day()
    assert to_do(house) == ["account social is unauthorized: the password is wrong"]
    switch_off(house, "account")
    found = look.status(house.app)
    assert (to_do(house), found.accounts[0].state, found.accounts[0].error) == ([], "off", "")


def test_what_must_be_taken_down_at_an_account_that_is_off_is_still_to_do(house: House) -> None:
    assert isinstance(house.publisher, FakePublisher)
    update = told(house, "Wrong runner")
    house.day()
    verbs.take_back(house.app, update.slug, by="ana")
    assert states(house) == ["retracting"]
    switch_off(house, "account")
    (said,) = to_do(house)
    assert said == (
        "account social is off, and 1 delivery is still to be looked up or taken down there: "
        "enable it until `milepost status` is quiet"
    )
