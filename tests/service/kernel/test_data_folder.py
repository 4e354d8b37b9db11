import os

import pytest

from service.kernel.data_folder import DataFolderBusyError, locked, prepare


def test_it_lets_one_process_in_and_names_it_to_the_next(tmp_path):
    with locked(tmp_path), pytest.raises(DataFolderBusyError, match=str(os.getpid())), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_it_closes_photos_to_everybody_else(tmp_path):
    (tmp_path / "var" / "photos").mkdir(parents=True, mode=0o755)
    folder = prepare(tmp_path / "var")
    assert (folder / "photos").stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o066 == 0
