#!/bin/sh
# Installs the real servers that the tests start (Debian, Ubuntu). Asks nothing; does nothing when all are there.
set -eu

missing=
for pair in \
    dovecot-imapd:/usr/lib/dovecot/imap \
    dovecot-lmtpd:/usr/lib/dovecot/lmtp \
    postfix:/usr/sbin/postfix \
    bind9:/usr/sbin/named \
    faketime:/usr/bin/faketime \
    openssl:/usr/bin/openssl \
    chromium:/usr/bin/chromium \
    curl:/usr/bin/curl
do
    [ -x "${pair#*:}" ] || missing="$missing ${pair%%:*}"
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "The tests need$missing, and there is no apt-get here: install them by hand, then run this again." >&2
    exit 1
fi

root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "The tests need$missing: install them as root (there is no sudo)." >&2; exit 1; }
    root="sudo -n"
    $root true || { echo "The tests need$missing: install them as root (sudo wants a password)." >&2; exit 1; }
fi

echo "installing for the tests:$missing"
# Packages of servers start these by themselves; the tests' own run on other ports, so none is wanted.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
    $root chmod 755 $policy
    trap '$root rm -f $policy' EXIT
fi
echo "postfix postfix/main_mailer_type select No configuration" | $root debconf-set-selections
apt="$root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
$apt update
# shellcheck disable=SC2086 # words, on purpose
$apt install -y --no-install-recommends $missing
