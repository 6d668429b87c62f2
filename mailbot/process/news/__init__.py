"""What other systems are told: events, derived from each change, and how they look from outside."""

from mailbot.config.events import TYPES, Severity
from mailbot.process.news.derive import news_of
from mailbot.process.news.kinds import News, news
from mailbot.process.news.scope import Scope

__all__ = ["TYPES", "News", "Scope", "Severity", "news", "news_of"]
