#!/usr/bin/env bash
# Builds the release and measures the road; prints a table. Everything happens in a directory that goes afterwards.
#
#   tests/bench/run.sh                      the whole table
#   tests/bench/run.sh --only road,start    some parts: road, ceilings, core, iwmo, start, flat, batch
#   tests/bench/run.sh --flat 1000000       with the cost per message from 1,000 to so many stored exchanges
#   tests/bench/run.sh --directory /mnt/x   on another disk
#   tests/bench/run.sh --no-build DIR       with the programs of that build directory
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release
case "${1-}" in -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && exit 0 ;; esac
if [ "${1-}" = --no-build ]; then
  build=$2
  shift 2
else
  cd "$here/../.."
  deploy/install_packages.sh deploy/packages.txt tests/packages.txt
  cmake --preset release -Wno-dev
  cmake --build --preset release --target schotvrij bench_load bench_paced bench_serve bench_replay bench_one_core bench_iwmo
fi
exec python3 "$here/bench.py" --build "$build" "$@"
