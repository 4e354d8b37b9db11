"""Virtual environments of their own for test servers whose dependencies must not meet the product's."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def environment_folder(variable: str, name: str) -> Path:
    """Where a test server is installed: what the variable says, else a folder at the root of the checkout."""
    return Path(os.environ.get(variable) or ROOT / name)


def install(folder: Path, *requirements: str) -> None:
    """Makes the environment if need be and installs the pinned requirements."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
