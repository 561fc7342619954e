"""Opens S/MIME mails by the thousand: OpenSSL's own library, called from Python.

    letter = MailReader(home, "gemeente-ede").open(raw)     # bytes of the mail → text of the signed entity; raises when it is not sound
"""
import ctypes
import pathlib

CRYPTO = ctypes.CDLL("libcrypto.so.3")
POINTER = ctypes.c_void_p
CMS_BINARY = 0x80
X509_PURPOSE_ANY = 7


def declare(name, result, *arguments):
    function = getattr(CRYPTO, name)
    function.restype, function.argtypes = result, arguments
    return function


new_mem_buf = declare("BIO_new_mem_buf", POINTER, ctypes.c_char_p, ctypes.c_int)
s_mem = declare("BIO_s_mem", POINTER)
bio_new = declare("BIO_new", POINTER, POINTER)
bio_pending = declare("BIO_ctrl_pending", ctypes.c_size_t, POINTER)
bio_read = declare("BIO_read", ctypes.c_int, POINTER, ctypes.c_char_p, ctypes.c_int)
bio_free = declare("BIO_free", ctypes.c_int, POINTER)
read_key = declare("PEM_read_bio_PrivateKey", POINTER, POINTER, POINTER, POINTER, POINTER)
read_certificate = declare("PEM_read_bio_X509", POINTER, POINTER, POINTER, POINTER, POINTER)
store_new = declare("X509_STORE_new", POINTER)
store_add = declare("X509_STORE_add_cert", ctypes.c_int, POINTER, POINTER)
store_purpose = declare("X509_STORE_set_purpose", ctypes.c_int, POINTER, ctypes.c_int)
read_cms = declare("SMIME_read_CMS", POINTER, POINTER, POINTER)
cms_free = declare("CMS_ContentInfo_free", None, POINTER)
cms_decrypt = declare("CMS_decrypt", ctypes.c_int, POINTER, POINTER, POINTER, POINTER, POINTER, ctypes.c_uint)
last_error = declare("ERR_peek_last_error", ctypes.c_ulong)
error_string = declare("ERR_error_string", ctypes.c_char_p, ctypes.c_ulong, POINTER)
cms_verify = declare("CMS_verify", ctypes.c_int, POINTER, POINTER, POINTER, POINTER, POINTER, ctypes.c_uint)


def read_pem(file, reader):
    data = pathlib.Path(file).read_bytes()
    bio = new_mem_buf(data, len(data))
    try:
        return reader(bio, None, None, None)
    finally:
        bio_free(bio)


class MailReader:
    def __init__(self, home, party):
        self.certificate = read_pem(home / f"mail/{party}.crt", read_certificate)
        self.key = read_pem(home / f"mail/{party}.key", read_key)
        self.store = store_new()
        store_add(self.store, read_pem(home / "tls/ca.crt", read_certificate))
        store_purpose(self.store, X509_PURPOSE_ANY)

    def open(self, raw):
        signed = self.unwrap(raw, lambda cms, out: cms_decrypt(cms, self.key, self.certificate, None, out, CMS_BINARY))
        return self.unwrap(signed, lambda cms, out: cms_verify(cms, None, self.store, None, out, CMS_BINARY)).decode()

    @staticmethod
    def unwrap(raw, call):
        source, out = new_mem_buf(raw, len(raw)), bio_new(s_mem())
        cms = read_cms(source, None)
        try:
            if not cms or call(cms, out) != 1:
                raise ValueError(f"this mail does not open: {error_string(last_error(), None).decode()}")
            buffer = ctypes.create_string_buffer(bio_pending(out))
            size = bio_read(out, buffer, len(buffer))
            return buffer.raw[:size]
        finally:
            cms_free(cms)
            bio_free(out)
            bio_free(source)
