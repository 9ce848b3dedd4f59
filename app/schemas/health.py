"""What a health route answers when all is well."""

from typing import Literal

from pydantic import BaseModel

from app.schemas.example import example


class Health(BaseModel):
    """All is well. Whatever is not is a problem document."""

    model_config = example(status="ready")

    status: Literal["ok", "ready"]
