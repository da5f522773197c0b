"""Marks a function as a conformance case; its name, with spaces, is the name of the case."""


def case(seconds):
    """The case fails when it is not done after `seconds`."""

    def mark(function):
        function.case_seconds = seconds
        return function

    return mark
