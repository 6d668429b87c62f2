"""Offices whose mail goes over real servers: a person's IMAP account, and an SMTP server's, as config.toml has them."""

from pathlib import Path

from servers.ground import Login, OAuth, Plain


def wired(folder: Path, mailbox: Login, relay: Login) -> str:
    """`[mailbox]` and `[relay]`; their secrets are put into files of that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"{_section(folder, 'mailbox', mailbox)}\n{_section(folder, 'relay', relay)}"


def _section(folder: Path, name: str, login: Login) -> str:
    lines = [f"[{name}]", f'url = "{login.url}"', f'auth = "{login.auth}"']
    lines += [f'user = "{_kept(folder, f"{name}-user", login.user)}"'] if login.user else []
    lines += [f'password = "{_kept(folder, f"{name}-password", login.password)}"'] if login.password else []
    lines += [f'ca = "{login.ca}"'] if login.ca else []
    if login.oauth2:
        lines += [f"[{name}.oauth2]", *_oauth2(folder, name, login.oauth2)]
    return "\n".join(lines)


def _oauth2(folder: Path, name: str, settings: OAuth) -> list[str]:
    lines = [f'{key} = "{getattr(settings, key)}"' for key in ("token_url", "client_id", "scope", "grant")]
    for key in ("client_secret", "refresh_token"):
        if secret := getattr(settings, key):
            lines.append(f'{key} = "{_kept(folder, f"{name}-{key}", secret)}"')
    return lines


def _kept(folder: Path, name: str, secret: Plain) -> str:
    """Where a secret stands, as config.toml names it."""
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(secret.reveal())
    return f"file:{path}"
