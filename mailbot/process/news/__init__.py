"""What other systems are told: events, derived from each change, and how they look from outside."""

from mailbot.process.news.derive import news_of
from mailbot.process.news.kinds import TYPES, News, Severity, news

__all__ = ["TYPES", "News", "Severity", "news", "news_of"]
