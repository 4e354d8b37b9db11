"""A self-made certificate for 127.0.0.1 and a pipe that puts TLS in front of a plain server."""

import contextlib
import datetime as dt
import ipaddress
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1, its own authority, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextlib.contextmanager
def tls_pipe(context: ssl.SSLContext, target_port: int) -> Iterator[int]:
    """Listens on a port of its own, ends TLS there, and passes bytes both ways to the target."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []
        stop = threading.Event()
        accepting = threading.Thread(target=_accept, args=(listener, context, target_port, threads, stop))
        accepting.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def _accept(
    listener: socket.socket,
    context: ssl.SSLContext,
    target_port: int,
    threads: list[threading.Thread],
    stop: threading.Event,
) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        thread = threading.Thread(target=_serve, args=(plain, context, target_port, stop))
        thread.start()
        threads.append(thread)


def _serve(plain: socket.socket, context: ssl.SSLContext, target_port: int, stop: threading.Event) -> None:
    with contextlib.suppress(OSError), plain:
        plain.settimeout(10)
        with (
            context.wrap_socket(plain, server_side=True) as near,
            socket.create_connection(("127.0.0.1", target_port), timeout=10) as far,
        ):
            _pump(near, far, stop)


def _pump(near: ssl.SSLSocket, far: socket.socket, stop: threading.Event) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(near, selectors.EVENT_READ, far)
        selector.register(far, selectors.EVENT_READ, near)
        while not stop.is_set():
            for key, _ in selector.select(timeout=0.1):
                if not _pass_on(key.fileobj, key.data):
                    return


def _pass_on(source: socket.socket, sink: socket.socket) -> bool:
    chunk = source.recv(65536)
    sink.sendall(chunk)
    # What TLS has decrypted already lies outside the selector's sight.
    while isinstance(source, ssl.SSLSocket) and source.pending():
        sink.sendall(source.recv(65536))
    return bool(chunk)
