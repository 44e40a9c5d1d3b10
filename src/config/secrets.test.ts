import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayText, secretValues, substitute } from './secrets.ts';

const sources = {
  env: { TOKEN: 'tok-123456', HOST: 'tv.example.com', PORT: '8080', EMPTY: '', BASE: 'http://tv.example.com', URL: 'http://u:pw@h/x' },
  readSecretFile: (path: string) => ({ '/run/secrets/token': 'from-file\n', '/run/secrets/empty': '\n' })[path],
};

describe('substitute', () => {
  it.each([
    ['plain', 'plain'],
    ['a $ b $$ {c}', 'a $ b $$ {c}'],
    ['${TOKEN}', 'tok-123456'],
    ['a-${TOKEN}-${HOST}', 'a-tok-123456-tv.example.com'],
    ['${UNSET:-fallback}', 'fallback'],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${UNSET:-}', ''],
    ['${TOKEN:-fallback}', 'tok-123456'],
    ['${UNSET:-http://h:80/x}', 'http://h:80/x'],
    ['${file:/run/secrets/token}', 'from-file'],
    ['$${TOKEN}', '${TOKEN}'],
    ['$${TOKEN} ${TOKEN}', '${TOKEN} tok-123456'],
  ])('%s becomes %s', (text, value) => {
    expect(substitute(text, sources)).toMatchObject({ ok: true, value: { value } });
  });

  it.each([
    ['${UNSET}', 'the environment variable UNSET is not set'],
    ['${EMPTY}', 'the environment variable EMPTY is empty'],
    ['${file:/nope}', 'cannot read the secret file /nope'],
    ['${file:}', 'cannot read the secret file (no name given)'],
    ['${file:/run/secrets/empty}', 'the secret file /run/secrets/empty is empty'],
    ['${MY VAR}', 'expected ${NAME}, ${NAME:-default} or ${file:/path}'],
    ['${}', 'expected ${NAME}, ${NAME:-default} or ${file:/path}'],
    ['${A:-${B}}', 'references cannot be nested'],
    ['${TOKEN', 'the reference ${ is never closed: add }, or write $${ for a plain ${'],
    ['${constructor}', 'the environment variable constructor is not set'],
  ])('%s is refused: %s', (text, message) => {
    expect(substitute(text, sources)).toMatchObject({ ok: false, problem: { message } });
  });

  it.each([
    ['http://${HOST}:${PORT}/live/${TOKEN}.ts', 'http://tv.example.com:8080/live/${TOKEN}.ts', ['tok-123456']],
    ['${BASE}/live/${TOKEN}', 'http://tv.example.com/live/${TOKEN}', ['tok-123456']],
    ['http://${TOKEN}@${HOST}/', 'http://${TOKEN}@tv.example.com/', ['tok-123456']],
    ['${URL}', '${URL}', ['http://u:pw@h/x']],
    ['Bearer ${file:/run/secrets/token}', 'Bearer ${file:/run/secrets/token}', ['from-file']],
    ['http://h/${UNSET:-x}', 'http://h/x', []],
  ])('%s is shown as %s', (text, display, secrets) => {
    const substituted = substitute(text, sources);
    if (!substituted.ok) throw new Error(substituted.problem.message);
    expect(displayText(substituted.value)).toBe(display);
    expect(secretValues(substituted.value)).toEqual(secrets);
  });

  it('leaves text without references as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('${')),
        (text) => {
          expect(substitute(text, sources)).toMatchObject({ ok: true, value: { value: text } });
        },
      ),
    );
  });

  it('never shows a value in a problem, a display or an unfinished reference', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const substituted = substitute(`${before}\${TOKEN}${after}`, sources);
        const shown = substituted.ok ? displayText(substituted.value) : substituted.problem.message;
        expect(shown).not.toContain('tok-123456');
      }),
    );
  });
});
