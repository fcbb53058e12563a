"""A coverage in memory, as the hall would offer it to the door, with a picture or two."""

import io
import math
from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

from PIL import Image, ImageDraw

from bot.core.model import Update, UpdateState
from bot.core.pages import PageChange, PageFile, page_file
from bot.core.status import Metric
from bot.page.draw import change, draw
from bot.page.view import CoverageView
from tests.page.marathon_day import START, view


class SampleCoverage:
    """Draws its view whole with every change and keeps what changed; its health can be set."""

    def __init__(self, first: CoverageView | None = None) -> None:
        self.view = first or view()
        self.state: Mapping[str, object] = {"ok": True, "readers": 0}
        self.asked: list[int] = []
        self._lock = Lock()
        self._pictures = {f"media/{name}.png": picture(size) for name, size in PICTURES.items()}
        self._files: dict[str, PageFile] = {}
        self._redraw()

    def page_file(self, name: str) -> PageFile | None:
        return self._files.get(name)

    def removed(self, name: str) -> bool:
        return name in {f"u/{update.slug}.html" for update in self.view.withdrawn}

    def changes(self, after: int) -> list[PageChange]:
        self.asked.append(after)
        every = sorted((*self.view.updates, *self.view.withdrawn), key=lambda update: update.seq)
        return [change(update, self.view) for update in every if update.seq > after][:100]

    def health(self) -> Mapping[str, object]:
        return self.state

    def metrics(self) -> list[Metric]:
        return [
            Metric("milepost_source_age", "Since a\nlook.", math.inf, {"source": 'a"b\\c'}),
            Metric("milepost_feed_seq", "Last change.", self.view.seq),
            Metric("milepost_source_age", "Since a\nlook.", 2.5, {"source": "b", "lane": "fetch"}),
        ]

    def tell(self, update: Update) -> PageChange:
        """Put an update into the coverage, new or changed, under the next seq."""
        with self._lock:
            update = replace(update, seq=self.view.seq + 1)
            gone = update.state is UpdateState.WITHDRAWN
            updates = [other for other in self.view.updates if other.slug != update.slug]
            withdrawn = [other for other in self.view.withdrawn if other.slug != update.slug]
            (withdrawn if gone else updates).append(update)
            self.view = replace(self.view, updates=newest_first(updates), withdrawn=newest_first(withdrawn))
            self._redraw()
            return change(update, self.view)

    def _redraw(self) -> None:
        drawn = draw(self.view) | self._pictures
        self._files = {name: page_file(name, body, START) for name, body in drawn.items()}


PICTURES = {"mall": (1200, 675), "one": (800, 600), "two": (800, 600)}


def newest_first(updates: list[Update]) -> tuple[Update, ...]:
    return tuple(sorted(updates, key=lambda update: (update.at, update.id), reverse=True))


def picture(size: tuple[int, int]) -> bytes:
    """A small painted scene: a road between trees under a low sun."""
    width, height = size
    image = Image.new("RGB", size, "#cfe3ea")
    brush = ImageDraw.Draw(image)
    for row in range(height // 2):
        shade = row / (height / 2)
        brush.line([(0, row), (width, row)], fill=(int(150 + 90 * shade), int(190 + 30 * shade), int(215 - 30 * shade)))
    brush.ellipse([width * 0.62, height * 0.16, width * 0.74, height * 0.16 + width * 0.12], fill="#ffe9b0")
    brush.rectangle([0, height // 2, width, height], fill="#5c8a4e")
    road = [(width * 0.44, height // 2), (width * 0.56, height // 2), (width * 0.95, height), (width * 0.05, height)]
    brush.polygon(road, fill="#a4483c")
    for number in range(7):
        near = 1 - number / 8
        for side in (-1, 1):
            middle = width / 2 + side * width * 0.46 * near + side * width * 0.04
            top, crown = height * (0.5 - 0.38 * near), width * 0.09 * near
            brush.rectangle(
                [middle - crown / 10, top, middle + crown / 10, height * (0.5 + 0.3 * near)], fill="#4a3628"
            )
            brush.ellipse([middle - crown, top - crown, middle + crown, top + crown], fill=(52, 96 + number * 9, 58))
    for number, shirt in enumerate(("#f2c230", "#1f6fb2", "#e8562a", "#ffffff", "#7a2f8f", "#18a27a")):
        x, y, tall = width * (0.36 + 0.055 * number), height * (0.62 + 0.05 * (number % 3)), height * 0.13
        brush.ellipse([x - tall * 0.12, y - tall * 0.28, x + tall * 0.12, y - tall * 0.02], fill="#c68e6b")
        brush.rectangle([x - tall * 0.16, y, x + tall * 0.16, y + tall * 0.45], fill=shirt)
        brush.line([(x, y + tall * 0.45), (x - tall * 0.14, y + tall)], fill="#22313a", width=max(2, int(tall / 9)))
        brush.line(
            [(x, y + tall * 0.45), (x + tall * 0.16, y + tall * 0.9)], fill="#22313a", width=max(2, int(tall / 9))
        )
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
