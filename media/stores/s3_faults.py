"""What goes wrong between us and an S3 server, in this package's words."""

import contextlib
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from media.errors import MediaRefusal, NoSpace, NotFound, StoreUnavailable, WrongHash

_ABSENT = {"404", "NoSuchKey", "NoSuchUpload", "NotFound"}
_FULL = {"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"}
_OTHER_BODY = {"BadDigest", "InvalidDigest"}
_PAST_THE_END = {"416", "InvalidRange"}


class BeyondTheEndError(MediaRefusal):
    """A range starts at or behind the end of the object."""


@contextlib.contextmanager
def translated(key: str) -> Iterator[None]:
    """Raises what the block meets as a `MediaRefusal`."""
    try:
        yield
    except ClientError as fault:
        raise refusal(fault, key) from fault
    except (BotoCoreError, HTTPClientError, OSError) as fault:
        raise StoreUnavailable("the store cannot be reached", fault=type(fault).__name__, key=key) from fault


def refusal(fault: ClientError, key: str) -> MediaRefusal:
    """The refusal that an answer of the server stands for."""
    code = str(fault.response.get("Error", {}).get("Code", ""))
    if code in _ABSENT:
        return NotFound("no object has this key", key=key)
    if code in _PAST_THE_END:
        return BeyondTheEndError("the range is beyond the end", key=key)
    if code in _FULL:
        return NoSpace("the store is full", key=key, answer=code)
    if code in _OTHER_BODY:
        return WrongHash("the store received another body than was sent", key=key, answer=code)
    return StoreUnavailable("the store refused", key=key, answer=code)
