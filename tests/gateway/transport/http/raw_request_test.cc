// Requests that can be read in more than one way, or in none, against raw_requests.csv.
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "gateway/transport/http/head_check.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "tests/gateway/transport/http/edge_fixture.h"

namespace schotvrij::http {
namespace {

struct Case {
  std::string name;
  std::string statuses;
  std::string bytes;
};

std::vector<Case> Cases() {
  std::ifstream file(std::string(SOURCE_DIR) + "/tests/gateway/transport/http/raw_requests.csv");
  std::stringstream text;
  text << file.rdbuf();
  absl::StatusOr<Table> table = Table::Parse("raw_requests.csv", text.str());
  std::vector<Case> cases;
  if (!table.ok()) std::abort();
  for (const Table::Row& row : table->rows()) {
    std::string bytes;
    if (!absl::CUnescape(ToAbsl(row["bytes"]), &bytes)) bytes = "";
    cases.push_back({std::string(row["name"]), std::string(row["statuses"]), std::move(bytes)});
  }
  return cases;
}

class RawRequestTest : public EdgeTest, public ::testing::WithParamInterface<Case> {};

TEST_P(RawRequestTest, IsAnsweredAs) {
  ASSERT_FALSE(GetParam().bytes.empty());
  Start();
  std::unique_ptr<RawClient> client = Connect();
  ASSERT_TRUE(client->connected()) << client->alert();
  client->Send(GetParam().bytes);
  EXPECT_EQ(Statuses(client->ReadAll()), GetParam().statuses);
}

// The bytes may come in any pieces: the same answer when each comes alone.
TEST_P(RawRequestTest, IsAnsweredTheSameByteByByte) {
  Start();
  std::unique_ptr<RawClient> client = Connect();
  for (char c : GetParam().bytes) {
    if (!client->Send(std::string_view(&c, 1))) break;
  }
  EXPECT_EQ(Statuses(client->ReadAll()), GetParam().statuses);
}

INSTANTIATE_TEST_SUITE_P(Table, RawRequestTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST(HeadCheck, EndIsFoundWherePiecesMeet) {
  std::string_view head = "GET / HTTP/1.1\r\nHost: g\r\n\r\nrest";
  for (size_t cut = 0; cut < head.size(); ++cut) {
    HeadEnd before = FindHeadEnd(head.substr(0, cut));
    HeadEnd after = FindHeadEnd(head, before.size > 0 ? 0 : cut);
    EXPECT_EQ(before.size > 0 ? before.size : after.size, head.size() - 4) << cut;
    EXPECT_FALSE(after.bad);
  }
}

}  // namespace
}  // namespace schotvrij::http
