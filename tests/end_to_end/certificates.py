"""Certificates of parties, made with openssl."""
import pathlib
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_ca(folder):
    """Another CA than the home's, of the same name."""
    openssl("req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", 30, "-subj",
            "/C=NL/O=Schotvrij development/CN=Development CA", "-keyout", folder / "ca.key", "-out", folder / "ca.crt")


def issue(ca, stem, uri, days=90, usage="clientAuth"):
    """STEM.crt and STEM.key, by the CA of that folder."""
    pathlib.Path(f"{stem}.ext").write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                                           f"extendedKeyUsage={usage}\nsubjectAltName=URI:{uri}\n")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", "/O=Test/CN=test",
            "-keyout", f"{stem}.key", "-out", f"{stem}.csr")
    openssl("x509", "-req", "-in", f"{stem}.csr", "-CA", ca / "ca.crt", "-CAkey", ca / "ca.key", "-days", days, "-extfile",
            f"{stem}.ext", "-out", f"{stem}.crt")
    return str(stem)
