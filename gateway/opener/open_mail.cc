#include "gateway/opener/open_mail.h"

#include <gmime/gmime.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <utility>

#include "gateway/opener/charset.h"
#include "gateway/opener/cms.h"
#include "gateway/opener/mime.h"

namespace schotvrij::opener {
namespace {

using mail::v1::OpenedMail;
using mail::v1::OpenRequest;
using Kind = Entity::Kind;

class Opener {
 public:
  Opener(const OpenRequest& request, OpenedMail* opened) : request_(request), opened_(opened) {}

  Rule Run() {
    if (Rule refused = ReadHead(request_.mail(), opened_); !refused.empty()) return refused;
    std::string bytes = request_.mail();
    Entity entity = ReadEntity(bytes);
    bool needs_signature = false;
    if (entity.kind == Kind::kCms && KindOf(entity.cms) == CmsKind::kEncrypted) {
      Decrypted decrypted = Decrypt(entity.cms, request_.certificate_pem(), request_.key_pem());
      if (!decrypted.refused.empty()) return decrypted.refused;
      opened_->set_encrypted(true);
      needs_signature = !decrypted.authenticated;
      bytes = std::move(decrypted.entity);
      entity = ReadEntity(bytes);
    }
    if (entity.kind == Kind::kCms || entity.kind == Kind::kMultipartSigned) {
      Verified verified = Verify(entity, bytes);
      if (!verified.refused.empty()) return needs_signature ? "MAIL-SIGNATURE" : verified.refused;
      opened_->set_signer(std::move(verified.signer));
      opened_->set_key(std::move(verified.key));
      entity = ReadEntity(verified.entity);
    } else if (needs_signature) {
      return "MAIL-SIGNATURE";  // bytes in CBC can be changed by who cannot read them
    }
    return Keep(std::move(entity));
  }

 private:
  static Verified Verify(const Entity& entity, const std::string& bytes) {
    if (entity.kind == Kind::kMultipartSigned) return VerifyMultipart(bytes);
    const CmsKind kind = KindOf(entity.cms);
    if (kind == CmsKind::kSigned) return VerifyOpaque(entity.cms);
    return {kind == CmsKind::kNone ? "MAIL-SYNTAX" : "MAIL-ALGORITHM", "", "", ""};
  }

  Rule Keep(Entity entity) {
    if (!entity.refused.empty()) return entity.refused;
    if (entity.kind == Kind::kCms || entity.kind == Kind::kMultipartSigned) return "MAIL-ALGORITHM";  // a third layer
    if (entity.kind == Kind::kReport) {
      opened_->set_automatic(true);
      *opened_->mutable_report() = std::move(entity.report);
      return "";
    }
    opened_->set_text(std::move(entity.text));
    if (opened_->key().empty()) opened_->set_key(Sha256Hex(opened_->message_id() + "|" + opened_->from()));
    return "";
  }

  const OpenRequest& request_;
  OpenedMail* const opened_;
};

}  // namespace

void Prepare() {
  g_mime_init();
  OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS | OPENSSL_INIT_LOAD_CONFIG |
                          OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
                      nullptr);
  EVP_CIPHER_free(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));  // loads the provider
  LoadCharsets();
}

OpenedMail Open(const OpenRequest& request) {
  OpenedMail opened;
  if (Rule refused = Opener(request, &opened).Run(); !refused.empty()) {
    opened.set_refused(std::move(refused));
    opened.clear_text();
  }
  return opened;
}

}  // namespace schotvrij::opener
