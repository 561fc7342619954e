#include "policy/explain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "policy/grounds.h"
#include "policy/minimiser.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using schotvrij::v1::Exchange;

class Explainer {
 public:
  Explainer(const RuleSet& rules, const Ruling& ruling, const std::vector<Issue>& issues)
      : ruling_(ruling) {
    auto error = std::find_if(issues.begin(), issues.end(), [](const Issue& issue) {
      return issue.severity == Severity::kError;
    });
    if (error != issues.end()) obstacle_ = absl::StrCat(error->rule, ": ", error->text);
    if (ruling.rule == nullptr) return;
    plan_ = &rules.PlanOf(*ruling.rule);
    national_ = rules.FindNationalRule(ruling.rule->narrows());
    grounds_ = InWords(ruling.rule->grounds());
  }

  std::vector<Explanation> Run(const Exchange& exchange) {
    Walk(exchange, "", "", nullptr);
    return std::move(lines_);
  }

 private:
  // `shape` is the path without indices, `path` the one with them; `hider` says that nobody may know of what is in `message`.
  void Walk(const Message& message, const std::string& path, const std::string& shape, const FieldDescriptor* hider) {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string below = absl::StrCat(path, path.empty() ? "" : ".", field->name());
      const std::string shape_below = absl::StrCat(shape, shape.empty() ? "" : ".", field->name());
      const FieldDescriptor* own = HiddenBy(*field);
      const FieldDescriptor* hidden_by = own != nullptr && reflection.GetBool(message, own) ? own : hider;
      if (field->message_type() == nullptr) {
        AddLine(message, below, shape_below, hidden_by);
      } else if (!field->is_repeated()) {
        Walk(reflection.GetMessage(message, field), below, shape_below, hidden_by);
      } else {
        for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
          Walk(reflection.GetRepeatedMessage(message, field, i), absl::StrCat(below, "[", i, "]"),
               shape_below, hidden_by);
        }
      }
    }
  }

  void AddLine(const Message& parent, const std::string& path, const std::string& shape, const FieldDescriptor* hider) {
    Explanation line;
    line.path = path;
    const MinimiserPlan::SharedLeaf* leaf =
        obstacle_.empty() && plan_ != nullptr && hider == nullptr ? plan_->SharedBy(shape, parent) : nullptr;
    line.shared = leaf != nullptr && leaf->grain.as != v1::UNKNOWN;
    if (ruling_.rule != nullptr) line.rule = ruling_.rule->id();
    if (leaf != nullptr) {
      line.as = leaf->grain.as;
      line.ground = line.shared ? grounds_ : "withheld; the recipient reads the standard's own value for unknown in its place";
    } else if (hider != nullptr) {
      line.ground = absl::StrCat("goes to nobody, whatever a rule says: the message marks it (", hider->name(), ")");
    } else {
      line.ground = WhyWithheld(shape);
    }
    lines_.push_back(std::move(line));
  }

  std::string WhyWithheld(const std::string& shape) const {
    if (!obstacle_.empty()) return obstacle_;
    if (ruling_.rule == nullptr) return "no rule lets this content go to anybody";
    for (const v1::Leaf& leaf : ruling_.rule->leaf()) {
      if (leaf.path() == shape) {
        return "the rule shares it only under a condition that is not met here";
      }
    }
    if (national_ != nullptr) {
      for (const v1::Leaf& leaf : national_->leaf()) {
        if (leaf.path() != shape) continue;
        return leaf.on_written_need() ? "shared only on a written need, and the network names none"
                                      : "the network does not share what the national rule would";
      }
    }
    return "no rule shares it";
  }

  const Ruling& ruling_;
  const MinimiserPlan* plan_ = nullptr;
  const v1::Rule* national_ = nullptr;
  std::string obstacle_;
  std::string grounds_;
  std::vector<Explanation> lines_;
};

}  // namespace

std::vector<Explanation> ExplainLeaves(const RuleSet& rules, const Exchange& exchange,
                                       const Ruling& ruling, const std::vector<Issue>& issues) {
  return Explainer(rules, ruling, issues).Run(exchange);
}

}  // namespace schotvrij::policy
