"""Private keys of the person at this machine: made, kept in files that only they may read, and used to sign. Never shown."""

import base64
import getpass
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cloudmigrate.domain.approvals import Signer
from cloudmigrate.domain.public_keys import key_text
from cloudmigrate.errors import CloudMigrateError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SUFFIX = ".pem"


class KeyFileError(CloudMigrateError):
    """A private key cannot be kept or used as it lies there."""

    def __init__(self, path: Path, reason: str, next_action: str) -> None:
        self.path = path
        super().__init__(f"key file {path}: {reason}. Next: {next_action}")


def key_path(folder: Path, name: str) -> Path:
    """Where the private key of that person is kept."""
    return folder / f"{name}{SUFFIX}"


def make_key(folder: Path, name: str, passphrase: bytes | None) -> str:
    """The public key of a new pair, whose private one is now in *folder*, readable by its owner alone. Raises KeyFileError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

    path = key_path(folder, name)
    private = Ed25519PrivateKey.generate()
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made with these rights, and only if nothing is there: no moment when others could read it, no key lost.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        next_action = "to replace it, rename it first; put the new public key under `key` and the old one under `former_keys`."
        raise KeyFileError(path, "there is one already", next_action) from None
    except OSError as error:
        raise KeyFileError(path, f"it cannot be written: {error.strerror}", "set CLOUDMIGRATE_KEYS to a folder of your own.") from None
    return key_text(private.public_key().public_bytes_raw())


def new_passphrase() -> bytes | None:
    """The passphrase that the person chose for a new key; None for none, and where nobody can be asked."""
    if not sys.stdin.isatty():
        return None
    first = getpass.getpass("Passphrase for the new key (empty for none): ")
    if first and getpass.getpass("The same passphrase again: ") != first:
        raise UsageError("the two passphrases differ. Next: run the command again.")
    return first.encode() or None


class PrivateKey:
    """A private key that can sign, and is never told: not by repr, not by an error, not by pickling."""

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"PrivateKey({self.public})"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")

    @property
    def public(self) -> str:
        """The public key that belongs to it, as the estate file writes it."""
        return key_text(self._key.public_key().public_bytes_raw())

    @property
    def sign(self) -> Signer:
        """message -> signature in base64."""
        return lambda message: base64.b64encode(self._key.sign(message)).decode("ascii")


def open_key(folder: Path, name: str) -> PrivateKey:
    """The private key of that person; asks for its passphrase if it has one. Raises KeyFileError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = key_path(folder, name)
    data = _read_private(path, name)
    passphrase = None
    if b"ENCRYPTED" in data.split(b"\n", 1)[0]:
        passphrase = getpass.getpass(f"Passphrase of {path.name}: ").encode()
    try:
        # What the library says of it is not repeated: it is about the inside of a secret.
        key = load_pem_private_key(data, passphrase)
    except (ValueError, TypeError):
        reason = "the passphrase is not the one" if passphrase is not None else "it holds no private key"
        raise KeyFileError(path, reason, "try again, or make a new key with `cloudmigrate people add`.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(path, "it holds a key of another kind", "make one with `cloudmigrate people add`.")
    return PrivateKey(key)


def _read_private(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077 and os.name == "posix":
                raise KeyFileError(path, "others may read it", f"chmod 600 {path}; if others did read it, make a new key.")
            return file.read(65_536)
    except FileNotFoundError:
        next_action = f"make one with `cloudmigrate people add {name}`, or set CLOUDMIGRATE_KEYS to where it is."
        raise KeyFileError(path, f"there is no private key of {name}", next_action) from None
    except OSError as error:
        raise KeyFileError(path, f"it cannot be read: {error.strerror}", "set CLOUDMIGRATE_KEYS to a folder of your own.") from None


def refuse_shared_folder(folder: Path, estate_file: Path, lake: str | None) -> None:
    """Nothing, if keys in *folder* are in neither the estate's repository nor its lake. Raises UsageError."""
    shared = {"the repository of the estate file": _repository(estate_file.absolute())}
    if lake is not None and "://" not in lake:
        shared["the lake"] = Path(lake)
    for what, place in shared.items():
        if place is not None and folder.absolute().resolve().is_relative_to(place.resolve()):
            raise UsageError(f"{folder} lies in {what}, which others read. Next: set CLOUDMIGRATE_KEYS to a folder of your own.")


def _repository(path: Path) -> Path | None:
    return next((one for one in path.parents if (one / ".git").exists()), None)
