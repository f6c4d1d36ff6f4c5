# Completion of tac8 for fish. Put it where fish looks:  tac8 completion fish > ~/.config/fish/completions/tac8.fish
function __tac8_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l lines (command $program __complete $words[2..-1] "$typed" 2>/dev/null </dev/null)
    if string match -q ':folders*' -- $lines[1]
        __fish_complete_directories "$typed" ''
    else
        printf '%s\n' $lines
    end
end
complete -c tac8 -f -k -a '(__tac8_complete)'
