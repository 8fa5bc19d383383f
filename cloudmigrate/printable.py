"""Words of strangers as one line that can be printed: no name, tag or answer of a program drives a terminal or makes a line of its own."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def one_line(text: str, *, instead: str = REPLACEMENT) -> str:
    """*text* with *instead* for each character that cannot be printed: controls, ends of lines, marks of direction, lone surrogates."""
    return text if text.isprintable() else "".join(one if one.isprintable() else instead for one in text)
