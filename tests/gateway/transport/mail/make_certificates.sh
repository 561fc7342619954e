#!/bin/sh
# S/MIME certificates for the mail tests, by the openssl command line: make_certificates.sh DIR
set -eu
cd "$1"

# NAME KEY-OPTIONS DAYS [KEY-USAGE]
self_signed() {
  name=$1 key=$2 days=$3 usage=${4:-}
  # shellcheck disable=SC2086
  openssl genpkey $key -out "$name.key" 2>/dev/null
  openssl req -x509 -new -key "$name.key" -subj "/O=Proef/CN=$name" -days "$days" -out "$name.pem" \
    -addext basicConstraints=CA:FALSE ${usage:+-addext keyUsage=critical,$usage}
}
rsa='-algorithm RSA -pkeyopt rsa_keygen_bits:'
ec='-algorithm EC -pkeyopt ec_paramgen_curve:'

self_signed signer-rsa "${rsa}2048" 2 digitalSignature
self_signed signer-p256 "${ec}P-256" 2 digitalSignature
self_signed to-rsa "${rsa}2048" 2 keyEncipherment
self_signed to-p256 "${ec}P-256" 2 keyAgreement
self_signed to-any-use "${ec}P-256" 2
self_signed to-rsa-1024 "${rsa}1024" 2
self_signed to-p384 "${ec}P-384" 2
self_signed to-ed25519 '-algorithm ED25519' 2
self_signed to-sign-only "${rsa}2048" 2 digitalSignature
openssl rsa -in signer-rsa.key -aes256 -passout pass:x -out locked.key 2>/dev/null

# Whom the mail server's certificate comes from: NAME
authority() {
  openssl genpkey ${ec}P-256 -out "$1.key" 2>/dev/null
  openssl req -x509 -new -key "$1.key" -subj "/CN=Test $1" -days 2 -out "$1.pem" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}
# AUTHORITY NAME HOST
server() {
  openssl genpkey ${ec}P-256 -out "$2.key" 2>/dev/null
  printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:%s\n' "$3" > "$2.ext"
  openssl req -new -key "$2.key" -subj "/CN=$3" |
    openssl x509 -req -CA "$1.pem" -CAkey "$1.key" -set_serial 2 -days 2 -extfile "$2.ext" -out "$2.pem" 2>/dev/null
}
authority ca
authority other-ca
server ca server localhost
server other-ca server-of-other-ca localhost
server ca server-of-other-host mail.example
