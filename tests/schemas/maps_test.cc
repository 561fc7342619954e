// The coverage maps as they stand, against the model as it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "schotvrij/v1/exchange.pb.h"
#include "tests/schemas/map_check.h"

namespace schotvrij::maps {
namespace {

Table Read(const std::string& name) {
  const std::string path = std::string(SOURCE_DIR) + "/schemas/maps/" + name + ".csv";
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  absl::StatusOr<Table> table = Table::Parse(path, text.str());
  EXPECT_TRUE(table.ok()) << table.status().message();
  return *std::move(table);
}

MapSet Shipped() {
  MapSet set{{}, Read("types"), Read("code_lists"), Read("never")};
  set.standards.push_back({"iwmo", "element", Read("iwmo")});
  set.standards.push_back({"aw319", "name", Read("aw319")});
  set.standards.push_back({"hl7v2", "name", Read("hl7v2")});
  set.standards.push_back({"fhir", "element", Read("fhir")});
  return set;
}

TEST(Maps, EveryElementHasItsPlaceAndEveryFieldItsElement) {
  const MapSet set = Shipped();
  for (const std::string& finding : Check(*v1::Exchange::descriptor(), set))
    ADD_FAILURE() << finding;
}

}  // namespace
}  // namespace schotvrij::maps
