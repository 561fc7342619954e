#!/bin/sh
# Certificates for tests, by the openssl command line.
#
#   make_certs.sh ca   DIR NAME                        DIR/NAME.pem, DIR/NAME.key
#   make_certs.sh leaf DIR CA NAME SUBJECT SAN [USE]   DIR/NAME.pem, DIR/NAME.key, signed by DIR/CA
#
# SUBJECT as openssl takes it ("/O=Proefaanbieder/CN=client"), SAN as its subjectAltName ("URI:urn:x,DNS:localhost,IP:127.0.0.1"),
# USE an extendedKeyUsage (default clientAuth,serverAuth). Keys are P-256, certificates last two days.
set -eu
kind=$1
dir=$2
mkdir -p "$dir"
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

case $kind in
  ca)
    name=$3
    new_key "$dir/$name.key"
    openssl req -x509 -new -key "$dir/$name.key" -subj "/CN=Test CA $name" -days 2 -out "$dir/$name.pem" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    ;;
  leaf)
    ca=$3 name=$4 subject=$5 san=$6 use=${7:-clientAuth,serverAuth}
    new_key "$dir/$name.key"
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\nsubjectAltName=%s\n' \
      "$use" "$san" > "$dir/$name.ext"
    openssl req -new -key "$dir/$name.key" -subj "$subject" |
      openssl x509 -req -CA "$dir/$ca.pem" -CAkey "$dir/$ca.key" -set_serial "0x$(openssl rand -hex 8)" -days 2 \
        -extfile "$dir/$name.ext" -out "$dir/$name.pem" 2>/dev/null
    rm "$dir/$name.ext"
    ;;
  *)
    echo "make_certs.sh: ca or leaf, not $kind" >&2
    exit 2
    ;;
esac
