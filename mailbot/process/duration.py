"""Lead times and the like. The grammar is config's, which reads such words too."""

from mailbot.config.duration import Duration, Unit

__all__ = ["Duration", "Unit"]
