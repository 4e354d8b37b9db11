"""Why nothing is taken out."""

from service.kernel.errors import Conflict, Forbidden, NotFound, TooMany


class UnknownExport(NotFound):
    """No such export of this person."""

    code = "unknown_export"
    zh = "没有这个导出任务"
    en = "No such export"


class UnknownExportFile(NotFound):
    """The export has no file of that name."""

    code = "unknown_export_file"
    zh = "该导出任务中没有这个文件"
    en = "The export has no such file"


class ExportNotReady(Conflict):
    """Its files are still being written."""

    code = "export_not_ready"
    zh = "导出尚未完成，请稍后再取"
    en = "The export is not finished yet"
    client_action = "wait"
    retry_after_s = 5


class ExportGone(Conflict):
    """Its files were deleted after their time, or were never made."""

    code = "export_gone"
    zh = "导出文件已过期或未能生成，请重新导出"
    en = "The files have expired or were never made; export again"


class MayNotUnmask(Forbidden):
    """Whole contacts and original photos are headquarters' alone."""

    code = "may_not_unmask"
    zh = "只有双招双引办可以导出完整联系方式和照片原件"
    en = "Only headquarters may take out whole contacts and original photos"


class TooManyExports(TooMany):
    """This person's exports are still waiting."""

    code = "too_many_exports"
    zh = "您已有多个导出任务在排队，请等它们完成"
    en = "Several of your exports are waiting already; let them finish"
