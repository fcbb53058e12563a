"""rules: check, test, explain, try out, and edit the rules of the desk."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, config_of, group
from bot.cli.grammar.reading import Verdict

rules = group("Check, test, explain and try out the rules.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="The folder with the rules; the configuration's unless given.")
]
PostRef = Annotated[
    str, typer.Argument(metavar="POST", help='Its number, platform:id or URL; or JSON: \'{"text": "..."}\'.')
]
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")]
Now = Annotated[bool, typer.Option("--now", help="By the rules in force.")]
Files = Annotated[bool, typer.Option("--files", help="By the rules as they lie on disk, in force or not.")]


@rules.command("check")
def check(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE...]", help="Rule files or lists, or one folder; the configuration's unless given."
        ),
    ] = None,
    as_json: Json = False,
    github: Annotated[bool, typer.Option("--github", help="Print annotations for GitHub Actions.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 where there are warnings.")] = False,
) -> None:
    """Report every mistake and what is hardly meant; adopt nothing.

    Rules, lists, examples, milestones and people are read as a running Milepost would read them. Files are read with the folder
    around them, and only what is wrong with these is reported. Ends with 1 where there is a mistake.
    """
    from bot.cli import checking

    paths = files or []
    if as_json and github:
        raise typer.BadParameter("say either --json or --github", param_hint="--github")
    if len(paths) > 1 and any(path.is_dir() for path in paths):
        raise typer.BadParameter("name one folder, or files", param_hint="FILE")
    checking.check(paths, config_of(context), as_json=as_json, github=github, strict=strict)


@rules.command("test")
def run_examples(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="One rule; all unless given.")] = "",
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Damage every clause and tell which damage no example notices.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the examples inside the rules.

    Ends with 1 where one fails, and with --thorough where a damage goes unnoticed.
    """
    from bot.cli import checking

    checking.run_examples(config_of(context), rule, thorough=thorough, as_json=as_json)


@rules.command("explain")
def explain(
    context: typer.Context, post: PostRef, now: Now = False, files: Files = False, as_json: Json = False
) -> None:
    """Show clause by clause why the rules decide as they do about one post.

    A post that was judged is explained by the rules of then, one that you type by the rules on disk.
    """
    from bot.cli import asking

    asking.explain(config_of(context), post, _which(now, files), as_json=as_json)


def _which(now: bool, files: bool) -> str:
    if now and files:
        raise typer.BadParameter("say either --now or --files", param_hint="--files")
    return "now" if now else "files" if files else ""


@rules.command("why-not")
def why_not(
    context: typer.Context,
    post: PostRef,
    want: Annotated[Verdict, typer.Option("--want", help="The verdict that you expected.")] = Verdict.PUBLISH,
    now: Now = False,
    files: Files = False,
    as_json: Json = False,
) -> None:
    """Name the fewest clauses that would have to differ for another verdict."""
    from bot.cli import asking

    asking.why_not(config_of(context), post, want.value, _which(now, files), as_json=as_json)


@rules.command("backtest")
def backtest(
    context: typer.Context,
    folder: Folder = None,
    against: Annotated[
        str,
        typer.Option(
            metavar="DIR|REV", help="Compare with a folder or a git revision; with the rules in force unless given."
        ),
    ] = "",
    last: Annotated[str, typer.Option(metavar="LENGTH", help="How far back: 6h, 7d.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="At most so many posts.")] = 20_000,
    fail_over: Annotated[
        str, typer.Option("--fail-over", metavar="SHARE", help="End with 1 where more decisions change than this: 2%.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Decide the posts of the past by the rules on disk, and show what would differ."""
    from bot.cli import comparing

    wanted = comparing.Backtest(folder, against, last, limit, fail_over)
    comparing.backtest(config_of(context), wanted, as_json=as_json)


@rules.command("receipt")
def receipt(
    context: typer.Context,
    rule_set: Annotated[
        str, typer.Argument(metavar="SET", help="The rule set whose adoption is asked for; all unless given.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List live updates that adopted edits of the rules would not tell any more; `withdraw` takes back what you choose."""
    from bot.cli import comparing

    comparing.show_receipt(config_of(context), rule_set, as_json=as_json)


@rules.command("stats")
def stats(
    context: typer.Context,
    last: Annotated[str, typer.Option("--last", metavar="LENGTH", help="How far back: 6h, 7d.")] = "30d",
    as_json: Json = False,
) -> None:
    """Show what each rule did: hits, decisions, what people overturned, cost."""
    from bot.cli import asking

    asking.stats(config_of(context), last, as_json=as_json)


@rules.command("status")
def status(context: typer.Context, as_json: Json = False) -> None:
    """Compare the rules in force with the files on disk; end with 1 where those are refused."""
    from bot.cli import asking

    asking.status(config_of(context), as_json=as_json)


@rules.command("pin")
def pin(
    context: typer.Context,
    post: PostRef,
    rule: RuleId,
    catches: Annotated[bool, typer.Option("--catches", help="The rule must match it.")] = False,
    spares: Annotated[bool, typer.Option("--spares", help="The rule must leave it alone.")] = False,
) -> None:
    """Make a post an example of a rule, in its file.

    Phone numbers and mail addresses are replaced. Where the rule does not agree with the example yet, the files are refused
    until you have changed the rule; the rules in force stay.
    """
    from bot.cli import editing

    if catches == spares:
        raise typer.BadParameter("say --catches or --spares")
    editing.pin(config_of(context), post, rule, caught=catches)


@rules.command("shadow")
def shadow(context: typer.Context, rule: RuleId) -> None:
    """Let a rule be counted without acting: writes its mode into its file."""
    from bot.cli import editing

    editing.shadow(config_of(context), rule)


@rules.command("live")
def live(context: typer.Context, rule: RuleId, by: As = "") -> None:
    """Let a rule act: writes its mode into its file; puts it back into action after its fuse has blown."""
    from bot.cli import editing

    editing.live(config_of(context), rule, given=by)


@rules.command("fields")
def fields(context: typer.Context, as_json: Json = False) -> None:
    """List the fields that clauses can ask for."""
    from bot.cli import asking

    asking.fields(config_of(context), as_json=as_json)


@rules.command("functions")
def functions(context: typer.Context, as_json: Json = False) -> None:
    """List the functions that clauses can use."""
    from bot.cli import asking

    asking.functions(config_of(context), as_json=as_json)


@rules.command("schema")
def schema(
    people: Annotated[
        bool, typer.Option("--people", help="That of people.toml (first line: people.schema.json).")
    ] = False,
    milestones: Annotated[
        bool, typer.Option("--milestones", help="That of milestones.toml (first line: milestones.schema.json).")
    ] = False,
) -> None:
    """Print the JSON Schema of rule files, for editors (first line: #:schema schema.json)."""
    from bot.cli import asking

    asking.schema(people=people, milestones=milestones)
