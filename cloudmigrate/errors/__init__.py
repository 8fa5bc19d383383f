"""The one error tree: a class for each reaction a caller might have, in a module for each subject; here its two roots.

Data are attributes; the sentence is built in `__init__`, so that every message names what failed and what to do now.
"""


class CloudMigrateError(Exception):
    """Anything CloudMigrate reports to a person; ends a command with exit code 1."""


class UsageError(CloudMigrateError):
    """The caller's input is wrong and must be changed; ends a command with exit code 2."""
