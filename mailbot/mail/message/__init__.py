"""Bytes to meaning: reads any mail into a Message, within limits; the only place for mail-parser."""

from mailbot.mail.message.read import read
from mailbot.mail.message.values import Attachment, Delivery, Headers, Limits, Message, Obstacle

__all__ = ["Attachment", "Delivery", "Headers", "Limits", "Message", "Obstacle", "read"]
