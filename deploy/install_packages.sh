#!/usr/bin/env bash
# Installs the Debian packages named in LIST…; does nothing when all are there.
#
#   deploy/install_packages.sh deploy/packages.txt tests/packages.txt
set -euo pipefail

if [ $# = 0 ]; then
  echo "usage: $0 LIST..." >&2
  exit 2
fi
if ! command -v apt-get > /dev/null; then
  echo "$0: this is no Debian; install by hand what stands in: $*" >&2
  exit 3
fi

missing=()
while read -r package command; do
  case "$package" in '' | '#'*) continue ;; esac
  if [ -n "$command" ] && command -v "$command" > /dev/null; then continue; fi
  if dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q '^install ok installed$'; then continue; fi
  missing+=("$package")
done < <(cat -- "$@")
if [ ${#missing[@]} = 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! sudo -n true 2> /dev/null; then
    echo "$0: packages are missing. As root, run:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 3
  fi
  as_root=(sudo -n)
fi
echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
