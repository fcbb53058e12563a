"""Letters as people send them."""

from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO

from PIL import Image

from tests.platforms.contract import NOON

ADA = "Ada Lovelace <ada.lovelace@private.example>"


def photo(*, size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    """A picture that says where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turned
    exif[0x010F] = "A telephone of Ada's"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    out = BytesIO()
    Image.new("RGB", size, "orange").save(out, kind, exif=exif)
    return out.getvalue()


def letter(
    text: str = "I ran it in a banana suit.\n",
    *,
    subject: str = "My race",
    sender: str = ADA,
    number: str = "1",
    html: str = "",
    pictures: tuple[bytes, ...] = (),
    **headers: str,
) -> bytes:
    """A letter's bytes; header names are written with "_" for "-"."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "desk@example.org", subject
    made["Date"] = format_datetime(NOON)
    if number:
        made["Message-ID"] = f"<{number}.ada@private.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    if text:
        made.set_content(text)
        if html:
            made.add_alternative(html, subtype="html")
    else:
        made.set_content(html, subtype="html")
    for place, picture in enumerate(pictures):
        made.add_attachment(picture, maintype="image", subtype="jpeg", filename=f"IMG_{place}.jpg")
    return made.as_bytes()
