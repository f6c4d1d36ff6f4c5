# Completion of tac8 for bash. Put into ~/.bashrc:  source <(tac8 completion bash)
# The words go to tac8 as they stand on the line, each as an argument of its own: pressing Tab never evaluates what is typed.
# Each line of the answer is a value, a tab and a few words; `:folders` asks for the shell's own completion of folders.
# Works from bash 3.2 on. With several candidates the words stand beside the values; what is inserted is their common start.
_tac8() {
  COMPREPLY=()
  local value about width=0 n limit line
  local -a values=() abouts=()
  while IFS=$'\t' read -r value about; do
    if [[ $value == :folders ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$2")
      return
    fi
    values+=("$value")
    abouts+=("$about")
    (( ${#value} > width )) && width=${#value}
  done < <(command "${1/#\~\//$HOME/}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
  # 37 and 42: each candidate is put on the line as it is (menu-complete, insert-completions).
  if (( ${#values[@]} < 2 || COMP_TYPE == 37 || COMP_TYPE == 42 )); then
    (( ${#values[@]} == 0 )) || COMPREPLY=("${values[@]}")
    return
  fi
  limit=$(( ${COLUMNS:-80} - width - 4 ))
  (( limit < 20 )) && limit=20
  for n in "${!values[@]}"; do
    if [[ -z ${abouts[n]} ]]; then COMPREPLY+=("${values[n]}")
    else printf -v line '%-*s  %s' "$width" "${values[n]}" "${abouts[n]:0:limit}"; COMPREPLY+=("$line"); fi
  done
}
complete -o nosort -F _tac8 tac8 2>/dev/null || complete -F _tac8 tac8
