#include "gateway/transport/grpc/status.h"

#include <vector>

#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"
#include "schotvrij/errors/v1/error_details.pb.h"

namespace schotvrij::rpc {
namespace {

errors::v1::Status DetailsOf(const grpc::Status& status) {
  errors::v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(GrpcStatus, EveryRuleOfTheIssueTableHasAStatus) {
  for (const Table::Row& row : Table::Embedded("schemas/codes/issue.csv").rows()) {
    const grpc::Status status = StatusOf(MakeIssue(row["rule"], ""));
    EXPECT_NE(status.error_code(), grpc::StatusCode::OK) << row["rule"];
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNKNOWN) << row["rule"];
  }
}

TEST(GrpcStatus, OfSeveralErrorsTheOneThatStandsFirstInTheTableDecides) {
  const std::vector<Issue> issues = {MakeIssue("SURNAME-MISSING", "client.name"), MakeIssue("CONSENT-MISSING", ""),
                                     MakeIssue("SENDER-ROLE", "")};
  EXPECT_EQ(StatusOf(issues).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST(GrpcStatus, ARuleWithARowOfItsOwnIsNotJudgedByItsCode) {
  EXPECT_EQ(StatusOf(MakeIssue("BUSY", "")).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(StatusOf(MakeIssue("STORE-UNAVAILABLE", "")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StatusOf(MakeIssue("BSN-DIFFERENT", "")).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(StatusOf(MakeIssue("KEY-REUSED", "")).error_code(), grpc::StatusCode::ALREADY_EXISTS);
}

TEST(GrpcStatus, OnlyWhatMayBeTriedAgainSaysWhen) {
  EXPECT_EQ(DetailsOf(StatusOf(MakeIssue("BSN-LENGTH", ""))).details_size(), 2);
  const errors::v1::Status busy = DetailsOf(StatusOf(std::vector{MakeIssue("BUSY", "")}, 30));
  ASSERT_EQ(busy.details_size(), 3);
  EXPECT_EQ(busy.details(2).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
  errors::v1::RetryInfo retry;
  ASSERT_TRUE(retry.ParseFromString(busy.details(2).value()));
  EXPECT_EQ(retry.retry_delay().seconds(), 30);
}

TEST(GrpcStatus, DetailsStayWithinWhatAClientTakesAsTrailersAndSayWhatWasLeftOut) {
  const std::vector<Issue> issues(500, MakeIssue("BSN-ELEVEN-TEST", "client.bsn"));
  const grpc::Status status = StatusOf(issues);
  EXPECT_LE(status.error_details().size(), limits::kErrorDetailsBytesMax + 1024);
  errors::v1::BadRequest bad_request;
  errors::v1::ErrorInfo info;
  ASSERT_TRUE(bad_request.ParseFromString(DetailsOf(status).details(0).value()));
  ASSERT_TRUE(info.ParseFromString(DetailsOf(status).details(1).value()));
  EXPECT_EQ(std::to_string(500 - bad_request.field_violations_size()), info.metadata().at("left_out"));
}

TEST(GrpcStatus, ARefusalWithoutAReasonIsOurFault) {
  EXPECT_EQ(StatusOf(std::vector<Issue>()).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(GrpcStatus, WhomNobodyKnowsIsToldNothing) {
  EXPECT_EQ(Unauthenticated().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Unauthenticated().error_message(), "");
  EXPECT_EQ(Unauthenticated().error_details(), "");
}

TEST(GrpcStatus, PathsAreSaidInTheWordsOfTheRequest) {
  constexpr PathWord kWords[] = {{"envelope.recipient", "recipient"}, {"envelope.request_key", "request_id"}};
  const std::vector<Issue> issues =
      InWordsOf(kWords, {MakeIssue("KEY-FORM", "envelope.request_key"), MakeIssue("FHIR-VALUE", "envelope.recipient.value"),
                         MakeIssue("FHIR-VALUE", "envelope.recipient_other"), MakeIssue("BSN-LENGTH", "client.bsn")});
  EXPECT_EQ(issues[0].path, "request_id");
  EXPECT_EQ(issues[1].path, "recipient.value");
  EXPECT_EQ(issues[2].path, "envelope.recipient_other");
  EXPECT_EQ(issues[3].path, "client.bsn");
}

}  // namespace
}  // namespace schotvrij::rpc
