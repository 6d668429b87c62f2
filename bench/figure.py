"""One measured figure, and what was promised of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`bound` is the most that it may be (with `is_least`: the least); None where nothing is promised, and it only
    explains another one.
    """

    what: str
    value: float
    unit: str = "×"  # noqa: RUF001 (the sign that is meant)
    bound: float | None = None
    is_least: bool = False

    @property
    def is_over(self) -> bool:
        if self.bound is None:
            return False
        return self.value < self.bound if self.is_least else self.value > self.bound

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What, figure, bound, verdict, as the table shows them."""
        if self.bound is None:
            return self.what, self._shown(self.value), "", ""
        bound = f"{'at least ' if self.is_least else ''}{self._shown(self.bound)}"
        return self.what, self._shown(self.value), bound, "missed" if self.is_over else "ok"

    def _shown(self, value: float) -> str:
        return f"{value:,.0f} {self.unit}" if value >= 100 else f"{value:.2f} {self.unit}"
