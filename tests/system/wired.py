"""Offices whose mail goes over real servers: a person's IMAP account, and an SMTP server's, as config.toml has them."""

from pathlib import Path

from servers.ground import Login, OAuth, Plain


def wired(folder: Path, mailbox: Login, relay: Login) -> str:
    """`[mailbox]` and `[relay]`; their secrets are put into files of that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"{_section(folder, 'mailbox', mailbox)}\n{_section(folder, 'relay', relay)}"


def _section(folder: Path, name: str, login: Login) -> str:
    lines = [f"[{name}]", f'url = "{login.url}"', f'auth = "{login.auth}"']
    lines += _secrets(folder, name, {"user": login.user, "password": login.password})
    lines += [f'ca = "{login.ca}"'] if login.ca else []
    if login.oauth2:
        lines += [f"[{name}.oauth2]", *_oauth2(folder, name, login.oauth2)]
    return "\n".join(lines)


def _oauth2(folder: Path, name: str, settings: OAuth) -> list[str]:
    lines = [f'{key} = "{getattr(settings, key)}"' for key in ("token_url", "client_id", "scope", "grant")]
    secrets = {"client_secret": settings.client_secret, "refresh_token": settings.refresh_token}
    return lines + _secrets(folder, name, secrets)


def _secrets(folder: Path, name: str, secrets: dict[str, Plain | None]) -> list[str]:
    lines = []
    for key, secret in secrets.items():
        if secret is not None:
            path = folder / f"{name}-{key}"
            path.touch(mode=0o600)
            path.write_text(secret.reveal())
            lines.append(f'{key} = "file:{path}"')
    return lines
