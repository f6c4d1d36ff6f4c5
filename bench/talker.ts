/**
 * A program that speaks Claude Code's stream-json and does nothing else, in a language that costs little a hundred times over.
 * `talker.pl DESK RATE …`: says RATE events a second until DESK/enough is there, for two minutes at most; DESK/RUN.began when it
 * begins, DESK/RUN.ended with the number of lines it has said. It ends with a question, so that nothing is pushed.
 */
export const TALKER = `use strict;
use warnings;
$| = 1;
my ($desk, $rate) = @ARGV;
my $run = $ENV{TAC8_RUN};
my $session = "00000000-0000-4000-8000-000000" . substr($run, 2);
my $said = 0;
my $tail = qq("session_id":"$session");
sub note { my ($name, $text) = @_; open(my $file, '>', "$desk/$run.$name") or die; print $file $text; close($file) or die; }
sub say_line { print "$_[0]\\n"; $said += 1; }
say_line(qq({"type":"system","subtype":"init","cwd":"/","tools":["Bash"],"model":"talker",$tail}));
note('began', $$);
for (my $n = 1; $n <= 120 * $rate; $n += 1) {
  my $text = "step $n of many, with a few words as agents have them, and a path such as src/part-$n/file.ts";
  say_line(qq({"type":"assistant","message":{"id":"msg_$n","role":"assistant","model":"talker","content":[{"type":"text","text":"$text"}],"usage":{"input_tokens":10,"output_tokens":20}},$tail}));
  last if $n % $rate == 0 && -e "$desk/enough";
  select(undef, undef, undef, 1 / $rate);
}
open(my $blocked, '>', 'BLOCKED.md') or die;
print $blocked "enough said\\n";
close($blocked) or die;
say_line(qq({"type":"result","subtype":"success","is_error":false,"num_turns":1,"result":"enough","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":20},$tail}));
note('ended', $said);
`;
