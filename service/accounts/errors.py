"""What the accounts refuse."""

from typing import Any

from service.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooMany


class WrongPassword(NotSignedIn):
    """User name and password do not belong together; it never says which of them is wrong."""

    code = "wrong_password"
    zh = "用户名或密码不正确"
    en = "The user name or the password is wrong"


class WrongPin(NotSignedIn):
    """The enrolment PIN is unknown, used or too old."""

    code = "wrong_pin"
    zh = "登记码不正确或已失效，请向管理员重新索取"
    en = "The PIN is wrong or no longer valid; ask for a new one"


class OneTimePasswordTooOld(NotSignedIn):
    """The password that an administrator handed out was not used in time."""

    code = "one_time_password_too_old"
    zh = "临时密码已过期，请联系管理员重新设置"
    en = "The one-time password is too old; ask an administrator for a new one"


class CutOff(NotSignedIn):
    """The device was revoked or given away, or the account closed; what the phone holds may still be handed in."""

    code = "cut_off"
    zh = "该设备或账号已停用；手机上尚未发送的记录不会丢失，可继续交存"
    en = "This device or account is cut off; unsent records are not lost and can still be handed in"


class TooManyFailures(TooMany):
    """Too many wrong passwords or PINs for this account or from this address."""

    code = "too_many_failures"
    zh = "尝试次数过多，请在 {minutes} 分钟后再试"
    en = "Too many failed attempts; try again in {minutes} minutes"

    def __init__(self, *, wait_s: int, **details: Any) -> None:
        """Say how long to wait, rounded up to whole minutes for the person."""
        super().__init__(minutes=-(-wait_s // 60), **details)
        self.retry_after_s = wait_s  # type: ignore[misc] # how long is known only now


class DeviceRevoked(Forbidden):
    """The device was reported lost; it has to be enrolled anew."""

    code = "device_revoked"
    zh = "此设备已停用，请向管理员索取登记码重新登记"
    en = "This device is revoked; enrol it again with a PIN"


class PasswordChangeDue(Forbidden):
    """Signed in with a one-time password: nothing else is open until it is changed."""

    code = "password_change_due"
    zh = "请先修改临时密码"
    en = "Change the one-time password first"


class WrongOldPassword(Forbidden):
    """The old password is not the person's; they stay signed in."""

    code = "wrong_old_password"
    zh = "原密码不正确"
    en = "The old password is wrong"


class WeakPassword(Invalid):
    """The new password is too short, too common or made of the person's own name."""

    code = "weak_password"
    zh = "密码强度不足"
    en = "The password is too easy to guess"


class UnknownUnit(NotFound):
    """There is no such unit in this person's scope."""

    code = "unknown_unit"
    zh = "没有找到该单位"
    en = "There is no such unit"


class UnknownPerson(NotFound):
    """There is no such person in this person's scope."""

    code = "unknown_person"
    zh = "没有找到该人员"
    en = "There is no such person"


class UnknownDevice(NotFound):
    """There is no such device in this person's scope."""

    code = "unknown_device"
    zh = "没有找到该设备"
    en = "There is no such device"


class UsernameTaken(Conflict):
    """Somebody has this user name already."""

    code = "username_taken"
    zh = "用户名“{username}”已被使用"
    en = "The user name {username} is taken"


class UnitNameTaken(Conflict):
    """The same parent has a unit of this name already."""

    code = "unit_name_taken"
    zh = "同一上级下已有单位“{name}”"
    en = "The same parent already has a unit named {name}"


class RootExists(Conflict):
    """There is one root; every other unit has a parent."""

    code = "root_exists"
    zh = "已有最上级单位，新单位必须指定上级"
    en = "There is a root already; a new unit needs a parent"


class PersonClosed(Conflict):
    """The account is closed; reopen it first."""

    code = "person_closed"
    zh = "该账号已停用"
    en = "The account is closed"


class PostingBeforeTheLast(Conflict):
    """A move cannot start on or before the day the present posting began."""

    code = "posting_before_the_last"
    zh = "调动日期必须晚于现任职起始日（{from_on}）"
    en = "The move must start after the present posting began ({from_on})"


class MayNotAdminister(Forbidden):
    """Only administrators grant, or touch holders of, the roles that administer."""

    code = "may_not_administer"
    zh = "只有系统管理员可以管理总部和管理员账号"
    en = "Only administrators manage accounts of headquarters and administrators"


class NotOneself(Conflict):
    """Nobody closes their own account or takes away their own administration."""

    code = "not_oneself"
    zh = "不能对自己的账号执行此操作"
    en = "You cannot do this to your own account"
