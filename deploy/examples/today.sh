#!/usr/bin/env bash
# Prints the registration of this folder, or another message of it, as of today, so that the check of the criteria is recent and the consent in force.
#
#   deploy/examples/today.sh > registration.json
#   deploy/examples/today.sh ending.json > ending.json
set -euo pipefail
cd "$(dirname "$0")"
export TZ=Europe/Amsterdam
sed -e "s/2026-11-16/$(date +%F)/g" -e "s/2027-11-15/$(date -d '365 days' +%F)/g" "${1:-registration.json}"
