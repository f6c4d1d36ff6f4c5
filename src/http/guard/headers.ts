/** A page of ours runs its own scripts alone, is framed by nobody and asks nobody else. */
const PAGE =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** What is no page is nothing that could run. */
const DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** What every answer says to a browser. */
export function headersFor(path: string): readonly (readonly [name: string, value: string])[] {
  const isData = /^\/(?:api\/|metrics$|healthz$)/.test(path);
  return [
    ['content-security-policy', isData ? DATA : PAGE],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
    ['cache-control', 'no-store'],
  ];
}
