#!/usr/bin/env bash
# What some tests need beside Python packages: `tools/machine.sh java chromium postgres`.
# Installs it where it can (Debian or Ubuntu, as root); where it cannot, says so, and those tests say so again.
set -uo pipefail

have() {
  case "$1" in
    java) command -v java >/dev/null || [ -x "${JAVA_HOME:-}/bin/java" ] ;;
    chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
    # Debian keeps the server out of the PATH.
    postgres) command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
  esac
}

packages() {
  case "$1" in
    java) echo openjdk-17-jre-headless ;;
    chromium) echo chromium fonts-dejavu-core fonts-liberation ;;
    postgres) echo postgresql ;;
  esac
}

for thing in "$@"; do
  have "$thing" && continue
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing $thing ($(packages "$thing"))" >&2
    log=$(mktemp)
    # shellcheck disable=SC2046
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(packages "$thing"); } \
      >"$log" 2>&1 || tail -3 "$log" >&2
    rm -f "$log"
  fi
  have "$thing" || echo "NOT HERE: $thing. The tests that need it will be skipped and will say so." >&2
done
exit 0
