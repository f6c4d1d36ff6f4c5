const SCHEMES = new Set(['http', 'https', 'mailto', 'ftp', 'irc', 'ircs', 'xmpp', 'tel', 'github-windows', 'github-mac', 'vscode']);
/** Longer ones are no addresses. */
const LONGEST = 2000;

/** Whether GitHub's page has a link or a picture there: it drops `javascript:`, `data:` and what it does not know. */
export function isShownAddress(address: string): boolean {
  const [, scheme] = /^([a-zA-Z][a-zA-Z0-9+.-]{0,30}):/.exec(address) ?? [];
  return address.length <= LONGEST && (scheme === undefined || SCHEMES.has(scheme.toLowerCase()));
}
