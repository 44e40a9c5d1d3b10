// A redactor that follows the list: preparing the secrets costs more than a line, and they change only with streams.yaml.

import { createRedactor } from '../core/redact.ts';

export function createCachedRedactor(secrets: () => readonly string[]): (text: string) => string {
  let known = secrets();
  let redactor = createRedactor(known);
  return (text) => {
    const current = secrets();
    if (current !== known) {
      known = current;
      redactor = createRedactor(current);
    }
    return redactor(text);
  };
}
