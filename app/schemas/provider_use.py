"""The calls to the provider and their cost."""

from pydantic import BaseModel, Field


class ProviderUse(BaseModel):
    """Calls to the provider for one roadmap, or for all of them, and what they have cost."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float = Field(description="At the prices of its time")
