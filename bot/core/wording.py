"""Templates for what we say ourselves: "The four-hour mark in the {{ race }}".

The only file of core that knows Jinja2. Templates come from the desk's files, so they run in a sandbox, may change nothing
that they are given, and may name only what there is.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, meta
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.errors import MilepostError


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """Plain text goes in and comes out: the page escapes it, accounts take it as it is."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


def render(template: str, values: Mapping[str, object]) -> str:
    """Fill a template in.

    Args:
        template: Jinja2 source; plain text, nothing is escaped.
        values: What the template may name; none of it is changed.

    Raises:
        MilepostError: The template is not well-formed, names something unknown, does what the sandbox forbids or fails
            with these values; the message says which and what to do.
    """
    try:
        return _compiled(template).render(dict(values))
    except UndefinedError as error:
        known = ", ".join(sorted(values)) or "nothing"
        raise MilepostError(
            f'wording "{_shown(template)}": {error.message}: use one of the known names ({known})'
        ) from error
    except SecurityError as error:
        raise MilepostError(
            f'wording "{_shown(template)}": {error.message}: a template may only read and format its values'
        ) from error
    except (
        TemplateError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        raise MilepostError(
            f'wording "{_shown(template)}": {error}: correct the template or what it is given'
        ) from error


def check(template: str, names: Iterable[str]) -> list[str]:
    """The names that a template uses and nobody gives it, sorted; empty where it can be filled in.

    Raises:
        MilepostError: The template is not well-formed; the message names its line.
    """
    try:
        tree = _environment().parse(template)
    except TemplateSyntaxError as error:
        raise _malformed(template, error) from error
    return sorted(meta.find_undeclared_variables(tree) - set(names))


def _compiled(template: str) -> Template:
    try:
        return _environment().from_string(template)
    except TemplateSyntaxError as error:
        raise _malformed(template, error) from error


def _malformed(template: str, error: TemplateSyntaxError) -> MilepostError:
    return MilepostError(f'wording "{_shown(template)}", line {error.lineno}: {error.message}: correct the template')


def _shown(template: str) -> str:
    """The beginning of a template, on one line, for a message."""
    line = " ".join(template.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
