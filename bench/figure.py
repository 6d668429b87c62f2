"""One measured figure, and what was promised of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`bound` is the most that it may be; None where nothing is promised, and it only explains another one."""

    what: str
    value: float
    unit: str = "×"  # noqa: RUF001 (the sign that is meant)
    bound: float | None = None

    @property
    def is_over(self) -> bool:
        return self.bound is not None and self.value > self.bound

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What, figure, bound, verdict, as the table shows them."""
        if self.bound is None:
            return self.what, self._shown(self.value), "", ""
        return self.what, self._shown(self.value), self._shown(self.bound), "over" if self.is_over else "ok"

    def _shown(self, value: float) -> str:
        return f"{value:.0f} {self.unit}" if value >= 100 else f"{value:.2f} {self.unit}"
