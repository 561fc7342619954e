// KeyRing: everything that is secret. One data key per client, wrapped by a key-encryption key; AES-256-GCM with the row's
// identity as associated data; keyed tokens for look-ups; pseudonyms per recipient.
//
//   ClientKey key = ring.NewClientKey();                       // store key.wrapped
//   std::string sealed = ring.Seal(key, "facts/" + id, bytes);
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"

namespace schotvrij::identity {

// Moves only; what it held is wiped by the destructor and by assignment.
struct ClientKey {
  ClientKey() = default;
  ClientKey(ClientKey&& other) noexcept;
  ClientKey& operator=(ClientKey&& other) noexcept;
  ~ClientKey();

  std::string wrapped;  // safe to store
  std::string plain;    // 32 bytes
  std::string id;       // tells which key, and nothing else of it
};

// Sealed values are: form 1 (1 byte), id of the key (8), nonce (12), ciphertext, tag (16). Form, id and the row's identity are
// associated data. The keys proper are drawn from the two given ones by HKDF-SHA-256, one per purpose. Thread-safe.
class KeyRing {
 public:
  // Keys are 64 hexadecimal digits. kInvalidArgument otherwise, naming which.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Create(std::string_view key_encryption_key_hex,
                                                         std::string_view index_key_hex, Random* random);
  ~KeyRing();

  // `client_id` is bound into the wrapping.
  ClientKey NewClientKey(std::string_view client_id) const;
  absl::StatusOr<ClientKey> Unwrap(std::string_view client_id, std::string_view wrapped) const;

  // `row` names where the value stands ("exchange/<id>"): a value moved to another row or client does not open. Unwrap, Open and
  // OpenOwn return kDataLoss for that, and for a value that was cut or altered or belongs to another key.
  std::string Seal(const ClientKey& key, std::string_view row, std::string_view plaintext) const;
  absl::StatusOr<std::string> Open(const ClientKey& key, std::string_view row, std::string_view sealed) const;
  // Under the gateway's own keys, one per row, for rows about no client (answers).
  std::string SealOwn(std::string_view row, std::string_view plaintext) const;
  absl::StatusOr<std::string> OpenOwn(std::string_view row, std::string_view sealed) const;

  // Keyed token (HMAC-SHA-256, 32 bytes) of `value` in `space`; equal values in different spaces have unrelated tokens.
  std::string Token(std::string_view space, std::string_view value) const;
  // Recipient-scoped pseudonym, 32 hexadecimal digits.
  std::string Pseudonym(std::string_view recipient, std::string_view value) const;

 private:
  struct Keys;
  KeyRing(std::unique_ptr<Keys> keys, Random* random);
  std::unique_ptr<Keys> keys_;
  Random* random_;
};

}  // namespace schotvrij::identity
