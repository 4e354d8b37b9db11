"""Resumable uploads: what tus 1.0.0 demands of a server, demand by demand."""
