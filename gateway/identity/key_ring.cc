#include "gateway/identity/key_ring.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/identity/mac.h"
#include "gateway/identity/openssl.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kIdBytes = 8;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr char kForm = 1;
constexpr size_t kHeaderBytes = 1 + kIdBytes;
constexpr size_t kOverheadBytes = kHeaderBytes + kNonceBytes + kTagBytes;

// Labels of HKDF: what each derived key is for. Changing one makes every stored value unreadable.
constexpr std::string_view kWrapLabel = "schotvrij 1 wrap client keys";
constexpr std::string_view kOwnLabel = "schotvrij 1 seal own rows";
constexpr std::string_view kTokenLabel = "schotvrij 1 look-up tokens";
constexpr std::string_view kPseudonymLabel = "schotvrij 1 pseudonyms";
constexpr std::string_view kIdLabel = "schotvrij 1 key id";

// Wiped when it goes.
struct Key {
  Key() = default;
  explicit Key(std::string key) : bytes(std::move(key)) {}
  Key(const Key&) = delete;
  Key(Key&& other) noexcept : bytes(std::move(other.bytes)) {}
  ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  std::string bytes;
};

Key Derive(std::string_view secret, std::string_view label) {
  static EVP_KDF* const hkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(hkdf);
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(label.data()), label.size()),
      OSSL_PARAM_construct_end()};
  Key key(std::string(kKeyBytes, '\0'));
  Must(EVP_KDF_derive(context, Bytes(key.bytes), key.bytes.size(), params) == 1);
  EVP_KDF_CTX_free(context);
  return key;
}

const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

// Tells which key, and nothing else of it.
std::string IdOf(std::string_view key) {
  std::array<unsigned char, kIdLabel.size() + kKeyBytes> labelled;
  std::copy(kIdLabel.begin(), kIdLabel.end(), labelled.begin());
  std::copy(key.begin(), key.end(), labelled.begin() + kIdLabel.size());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  Must(EVP_Digest(labelled.data(), labelled.size(), digest.data(), nullptr, Sha256Method(), nullptr) == 1);
  OPENSSL_cleanse(labelled.data(), labelled.size());
  return std::string(digest.begin(), digest.begin() + kIdBytes);
}

const EVP_CIPHER* Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

struct Context {
  Context() : cipher(EVP_CIPHER_CTX_new()) {}
  ~Context() { EVP_CIPHER_CTX_free(cipher); }
  EVP_CIPHER_CTX* const cipher;
};

std::string SealWith(std::string_view key, std::string_view id, std::string_view row, std::string_view plaintext,
                     Random& random) {
  std::array<uint8_t, kNonceBytes> nonce;
  random.Fill(nonce);
  std::string sealed;
  sealed.reserve(kOverheadBytes + plaintext.size());
  sealed.append(1, kForm).append(id).append(nonce.begin(), nonce.end());
  sealed.resize(kOverheadBytes + plaintext.size());

  Context context;
  int written = 0;
  unsigned char* out = Bytes(sealed) + kHeaderBytes + kNonceBytes;
  Must(EVP_EncryptInit_ex2(context.cipher, Gcm(), Bytes(key), nonce.data(), nullptr) == 1 &&
       EVP_EncryptUpdate(context.cipher, nullptr, &written, Bytes(sealed), kHeaderBytes) == 1 &&
       EVP_EncryptUpdate(context.cipher, nullptr, &written, Bytes(row), static_cast<int>(row.size())) == 1 &&
       EVP_EncryptUpdate(context.cipher, out, &written, Bytes(plaintext), static_cast<int>(plaintext.size())) == 1 &&
       EVP_EncryptFinal_ex(context.cipher, out + plaintext.size(), &written) == 1 &&
       EVP_CIPHER_CTX_ctrl(context.cipher, EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plaintext.size()) == 1);
  return sealed;
}

absl::Status Lost(std::string_view row, std::string_view why) {
  return absl::DataLossError(absl::StrCat("sealed value at ", ToAbsl(row), ": ", ToAbsl(why)));
}

absl::StatusOr<std::string> OpenWith(std::string_view key, std::string_view id, std::string_view row,
                                     std::string_view sealed) {
  if (sealed.size() < kOverheadBytes) return Lost(row, "too short");
  if (sealed[0] != kForm) return Lost(row, "not of a form this release reads");
  if (sealed.substr(1, kIdBytes) != id) return Lost(row, "sealed with another key");

  std::string_view nonce = sealed.substr(kHeaderBytes, kNonceBytes);
  std::string_view ciphertext = sealed.substr(kHeaderBytes + kNonceBytes, sealed.size() - kOverheadBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plaintext(ciphertext.size(), '\0');
  Context context;
  int written = 0;
  Must(EVP_DecryptInit_ex2(context.cipher, Gcm(), Bytes(key), Bytes(nonce), nullptr) == 1 &&
       EVP_DecryptUpdate(context.cipher, nullptr, &written, Bytes(sealed), kHeaderBytes) == 1 &&
       EVP_DecryptUpdate(context.cipher, nullptr, &written, Bytes(row), static_cast<int>(row.size())) == 1 &&
       EVP_DecryptUpdate(context.cipher, Bytes(plaintext), &written, Bytes(ciphertext),
                         static_cast<int>(ciphertext.size())) == 1 &&
       EVP_CIPHER_CTX_ctrl(context.cipher, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(context.cipher, Bytes(plaintext) + plaintext.size(), &written) != 1) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());
    return Lost(row, "altered, or moved from another row");
  }
  return plaintext;
}

