export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/**
 * The program is called as it was typed (`bin/lightonocr` or `lightonocr`); the last word may be empty. No candidate: the
 * shell completes files.
 */
const SCRIPTS: Readonly<Record<CompletionShell, string>> = {
  bash: `_lightonocr() {
  local IFS=$'\\n' words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($("\${COMP_WORDS[0]}" complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _lightonocr lightonocr bin/lightonocr ./bin/lightonocr
`,
  zsh: `#compdef lightonocr
_lightonocr() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _lightonocr lightonocr bin/lightonocr ./bin/lightonocr
`,
  fish: `function __lightonocr_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..-1] 2>/dev/null
end
complete -c lightonocr -f -a '(__lightonocr_complete)'
complete -c lightonocr -n 'test -z "$(__lightonocr_complete)"' -F
`,
};

export const completionScript = (shell: CompletionShell): string => SCRIPTS[shell];
