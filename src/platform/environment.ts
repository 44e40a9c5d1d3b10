// Which of our own environment variables a child gets to see.

/** What a long-running job needs and nothing that could change its manners. */
const daemonNames = ['PATH', 'HOME', 'TZ'];

/** Short-lived tools (docker, apt-get, ffprobe) also need their sockets, proxies and certificates. */
const toolNames =
  /^(?:PATH|HOME|USER|LOGNAME|TZ|TERM|TMPDIR|SSH_AUTH_SOCK|SSL_CERT_FILE|SSL_CERT_DIR|XDG_\w+|DOCKER_\w+|COMPOSE_\w+|BUILDX_\w+|BUILDKIT_\w+|(?:https?|ftp|no|all)_proxy)$/i;

/** Messages in English and UTF-8, whatever the user's locale: we read them. */
const locale = { LANG: 'C.UTF-8' };

export function daemonEnvironment(given: Readonly<Record<string, string>>): Record<string, string> {
  return { ...pick((name) => daemonNames.includes(name)), ...locale, ...given };
}

export function toolEnvironment(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...pick((name) => toolNames.test(name)), ...locale, ...given };
}

function pick(wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0])),
  );
}
