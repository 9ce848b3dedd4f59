"""In which forms the moments of a scenario can be written."""

from enum import StrEnum


class Form(StrEnum):
    """A form, by the name that a person calls it by."""

    HTML = "html"
    PERFETTO = "perfetto"
    OTLP = "otlp"
    TEXT = "text"
