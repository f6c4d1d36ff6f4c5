import { commandOf, type UnitFacts } from './facts.ts';

/**
 * The same for launchd. `AbandonProcessGroup` leaves the workers alone; launchd knows one signal, SIGTERM, on which the daemon waits for
 * its workers, and after `ExitTimeOut` SIGKILL, which a daemon survives like any other end. Tokens come from the login keychain or `gh`.
 */
export function launchdPlist(facts: UnitFacts): string {
  const { name, path, log } = facts;
  const text = (value: string): string => `<string>${escaped(value)}</string>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>${text(name)}
  <key>ProgramArguments</key>
  <array>${commandOf(facts).map(text).join('')}</array>
  <key>EnvironmentVariables</key>
  <dict><key>PATH</key>${text(path)}</dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>ExitTimeOut</key><integer>5</integer>
  <key>AbandonProcessGroup</key><true/>
  <key>StandardOutPath</key>${text(log)}
  <key>StandardErrorPath</key>${text(log)}
</dict>
</plist>
`;
}

const MARKS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const escaped = (value: string): string => value.replace(/[&<>"']/g, (mark) => MARKS[mark] ?? mark);
