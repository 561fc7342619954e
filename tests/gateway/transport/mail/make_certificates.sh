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
