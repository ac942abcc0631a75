import type { CommandGrammar, Place } from './completion-grammar.js';

/** The shells that a script can be printed for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** One of them. */
export type Shell = (typeof shells)[number];

/** How a shell writes a function that prints what belongs to its argument, and fails where nothing does. */
type Syntax = (
  name: string,
  entries: readonly (readonly [keys: readonly string[], lines: readonly string[]])[],
) => string;

/**
 * The script that completes command lines of mrepl in this shell. Commands, options and choices stand in it; names are
 * asked of `mrepl completion names KIND`. It needs no package beside the shell (bash from 4.4 on).
 */
export function completionScript(shell: Shell, grammar: readonly CommandGrammar[]): string {
  switch (shell) {
    case 'bash':
      return `# Completion of mrepl for bash: eval "$(mrepl completion bash)" in ~/.bashrc.\n${tables(grammar, posixTable)}${walk}${bashFront}`;
    case 'zsh':
      return `#compdef mrepl\n# Completion of mrepl for zsh: a file _mrepl in a directory of $fpath, or, after compinit, eval "$(mrepl completion zsh)".\n${tables(grammar, posixTable)}${walk}${zshFront}`;
    case 'fish':
      return `# Completion of mrepl for fish: ~/.config/fish/completions/mrepl.fish.\n${tables(grammar, fishTable)}${fishFront}`;
    default:
      return shell satisfies never;
  }
}

/** Keys are a command's path, behind it a colon and the option or the number of the argument, from 0. */
function tables(grammar: readonly CommandGrammar[], table: Syntax): string {
  const choices = (of: 'commands' | 'options') =>
    grammar
      .filter((command) => command[of].length > 0)
      .map((command) => [[command.path], command[of].map(({ word, about }) => `${word}\t${about}`)] as const);
  const values = grammar.flatMap(({ path, values }) =>
    values.map(({ spellings, place }) => [spellings.map((spelling) => `${path}:${spelling}`), [place]] as const),
  );
  const places = grammar.flatMap((command) =>
    command.arguments.map(({ place, repeats }, index): readonly [readonly string[], readonly Place[]] => [
      [`${command.path}:${repeats ? 'rest' : index}`],
      [place],
    ]),
  );
  return [
    table('_mrepl_commands', choices('commands')),
    table('_mrepl_options', choices('options')),
    table('_mrepl_value', values),
    table('_mrepl_argument', places),
  ].join('');
}

const posixTable: Syntax = (name, entries) => {
  const cases = entries.map(
    ([keys, lines]) => `    ${keys.map(quoted).join('|')}) printf '%s\\n' ${lines.map(quoted).join(' ')} ;;\n`,
  );
  return `${name}() {\n  case "$1" in\n${cases.join('')}    *) return 1 ;;\n  esac\n}\n`;
};

const fishTable: Syntax = (name, entries) => {
  const cases = entries.map(
    ([keys, lines]) =>
      `    case ${keys.map(fishQuoted).join(' ')}\n      printf '%s\\n' ${lines.map(fishQuoted).join(' ')}\n`,
  );
  return `function ${name}\n  switch $argv[1]\n${cases.join('')}    case '*'\n      return 1\n  end\nend\n`;
};

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/**
 * Goes through the words before the one to complete, and sets what bash and zsh have declared: `command`, `position` of
 * the argument, `pending` (the option whose value comes), `rest` (behind `--`), `chosen` (account and configuration).
 */
const walk = `_mrepl_walk() {
  local word
  for word in "$@"; do
    if [[ -n $pending ]]; then
      [[ $pending == --account || $pending == --config ]] && chosen+=("$pending" "\${word/#\\~\\//$HOME/}")
      pending=
    elif [[ -z $rest && $word == -- ]]; then
      rest=yes
    elif [[ -z $rest && $word == --*=* ]]; then
      [[ $word == --account=* || $word == --config=* ]] && chosen+=("$word")
    elif [[ -z $rest && $word == -?* ]]; then
      if _mrepl_value "$command:$word" >/dev/null; then pending=$word; fi
    elif [[ $position == 0 && $'\\n'$(_mrepl_commands "$command") == *$'\\n'"$word"$'\\t'* ]]; then
      command="\${command:+$command }$word"
    else
      position=$((position + 1))
    fi
  done
}
_mrepl_place() {
  if [[ -n $pending ]]; then
    _mrepl_value "$command:$pending"
  else
    _mrepl_argument "$command:$position" || _mrepl_argument "$command:rest" || echo nothing
  fi
}
`;

