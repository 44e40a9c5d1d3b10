// Removes credentials from text; used at every sink (logs, status, plan, errors, JSON).

const mask = '***';

const userinfo = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]*@/gi;
const secretQuery =
  /([?&;](?:key|streamkey|token|access_token|auth|authorization|sig|signature|secret|pass|passwd|password|user|username|streamid|passphrase|apikey|api_key|hdnts|hdnea|wmsauthsign|policy|key-pair-id|st|e)=)[^&\s'"|\]]+/gi;
/** Xtream Codes: /live/USER/PASS/ID.ts, /movie/..., or plain /USER/PASS/ID. */
const xtreamPath = /(https?:\/\/[^\s/'"]+\/(?:live|movie|series|timeshift)\/)[^\s/'"]+\/[^\s/'"]+(?=\/)/gi;
const xtreamBare = /(https?:\/\/[^\s/'"]+\/)[^\s/'"?]+\/[^\s/'"?]+(?=\/\d+(?:\.(?:ts|m3u8))?(?:[\s?'"]|$))/gi;
const headerValue = /\b((?:proxy-)?authorization|cookie|set-cookie|x-[\w-]*(?:token|key|secret|auth)[\w-]*)(\s*:\s*)[^\r\n]+/gi;

/** Patterns first, then the exact values that are known to be secret (longest first). */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let out = text
    .replace(userinfo, `$1${mask}@`)
    .replace(xtreamPath, `$1${mask}/${mask}`)
    .replace(xtreamBare, (whole, host: string) => (/\/hls\/|\/\*{3}\//.test(whole) ? whole : `${host}${mask}/${mask}`))
    .replace(secretQuery, `$1${mask}`)
    .replace(headerValue, `$1$2${mask}`);
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length >= 3) out = out.replaceAll(secret, mask);
  }
  return out;
}
