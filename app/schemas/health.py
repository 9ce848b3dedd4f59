"""What a health route answers when all is well."""

from typing import Literal

from pydantic import BaseModel

from app.schemas.example import example


class Health(BaseModel):
    """The service is well; where it is not, the answer is a problem document."""

    model_config = example(status="ready", commit="6d2dd8f03c1f6d5a4a0a1be2c3d4e5f60718293a")

    status: Literal["ok", "ready"]
    commit: str | None
