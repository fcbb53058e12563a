"""What the desk edits, and what of it is in force: rules, the plan of milestones, and who is who."""

import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from bot.app import history, people_file, plan_pictures
from bot.app.turns import Turns
from bot.core.desk import Desk
from bot.core.errors import Mistake, RuleError
from bot.core.milestones.plan import FILE as PLAN_FILE
from bot.core.milestones.plan import Plan
from bot.core.milestones.reading import load as load_plan
from bot.core.people import People
from bot.core.rules.edits import NO_RULES
from bot.core.rules.receipt import Receipt, receipt
from bot.core.rules.replay import replay
from bot.core.rules.ruleset import RuleSet
from bot.core.rules.ruleset import load as load_rules
from bot.pipeline import adopt
from bot.store import rulesets
from bot.store.database import Database
from bot.store.rulesets import StoredSet

_log = structlog.get_logger("milepost")


class DeskFiles:
    """Adopts what the desk edited, and gives what is in force.

    Args:
        folder: Where the files lie.
        shown: The same, as a person would type it.
        desk: As the configuration and moved clocks have it now.
        sources: Names of the configured sources.

    Attributes:
        plan_problem: Why the active plan cannot be used with this configuration: places and reasons, on one line.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        shown: str,
        desk: Callable[[], Desk],
        sources: tuple[str, ...],
        turns: Turns,
        now: Callable[[], datetime],
        machine_now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._folder = folder
        self._shown = shown
        self._desk = desk
        self._sources = sources
        self._turns = turns
        self._now = now
        self._machine_now = machine_now
        self._people: tuple[int, People] = (0, People())
        self._plan: tuple[int, Plan] = (0, Plan())
        self._pictured: tuple[Plan | None, Plan] = (None, Plan())
        self.plan_problem = ""
        self._seen_files: tuple[object, bool] = (None, False)  # the last look, and whether it was carried out
        self._seen_at = machine_now()  # since when the files are as at the last look

    def compile_rules(self, stored: StoredSet) -> RuleSet:
        """Compile a stored rule set, trusting it: one that was ever in force can always be loaded."""
        return load_rules(stored.files, name_hint=self._shown, trusted=True)

    def adopt(self, *, at_once: bool = False) -> adopt.Adopted:
        """Take over what the desk edited; a broken edit is refused as a whole.

        Args:
            at_once: Believe the files at the first look: at the start, and for `--once`. Else they must be equal at two looks,
                and where they lose rules they must have rested for `adopt.REST`.
        """
        folder = self._folder
        seen = adopt.signature(folder)
        before, done = self._seen_files
        self._seen_files = (seen, done and seen == before)
        if seen != before:
            self._seen_at = self._machine_now()
        rested = at_once or self._machine_now() - self._seen_at >= adopt.REST
        if not at_once and (seen != before or done):
            return adopt.Adopted()
        with self._turns.alone("adopt") as mine:
            if not mine:
                return adopt.Adopted()
            found = adopt.read(folder)
            rules = adopt.Folder(
                {name: text for name, text in found.files.items() if name not in NO_RULES},
                tuple(problem for problem in found.problems if problem[0] not in NO_RULES),
            )
            lost = ((PLAN_FILE, "the folder is gone or empty: put the files back"),) if not found.files else ()
            given = {PLAN_FILE: found.files[PLAN_FILE]} if PLAN_FILE in found.files else {}
            unread = tuple(problem for problem in found.problems if problem[0] == PLAN_FILE)
            plan = adopt.Folder(given, lost if self.plan().milestones and lost else unread)
            # with PostgreSQL each machine has a folder of its own, also where the paths are alike
            where = "rules" if self._database.is_sqlite else f"{socket.gethostname()}:{folder}"
            first = adopt.adopt(
                self._database,
                rules,
                kind=rulesets.RULES,
                where=where,
                load=self._load_rules,
                now=self._now(),
                compare=self._compare_rules,
                rested=rested,
            )
            shown = self._shown
            third = people_file.adopt_people(  # before the plan, which watches them
                self._database, found, folder=shown, where=where, now=self._now(), rested=rested
            )
            second = adopt.adopt(
                self._database,
                plan,
                kind=rulesets.MILESTONES,
                where=where,
                load=self._load_plan,
                now=self._now(),
                rested=rested,
            )
        every = (first, second, third)
        waits = any(one.waits for one in every)
        self._seen_files = (seen, not waits)  # not before: what failed is tried at the next look
        for kind, one in zip(rulesets.KINDS, every, strict=True):
            if one.refused:
                _log.error(
                    "files refused, the last good set stays",
                    kind=kind,
                    running=one.name,
                    mistakes=adopt.refused(self._database, kind).mistakes,
                )
            elif one.changed:
                _log.info("adopted", kind=kind, name=one.name)
        return adopt.Adopted(any(one.changed for one in every), any(one.refused for one in every), first.name, waits)

    def _load_rules(self, files: Mapping[str, str]) -> str:
        with self._database.read() as tx:
            active = rulesets.active(tx, rulesets.RULES)
        before = self.compile_rules(active) if active else None
        return load_rules(files, name_hint=self._shown, before=before, desk=self._desk()).name

    def _compare_rules(self, before: StoredSet, files: Mapping[str, str]) -> Receipt:
        after = load_rules(files, name_hint=self._shown, trusted=True)
        clocks = {name: clock.start_at for name, clock in self._desk().clocks.items()}
        past = history.decided(self._database, clocks)
        return receipt(
            replay(
                self.compile_rules(before),
                after,
                past,
                default=self._desk().default,
                publish_at=self._desk().publish_at,
            )
        )

    def _load_plan(self, files: Mapping[str, str]) -> str:
        plan = self.read_plan(files.get(PLAN_FILE, ""), self.people())
        if PLAN_FILE in files and not plan.milestones and self.plan().milestones:
            file = f"{self._shown}/{PLAN_FILE}"
            why = "the file has no milestones any more: delete it if that is meant"
            raise RuleError((Mistake(file, 1, 1, why),))
        if wrong := tuple(plan_pictures.mistakes(plan, self._folder, self._shown)):
            raise RuleError(wrong)
        return plan.name

    def read_plan(self, text: str, people: People | None = None) -> Plan:
        """Read a milestone plan against this desk's clocks, strands and accounts.

        Args:
            people: Whom it may watch; None where that is not looked at.

        Raises:
            RuleError: With every mistake.
        """
        file = f"{self._shown}/{PLAN_FILE}"
        return load_plan(
            text,
            file=file,
            clocks=self._desk().clocks,
            strands=tuple(self._desk().strands),
            accounts=self._desk().accounts,
            zone=self._desk().zone,
            persons=None if people is None else people.runners(),
            sources=None if people is None else self._sources,
        )

    def plan(self) -> Plan:
        """The active plan."""
        with self._database.read() as tx:
            number = rulesets.active_id(tx, rulesets.MILESTONES)
            if number == self._plan[0]:
                return self._plan[1]
            stored = rulesets.by_id(tx, number)
        if stored is None:
            return Plan()
        try:
            plan, self.plan_problem = self.read_plan(stored.files.get(PLAN_FILE, "")), ""
        except RuleError as error:  # the configuration has lost a clock, a strand or an account that the plan names
            plan = Plan()
            self.plan_problem = "; ".join(f"{mistake.place}: {mistake.reason}" for mistake in error.mistakes)
        self._plan = (number, plan)
        return plan

    def plan_to_tell(self) -> Plan:
        """The active plan with its pictures taken in."""
        plan = self.plan()
        if self._pictured[0] is not plan:
            self._pictured = (plan, plan_pictures.taken_in(self._database, plan, self._folder, now=self._now()))
        return self._pictured[1]

    def people(self) -> People:
        """The people in force; nobody where no file names any."""
        with self._database.read() as tx:
            number = rulesets.active_id(tx, rulesets.PEOPLE)
        if number != self._people[0]:
            self._people = (number, people_file.in_force(self._database))
        return self._people[1]
