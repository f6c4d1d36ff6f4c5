/**
 * The agent of a kept release. It speaks as Claude Code does, and what it does is told by its task's title: it commits, asks, breaks, meets a
 * usage limit, or waits for what it is told, of which `Finish.` has it commit.
 */
export const RELEASE_AGENT = `
say() { printf '%s\\n' "$1"; }
turn=0
reply() {
  turn=$((turn + 1))
  say '{"type":"assistant","message":{"id":"'"$TAC8_RUN.$turn"'","model":"m","content":[{"type":"text","text":"'"$1"'"}],"usage":{"input_tokens":100,"output_tokens":10}}}'
}
end() { # words, subtype, is_error, terminal_reason, status
  say '{"type":"result","subtype":"'"$2"'","is_error":'"$3"',"terminal_reason":"'"$4"'","api_error_status":'"\${5:-null}"',"num_turns":1,"result":"'"$1"'","usage":{"input_tokens":100,"output_tokens":10},"total_cost_usd":0.25}'
}
commit() {
  echo "$TAC8_TASK" >"$TAC8_TASK.txt"
  git add -A && git commit -qm "Work on $TAC8_TASK"
  end "Done with $TAC8_TASK." success false completed
}
hear() { # acknowledges a message that has a name
  case $1 in *'"uuid":"'*) ;; *) return ;; esac
  name=\${1##*'"uuid":"'}
  say '{"type":"command_lifecycle","command_uuid":"'"\${name%%\\"*}"'","state":"started"}'
}
began=
while read -r line; do
  case $line in
    *'"subtype":"interrupt"'*) end "" error_during_execution true aborted_streaming ;;
    *'"type":"user"'*)
      hear "$line"
      if [ -z "$began" ]; then
        began=1
        say '{"type":"system","subtype":"init","session_id":"conversation-of-'"$TAC8_TASK"'","cwd":"/","tools":[],"model":"m","claude_code_version":"2.1.197"}'
        reply "I look at $TAC8_TASK."
        case $line in
          *'Say hello'*) commit ;;
          *'Choose a format'*) echo "SQLite or Parquet?" >BLOCKED.md; end "I have a question." success false completed ;;
          *'Break something'*) end "It broke." error_during_execution true ""; exit 1 ;;
          *'Meet a limit'*)
            say '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":'$(($(date +%s) + 3600))',"rateLimitType":"five_hour"}}'
            end "You have hit your limit." success true api_error 429
            exit 1 ;;
        esac
        continue
      fi
      case $line in *Finish.*) commit ;; *) reply "I heard it." ;; esac ;;
  esac
done
`;
