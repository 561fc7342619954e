#!/usr/bin/env bash
# Builds Schotvrij on Debian 12 and plays the Ede registration with it: Opella registers a client with the municipality, over
# real sockets, with curl as the provider's system, an SMTP server on loopback and openssl as the municipality's mail reader.
#
#   deploy/quickstart.sh                    install packages, build, play, clean up
#   deploy/quickstart.sh --keep             leave it running and say how to talk to it
#   deploy/quickstart.sh --program PATH     play with a program that is built already: installs and builds nothing
#   deploy/quickstart.sh --help
#
# The environment variable SCHOTVRIJ=PATH does what --program does. Ends with 0 when every step was good; otherwise it names the
# step that was not. All persons and identifiers in it are synthetic. Everything it makes stands in one temporary directory.
set -Eeuo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
}

program=${SCHOTVRIJ-}
keep=
while [ $# -gt 0 ]; do
  case "$1" in
    --keep) keep=yes ;;
    --program)
      [ $# -gt 1 ] || { usage >&2 && exit 2; }
      program=$2
      shift
      ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

umask 077
readonly provider=opella municipality=gemeente-ede wait_s=30
readonly python=/usr/bin/python3  # Debian's own: it finds Debian's aiosmtpd
work='' mail_pid='' gateway_pid=''
step='read the command line'

title() {
  step=$1
  printf '\n== %s\n\n' "$1"
}

stop() {
  local pid=$1
  [ -n "$pid" ] || return 0
  kill "$pid" 2> /dev/null || true
  wait "$pid" 2> /dev/null || true
}

clean_up() {
  local code=$?
  if [ "$code" = 0 ] && [ -n "$keep" ]; then return; fi
  if [ "$code" != 0 ]; then
    printf '\nquickstart: FAILED at this step: %s\n' "$step" >&2
    if [ -n "$work" ] && [ -s "$work/home/gateway.log" ]; then tail -n 20 "$work/home/gateway.log" >&2; fi
  fi
  stop "$gateway_pid"
  stop "$mail_pid"
  [ -z "$work" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  echo "quickstart: $1" >&2
  exit 1
}

# wait_until COMMAND...: tries until COMMAND is good; what it says or sets on the way is lost.
wait_until() {
  local until=$((SECONDS + wait_s))
  until ("$@") > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] || fail "waited $wait_s s in vain"
    sleep 0.1
  done
}

# fhir PARTY METHOD PATH [FILE]: speaks to the gateway as PARTY; the body of its answer goes to $work/answer.json.
fhir() {
  local kind=application/fhir+json status
  case "$3" in */_search) kind=application/x-www-form-urlencoded ;; esac
  status=$(curl --silent --show-error --max-time 60 --cacert "$home/tls/ca.crt" \
    --cert "$home/tls/parties/$1.crt" --key "$home/tls/parties/$1.key" \
    --request "$2" --header "Content-Type: $kind" --data-binary "@${4-/dev/null}" \
    --output "$work/answer.json" --write-out '%{http_code}' "$base$3")
  [ "$status" = 200 ] || { cat "$work/answer.json" >&2 && fail "$2 $3 was answered with $status"; }
}

show_answer() {
  "$python" -m json.tool --no-ensure-ascii --indent 2 "$work/answer.json"
}

install_and_build() {
  title 'Install packages'
  deploy/install_packages.sh deploy/packages.txt
  echo 'all there'
  title 'Build the release (the first time takes a while)'
  cmake --preset release -Wno-dev -DSCHOTVRIJ_TESTS=OFF
  cmake --build --preset release --target schotvrij
  program=$PWD/build/release/gateway/schotvrij
}

start_mail_server() {
  tests/support/make_certs.sh ca "$work/smtp" smtp-ca
  tests/support/make_certs.sh leaf "$work/smtp" smtp-ca smtp /O=Mail/CN=localhost DNS:localhost,IP:127.0.0.1 serverAuth
  setsid "$python" tests/support/smtp_server.py --dir "$work/mail" --cert "$work/smtp/smtp.pem" --key "$work/smtp/smtp.key" \
    < /dev/null > "$work/smtp/port" 2> "$work/smtp/log" &
  mail_pid=$!
  wait_until grep -q '^port ' "$work/smtp/port"
  mail_port=$(sed -n 's/^port //p' "$work/smtp/port")
}

gateway_is_ready_or_gone() {
  grep -qx ready "$work/serve.out" || ! kill -0 "$gateway_pid"
}

start_gateway() {
  setsid "$program" serve --home "$home" < /dev/null > "$work/serve.out" 2> "$home/gateway.log" &
  gateway_pid=$!
  wait_until gateway_is_ready_or_gone
  cat "$work/serve.out"
  grep -qx ready "$work/serve.out" || fail 'it did not start'
  echo "log   $home/gateway.log"
  base=https://localhost:$(cat "$home/run/https.port")
}

