"""The endpoints that a text mentions: hosts, addresses, ARNs, urls; never what stands beside them.

A text here is a variable's value, a connection string or a start script, and may hold secrets anywhere. So the rule is the
other way round: only what is surely an address is taken, and of a url only scheme, host and port. What might be a piece of
a password (a dotted word without context, the part before an @) is left out, at the price of missing an odd endpoint.
"""

import ipaddress
import re
from collections.abc import Iterator

MAX_MENTIONS = 200
ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:[A-Za-z0-9_./:+=@*-]++(?![${<])")  # no half ones
AWS_HOST = re.compile(r"(?<![\w.-])(?:[A-Za-z0-9_-]+\.)+(?:amazonaws\.com(?:\.cn)?|on\.aws)(?![\w-]|\.\w)")
URL = re.compile(r"(?<![A-Za-z0-9+.-])((?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*)://([^\s\"'`<>]+)")
NEXT_URL = re.compile(r"[,;|](?=(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*://)")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?")
PORT = re.compile(r"\d{1,5}")
ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
BETWEEN_TOKENS = re.compile(r"[\s\"'`<>|;,&()\[\]{}]+")
PRIVATE_SUFFIXES = (".internal", ".local", ".corp", ".lan", ".intra", ".intranet", ".private", ".home.arpa")
QUEUE_PATH = re.compile(r"/(\d{12})/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)(?=[/?#]|$)")
BUCKET_PATH = re.compile(r"/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?=[/?#]|$)")
S3_PATH_STYLE_HOST = re.compile(r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
SECRET_NAME = re.compile(r"^-{0,2}p$|pass|pwd|secret|token|key|cred|auth|private|salt|sign|cert|cookie|session|hash", re.IGNORECASE)
HOST_NAME = re.compile(
    r"(?:host|hosts|hostname|endpoint|endpoints|url|urls|uri|uris|addr|address|server|servers|domain|broker|brokers|dsn)$", re.I
)
ASSIGNMENT = re.compile(r"^-{0,2}([A-Za-z_][\w.-]*)[=:](.*)$", re.DOTALL)


def mentions(text: str, *, name: str = "") -> tuple[str, ...]:
    """The endpoints in *text*, sorted: hosts (``db.internal:5432``), urls without credentials, path and query, ``s3://bucket``,
    queue urls and ARNs. *name* is the name of the variable that holds the text: it says whether a dotted word is a host.
    """
    found = {arn.rstrip(".:/,*=@") for arn in ARN.findall(text)}
    rest: list[str] = []
    end = 0
    for match in URL.finditer(text):
        rest.append(text[end : match.start()])
        end = match.end()
        found.update(_of_urls(match.group(0)))
    rest.append(text[end:])
    for piece in rest:
        without_arns = ARN.sub(" ", piece)
        found.update(host.lower() for host in AWS_HOST.findall(without_arns))
        found.update(_of_words(without_arns, name))
    return tuple(sorted(found)[:MAX_MENTIONS])


def without_credentials(url: str) -> str:
    """*url* without user, password, query and fragment; what is no url stays as it is."""
    match = URL.fullmatch(url)
    if match is None:
        return url.partition("?")[0]
    scheme, rest = match.groups()
    if "@" in rest:
        safe = _of_url(scheme, rest)
        return safe[0] if safe else f"{scheme}://"
    return f"{scheme}://{re.split(r'[?#]', rest, maxsplit=1)[0]}"


def _of_urls(text: str) -> Iterator[str]:
    for one in NEXT_URL.split(text):
        match = URL.match(one)
        if match is not None:
            yield from _of_url(*match.groups())


def _of_url(scheme: str, rest: str) -> list[str]:
    """Scheme, host and port of one url (several for a list of hosts), with the path only where it is the name of a queue."""
    user_info, at, after = rest.rpartition("@")
    if at and re.search(r"[/?#;\\]", user_info):
        # Either the query holds an @ or the password a slash: only a host of AWS's own is surely no piece of a password.
        candidates = [_authority(rest), _authority(after)]
        return [f"{scheme}://{host.lower()}" for host in candidates if AWS_HOST.fullmatch(host.partition(":")[0]) and _host_and_port(host)]
    if scheme.lower() in ("s3", "s3a", "s3n"):
        bucket = _authority(after).partition(":")[0]
        return [f"s3://{bucket}"] if BUCKET_PATH.fullmatch("/" + bucket) else []
    authority = _authority(after)
    path = after[len(authority) :]
    found = []
    for part in authority.split(","):
        if not _host_and_port(part):
            continue
        host = part.lower()
        queue = QUEUE_PATH.match(path)
        bucket_in_path = BUCKET_PATH.match(path)
        if S3_PATH_STYLE_HOST.fullmatch(host) and bucket_in_path:
            found.append(f"s3://{bucket_in_path.group(1)}")
        elif queue:
            found.append(f"{scheme}://{host}{queue.group(0)}")
        else:
            found.append(f"{scheme}://{host}")
    return found


def _authority(text: str) -> str:
    return re.split(r"[/?#;\\]", text, maxsplit=1)[0]


def _host_and_port(text: str) -> bool:
    host, colon, port = text.partition(":")
    return _is_host(host.lower()) and (not colon or bool(PORT.fullmatch(port)))


def _is_host(text: str) -> bool:
    return len(text) <= 254 and (_is_address(text) if ADDRESS.fullmatch(text) else bool(HOST.fullmatch(text)))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _of_words(text: str, name: str) -> Iterator[str]:
    """Bare hosts and addresses among the words: those after a name that smells of a secret are left out."""
    context = name
    for word in BETWEEN_TOKENS.split(text):
        if not word.strip(":=-"):
            continue
        assignment = ASSIGNMENT.match(word)
        if assignment and not _host_and_port(word):
            context, word = assignment.groups()  # noqa: PLW2901 (the value is the word that counts)
        if _may_be_kept(word, context):
            yield word.lower()
        elif not assignment or not word:
            context = context if assignment else word.rstrip(":=")


def _may_be_kept(word: str, context: str) -> bool:
    host = word.partition(":")[0]
    if not _host_and_port(word) or word != word.lower():
        return False
    says_host = bool(HOST_NAME.search(context))
    if SECRET_NAME.search(context) and not says_host:
        return False
    return says_host or bool(ADDRESS.fullmatch(host)) or host.rstrip(".").endswith(PRIVATE_SUFFIXES)
