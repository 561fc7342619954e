"""A home that `schotvrij init` made, as a production home: the same keys, with certificates of an authority that is of no test home."""
import re

from certificates import make_ca, openssl


def configure(home, kind):
    config = home / "schotvrij.conf"
    config.write_text(re.sub(r"environment: \w+", f"environment: {kind}", config.read_text()))


def production(home):
    configure(home, "PRODUCTION")
    tls = home / "tls"
    make_ca(tls, mark="")
    for key in (tls / "server.key", *tls.glob("parties/*.key"), *home.glob("mail/*.key")):
        certificate, request = key.with_suffix(".crt"), key.with_suffix(".csr")
        openssl("x509", "-x509toreq", "-copy_extensions", "copyall", "-in", certificate, "-signkey", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", tls / "ca.crt", "-CAkey", tls / "ca.key", "-days", 90, "-copy_extensions",
                "copyall", "-out", certificate)
