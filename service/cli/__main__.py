"""``python -m service.cli`` is the command ``qianbai``."""

from service.cli import main

main()