const bashFront = `_mrepl() {
  local command= pending= rest= position=0 chosen=() words=() i line place word glue current colons
  # bash takes "--account=alice" for three words, and "maildir:~/Maildir", too.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      word=
      ((i == COMP_CWORD)) || continue
    fi
    if [[ \${#words[@]} -gt 0 && ( -n $glue || $word =~ ^:+$ ) ]]; then words[-1]+=$word; else words+=("$word"); fi
    if [[ $word =~ ^:+$ ]]; then glue=yes; else glue=; fi
  done
  current=\${words[-1]}
  unset 'words[-1]'
  current=\${current#[\\"\\']}
  current=\${current//\\\\/}
  _mrepl_walk "\${words[@]}"
  COMPREPLY=()
  if [[ -z $pending$rest && $current == -* ]]; then
    while IFS= read -r line; do
      [[ $line == "$current"* ]] && COMPREPLY+=("\${line%%	*}")
    done < <(_mrepl_options "$command")
    return
  fi
  place=$(_mrepl_place)
  case $place in
    files) return ;; # bash's own completion of files, as nothing else was found
    directories) compopt -o dirnames +o default +o bashdefault 2>/dev/null ;;
    'names bundles') compopt -o filenames 2>/dev/null ;;
    'names mailboxes') compopt -o filenames +o default +o bashdefault 2>/dev/null ;;
    *) compopt +o default +o bashdefault 2>/dev/null ;;
  esac
  while IFS= read -r line; do
    [[ $line == "$current"* ]] && COMPREPLY+=("\${line%%	*}")
  done < <(
    case $place in
      'words '*) tr ' ' '\\n' <<<"\${place#words }" ;;
      'names '*) mrepl completion names "\${place#names }" "\${chosen[@]}" 2>/dev/null ;;
    esac
    [[ $place == 'names bundles' ]] && compgen -f -- "$current"
    [[ -z $pending && $position == 0 ]] && _mrepl_commands "$command"
  )
  [[ $place == directories && \${#COMPREPLY[@]} -gt 0 ]] && compopt -o plusdirs 2>/dev/null
  # What stands before the last colon is another word to bash, and stays as it is.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    colons=\${current%"\${current##*:}"}
    COMPREPLY=("\${COMPREPLY[@]#"$colons"}")
  fi
  return 0
}
complete -o default -o bashdefault -F _mrepl mrepl
`;

const zshFront = `_mrepl_describe() {
  local line
  local -a lines
  while IFS= read -r line; do
    lines+=("\${\${line%%	*}//:/\\\\:}:\${line#*	}")
  done
  (( \${#lines} )) && _describe -t "$1" "$1" lines
}
_mrepl() {
  local command= pending= rest= position=0 place
  local -a chosen names
  _mrepl_walk "\${(@)words[2,CURRENT-1]}"
  if [[ -z $pending$rest && \${words[CURRENT]} == --*=* ]]; then
    pending=\${\${words[CURRENT]}%%=*}
    compset -P '*='
  elif [[ -z $pending$rest && \${words[CURRENT]} == -* ]]; then
    _mrepl_describe options < <(_mrepl_options "$command")
    return
  fi
  place=$(_mrepl_place)
  [[ -z $pending && $position == 0 ]] && _mrepl_describe commands < <(_mrepl_commands "$command")
  case $place in
    files) _files ;;
    directories) _files -/ ;;
    'words '*) compadd -- \${(s: :)place#words } ;;
    'names '*)
      names=("\${(@f)$(mrepl completion names "\${place#names }" "\${chosen[@]}" 2>/dev/null)}")
      compadd -- "\${(@)names:#}"
      [[ $place == 'names bundles' ]] && _files
      ;;
  esac
  return 0
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _mrepl "$@"
else
  compdef _mrepl mrepl
fi
`;

const fishFront = `function _mrepl
  set -l command ''
  set -l pending ''
  set -l rest ''
  set -l position 0
  set -l chosen
  set -l before ''
  set -l words (commandline -opc)
  for word in $words[2..-1]
    if test -n "$pending"
      contains -- $pending --account --config; and set -a chosen $pending $word
      set pending ''
    else if test -z "$rest" -a "$word" = --
      set rest yes
    else if test -z "$rest"; and string match -q -- '--*=*' $word
      string match -qr -- '^--(account|config)=' $word; and set -a chosen $word
    else if test -z "$rest"; and string match -q -- '-?*' $word
      _mrepl_value "$command:$word" >/dev/null; and set pending $word
    else if test $position = 0; and _mrepl_commands "$command" | string match -q -- "$word"\\t'*'
      set command (string trim -- "$command $word")
    else
      set position (math $position + 1)
    end
  end
  set -l current (commandline -ct)
  if test -z "$pending$rest"; and string match -q -- '--*=*' $current
    set pending (string split -m 1 -- = $current)[1]
    set before "$pending="
    set current (string split -m 1 -- = $current)[2]
  else if test -z "$pending$rest"; and string match -q -- '-*' $current
    _mrepl_options "$command"
    return
  end
  set -l place nothing
  if test -n "$pending"
    set place (_mrepl_value "$command:$pending"; or echo nothing)
  else
    set place (_mrepl_argument "$command:$position"; or _mrepl_argument "$command:rest"; or echo nothing)
    test $position = 0; and _mrepl_commands "$command"
  end
  switch $place
    case files
      printf '%s\\n' $before(__fish_complete_path $current)
    case directories
      printf '%s\\n' $before(__fish_complete_directories $current '')
    case 'words *'
      printf '%s\\n' $before(string split ' ' -- (string replace 'words ' '' -- $place))
    case 'names *'
      printf '%s\\n' $before(mrepl completion names (string replace 'names ' '' -- $place) $chosen 2>/dev/null)
      test "$place" = 'names bundles'; and printf '%s\\n' $before(__fish_complete_path $current)
  end
end
complete -c mrepl -f -a '(_mrepl)'
`;
