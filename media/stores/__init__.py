"""Where bytes are kept: one protocol, a folder and S3 behind it."""
