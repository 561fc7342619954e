#include "gateway/cli/completion.h"

#include <CLI/CLI.hpp>
#include <string>

namespace schotvrij::cli {
namespace {

// One line per command: `case` pattern of its words, and the words that may follow.
void WriteCases(const CLI::App& app, const std::string& words_before, std::ostream& out) {
  out << "    '" << words_before << "') echo '";
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
  out << "_schotvrij_words() {\n"
         "  case \"$1\" in\n";
  WriteCases(program, "", out);
  out << "    *) return 1 ;;\n"
         "  esac\n"
         "}\n"
         // Words that lead to no command are options, their values and file names.
         "_schotvrij() {\n"
         "  local command='' word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    _schotvrij_words \"${command:+$command }$word\" > /dev/null && command+=\"${command:+ }$word\"\n"
         "  done\n"
         "  COMPREPLY=($(compgen -W \"$(_schotvrij_words \"$command\")\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [[ -n ${COMPREPLY[*]} ]] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -F _schotvrij schotvrij\n";
}

}  // namespace schotvrij::cli
