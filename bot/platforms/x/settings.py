"""What the blocks of both directions share."""

from pydantic import BaseModel, ConfigDict, Field


class Budgeted(BaseModel):
    """Address and budget of a block.

    Attributes:
        api: Where X's API is, http(s).
        page: Site that permalinks lead to.
        daily_usd: The most that all blocks of X may cost in a UTC day, in US dollars.
        monthly_usd: The same for a UTC month.
        reserve_usd: How much of that this block leaves to what matters more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    api: str = Field(default="https://api.x.com", pattern=r"^https?://[^\s/]")
    page: str = Field(default="https://x.com", pattern=r"^https?://[^\s/]")
    daily_usd: float = Field(default=5.0, ge=0, le=100_000)
    monthly_usd: float = Field(default=50.0, ge=0, le=1_000_000)
    reserve_usd: float = Field(default=0.5, ge=0, le=100_000)
