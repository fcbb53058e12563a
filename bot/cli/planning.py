"""milestones: list, next, cards, test, fire, skip, correct, leave."""

from pathlib import Path

import typer

from bot.app import plan
from bot.cli.ends import Exit, message_of
from bot.cli.hall import opened, who, zone_of
from bot.cli.program import command
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.errors import RuleError
from bot.core.milestones.plan import FILE
from bot.core.model import UpdateState
from bot.core.text.amounts import several


def list_milestones(config: Path, *, only_next: int, as_json: bool) -> None:
    """Print the plan: what is told, what was missed, what comes.

    Args:
        only_next: So many of those that are to come; 0 for all there are.
    """
    with opened(config) as app:
        found = plan.planned(app)
        if only_next:
            found = [one for one in found if one.state in {"to come", "due"}][:only_next]
        if as_json:
            json_document(found)
            return
        zone = zone_of(app)
        table(
            [
                [
                    zone.clock(one.due_at) if one.due_at else "…",
                    one.state,
                    one.id,
                    one_line(one.text if one.due_at else f"{one.waits_for}: {one.text}", 70),
                ]
                for one in found
            ]
        )
        cards = plan.waiting(app)
        is_unread = not app.plan().name and (app.rules_folder / FILE).is_file()
    if not found and is_unread:
        note("No plan is adopted yet: the next `milepost run` adopts milestones.toml.")
    elif not found:
        note(
            "Nothing is to come." if only_next else "No milestones: they stand in milestones.toml of the rules' folder."
        )
    missed = [one.id for one in found if one.state == "missed"]
    if missed:
        note(
            f"Missed: `milepost milestones fire {missed[0]}` tells it late, `milepost milestones skip {missed[0]}` leaves it."
        )

    if cards:
        note(f"{several(len(cards), 'card')} for a person: `milepost milestones cards`.")


def list_calls(config: Path, *, as_json: bool) -> None:
    """Print the calls for contributions of the plan, and how many answers came."""
    with opened(config) as app:
        found = plan.called(app)
        zone = zone_of(app)
    if as_json:
        json_document(found)
        return
    table(
        [
            [
                one.id,
                one.state,
                f"{zone.clock(one.opened_at)} to {zone.clock(one.closes_at)}"
                if one.opened_at and one.closes_at
                else "",
                "nobody counts" if one.answers is None else several(one.answers, "answer"),
            ]
            for one in found
        ]
    )
    if not found:
        note('The plan has no calls: a milestone with call = "1h" is one.')


def check(config: Path) -> None:
    """Read the plan and the people it watches, and try the examples that stand in it.

    Raises:
        typer.Exit: There are mistakes; each was said. An example that does not hold is one.
    """
    found = _checked(config)
    examples = several(sum(found.examples.values()), "example")
    out(f"milestones: good; {several(len(found.plan.milestones), 'milestone')}, {examples} tried")
    if not found.plan.milestones:
        note(f"{FILE} names none, or is not there.")


def _checked(config: Path) -> plan.Checked:
    """The plan; finding mistakes is the work of who asks, so they end with 1 and not as a broken configuration does."""
    try:
        return plan.checked(config)
    except RuleError as error:
        note(message_of(error))
        raise typer.Exit(Exit.FAILED) from error


def try_examples(config: Path, *, as_json: bool) -> None:
    """Try the examples of the plan, and say which milestones have none.

    Raises:
        typer.Exit: An example does not hold; each was said.
    """
    found = _checked(config)
    if as_json:
        json_document([{"id": name, "examples": number} for name, number in found.examples.items()])
        return
    table(
        [
            [name, f"{several(number, 'example')} held" if number else "no examples"]
            for name, number in found.examples.items()
        ]
    )
    if not found.examples:
        note(f"{FILE} names no milestones, or is not there.")


def list_cards(config: Path, *, as_json: bool) -> None:
    """Print what waits for a person: facts that changed after they were told, people who stopped."""
    with opened(config) as app:
        found = plan.waiting(app)
        zone = zone_of(app)
    if as_json:
        json_document(found)
        return
    for one in found:
        out((one.about, "bold"), f"  {zone.clock(one.at)}  {one.kind}")
        if one.kind == "stopped":
            out(f"  out of the race; held: {one_line(one.before)}")
        else:
            out(f"  told: {one_line(one.before, 200)}")
            out(f"  now:  {one_line(one.after, 200) or 'nothing of it is so any more'}")
            out(f"  told on: {', '.join(one.places)}")
        for words in one.commands:
            out(f"    {command(words)}")
    if not found:
        note("Nothing waits for a person.")


def correct(config: Path, name: str, *, reason: str, by: str) -> None:
    """Correct what was told, wherever it was told.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: Nothing about it has changed.
    """
    person = who(by)
    with opened(config) as app:
        update = plan.correct(app, name, by=person, why=reason)
    if update.state is UpdateState.WITHDRAWN:
        out((update.slug, "bold"), "  withdrawn everywhere: nothing of it is so any more")
    else:
        out((update.slug, "bold"), f"  corrected: {one_line(update.text, 200)}")


def leave(config: Path, name: str, *, reason: str, by: str) -> None:
    """Leave what was told as it is, or what is held of a person as it is.

    Raises:
        NotFoundError: Neither a milestone nor a person who stopped is called so.
        RefusedError: Nothing about it has changed.
    """
    person = who(by)
    with opened(config) as app:
        plan.leave(app, name, by=person, why=reason)
    out(f"{name}: stays as it is")


def fire(config: Path, name: str, *, reason: str, as_json: bool, by: str) -> None:
    """Tell a milestone now.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: It is told already, or cannot be told now.
    """
    person = who(by)
    with opened(config) as app:
        fired = plan.fire(app, name, by=person, why=reason)
        if as_json:
            json_document(fired)
        else:
            out((fired.update.slug, "bold"), f"  told: {one_line(fired.update.text)}")
            note(f"Goes to {', '.join(fired.accounts)}." if fired.accounts else "To the page alone.")
        if not app.is_running():
            note("Nothing runs on this database: what is told goes out with the next `milepost run`.")


def skip(config: Path, name: str, *, reason: str, by: str) -> None:
    """Never tell a milestone by itself.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: It is told already.
    """
    person = who(by)
    with opened(config) as app:
        plan.skip(app, name, by=person, why=reason)
    out(f"{name}: is not told by itself; `milepost milestones fire {name}` tells it")
