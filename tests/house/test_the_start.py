"""What a web worker may know before gevent has made the standard library cooperate."""

import subprocess
import sys

EARLY = (
    "import sys, service.wsgi; print(*sorted(set(sys.modules) & {'flask', 'psycopg', 'sqlalchemy', 'boto3'}))"
)


def test_the_server_meets_no_database_before_it_cooperates():
    """A worker patches sockets, locks and selectors when it begins; what was imported before keeps the blocking ones.

    A constant for cookies once came from a module that knew the accounts: psycopg was there before the patch, each
    query stood in the way of every other request of its process, and a frozen database froze the whole house.
    """
    told = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, check=True, text=True)
    assert told.stdout.split() == []
