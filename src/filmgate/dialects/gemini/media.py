"""Pictures and films as Google's clients send them, and the fields that errors name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from filmgate.domain.errors import FilmgateError, InvalidRequest
from filmgate.domain.imported import ELSEWHERE
from filmgate.domain.request import Role
from filmgate.gateway.submission import Given
from filmgate.web.references import url_given

OURS = "video_"  #: how ids of films begin, which their files' names lack
_FILE = re.compile(r"(?:.*/v1beta/)?files/(?P<id>[A-Za-z0-9_-]{1,90})(?::download)?(?:\?.*)?")


class Blob(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    mime_type: str
    data: str
    display_name: str | None = None


class FileData(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    file_uri: str
    mime_type: str | None = None
    display_name: str | None = None


class MediaObject(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """An image or a film: its bytes, in one of three spellings, or where it is."""

    mime_type: str | None = None
    encoding: str | None = None  # what a film has in the place of it
    bytes_base64_encoded: str | None = None
    encoded_video: str | None = None
    inline_data: Blob | None = None
    uri: str | None = None
    file_uri: str | None = None

    @property
    def link(self) -> str | None:
        return self.uri or self.file_uri


def blob_given(blob: Blob, *, role: Role, param: str) -> Given:
    return _bytes_given(blob.mime_type, blob.data, role=role, param=f"{param}.data")


def media_given(media: MediaObject, *, role: Role, param: str) -> Given:
    """`InvalidRequest` unless there is exactly one of all that it may be."""
    kind = media.mime_type or media.encoding or _USUAL[role]
    match (media.bytes_base64_encoded or media.encoded_video, media.inline_data, media.link):
        case (str(data), None, None) if not (
            media.bytes_base64_encoded and media.encoded_video
        ):
            return _bytes_given(kind, data, role=role, param=param)
        case (None, Blob() as blob, None):
            return blob_given(blob, role=role, param=f"{param}.inlineData")
        case (None, None, str(link)):
            return uri_given(link, role=role, param=f"{param}.uri")
        case _:
            message = f"'{param}' needs exactly one of bytesBase64Encoded, inlineData and uri."
            raise InvalidRequest(message, param=param)


def uri_given(uri: str, *, role: Role, param: str) -> Given:
    """A film of ours by its file's name or link, or whatever a link leads to."""
    ours = _FILE.fullmatch(uri)
    if ours and role is Role.SOURCE:
        return Given(role=role, param=param, job_id=job_id(ours["id"]))
    return url_given(uri, role=role, param=param)


def job_id(name: str) -> str:
    """The id of the film that a file or an operation is called after."""
    return name if name.startswith(ELSEWHERE) else OURS + name


def _bytes_given(kind: str, data: str, *, role: Role, param: str) -> Given:
    return url_given(f"data:{kind};base64,{data}", role=role, param=param)


@contextmanager
def named(params: Mapping[str, str], rest: str) -> Iterator[None]:
    """Let errors name Google's fields, those of every create as parts of *rest*."""
    try:
        yield
    except FilmgateError as error:
        param = error.param
        if param is not None and param not in ("model", "Idempotency-Key"):
            head = re.split(r"[.\[]", param)[0]
            error.param = params.get(param, param if head in _OWN else f"{rest}.{param}")
        raise


_OWN = ("contents", "instances", "parameters", "generationConfig")
_USUAL = {
    Role.FIRST_FRAME: "image/png",
    Role.LAST_FRAME: "image/png",
    Role.SUBJECT: "image/png",
    Role.SOURCE: "video/mp4",
}