# What `schotvrij explain` says, its grounds once below the fields instead of beside each.
explain() {
  "$program" explain --from fhir-json --network ede --purpose registration --to-role municipality "$work/registration.json" \
    2> "$work/explain.log" |
    awk -F '  +' '
      NR == 1 { next }
      { printf "%-9s %-46s %s\n", $2, $1, $2 == "shared" ? "rule " $3 : $4 }
      $2 == "shared" { ground[$3] = $4 }
      END { for (rule in ground) printf "\nrule %s rests on %s\n", rule, ground[rule] }' ||
    { cat "$work/explain.log" >&2 && return 1; }
  echo
  cat "$work/explain.log"
}

decrypt() {
  openssl cms -decrypt -in "$1" -recip "$home/mail/$municipality.crt" -inkey "$home/mail/$municipality.key" |
    openssl cms -verify -CAfile "$home/tls/ca.crt" -purpose any 2> "$work/verify.log" |
    "$python" -m quopri -d | tr -d '\r'
}

provider_has_the_answer() {
  fhir "$provider" POST /fhir/Task/_search
  grep -q '"status":"accepted"' "$work/answer.json"
}

tell_how_to_go_on() {
  title 'It is still running'
  cat << TEXT
Everything stands in $work (home: $home; received mail: $work/mail).

Send a registration as the provider, with curl or with the program itself:

  curl --cacert $home/tls/ca.crt --cert $home/tls/parties/$provider.crt --key $home/tls/parties/$provider.key \\
    -H 'Content-Type: application/fhir+json' --data-binary @$work/registration.json $base/fhir
  $program submit --home $home --as $provider $work/registration.json

That is the one just played: the answer is the same and nothing happens twice. For another client, give another key and BSN:

  sed 's/ede-2026-000001/ede-2026-000002/; s/999900006/999900018/' $work/registration.json |
    $program submit --home $home --as $provider -

Read the municipality's mail as the municipality:

  openssl cms -decrypt -in $work/mail/0001.eml -recip $home/mail/$municipality.crt -inkey $home/mail/$municipality.key |
    openssl cms -verify -CAfile $home/tls/ca.crt -purpose any

Look at what waits for the provider:

  $program mailbox list --home $home --as $provider --reveal

Check the audit trail:

  $program audit verify --home $home

Stop it, and remove all:

  kill $gateway_pid $mail_pid
  rm -r $work
TEXT
}

[ -n "$program" ] || install_and_build
step='look for the program and its tools'
program=$(command -v "$program") || fail "no program at that place"
program=$(realpath "$program")
for tool in curl openssl "$python"; do
  command -v "$tool" > /dev/null || fail "$tool is missing; see deploy/packages.txt"
done
"$python" -c 'import aiosmtpd' 2> /dev/null || fail 'python3-aiosmtpd is missing; see deploy/packages.txt'

work=$(mktemp -d -t schotvrij-quickstart.XXXXXX)
home=$work/home

title 'Start a mail server (SMTP with STARTTLS, on loopback)'
start_mail_server
echo "it listens on localhost:$mail_port"

title 'Make a home: configuration, certificates, keys, enrolment'
"$program" init "$home" --network ede --https-port 0 --grpc-port 0 --admin-port 0 \
  --smtp "smtp://localhost:$mail_port" --smtp-ca "$work/smtp/smtp-ca.pem"

title 'Start the gateway'
start_gateway

title 'What the provider sends (POST /fhir, by curl, with the certificate of Opella)'
deploy/examples/today.sh > "$work/registration.json"
cat "$work/registration.json"
fhir "$provider" POST /fhir "$work/registration.json"

title 'What the gateway answers'
show_answer

title 'What the municipality gets (a mail; decrypted and its signature verified by openssl cms)'
wait_until test -s "$work/mail/0001.eml"
sed -n '/^\r*$/q;p' "$work/mail/0001.eml" | tr -d '\r' > "$work/mail.head"
decrypt "$work/mail/0001.eml" > "$work/letter.txt"
echo 'On the outside:'
sed 's/^/  | /' "$work/mail.head"
echo
echo "On the inside ($(cat "$work/verify.log")):"
sed 's/^/  | /' "$work/letter.txt"
grep -q '^BSN: 999900006$' "$work/letter.txt" || fail 'the letter has no BSN'
grep -q '^Geslachtsnaam: van der Testmeer$' "$work/letter.txt" || fail 'the letter has no surname'

title 'What was withheld, and why (schotvrij explain)'
explain

title 'The municipality accepts (PUT Task, by curl, with the certificate of Gemeente Ede)'
# The number of the message is what the letter gives the municipality to answer with.
task=$(sed -n 's/^Bericht: //p' "$work/letter.txt")
sed "s/put-the-delivery-id-here/$task/" deploy/examples/answer.json > "$work/verdict.json"
cat "$work/verdict.json"
fhir "$municipality" PUT "/fhir/Task/$task" "$work/verdict.json"

title 'The provider finds the answer in its own mailbox (POST /fhir/Task/_search)'
wait_until provider_has_the_answer
show_answer

title 'The audit trail (schotvrij audit verify)'
if [ -z "$keep" ]; then
  stop "$gateway_pid"
  gateway_pid=
fi
"$program" audit verify --home "$home"

if [ -n "$keep" ]; then tell_how_to_go_on; fi
title 'Done: every step was good'
