"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload), read strictly."""

import base64
import binascii
import re

from service.kernel.errors import Refusal
from service.photos.arriving import Checksum

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha1", "sha256", "md5")
CONTENT_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 4096

_WHOLE = re.compile(r"[0-9]{1,18}\Z")
_METADATA_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+\Z")  # printable ASCII without space and comma


class OtherTusVersion(Refusal):
    """The client speaks another version of tus, or does not say which."""

    status = 412
    code = "other_tus_version"
    zh = "续传协议版本不符，服务器支持 {supported}"
    en = "Another version of tus; this server speaks {supported}"
    client_action = "upgrade"


class BadUploadHeader(Refusal):
    """A header of tus is missing, is not well-formed, or asks for what is not offered."""

    status = 400
    code = "bad_upload_header"
    zh = "请求头 {header} 缺失或有误"
    en = "The header {header} is missing or wrong"


class NotAnUpload(Refusal):
    """The body is not declared as the bytes of an upload."""

    status = 415
    code = "not_an_upload"
    zh = "内容类型必须是 {expected}"
    en = "The content type must be {expected}"


def demand_version(said: str | None) -> None:
    """Make sure that the client speaks our version.

    Raises:
        OtherTusVersion: it does not.
    """
    if said != VERSION:
        raise OtherTusVersion(supported=VERSION)


def demand_content_type(mimetype: str) -> None:
    """Make sure that the body is the bytes of an upload.

    Raises:
        NotAnUpload: it says that it is something else.
    """
    if mimetype != CONTENT_TYPE:
        raise NotAnUpload(expected=CONTENT_TYPE)


def read_whole(header: str, said: str | None) -> int:
    """The number of bytes that a header states.

    Raises:
        BadUploadHeader: it is missing, negative or no number.
    """
    if said is None or not _WHOLE.match(said):
        raise BadUploadHeader(header=header)
    return int(said)


def read_checksum(said: str | None) -> Checksum | None:
    """What `Upload-Checksum` promises, if anything.

    Raises:
        BadUploadHeader: it is not well-formed, or names an algorithm that is not offered.
    """
    if said is None:
        return None
    algorithm, _, encoded = said.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadUploadHeader(header="Upload-Checksum") from error
    if algorithm not in ALGORITHMS or not digest:
        raise BadUploadHeader(header="Upload-Checksum")
    return Checksum(algorithm, digest)


def read_metadata(said: str | None) -> str | None:
    """`Upload-Metadata` as it was sent: pairs of a key and its value in base64, each key once.

    Raises:
        BadUploadHeader: it is not well-formed or too long.
    """
    if not said:
        return None
    keys = [_metadata_key(pair) for pair in said.split(",")]
    if len(said) > LONGEST_METADATA or len(set(keys)) != len(keys):
        raise BadUploadHeader(header="Upload-Metadata")
    return said


def _metadata_key(pair: str) -> str:
    key, _, value = pair.strip(" ").partition(" ")
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadUploadHeader(header="Upload-Metadata") from error
    if not _METADATA_KEY.match(key):
        raise BadUploadHeader(header="Upload-Metadata")
    return key
