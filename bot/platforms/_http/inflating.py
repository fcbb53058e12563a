"""Compressed bodies, decoded under a cap: a small answer must not become a large one in memory."""

import zlib

import httpx2


class Inflater:
    """Decodes gzip, zlib and bare deflate, never more than one byte beyond the cap."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes + 1
        self._inflate = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib by their header
        self._first = True

    @property
    def ended(self) -> bool:
        return self._inflate.eof or self._left <= 0

    def feed(self, chunk: bytes) -> bytes:
        if not chunk or self.ended:
            return b""
        try:
            part = self._inflate.decompress(self._inflate.unconsumed_tail + chunk, self._left)
        except zlib.error as error:
            if not self._first:
                raise httpx2.DecodingError(f"the compressed answer is broken ({error})") from error
            self._inflate = zlib.decompressobj(wbits=-15)  # some hosts send deflate without zlib's header
            try:
                part = self._inflate.decompress(chunk, self._left)
            except zlib.error as again:
                raise httpx2.DecodingError(f"the compressed answer is broken ({again})") from again
        self._first = False
        self._left -= len(part)
        return part
