"""The provider's prices."""

from dataclasses import dataclass
from decimal import Decimal

from app.core.settings import Settings
from app.roadmaps.answer import Cost

TOKENS_A_PRICE = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in US dollars a million tokens."""

    prompt: Decimal
    completion: Decimal

    @classmethod
    def of(cls, settings: Settings) -> "Prices":
        """The prices that the settings name."""
        return cls(Decimal(str(settings.openai_prompt_price)), Decimal(str(settings.openai_completion_price)))

    def of_tokens(self, cost: Cost) -> Decimal:
        """The price of a call's tokens, in US dollars, not rounded."""
        return (cost.prompt_tokens * self.prompt + cost.completion_tokens * self.completion) / TOKENS_A_PRICE
