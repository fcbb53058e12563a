"""Reads HTML back for tests: what it is made of, and whether every element is closed."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Collects what a page is made of, and checks that every element is closed."""

    EMPTY = frozenset({"meta", "link", "br", "img", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def close(self) -> None:
        super().close()
        assert not self._open

    def every(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(page: bytes | str) -> Reader:
    reader = Reader()
    reader.feed(page.decode() if isinstance(page, bytes) else page)
    reader.close()
    return reader