absl::StatusOr<Key> ParseHexKey(std::string_view name, std::string_view hex) {
  bool good = hex.size() == 2 * kKeyBytes && std::all_of(hex.begin(), hex.end(), [](unsigned char c) {
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
              });
  if (!good) return absl::InvalidArgumentError(absl::StrCat("the ", ToAbsl(name), " is not 64 hexadecimal digits"));
  return Key(absl::HexStringToBytes(ToAbsl(hex)));
}

std::string WrapRow(std::string_view client_id) { return std::string("client-key/").append(client_id); }

}  // namespace

ClientKey::ClientKey(ClientKey&& other) noexcept
    : wrapped(std::exchange(other.wrapped, {})),
      plain(std::exchange(other.plain, {})),
      id(std::exchange(other.id, {})) {}

ClientKey& ClientKey::operator=(ClientKey&& other) noexcept {
  std::swap(wrapped, other.wrapped);
  std::swap(plain, other.plain);  // what this held is wiped with `other`
  std::swap(id, other.id);
  return *this;
}

ClientKey::~ClientKey() { OPENSSL_cleanse(plain.data(), plain.size()); }

struct KeyRing::Keys {
  Keys(const Key& key_encryption, const Key& index)
      : wrap(Derive(key_encryption.bytes, kWrapLabel)),
        wrap_id(IdOf(wrap.bytes)),
        own(Derive(key_encryption.bytes, kOwnLabel).bytes),
        own_id(IdOf(Derive(key_encryption.bytes, kOwnLabel).bytes)),
        token(Derive(index.bytes, kTokenLabel).bytes),
        pseudonym(Derive(index.bytes, kPseudonymLabel).bytes) {}

  // A key per row, so that the number of rows is not bound by what random nonces under one key allow (2^32).
  Key OwnKey(std::string_view row) const { return Key(own.Of({row})); }

  const Key wrap;
  const std::string wrap_id;
  const Mac own;
  const std::string own_id;
  const Mac token;
  const Mac pseudonym;
};

KeyRing::KeyRing(std::unique_ptr<Keys> keys, Random* random) : keys_(std::move(keys)), random_(random) {}
KeyRing::~KeyRing() = default;

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Create(std::string_view key_encryption_key_hex,
                                                         std::string_view index_key_hex, Random* random) {
  ASSIGN_OR_RETURN(Key key_encryption, ParseHexKey("key-encryption key", key_encryption_key_hex));
  ASSIGN_OR_RETURN(Key index, ParseHexKey("index key", index_key_hex));
  return std::unique_ptr<KeyRing>(new KeyRing(std::make_unique<Keys>(key_encryption, index), random));
}

ClientKey KeyRing::NewClientKey(std::string_view client_id) const {
  ClientKey key;
  key.plain.resize(kKeyBytes);
  random_->Fill({Bytes(key.plain), kKeyBytes});
  key.id = IdOf(key.plain);
  key.wrapped = SealWith(keys_->wrap.bytes, keys_->wrap_id, WrapRow(client_id), key.plain, *random_);
  return key;
}

absl::StatusOr<ClientKey> KeyRing::Unwrap(std::string_view client_id, std::string_view wrapped) const {
  ClientKey key;
  ASSIGN_OR_RETURN(key.plain, OpenWith(keys_->wrap.bytes, keys_->wrap_id, WrapRow(client_id), wrapped));
  if (key.plain.size() != kKeyBytes) return Lost(WrapRow(client_id), "not a key");
  key.wrapped = wrapped;
  key.id = IdOf(key.plain);
  return key;
}

std::string KeyRing::Seal(const ClientKey& key, std::string_view row, std::string_view plaintext) const {
  Must(key.plain.size() == kKeyBytes);
  return SealWith(key.plain, key.id, row, plaintext, *random_);
}

absl::StatusOr<std::string> KeyRing::Open(const ClientKey& key, std::string_view row, std::string_view sealed) const {
  Must(key.plain.size() == kKeyBytes);
  return OpenWith(key.plain, key.id, row, sealed);
}

std::string KeyRing::SealOwn(std::string_view row, std::string_view plaintext) const {
  return SealWith(keys_->OwnKey(row).bytes, keys_->own_id, row, plaintext, *random_);
}

absl::StatusOr<std::string> KeyRing::OpenOwn(std::string_view row, std::string_view sealed) const {
  return OpenWith(keys_->OwnKey(row).bytes, keys_->own_id, row, sealed);
}

std::string KeyRing::Token(std::string_view space, std::string_view value) const {
  return keys_->token.Of({space, value});
}

std::string KeyRing::Pseudonym(std::string_view recipient, std::string_view value) const {
  std::string code = keys_->pseudonym.Of({recipient, value});
  return absl::BytesToHexString({code.data(), 16});
}

}  // namespace schotvrij::identity
