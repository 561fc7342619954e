#include "tests/support/iwmo/oracle.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlschemas.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "tests/support/iwmo/own_schema.h"

namespace schotvrij::test {
namespace {

void SayNothing(void*, const char*, ...) {}
void SayNothingOf(void*, xmlErrorPtr) {}

// Files that a schema under construction may read; nothing else is read at all.
using Files = std::map<std::string, std::string>;
const Files* g_files = nullptr;

xmlParserInputPtr LoadOnlyThese(const char* url, const char*, xmlParserCtxtPtr parser) {
  if (g_files == nullptr || url == nullptr) return nullptr;
  const auto found = g_files->find(std::filesystem::path(url).filename().string());
  if (found == g_files->end()) return nullptr;
  xmlParserInputBufferPtr buffer =
      xmlParserInputBufferCreateMem(found->second.data(), static_cast<int>(found->second.size()), XML_CHAR_ENCODING_NONE);
  xmlParserInputPtr input = xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE);
  input->filename = reinterpret_cast<const char*>(xmlStrdup(reinterpret_cast<const xmlChar*>(url)));
  return input;
}

void Prepare() {
  static const bool ready = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(&LoadOnlyThese);
    xmlSetGenericErrorFunc(nullptr, &SayNothing);
    return true;
  }();
  static_cast<void>(ready);
}

xmlSchemaPtr ReadSchema(const std::string& message, const std::string& base) {
  Prepare();
  const Files files = {{"message.xsd", message}, {"basisschema.xsd", base}};
  g_files = &files;
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt("message.xsd");
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  g_files = nullptr;
  if (schema == nullptr) {
    std::fprintf(stderr, "libxml2 does not read this schema:\n%s\n", message.c_str());
    std::abort();
  }
  return schema;
}

std::string ReadWhole(const std::filesystem::path& file) {
  std::FILE* stream = std::fopen(file.c_str(), "rb");
  if (stream == nullptr) return "";
  std::string bytes;
  char buffer[16384];
  for (size_t size; (size = std::fread(buffer, 1, sizeof(buffer), stream)) > 0;) bytes.append(buffer, size);
  std::fclose(stream);
  return bytes;
}

using Document = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

Document Parse(std::string_view text) {
  Prepare();
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(xmlNewParserCtxt(), &xmlFreeParserCtxt);
  xmlDocPtr document = xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
  Document owned(document, &xmlFreeDoc);
  if (parser->wellFormed == 0 || parser->nsWellFormed == 0) owned.reset();
  return owned;
}

}  // namespace

Oracle::Oracle(_xmlSchema* schema) : schema_(schema, &xmlSchemaFree) {}

Oracle Oracle::Own(const iwmo::Grammar& grammar) {
  const OwnSchema schema = WriteOwnSchema(grammar);
  return Oracle(ReadSchema(schema.message, schema.base));
}

std::optional<Oracle> Oracle::Official(const iwmo::Grammar& grammar, const std::string& folder) {
  const std::filesystem::path root(folder);
  const std::string name = std::string(grammar.message()) + ".xsd";
  std::string message = ReadWhole(root / "xsd" / name);
  if (message.empty()) message = ReadWhole(root / "xsd-derived-return" / name);
  if (message.empty()) return std::nullopt;
  return Oracle(ReadSchema(message, ReadWhole(root / "xsd" / "basisschema.xsd")));
}

bool Oracle::Takes(std::string_view document) const {
  const Document parsed = Parse(document);
  return parsed != nullptr && Holds(parsed.get());
}

bool Oracle::Holds(xmlDoc* document) const {
  const std::unique_ptr<xmlSchemaValidCtxt, decltype(&xmlSchemaFreeValidCtxt)> validator(xmlSchemaNewValidCtxt(schema_.get()),
                                                                                         &xmlSchemaFreeValidCtxt);
  xmlSchemaSetValidStructuredErrors(validator.get(), &SayNothingOf, nullptr);
  return xmlSchemaValidateDoc(validator.get(), document) == 0;
}

std::string OfficialFolder(std::string_view source) { return std::string(source).append("/../shared/data/iwmo"); }

std::string Canonical(std::string_view text) {
  const Document document = Parse(text);
  if (document == nullptr) return "";
  xmlChar* bytes = nullptr;
  const int size = xmlC14NDocDumpMemory(document.get(), nullptr, XML_C14N_1_0, nullptr, 1, &bytes);
  const std::string canonical(reinterpret_cast<const char*>(bytes), size < 0 ? 0 : static_cast<size_t>(size));
  xmlFree(bytes);
  return canonical;
}

}  // namespace schotvrij::test
