// The layers of S/MIME: any bytes as CMS, to a key that is made for this and nothing else. What is refused gives nothing away; what is
// not refused has all that it should. The first byte says to which of two keys, and whether the rest is DER or multipart/signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/opener/cms.h"
#include "gateway/opener/open_mail.h"
#include "schemas/base/limits.h"

namespace {

namespace opener = schotvrij::opener;

struct Pair {
  std::string_view certificate, key;
};
constexpr Pair kElliptic = {R"(-----BEGIN CERTIFICATE-----
MIIBYjCCAQigAwIBAgIBATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARmdXp6MCAX
DTI2MTEyODAyMDkyN1oYDzIxMjYxMTA0MDIwOTI3WjAPMQ0wCwYDVQQDDARmdXp6
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmTwD9O8nyBXg6dks5/Rk8lZmEtwQ
w0pP0nR5koRk8ZxZC6v9CCd0ckUu++WsxKvjvOmDb5VT5dUafLl77Mlo8aNTMFEw
HQYDVR0OBBYEFJiUZLQdn1pMK86RYwHMyV7zixvaMB8GA1UdIwQYMBaAFJiUZLQd
n1pMK86RYwHMyV7zixvaMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAw
RQIgQr/CwiObcg6PWvU5PaKYUANvpHin2Fsu/VHcHsSDLNcCIQD+jRlADbkbL2ok
oeMbpqUeQ1dC4flv1O0+EQCywUZpgA==
-----END CERTIFICATE-----
)",
                            R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRExYY3KTyHPVvkk8
E+K3iVzdJw2me0whyyL7fWhdQ42hRANCAASZPAP07yfIFeDp2Szn9GTyVmYS3BDD
Sk/SdHmShGTxnFkLq/0IJ3RyRS775azEq+O86YNvlVPl1Rp8uXvsyWjx
-----END PRIVATE KEY-----
)"};
constexpr Pair kRsa = {R"(-----BEGIN CERTIFICATE-----
MIIC7jCCAdagAwIBAgIBATANBgkqhkiG9w0BAQsFADAPMQ0wCwYDVQQDDARmdXp6
MCAXDTI2MTEyODAyMDkyN1oYDzIxMjYxMTA0MDIwOTI3WjAPMQ0wCwYDVQQDDARm
dXp6MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtj196q8LWYamTWe/
SeBDnaOWqc5UAqFnlod7BhmnMA1vCyOjOCxFIRaDxF1lhKpTRh4S8TW+ZAT6ypKZ
8WT7Q6Jk9EopXH/sFD3K2MAG9jsQh2cKy7X8UmdMva+TgKaG89exhmBnN6uuFksC
dgX+zWnu6EqwZvX+zGZcUQCIf5Sr43GkCshGg1s7//b5b+z0a3uLT7iHCyOYpjwn
7sizpxuhbF10l9VcpFNN4++YpdNrF+WPGiz3YWhHfd0hYTSLuR+s+HuVccLnuCgo
xr50DDmqjZ6GLxBICabN9MWJylmmRuud48RYoaiiYHheooI+RUyt9XVN+4W14iz5
om+3IwIDAQABo1MwUTAdBgNVHQ4EFgQUrBIxxkEtvqNAyYcq80dHfTA3tpgwHwYD
VR0jBBgwFoAUrBIxxkEtvqNAyYcq80dHfTA3tpgwDwYDVR0TAQH/BAUwAwEB/zAN
BgkqhkiG9w0BAQsFAAOCAQEAVHgBp8H8BZkIrOs7Nb7tg4YosUuRahpoLzLKki+F
ih5JurCqRAj/h/+k/pH+h/sGPPwyd0oRRNPctg9YaLogMlrI2ppWqv+Bh9hGTmxF
McHcU/ChFIdfahChND4ZLS2dy3hIf8PBKADsEabH0F0m3CJOmu7zqCu56eEj2PE+
1dNtYn6tKt7plLHlO7zSA7Cll3BYNE4FlKHpuNzPTVakLIF8RdoMhxt3h3LvIU5C
Cgp3gk8AqoyrMbPdcW4tHlkcm+txsiP3lukY6oX81YmpZpV2XtJEftOW5/9zA2U2
0XUv8UD76j86NPumtTP1qxYwBWl3ZR7t3zsWzUfmrbC4Bg==
-----END CERTIFICATE-----
)",
                       R"(-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC2PX3qrwtZhqZN
