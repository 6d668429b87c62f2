"""The pages: what people see of their requests, and do, in a browser. The only room that knows FastAPI and uvicorn."""

from mailbot.web.app import build
from mailbot.web.parts import Parts
from mailbot.web.render import Renderer
from mailbot.web.server import Server
from mailbot.web.session import Sessions

__all__ = ["Parts", "Renderer", "Server", "Sessions", "build"]
