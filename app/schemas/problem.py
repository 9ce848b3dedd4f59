"""What an API error looks like (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field


class InvalidField(BaseModel):
    """One thing wrong with the request."""

    pointer: str = Field(
        description="JSON pointer to the field, RFC 6901; a long one is cut", examples=["/body/topic"]
    )
    detail: str


class ProblemDetails(BaseModel):
    """The body of every error response."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for")
    request_id: str = Field(description="By which the logs know this request")
    errors: list[InvalidField] = Field(default_factory=list, description="The first 20")
