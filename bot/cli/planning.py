"""milestones: list, next, fire, skip."""

from pathlib import Path

from bot.app import plan
from bot.cli.hall import opened, who, zone_of
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.milestones import FILE


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
                [zone.clock(one.due_at) if one.due_at else "no clock", one.state, one.id, one_line(one.text, 70)]
                for one in found
            ]
        )
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
