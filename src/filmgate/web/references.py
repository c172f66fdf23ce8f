"""References as callers write them: a file, a link, a data URL, bare base64, or an id."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import msgspec

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.request import Role
from filmgate.gateway.submission import Given, Upload
from filmgate.web.multipart import IN_MEMORY
from filmgate.web.reading import shaped

LONGEST_URL = 8192  #: characters of a link
LONGEST_DATA_URL = 20_971_520  #: characters; of bare base64 too


class ImageReference(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the two."""

    image_url: str | None = None
    file_id: str | None = None


class VideoReference(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the two."""

    id: str | None = None
    file_id: str | None = None


def image_given(value: object, *, role: Role, param: str) -> Given:
    """A file, text that `url_given` reads, `{"image_url": …}` or `{"file_id": …}`."""
    if isinstance(value, Upload):
        return Given(role=role, param=param, upload=value)
    if isinstance(value, str):
        return url_given(value, role=role, param=param)
    reference = shaped(_object(value, param), ImageReference, at=param)
    if (reference.image_url is None) == (reference.file_id is None):
        message = f"'{param}' needs exactly one of image_url and file_id."
        raise InvalidRequest(message, param=param)
    if reference.file_id is not None:
        return Given(role=role, param=f"{param}.file_id", file_id=reference.file_id)
    return url_given(reference.image_url or "", role=role, param=f"{param}.image_url")


def video_given(value: object, *, param: str) -> Given:
    """A file, `{"id": …}` of a video, or `{"file_id": …}`."""
    role = Role.SOURCE
    if isinstance(value, Upload):
        return Given(role=role, param=param, upload=value)
    reference = shaped(_object(value, param), VideoReference, at=param)
    if (reference.id is None) == (reference.file_id is None):
        message = f"'{param}' needs exactly one of id and file_id."
        raise InvalidRequest(message, param=param)
    if reference.file_id is not None:
        return Given(role=role, param=f"{param}.file_id", file_id=reference.file_id)
    return Given(role=role, param=f"{param}.id", job_id=reference.id)


def url_given(text: str, *, role: Role, param: str) -> Given:
    """
    A link that is fetched, or the file itself as a data URL or as bare base64.

    A file is recognised by its bytes, whatever a data URL says that it is.
    """
    head = text[:8].lower()
    if head.startswith(("http://", "https://")) and len(text) <= LONGEST_URL:
        return Given(role=role, param=param, url=text)
    if head.startswith("data:"):
        return Given(role=role, param=param, upload=_data_url(text, param=param))
    content = _decoded(text, param=param)
    if content:
        return Given(role=role, param=param, upload=_upload(content, param=param))
    message = (
        f"'{param}' is neither a link (https://…, up to {LONGEST_URL} characters) nor a "
        "base64 data URL (data:image/png;base64,…) nor base64 alone."
    )
    raise InvalidRequest(message, param=param)


def _object(value: object, param: str) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    kind = _KINDS[type(value)]
    message = f"Invalid type for '{param}': expected a file, but got {kind} instead."
    raise InvalidRequest(message, param=param, code="invalid_type")


def _data_url(url: str, *, param: str) -> Upload:
    head, comma, data = url.partition(",")
    if not (head.lower().endswith(";base64") and comma):
        message = f"'{param}' is not a base64 data URL (data:image/png;base64,…)."
        raise InvalidRequest(message, param=param)
    content = _decoded(data, param=param)
    if content is None:
        message = f"'{param}' is not valid base64."
        raise InvalidRequest(message, param=param)
    return _upload(content, param=param)


def _decoded(text: str, *, param: str) -> bytes | None:
    """What *text* is in base64, in one line or many; None if it is none."""
    if len(text) > LONGEST_DATA_URL:
        message = f"'{param}' has more than {LONGEST_DATA_URL} characters. Send a file."
        raise InvalidRequest(message, param=param, code="string_above_max_length")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _upload(content: bytes, *, param: str) -> Upload:
    # Onto the disk, because many may wait for their turn to be looked at.
    file = cast("BinaryIO", _Spool(max_size=IN_MEMORY))
    file.write(content)
    file.seek(0)
    return Upload(param=param, file=file)


class _Spool(SpooledTemporaryFile[bytes]):
    """Closes itself once nobody holds it: of a request that is refused nobody does."""

    def __del__(self) -> None:
        self.close()


#: Everything in JSON or a form that is neither an object nor a file.
_KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    type(None): "null",
}
