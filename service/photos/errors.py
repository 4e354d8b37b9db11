"""What this room refuses."""

from service.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge

_DIFFERENCES = {"wrong_length": ("长度不符", "another length"), "wrong_hash": ("内容不符", "other content")}


class UnknownPhoto(NotFound):
    """No photo of this person has this id."""

    code = "unknown_photo"
    zh = "没有找到该照片"
    en = "There is no such photo"


class PhotoIdTaken(Conflict):
    """The id belongs to somebody else's photo."""

    code = "id_taken"
    zh = "该编号已被占用，请换一个编号"
    en = "This id is taken; choose another"


class OtherPhotoAnnounced(Conflict):
    """The id was announced with other bytes before."""

    code = "other_photo_announced"
    zh = "该编号已登记过另一张照片"
    en = "Another photo was announced under this id"


class NotUploaded(Conflict):
    """The store holds no bytes for this photo yet."""

    code = "not_uploaded"
    zh = "照片尚未上传"
    en = "The photo has not been uploaded"
    client_action = "retry"


class BytesDiffer(Invalid):
    """What was uploaded is not what was announced."""

    code = "bytes_differ"
    zh = "上传的内容与登记的不一致（{what_zh}），请重新上传"
    en = "The bytes differ from what was announced ({what_en}); upload them again"
    client_action = "retry"

    def __init__(self, *, what: str) -> None:
        """Say what differs in words; `what` is a code of `media.intake`."""
        what_zh, what_en = _DIFFERENCES.get(what, _DIFFERENCES["wrong_hash"])
        super().__init__(what=what, what_zh=what_zh, what_en=what_en)


class PhotoTooLarge(TooLarge):
    """The announced size is over the limit."""

    code = "photo_too_large"
    zh = "照片过大，上限为 {size}"
    en = "The photo is too large; at most {size} are taken"


class BadGrant(Forbidden):
    """The upload address is not one of ours, or its time is over."""

    code = "grant_invalid"
    zh = "上传地址无效或已过期，请重新登记照片"
    en = "The upload address is not valid any more; announce the photo again"
    client_action = "retry"


class RenditionNotReady(NotFound):
    """The photo has not been developed yet."""

    code = "not_ready"
    zh = "照片正在处理，请稍后再取"
    en = "The photo is being developed; ask again later"
    client_action = "wait"
    retry_after_s = 5


class NoRendition(NotFound):
    """The photo was developed and has no such rendition."""

    code = "no_rendition"
    zh = "该照片没有此版本"
    en = "The photo has no such rendition"
