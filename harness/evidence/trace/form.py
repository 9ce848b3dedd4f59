"""The forms in which the moments of a scenario can be written."""

from enum import StrEnum


class Form(StrEnum):
    """A form, by its name in options."""

    HTML = "html"
    PERFETTO = "perfetto"
    OTLP = "otlp"
    TEXT = "text"
