"""A backup folder holds the whole of an installation, checks itself, and puts it back onto an empty place.

::

    DIR/
      lock                                    one backup at a time; those who read share it
      objects/ab/cd/abcd…                     each photo's bytes once, named by their SHA-256, whatever backup needs them
      backups/20261122T032511Z/               one backup; it exists when its folder has this name
        database.dump                         pg_dump, custom format, of one snapshot
        photos.jsonl                          `{key, sha256, size, type}` of every photo the dump calls received
        lost.jsonl                            those whose bytes were not to be had, and why
        secret                                the installation's secret, unless the operator keeps it (QIANBAI_SECRET)
        manifest.json                         written last: size and SHA-256 of each file above, and its own
      unfinished/                             a backup in the making; cleared away by the next one

The order of a backup: snapshot → facts and list of photos → dump → photos → manifest → rename. A photo is received
before the snapshot sees it, so its bytes are in the store; one that is swept meanwhile is told apart from one that is
missing. The order of a restore: check everything → photos → tables → one last transaction.
"""
