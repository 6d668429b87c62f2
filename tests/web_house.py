"""What a house with pages is configured by."""

from house import CONFIG

WEB = (
    CONFIG
    + """
[web]
url = "http://ip.example.net"
proxy_header = "X-Remote-User"
proxies = ["192.0.2.80"]
"""
)
