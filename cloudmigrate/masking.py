"""Text and nested values without the secrets that they may hold: for logs, error messages and whatever else is kept.

A secret is known by its own shape (an access key id, a JWT, a private key block, a password in a url), or by the name that it
goes under (``password=...``, ``"SecretAccessKey": ...``). Masking may take a word too many; it must not leave a secret.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date, time, timedelta
from typing import Any

MASK = "***"
LONGEST = 32_768  # characters of one text that are kept; more is no log line, and the patterns take time
DEEPEST = 32

# Names under which nothing but a secret goes, and names that are words of ordinary sentences and counts too.
_STRONG = (
    r"pass[-_ ]?word|passwd|pwd|pass[-_ ]?phrase|pass[-_ ]?code|secret[-_ ]?(?:access[-_ ]?)?key|client[-_ ]?secret|secret[-_ ]?string"
    r"|secret[-_ ]?binary|(?:session|security|access|auth|bearer|refresh|id|identity|api)[-_ ]?token"
    r"|(?:api|private|signing|account|encryption|shared|access)[-_ ]?key|x-amz-credential|signature"
)
_WEAK = r"secret|token|cookie|credentials?|(?<![a-z])(?:sig|pass|pw|auth)"
# Tokens that are no secrets, and AWS's own error codes ("ExpiredToken: ...").
_NOT_AFTER = (
    "".join(f"(?<!{word})(?<!{word}[-_ ])" for word in ("next", "page", "pagination", "continuation", "client", "request"))
    + "(?<!expired)(?<!invalid)"
)
_QUOTED = r"""(?:[bru]{0,2}(?P<q>\\*["']).*?(?:(?<!\\)(?P=q)|\Z))"""

_PRIVATE_KEY = re.compile(r"-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY.*?(?:-----END[A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL)
_JWT_WORD = re.compile(r"[\w.-]+")
_ACCESS_KEY_ID = re.compile(r"((?:AKIA|ASIA|ABIA|ACCA))[A-Z0-9]{16,}")
_FOREIGN_TOKEN = re.compile(r"(?:gh[pousr]_|github_pat_|xox[abeoprs]-|glpat-|sk_live_)[\w-]{10,}")
_AUTH_SCHEME = re.compile(r"\b(Bearer|Basic|Negotiate|Digest)\s+[\w+/=.~-]{8,}", re.IGNORECASE)
_SIGV4 = re.compile(r"AWS4-(?:HMAC|ECDSA)[\w-]*\s+Credential=[^\r\n\"']*")
_WORD = re.compile(r"\S+")
_URL_USER = re.compile(r"://[^\s:/@]*+:(?!\d{1,5}(?:[/?#,;\"')]|\Z))")  # up to a colon that no port number follows
_HEADER = re.compile(
    rf"""((?:authorization|cookie|x-amz-security-token)\b\\*["']?\s*[:=,]\s*)(?:{_QUOTED}|[^\r\n]+)""", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(rf"(<(?:[\w.-]+:)?[\w.-]{{0,40}}?(?:{_STRONG})(?:\s[^<>]*)?>)[^<]+", re.IGNORECASE)
_STRONG_PAIR = re.compile(
    rf"""((?:{_STRONG})(?:\\*["'\])]+\s*(?:=>|[:=,])|\s*(?:=>|[:=]))\s*)(?:{_QUOTED}|\S+)""", re.IGNORECASE | re.DOTALL
)
_WEAK_PAIR = re.compile(
    rf"""({_NOT_AFTER}(?:{_WEAK})(?:\\*["'\])]+\s*(?:=>|[:=])\s*|\s*=\s*|:\s*(?=[bru]?["'])))(?:{_QUOTED}|\S+)""", re.IGNORECASE | re.DOTALL
)
_HARMLESS = re.compile(r"""\\*["']?(?:\d{1,9}|true|false|none|null|arn:aws[\w:/+=,.@*-]*)\\*["']?[,;)}\]]*""", re.IGNORECASE)
_BASE64_40 = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")

_STRONG_NAME = re.compile(rf"-{{0,2}}[\w. -]{{0,60}}?(?:{_STRONG}|authorization)", re.IGNORECASE)
_WEAK_NAME = re.compile(rf"(?:.{{0,60}}[^a-z])?(?:[\w. -]{{0,60}}?){_NOT_AFTER}(?:{_WEAK})", re.IGNORECASE | re.DOTALL)


def masked_text(text: str) -> str:
    """*text* with every secret replaced by ***, and cut if it is very long."""
    cut = len(text) > LONGEST
    if cut:
        # Half a secret has lost its shape: cut at a space, so that no half is left.
        head = text[:LONGEST]
        text = head[: max(head.rfind(" "), head.rfind("\n"), 0)]
    for pattern, replacement in _SHAPES:
        text = pattern.sub(replacement, text)
    return f"{text}... (cut)" if cut else text


# Words are found first and looked into by hand: as one pattern these two would try each start against the whole rest.
def _url_password(found: re.Match[str]) -> str:
    """The word; if it has a url with a password, without all between that url's user and the word's last @."""
    word = found.group(0)
    end = word.rfind("@")
    start = _URL_USER.search(word) if end > 0 and "://" in word else None
    return f"{word[: start.end()]}{MASK}{word[end:]}" if start and start.end() <= end else word


def _jwt(found: re.Match[str]) -> str:
    """The word, up to where a JSON web token begins in it."""
    word = found.group(0)
    start = word.find("eyJ")
    return word[:start] + MASK if start >= 0 and "." in word[start:] else word


def _weak_pair(found: re.Match[str]) -> str:
    value = found.group(0)[len(found.group(1)) :]
    return found.group(0) if _HARMLESS.fullmatch(value) else found.group(1) + MASK


def _random_40(found: re.Match[str]) -> str:
    """The match, masked if it looks random as an AWS secret key does: many capitals, and kinds of characters that keep changing."""
    text = found.group(0)
    kinds = ["U" if c.isupper() else "l" if c.islower() else "d" if c.isdigit() else "s" for c in text]
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    return MASK if kinds.count("U") >= 5 and changes >= 14 else text


_SHAPES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_PRIVATE_KEY, MASK),
    (_SIGV4, MASK),
    (_HEADER, rf"\1{MASK}"),
    (_XML, rf"\1{MASK}"),
    (_STRONG_PAIR, rf"\1{MASK}"),
    (_WORD, _url_password),
    (_AUTH_SCHEME, rf"\1 {MASK}"),
    (_JWT_WORD, _jwt),
    (_FOREIGN_TOKEN, MASK),
    (_ACCESS_KEY_ID, rf"\1{MASK}"),
    (_WEAK_PAIR, _weak_pair),
    (_BASE64_40, _random_40),
)


def masked(value: Any) -> Any:
    """*value* in its own nesting, with every secret replaced by ***; whatever is no plain value becomes its masked text."""
    return _masked(value, ())


def _masked(value: Any, above: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, bool | int | float | date | time | timedelta):
        return value
    if not isinstance(value, Mapping | Sequence | Set) or isinstance(value, str | bytes | bytearray):
        return masked_text(_text(value))
    if id(value) in above or len(above) > DEEPEST:
        return "..."
    inside = (*above, id(value))
    if isinstance(value, Mapping):
        return _mapping(value, inside)
    return _sequence(value if isinstance(value, Sequence) else sorted(value, key=repr), inside)


def _text(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value) if isinstance(value, str | BaseException) else repr(value)


def _mapping(value: Mapping[Any, Any], inside: tuple[int, ...]) -> dict[str, Any]:
    # {"Key": "password", "Value": "..."}: what AWS calls a tag, an environment variable or a parameter.
    named = next((value[key] for key in ("Key", "key", "Name", "name", "ParameterName") if isinstance(value.get(key), str)), "")
    hides = bool(_STRONG_NAME.fullmatch(named) or _WEAK_NAME.fullmatch(named))
    result: dict[str, Any] = {}
    for key, one in value.items():
        hidden = _is_secret(key, one) or (hides and str(key).lower() in ("value", "values", "parametervalue", "default"))
        result[masked_text(str(key))] = MASK if hidden else _masked(one, inside)
    return result


def _is_secret(key: Any, value: Any) -> bool:
    """Whether what stands under *key* is a secret; counts and flags stand under names like "tokens used" and types like ...::Secret."""
    text = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
    if value is None or isinstance(value, bool) or value == "":
        return False
    if _STRONG_NAME.fullmatch(text):
        return True
    return not isinstance(value, int | float | Mapping) and bool(_WEAK_NAME.fullmatch(text)) and not str(value).startswith("arn:aws")


def _sequence(value: Sequence[Any], inside: tuple[int, ...]) -> list[Any]:
    # ("password", "...") and ["--password", "..."]: the one after a name is its value.
    result: list[Any] = []
    after_name = False
    for one in value:
        result.append(MASK if after_name and one is not None else _masked(one, inside))
        after_name = isinstance(one, str) and not after_name and bool(_STRONG_NAME.fullmatch(one))
    return result
