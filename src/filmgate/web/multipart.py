"""
Forms with files, read part by part onto the disk.

`python-multipart` does the parsing. What is ours are the limits, each of which
names the field it struck, and that no part stays in memory beyond 64 KB.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from filmgate.domain.errors import InvalidRequest, TooLarge

IN_MEMORY = 1 << 16  #: bytes of a part before it goes to the disk
MOST_PARTS = 200
LARGEST_TEXT = 24 << 20  #: bytes of a field that is no file: text is read into memory
MOST_HEADER = 4096  #: bytes of one header of a part
MOST_BOUNDARY = 256  #: bytes, python-multipart's own limit


@dataclass
class Part:
    """One field of a form. What has a filename, even an empty one, is a file."""

    name: str
    filename: str | None
    file: BinaryIO

    def text(self) -> str:
        """The field's text; `InvalidRequest` when it is not UTF-8."""
        self.file.seek(0)
        try:
            return self.file.read().decode()
        except UnicodeDecodeError as error:
            message = f"'{self.name[:80]}' is not valid UTF-8 text."
            raise InvalidRequest(message, param=self.name[:80]) from error


async def parts(
    content_type: str, body: AsyncIterator[bytes], *, largest_part: int
) -> list[Part]:
    """
    The parts of a multipart body, in their order. The caller closes their files.

    Raises `InvalidRequest` for a body that breaks off or breaks the format, and
    `TooLarge`, naming the field, for a part beyond *largest_part* bytes.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= MOST_BOUNDARY:
        message = (
            "The Content-Type multipart/form-data needs a boundary of 1 to "
            f"{MOST_BOUNDARY} bytes. HTTP libraries set it, if they are left to."
        )
        raise InvalidRequest(message, code="invalid_multipart")
    collector = _Collector(largest_part)
    # Its limit of a header's size is switched off in favour of ours, which says what struck.
    parser = MultipartParser(boundary, collector.callbacks(), max_header_size=sys.maxsize)
    whole = False
    try:
        async for chunk in body:
            parser.write(chunk)
        parser.finalize()
        whole = collector.ended
    except MultipartParseError as error:
        raise collector.broken() from error
    finally:
        if not whole:
            collector.close()
    if not whole:
        raise collector.broken()
    return collector.parts


def too_many_parts() -> InvalidRequest:
    message = f"A form may have {MOST_PARTS} fields at most."
    return InvalidRequest(message, code="too_many_fields")


class _Collector:
    def __init__(self, largest_part: int) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._largest = largest_part
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._size = 0

    def callbacks(self) -> Any:  # python-multipart has a type for it, not at run time
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_end": self._on_end,
        }

    def close(self) -> None:
        for part in self.parts:
            part.file.close()

    def broken(self) -> InvalidRequest:
        name = self.parts[-1].name[:80] if self.parts else None
        where = f" in or after the field '{name}'" if name else ""
        message = f"The multipart body breaks off or is malformed{where}."
        return InvalidRequest(message, param=name, code="invalid_multipart")

    def _part_begin(self) -> None:
        if len(self.parts) >= MOST_PARTS:
            raise too_many_parts()
        self._headers = {}

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._check_header()

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > MOST_HEADER:
            message = f"A header of a form field may have {MOST_HEADER} bytes at most."
            raise InvalidRequest(message, code="invalid_multipart")

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(disposition)
        name = options.get(b"name")
        if name is None:
            message = "A part of the form has no name."
            raise InvalidRequest(message, code="invalid_multipart")
        # Closed by whoever reads the parts.
        file = cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
        filename = options.get(b"filename")
        part = Part(
            name=name.decode(errors="replace"),
            filename=None if filename is None else filename.decode(errors="replace"),
            file=file,
        )
        self.parts.append(part)
        self._size = 0

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self.parts[-1]
        self._size += end - start
        largest = self._largest
        if part.filename is None:
            largest = min(largest, LARGEST_TEXT)
        if self._size > largest:
            message = (
                f"'{part.name[:80]}' is larger than {largest >> 20} MB, the most "
                "that a field may have. Send a smaller file."
            )
            raise TooLarge(message, param=part.name[:80])
        part.file.write(data[start:end])

    def _on_end(self) -> None:
        self.ended = True
