"""The errors a user can meet: each names the field, the value and what was expected, in one line."""


class ExecError(Exception):
    """A request that cannot be served.

    Parameters
    ----------
    field : str
        What was wrong: a parameter, a column, a file.
    value : object
        What was given.
    expected : str
        What would have been accepted.
    """

    exit_code = 1

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(field, value, expected)
        self.field = field
        self.value = value
        self.expected = expected

    def __str__(self) -> str:
        return " ".join(f"{self.field}: {self.value!r}; expected {self.expected}".split())


class InvalidInput(ExecError):
    """A bad parameter, file or column: refused before anything happens."""

    exit_code = 2


class GateRefused(ExecError):
    """The live gate did not open."""

    exit_code = 3


class BrokenInvariant(ExecError):
    """A count that must hold did not: a defect of this package, never of the user."""


class IdentityViolated(ExecError):
    """The parts of a cost do not add up to their total."""
