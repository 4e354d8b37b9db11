"""What this room refuses."""

from service.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, TooLarge, TooMany

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


class NoVideo(Conflict):
    """The photo is a picture, or its bytes are no video whatever they were announced as."""

    code = "no_video"
    zh = "这不是视频，没有可下载的文件"
    en = "This is no video; there is nothing to download"


class NotInParts(Conflict):
    """The photo is not being sent in parts."""

    code = "not_in_parts"
    zh = "该文件不是分片上传，请重新登记以取得上传方式"
    en = "This file is not being sent in parts; announce it again for a way to send it"
    client_action = "retry"


class UnknownUpload(NotFound):
    """Nobody has opened an upload at this address."""

    code = "unknown_upload"
    zh = "没有找到该上传任务"
    en = "There is no such upload"
    client_action = "retry"


class UploadGone(Refusal):
    """The upload was given up by its sender, or has expired."""

    status = 410
    code = "upload_gone"
    zh = "该上传任务已取消或过期，请重新开始上传"
    en = "The upload was given up or has expired; begin it again"
    client_action = "retry"


class OffsetDiffers(Conflict):
    """The bytes do not begin where the upload stands; nothing of them was kept."""

    code = "offset_differs"
    zh = "续传位置不符，当前已收到 {offset} 字节"
    en = "The upload stands at byte {offset}; ask for the offset and go on from there"
    client_action = "retry"

    def __init__(self, *, offset: int) -> None:
        """Tell where the upload stands."""
        super().__init__(offset=offset, extra={"upload_offset": offset})


class BeyondTheLength(Refusal):
    """More bytes were sent than the file was announced to have."""

    status = 413
    code = "beyond_the_length"
    zh = "发送的字节超过登记的文件长度"
    en = "More bytes than the file was announced to have"


class ChecksumDiffers(Refusal):
    """The bytes of this request are not those its checksum stands for; none of them was kept."""

    status = 460
    code = "checksum_differs"
    zh = "本次发送的内容与校验值不符，未保存，请重发"
    en = "The bytes do not match their checksum and were not kept; send them again"
    client_action = "retry"


class TooMuchUnfinished(TooMany):
    """The person's unfinished uploads leave no room for another."""

    code = "too_much_unfinished"
    zh = "未传完的文件过多（合计上限 {size}），请先传完或取消已开始的上传"
    en = "Too many unfinished uploads (at most {size} together); finish or cancel those that have begun"
    retry_after_s = 600
