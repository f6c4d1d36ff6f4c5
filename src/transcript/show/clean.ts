/*
 * Text from an agent is shown on terminals: escape sequences, other control characters and characters that reorder
 * the line (bidirectional overrides) are made visible, never passed on.
 */
const LINE_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/g;

/** Several lines: newlines and tabs stay, CRLF becomes a newline, everything else that controls a terminal becomes visible. */
export const cleanText = (text: string): string => text.replaceAll('\r\n', '\n').replace(LINE_CONTROL, visible);

/** One line: newlines and tabs become blanks, too. */
export const cleanLine = (text: string): string => text.replace(/\r\n|[\n\t]/g, ' ').replace(LINE_CONTROL, visible);

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  return '�';
}
