"""References as callers write them: a file, a link, a data URL, or an id."""

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

LONGEST_URL = 8192  #: characters of a link; a data URL may have 20,971,520
LONGEST_DATA_URL = 20_971_520


class ImageReference(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the two."""

    image_url: str | None = None
    file_id: str | None = None


class VideoReference(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the two."""

    id: str | None = None
    file_id: str | None = None


def image_given(value: object, *, role: Role, param: str) -> Given:
    """A file, `{"image_url": …}` or `{"file_id": …}`."""
    if isinstance(value, Upload):
        return Given(role=role, param=param, upload=value)
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


def url_given(url: str, *, role: Role, param: str) -> Given:
    """A link that is fetched, or a data URL that holds the file itself."""
    if url[:5].lower() == "data:":
        return Given(role=role, param=param, upload=_data_url(url, param=param))
    if url[:8].lower().startswith(("http://", "https://")) and len(url) <= LONGEST_URL:
        return Given(role=role, param=param, url=url)
    message = (
        f"'{param}' is neither a link (https://…, up to {LONGEST_URL} characters) nor a "
        "base64 data URL (data:image/png;base64,…)."
    )
    raise InvalidRequest(message, param=param)


def _object(value: object, param: str) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    kind = _KINDS[type(value)]
    message = f"Invalid type for '{param}': expected a file, but got {kind} instead."
    raise InvalidRequest(message, param=param, code="invalid_type")


def _data_url(url: str, *, param: str) -> Upload:
    if len(url) > LONGEST_DATA_URL:
        message = f"'{param}' has more than {LONGEST_DATA_URL} characters. Send a file."
        raise InvalidRequest(message, param=param, code="string_above_max_length")
    head, comma, data = url.partition(",")
    if not (head.lower().endswith(";base64") and comma):
        message = f"'{param}' is not a base64 data URL (data:image/png;base64,…)."
        raise InvalidRequest(message, param=param)
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        message = f"'{param}' is not valid base64."
        raise InvalidRequest(message, param=param) from None
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
