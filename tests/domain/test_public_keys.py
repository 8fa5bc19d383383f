"""Public keys: what is one, and that signatures of another library's test vectors hold."""

import base64

import pytest

from cloudmigrate.domain.public_keys import PublicKeyError, fingerprint, is_signed, key_bytes, key_text
from tests.signers import public_key

# RFC 8032, section 7.1, TEST 2.
KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_a_vector_of_the_rfc_holds() -> None:
    key, signature = key_text(KEY), base64.b64encode(SIGNATURE).decode()
    assert key_bytes(key) == KEY
    assert is_signed(key, b"\x72", signature)
    assert not is_signed(key, b"\x73", signature)
    assert not is_signed(key_text(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")), b"\x72", signature)
    assert not is_signed(key, b"\x72", signature + " ")
    assert not is_signed(key, b"\x72", "")


def test_a_fingerprint_is_the_start_of_sha256() -> None:
    # printf '3d40...' | xxd -r -p | sha256sum
    assert fingerprint(key_text(KEY)) == "39f713d0a644253f"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("ssh-ed25519 AAAA", "begins with ed25519:", id="other-form"),
        pytest.param("ed25519:!!", "is no base64", id="no-base64"),
        pytest.param("ed25519:" + base64.b64encode(KEY[:31]).decode(), "has 32 bytes, not 31", id="short"),
        pytest.param(key_text(KEY)[:-2] + "N=", "spelled in a second way", id="second-spelling"),
        pytest.param(key_text(b"\x02" + bytes(31)), "no point of the curve", id="off-the-curve"),
        pytest.param(key_text(b"\xff" * 32), "number is too large", id="not-canonical"),
        pytest.param(key_text(b"\x01" + bytes(30) + b"\x80"), "no point of the curve", id="minus-zero"),
        # The points of small order: anybody can sign for them.
        pytest.param(key_text(b"\x01" + bytes(31)), "proves nothing", id="order-1"),
        pytest.param(key_text(b"\xec" + b"\xff" * 30 + b"\x7f"), "proves nothing", id="order-2"),
        pytest.param(key_text(bytes(32)), "proves nothing", id="order-4"),
        pytest.param(
            key_text(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")), "proves nothing", id="order-8"
        ),
    ],
)
def test_what_is_no_key_is_told(text: str, why: str) -> None:
    with pytest.raises(PublicKeyError, match=why):
        key_bytes(text)
    assert not is_signed(text, b"", "")


@pytest.mark.parametrize("name", ["ana", "ben", "carol", "dora"])
def test_every_key_that_was_made_is_one(name: str) -> None:
    assert key_text(key_bytes(public_key(name))) == public_key(name)
