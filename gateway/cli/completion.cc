#include "gateway/cli/completion.h"

#include <CLI/CLI.hpp>
#include <string>

namespace schotvrij::cli {
namespace {

// One line per command: `case` pattern of the words before, and the words that may follow.
void WriteCases(const CLI::App& app, const std::string& words_before, std::ostream& out) {
  out << "    '" << words_before << "') words='";
  for (const CLI::App* command : app.get_subcommands(nullptr)) out << command->get_name() << ' ';
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out << "--" << name << ' ';
  }
  out << "' ;;\n";
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    WriteCases(*command, words_before.empty() ? command->get_name() : words_before + " " + command->get_name(), out);
  }
}

}  // namespace

void WriteBashCompletion(const CLI::App& program, std::ostream& out) {
  out << "_schotvrij() {\n"
         "  local words before='' word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == -* ]] || before+=\"${before:+ }$word\"\n"
         "  done\n"
         "  case \"$before\" in\n";
  WriteCases(program, "", out);
  out << "    *) words='' ;;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [[ -n ${COMPREPLY[*]} ]] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -F _schotvrij schotvrij\n";
}

}  // namespace schotvrij::cli
