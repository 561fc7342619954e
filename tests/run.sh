#!/usr/bin/env bash
# Installs what the tests need, builds, and runs them.
#
#   tests/run.sh            release build, all tests
#   tests/run.sh --quick    debug build, all tests but the long ones (label long)
#   tests/run.sh all        release build and all tests, the fuzz targets for a bounded time, the tests under AddressSanitizer
#                           and UndefinedBehaviorSanitizer, those with threads under ThreadSanitizer
#
# With CI=true a test that skips fails the run, unless tests/skips.txt names it. Time for the fuzz targets, in seconds each:
# SCHOTVRIJ_FUZZ_SECONDS (60). Kills of the crash test: SCHOTVRIJ_KILLS (24).
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
}

suites=(tests)
preset=release
select=()
case "${1-}" in
  '') ;;
  --quick) preset=dev select=(--label-exclude long) ;;
  all) suites=(tests fuzz sanitizers) ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

times=()
# timed NAME COMMAND...: runs COMMAND and remembers how long it took.
timed() {
  local name=$1 begin=$SECONDS
  shift
  echo "== $name"
  "$@"
  times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$name")")
}

print_times() {
  echo "== times"
  [ ${#times[@]} = 0 ] || printf '%s\n' "${times[@]}"
}
trap print_times EXIT

build() {
  cmake --preset "$1" -Wno-dev
  cmake --build --preset "$1"
}

# run_tests PRESET CTEST-OPTION...
run_tests() {
  local preset=$1
  shift
  ctest --preset "$preset" --parallel "$(nproc)" "$@"
  python3 tests/check_skips.py "build/$preset/Testing/Temporary/LastTest.log" tests/skips.txt
}

run_suite() {
  case "$1" in
    tests)
      timed "build ($preset)" build "$preset"
      timed "tests ($preset)" run_tests "$preset" "${select[@]}"
      ;;
    fuzz)
      timed "build (fuzz)" build fuzz
      timed "fuzz targets" run_tests fuzz
      ;;
    sanitizers)
      for sanitizer in asan tsan; do
        timed "build ($sanitizer)" build "$sanitizer"
        timed "tests ($sanitizer)" run_tests "$sanitizer"
      done
      ;;
  esac
}

timed "packages" deploy/install_packages.sh deploy/packages.txt tests/packages.txt
for suite in "${suites[@]}"; do
  run_suite "$suite"
done
