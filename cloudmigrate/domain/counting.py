"""Numbers with their nouns, as a person says them."""


def counted(number: int, one: str, many: str = "") -> str:
    """*number* with its noun and perhaps verb: "1 step", "2,000 steps", "23 others need it". *many* is *one* and an s by default."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
