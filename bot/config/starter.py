"""What `milepost init` writes: the example configuration and the starter rules that ship with the package."""

from collections.abc import Iterator
from pathlib import Path

from bot.core.errors import RefusedError

EXAMPLE = "config.example.toml"
_SUFFIXES = frozenset({".toml", ".txt", ".md", ".json"})


def starter_folder() -> Path:
    """The folder with config.example.toml and rules/: inside the package when installed, above it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "starter"
    return shipped if (shipped / EXAMPLE).is_file() else package.parent


def write_starter(folder: Path) -> tuple[Path, ...]:
    """Write config.toml and rules/ into a folder, which is made where it is absent.

    Starter rules that already lie there word for word are left as they are.

    Returns:
        The files that were written, config.toml first.

    Raises:
        RefusedError: Something is in the way, or the folder cannot be written; nothing was changed. The message names
            all that is in the way and says what can be done.
    """
    planned = list(_planned(folder))
    in_the_way = [str(path) for path in _in_the_way(folder, planned)]
    if in_the_way:
        raise RefusedError(
            f"{folder}: nothing was written, because there is already {', '.join(in_the_way)}: "
            "name an empty folder, or move these away"
        )
    written: list[Path] = []
    made: list[Path] = []
    try:
        for wanted in (folder, folder / "rules", folder / "rules" / "lists"):
            _make(wanted, made)
        for path, content in planned:
            if not path.exists():
                _make(path.parent, made)
                with path.open("xb") as file:
                    written.append(path)
                    file.write(content)
    except OSError as error:
        _undo(written, made)
        why = (error.strerror or "it failed").lower()
        raise RefusedError(f"{folder}: cannot be written ({why}): name a folder that this user may write") from error
    return tuple(written)


def _planned(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """What is to be written, config.toml first."""
    starter = starter_folder()
    yield folder / "config.toml", (starter / EXAMPLE).read_bytes()
    for path in sorted((starter / "rules").rglob("*")):
        if path.is_file() and path.suffix in _SUFFIXES and not path.name.startswith("."):
            yield folder / path.relative_to(starter), path.read_bytes()


def _in_the_way(folder: Path, planned: list[tuple[Path, bytes]]) -> Iterator[Path]:
    if folder.exists() and not folder.is_dir():
        yield folder
        return
    contents = dict(planned)
    config = folder / "config.toml"
    if config.exists() or config.is_symlink():
        yield config
    rules = folder / "rules"
    if rules.is_symlink() or (rules.exists() and not rules.is_dir()):
        yield rules
        return
    for path in sorted(rules.rglob("*")):
        is_hidden = path.name.startswith(".") or "__pycache__" in path.parts
        if path.is_dir() and path not in contents:
            continue
        if not is_hidden and not (path.is_file() and path in contents and path.read_bytes() == contents[path]):
            yield path


def _make(folder: Path, made: list[Path]) -> None:
    missing = [step for step in (folder, *folder.parents) if not step.exists()]
    for step in reversed(missing):
        step.mkdir()
        made.append(step)


def _undo(written: list[Path], made: list[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)
    for path in reversed(made):
        path.rmdir()
