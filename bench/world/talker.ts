/** What every line of a talker bears, and no other line. */
export const SESSION = '"session_id":"00000000-0000-4000-8000-';

/**
 * A program that speaks Claude Code's stream-json and does nothing else, in a language that costs little a hundred times over.
 * `talker.pl DESK …`: says as many events a second as DESK/rate names (0: it is silent), for half an hour at most; DESK/RUN.began when it
 * begins. When it is told to stop it finishes what it has in hand for SECONDS, as an agent does, writes DESK/RUN.told and
 * DESK/RUN.ended with the number of lines it has said, and leaves.
 */
export const talker = (seconds: number): string => `use strict;
use warnings;
use Time::HiRes qw(stat utime);
$| = 1;
my ($desk) = @ARGV;
my $run = $ENV{TAC8_RUN};
my $said = 0;
my $tail = qq(${SESSION}000000) . substr($run, 2) . '"';
sub note { my ($name, $text) = @_; open(my $file, '>', "$desk/$run.$name") or die; print $file $text; close($file) or die; }
sub say_line { print "$_[0]\\n"; $said += 1; }
sub rate { open(my $file, '<', "$desk/rate") or exit 1; my $rate = <$file>; return $rate + 0; }
say_line(qq({"type":"system","subtype":"init","cwd":"/","tools":["Bash"],"model":"talker",$tail}));
note('began', $$);
my $rate = rate();
my $end = time + 1800;
for (my $n = 1; time < $end; $n += 1) {
  if ($rate > 0) {
    my $at = sprintf("%.3f", Time::HiRes::time());
    my $text = "step $n at $at of many, with a few words as agents have them, and a path such as src/part-$n/file.ts";
    say_line(qq({"type":"assistant","message":{"id":"msg_$n","role":"assistant","model":"talker","content":[{"type":"text","text":"$text"}],"usage":{"input_tokens":10,"output_tokens":20}},$tail}));
  }
  if ($n % ($rate || 4) == 0) {
    if (-e "$ENV{TAC8_RUN_DIR}/stop-flag") {
      note('told', $n);
      # It was told when the flag was put there, however late it looked.
      my $since = (stat("$ENV{TAC8_RUN_DIR}/stop-flag"))[9];
      utime($since, $since, "$desk/$run.told") if defined $since;
      select(undef, undef, undef, ${seconds});
      last;
    }
    $rate = rate();
  }
  select(undef, undef, undef, 1 / ($rate || 4));
}
say_line(qq({"type":"result","subtype":"success","is_error":false,"num_turns":1,"result":"enough","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":20},$tail}));
note('ended', $said);
`;