Z79J4EOdo5apzlQCoWeWh3sGGacwDW8LI6M4LEUhFoPEXWWEqlNGHhLxNb5kBPrK
kpnxZPtDomT0Silcf+wUPcrYwAb2OxCHZwrLtfxSZ0y9r5OApobz17GGYGc3q64W
SwJ2Bf7Nae7oSrBm9f7MZlxRAIh/lKvjcaQKyEaDWzv/9vlv7PRre4tPuIcLI5im
PCfuyLOnG6FsXXSX1VykU03j75il02sX5Y8aLPdhaEd93SFhNIu5H6z4e5Vxwue4
KCjGvnQMOaqNnoYvEEgJps30xYnKWaZG653jxFihqKJgeF6igj5FTK31dU37hbXi
LPmib7cjAgMBAAECggEAMsjKCRdEi2s5dsKdjOHBFfHbb3B++sitzEXu45FMhNiJ
hEonFuVHUmQqzhLU0naAhD6nOq6mYsr8dG0MFzfzyTI8/dKY2h0P1cgued5xUja9
cW4mlQQez3vX59hAu44sd1E5OGAvA1WFStMWWXtsOSP3HqaJp/ePTLiNq0kBwMNd
6/XM7fy2kGp1qgSkPWsSWtarxNjyZwZ7qOGbYbdfv1j29WLwRivPPYlPEkKf3YDV
LpmcwIMxHQ/r0me76hFest4aXGYKJop/CPnE+n8AtIDcooRY3s6lpekIPvJm8j5b
kElX7fMe4R+AD6xYBkfNMU7JxmTWtd8PgnZd1m+VMQKBgQDiQMSxLlWiburk7Vn7
Xgq2EJDuBjOCfAhgME/oNFYzvFEP9Ztym9d42hRnwu8AmS5Cf0TR7z2BDnj0YjJN
A2MhettkrgEQg33rUPGYfuu6O+0rhbtW+DbPVM7L+GV1AkFxwPtrWARAFgUiWdT8
b07C6JHw7YvzaOyPwKo6tSnQywKBgQDOM1bTxgLNYykITVse+14QA8xCGL40kaxR
twQWwDnSHoFry0/z7GAMSA7sPx2xPKUe9c30RLbWTDEm662LYW43kSP0fOEs0rrv
NMf+sSZ2iXmTA6sflSpYePraVLQ3FlJLyHdZrav7uOVEaE5NWOylMEtlnaMOFW0L
efnyF9ogCQKBgQCYqDDOh7/Z8FLnEcrD0wkRHQ5cu6xnnz6bgB16RE3hbG+ZgBNZ
ehMhhKt980YFtlVDItIRgAWUnWo5IkRkOCPbxCRhwxIOzVnZu2y3gvOUXbjBw+LK
ZIG+1K8PatMx5sq3cQlyvRlpEDJ4ofoWNRgEZJ2L3QuvuZzbxZhWMkQ7jwKBgGnK
vUl51gY6UdsIlS+YF/JvgGSI/U1LT/W8yERD62Z6cDw125dyNvUWI1HiMAG286Cm
zDv+5S+dd7pYQHm6SyoHNUNCruSoWXBQzCtICEvYzJ84ypsxlMA/kbRisPNyaFap
S1KfYBWOD1LBkSrt7LvzwzsnXXjkVUYGFs62nhrBAoGBAOHZbBeTmQFGo3Pcmm9B
O3toEtav6G27kzfdCZnuLmell0f0/CoPwGl5dCJ9f5FrSybn1/65RXGiRs6cJYg8
ymLvO+6/zDoy4LDIfRCnHIoknJFTmZWC/Ld6dP2+a8/J6gG8qQ8UqCuE39qh5xW3
3Y9zCiso7xvoirZaGi64GyOQ
-----END PRIVATE KEY-----
)"};

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireWhole(const opener::Verified& verified) {
  const bool held = verified.refused.empty();
  Require(held || (verified.entity.empty() && verified.signer.empty() && verified.key.empty()));
  Require(!held || (!verified.signer.empty() && verified.key.size() == 64));
  Require(verified.signer.size() <= schotvrij::limits::kPemBytesMax);
}

void Decrypt(std::string_view der, const Pair& pair) {
  const opener::Decrypted decrypted = opener::Decrypt(der, pair.certificate, pair.key);
  Require(decrypted.refused.empty() || (decrypted.entity.empty() && !decrypted.authenticated));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool prepared = (opener::Prepare(), true);
  Require(prepared);
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 4 == 2) {
    RequireWhole(opener::VerifyMultipart(bytes));
    return 0;
  }
  const opener::CmsKind kind = opener::KindOf(bytes);
  Decrypt(bytes, data[0] % 4 == 1 ? kRsa : kElliptic);
  const opener::Verified verified = opener::VerifyOpaque(bytes);
  RequireWhole(verified);
  Require(kind == opener::CmsKind::kSigned || !verified.refused.empty());
  return 0;
}
