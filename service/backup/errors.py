"""Why a backup or a restore is not done; each reason says in both languages what a person can do."""


class BackupRefusal(Exception):
    """Nothing was finished, and nothing that was there before is changed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class NoSuchBackup(BackupRefusal):
    """There is no backup of that name, or none at all."""


class DamagedBackup(BackupRefusal):
    """The backup is not, byte for byte, what its manifest says."""


class NotEmpty(BackupRefusal):
    """The place to restore to is in use."""


class NoRoom(BackupRefusal):
    """The disk would be full before the work is done."""


class WrongVersion(BackupRefusal):
    """A program, a server or a backup is of a version that cannot be worked with."""


class ProgramFailed(BackupRefusal):
    """A program of PostgreSQL ended with an error; the message carries what it said."""
