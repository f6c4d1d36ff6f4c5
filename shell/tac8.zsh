#compdef tac8
# Completion of tac8 for zsh. Put into ~/.zshrc:  source <(tac8 completion zsh)
_tac8() {
  local line value
  local -a lines entries
  lines=("${(@f)$(command "${(Q)words[1]/#\~\//$HOME/}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  for line in $lines; do
    if [[ $line == :folders* ]]; then _files -/; return; fi
    value=${line%%$'\t'*}
    entries+=("${value//:/\\:}:${line#*$'\t'}")
  done
  (( ${#entries} )) && _describe -V tac8 entries
}
if [[ ${funcstack[1]} == _tac8 ]]; then _tac8 "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _tac8 tac8
fi
