#include "tests/gateway/transport/mail/mail_fixture.h"

namespace schotvrij::mail {
namespace {

const ::testing::Environment* const kDirectory =
    ::testing::AddGlobalTestEnvironment(new TestDirectory);

}  // namespace
}  // namespace schotvrij::mail
