"""The API: orders, inventory and the plain view, for other systems; the pages are for people."""

from mailbot.web.api.app import ApiRoute, build, is_of_api

__all__ = ["ApiRoute", "build", "is_of_api"]
