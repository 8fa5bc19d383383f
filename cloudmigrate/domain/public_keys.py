"""Public keys of people: Ed25519 (RFC 8032), written as ``ed25519:`` and 44 characters of base64, in one way only."""

import base64
import binascii
import hashlib

PREFIX = "ed25519:"
_PRIME = 2**255 - 19
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
_Point = tuple[int, int]


class PublicKeyError(ValueError):
    """The text is no public key that may prove anything."""


def key_bytes(text: str) -> bytes:
    """The 32 bytes of the key that *text* writes. Raises PublicKeyError for what is no key, or one for which anybody could sign."""
    if not text.startswith(PREFIX):
        raise PublicKeyError(f"a public key begins with {PREFIX}")
    written = text.removeprefix(PREFIX)
    try:
        found = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise PublicKeyError("what follows ed25519: is no base64") from None
    if len(found) != 32:
        raise PublicKeyError(f"an Ed25519 key has 32 bytes, not {len(found)}")
    if base64.b64encode(found).decode("ascii") != written:
        raise PublicKeyError("this key is spelled in a second way")  # two spellings would be two keys to who compares texts
    _check_point(found)
    return found


def key_text(raw: bytes) -> str:
    """The 32 bytes of a key as the estate file writes them."""
    return PREFIX + base64.b64encode(raw).decode("ascii")


def fingerprint(text: str) -> str:
    """A short name of a key, for people to compare: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(key_bytes(text)).hexdigest()[:16]


def is_signed(key: str, message: bytes, signature: str) -> bool:
    """Whether *signature* (base64) was made over *message* with the private key that belongs to *key*."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.b64decode(signature, validate=True)
        # Two spellings of one signature would be two answers to who compares texts.
        if base64.b64encode(raw).decode("ascii") != signature:
            return False
        Ed25519PublicKey.from_public_bytes(key_bytes(key)).verify(raw, message)
    except (InvalidSignature, ValueError):  # PublicKeyError and what is no base64 are ValueErrors
        return False
    return True


def _check_point(raw: bytes) -> None:
    """Nothing, if the bytes are a point of the curve, written canonically, that is of no small order.

    For a key of small order anybody can make signatures that hold for many messages.
    """
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _PRIME:
        raise PublicKeyError("this is no Ed25519 key: its number is too large")
    x = _x_of(y)
    if x is None or (x == 0 and sign):
        raise PublicKeyError("this is no Ed25519 key: it is no point of the curve")
    point = (x, y)
    for _ in range(3):
        point = _doubled(point)
    if point == (0, 1):
        raise PublicKeyError("this key proves nothing: anybody can sign for it")


def _x_of(y: int) -> int | None:
    """One of the two x that belong to *y* (RFC 8032, 5.1.3); None if there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _PRIME) % _PRIME
    x = pow(square, (_PRIME + 3) // 8, _PRIME)
    if (x * x - square) % _PRIME:
        x = x * pow(2, (_PRIME - 1) // 4, _PRIME) % _PRIME
    return None if (x * x - square) % _PRIME else x


def _doubled(point: _Point) -> _Point:
    x, y = point
    mixed = _D * x * x * y * y % _PRIME
    return (
        2 * x * y * pow(1 + mixed, -1, _PRIME) % _PRIME,
        (y * y + x * x) * pow(1 - mixed, -1, _PRIME) % _PRIME,
    )
