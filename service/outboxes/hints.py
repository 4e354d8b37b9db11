"""What to tell a person whose phone holds unsent work, in words for the telephone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

SILENT_AFTER = timedelta(hours=24)
"""A phone that held something and has not spoken for a day may be broken, empty, or out of the country's coverage."""
LOW_DISK_BYTES = 500 * 1024 * 1024
"""Below it phones begin to refuse pictures and to stop apps in the background."""


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """What is known of a phone; None where it did not say."""

    has_pending: bool
    reported_at: datetime
    app_version: str | None = None
    app_is_too_old: bool = False
    background_restricted: bool | None = None
    battery_restricted: bool | None = None
    free_disk_bytes: int | None = None
    is_cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that may be in the way, and what to do about it."""

    code: str
    zh: str
    en: str


def is_silent(phone: PhoneFacts, moment: datetime) -> bool:
    """Whether the phone held something when it last spoke, and that is long ago."""
    return phone.has_pending and moment - phone.reported_at > SILENT_AFTER


def hints_for(phone: PhoneFacts, moment: datetime) -> Iterator[Hint]:
    """What may be in the way of this phone's outbox, the gravest first."""
    if phone.is_cut_off:
        yield Hint(
            "cut_off",
            "该手机已停用，其中的记录可由原手机交存，或在新手机上导入后提交",
            "This phone is cut off: it can still hand its records in, or they are sent from a new phone",
        )
    if phone.app_is_too_old:
        yield Hint(
            "app_too_old",
            f"应用版本 {phone.app_version} 过低，请升级后再同步，记录不会丢失",
            f"The app {phone.app_version} is too old: upgrade it, nothing is lost by that",
        )
    if is_silent(phone, moment):
        yield Hint(
            "silent",
            "手机上还有未发送的内容，且超过一天没有联系，请电话了解是否需要帮助",
            "It held unsent work and has not spoken for more than a day: ask whether help is needed",
        )
    if phone.free_disk_bytes is not None and phone.free_disk_bytes < LOW_DISK_BYTES:
        yield Hint(
            "disk_low",
            f"手机剩余空间仅 {phone.free_disk_bytes // 1024 // 1024} MB，请清理后再拍照",
            f"Only {phone.free_disk_bytes // 1024 // 1024} MB are free on the phone: make room before taking photos",
        )
    if phone.background_restricted:
        yield Hint(
            "background_restricted",
            "系统限制应用在后台运行，请在手机设置中允许，或在有网络时打开应用停留片刻",
            "The phone stops the app in the background: allow it in the settings, or keep the app open while online",
        )
    if phone.battery_restricted:
        yield Hint(
            "battery_restricted",
            "应用受省电策略限制，请在电池设置中改为不限制",
            "The app is held back by battery saving: set it to unrestricted",
        )
