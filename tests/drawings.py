"""Pictures for tests: drawn from a number, so that each is another one and always the same."""

import random
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WORDS = [
    "runner",
    "marathon",
    "sky",
    "finish",
    "crowd",
    "water",
    "mile",
    "luck",
    "charity",
    "rain",
    "sun",
    "medal",
    "clock",
    "bridge",
    "river",
    "tower",
    "wave",
    "shoe",
]


def photo(seed: int, size: tuple[int, int] = (450, 300)) -> Image.Image:
    """Something like a photo: coarse and fine structure, with a few sharp shapes."""
    numbers = np.random.default_rng(seed)
    levels = np.zeros((size[1], size[0], 3))
    for fields, weight in ((3, 1.0), (6, 0.8), (12, 0.5), (40, 0.3), (100, 0.2)):
        noise = numbers.integers(0, 256, (max(2, fields * 2 // 3), fields, 3), dtype=np.uint8)
        levels += np.asarray(Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC), dtype=float) * weight
    levels = (levels - levels.min()) / (levels.max() - levels.min()) * 255
    image = Image.fromarray(levels.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y, wide = (int(numbers.integers(0, most)) for most in (*size, size[0] // 4))
        draw.ellipse((x, y, x + wide, y + wide), fill=tuple(int(level) for level in numbers.integers(0, 256, 3)))
    return image


def screenshot(seed: int, *, dark: bool = False, size: tuple[int, int] = (800, 620)) -> Image.Image:
    """A post as a screenshot shows it: a round face, a name, some lines of words on a plain ground."""
    chance = random.Random(seed)
    ground, ink = ("black", "white") if dark else ("white", "black")
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse((30, 30, 110, 110), fill=tuple(chance.randrange(256) for _ in range(3)))
    font = ImageFont.load_default(28)
    draw.text((130, 40), f"{chance.choice(WORDS)} {chance.choice(WORDS)}", fill=ink, font=font)
    for line in range(chance.randint(3, 11)):
        words = " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 9)))
        draw.text((40, 140 + 40 * line), words, fill=ink, font=font)
    return image


def saved(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()
