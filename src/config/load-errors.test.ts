// Bad file -> the exact report: line:column path: message [did you mean].

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { redactText } from '../core/redact.ts';
import { parseConfig } from './load.ts';
import { configError } from './report.ts';

const env = { TOKEN: 'tok-123456', EMPTY: '', WORD: 'banana' };

function diagnose(text: string) {
  const parsed = parseConfig(text, { path: '/etc/iptv/streams.yaml', env, readSecretFile: () => undefined });
  return parsed.ok ? [] : parsed.diagnostics;
}

function report(text: string): readonly string[] {
  return diagnose(text).map(({ location, path, message, suggestion }) => {
    const hint = suggestion === undefined ? '' : ` [${suggestion}]`;
    return `${location.line}:${location.column} ${path}: ${message}${hint}`;
  });
}

/** Line 5 and on belong to the stream. */
const inStream = (lines: string): string => `version: 1\nstreams:\n  - id: news\n    source: "test:"\n    ${lines}\n`;
/** The source is on line 4, column 13. */
const withSource = (source: string): string => `version: 1\nstreams:\n  - id: news\n    source: ${source}\n`;
const inServer = (line: string): string => `version: 1\nserver:\n  ${line}\nstreams: []\n`;
const withIds = (...ids: readonly string[]): string =>
  `version: 1\nstreams:\n${ids.map((id) => `  - { id: ${id}, source: "test:" }\n`).join('')}`;

describe('text and syntax', () => {
  it.each<[string, readonly string[]]>([
    ['', ['1:1 : the file is empty: it needs at least  version: 1  and  streams:']],
    ['# only a comment\n', ['1:1 : the file is empty: it needs at least  version: 1  and  streams:']],
    ['- a\n', ['1:1 : expected keys such as  version:  and  streams:  at the top, got a list']],
    ['hello\n', ['1:1 : expected keys such as  version:  and  streams:  at the top, got "hello"']],
    ['5\n', ['1:1 : expected keys such as  version:  and  streams:  at the top, got the number 5']],
    ['a\0b', ['1:1 : this is not a text file in UTF-8: it holds NUL characters']],
    ['version: 1\nstreams:\n\t- id: a\n', ['3:1 : tabs cannot indent YAML: use spaces']],
    ['\ufeffversion: 1\r\nstreams: []\r\nfoo: 1\r\n', ['3:1 foo: unknown key']],
    ['\ufefffoo: 1\nversion: 1\nstreams: []\n', ['1:1 foo: unknown key']],
    ['version: 1\nversion: 1\nstreams: []\n', ['2:1 : the key version is written twice in this group']],
    ['version: 1\nversion: 1\nstreams: []\nfoo: 1\n', ['2:1 : the key version is written twice in this group', '4:1 foo: unknown key']],
    ['version: 1\nstreams:\n  - id: a\n    source: "test:\n', ['4:13 : this quote is never closed']],
    ["version: 1\nstreams:\n  - id: 'a\n    source: b\n", ['3:9 : this quote is never closed']],
    ['version: 1\nstreams: [\n  {id: a}\n', ['2:10 : this bracket is never closed']],
    ['version: 1\nstreams: [{id: a, source: b]\n', ['2:11 : this bracket is never closed']],
    ['version: 1\nstreams:\n  - id: a\n   source: b\n', ['4:4 : wrong indentation: expected "- " or a deeper line']],
    ['version: 1\nstreams:\n  - id: a\n      source: b\n', ['3:9 : the line after this one is indented too deep']],
    [
      'version: 1\nserver:\n    window: 5\n  segment: 2s\nstreams: []\n',
      ['4:3 : wrong indentation: the keys of a group must start in the same column'],
    ],
    ['version: 1\nstreams\n  - id: a\n', ['2:1 : expected "key: value": the colon is missing, or the line is indented wrongly']],
    [
      'version: 1\nstreams:\n  - id:news\n    source: x\n',
      ['3:5 : expected "key: value": the colon is missing, or the line is indented wrongly'],
    ],
    [inStream('name: a: b'), ['5:11 : a value that contains ": " must be in quotes']],
    [inStream('name: @home'), ['5:11 : a value that starts with @ must be in quotes']],
    [inStream('name: "a\\q"'), ['5:13 : unknown escape inside double quotes: use single quotes, or double the backslash']],
    [inStream('output: { segment: ${SEGMENT} }'), ['5:24 : inside [ ] and { } put ${...} in quotes']],
    ['version: 1\nstreams: []\n---\nversion: 1\n', ['3:1 : only one YAML document is allowed: remove the line ---']],
    ['? [a]\n: b\n', ['1:3 : a key must be a plain word']],
    ['%YAML 1.1\n---\nversion: 1\nstreams: []\n', ['1:1 : YAML 1.1 is not supported: remove the %YAML line']],
    [inStream('name: !!str a'), ['5:17 : YAML tags (words with ! in front) are not supported; put the text in quotes']],
    [inStream('<<: { a: 1 }'), ['5:5 : merge keys (<<) are not supported; put shared settings under "defaults"']],
    ['version: 1\nstreams: *all\n', ['2:10 : no anchor &all before this alias']],
    [`${'['.repeat(20_000)}`, ['1:1 : the file is nested too deeply']],
    [Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), ['1:1 : the file is nested too deeply']],
  ])('%j', (text, expected) => {
    expect(report(text)).toEqual(expected);
  });

  it('stops alias bombs', () => {
    const level = (name: string, inner: string): string =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => `*${inner}`).join(', ')}]\n`;
    const bomb = `a: &a [x, x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}${level('g', 'f')}`;
    expect(report(bomb)).toEqual(['1:1 : the aliases of this file make too much data']);
    expect(report(`a: &a 1\nb: [${'*a, '.repeat(20_000)}]\n`)).toEqual([expect.stringMatching(/^2:\d+ : more than 10000 aliases$/)]);
    expect(report('version: 1\nstreams: &s [*s]\n')).toEqual(['2:14 streams[0]: expected a group of keys, got a list']);
  });
});

describe('shape', () => {
  it.each<[string, readonly string[]]>([
    ['streams: []\n', ['1:1 version: is missing: put  version: 1  at the top of the file']],
    ['version: 2\nfoo: 1\n', ['1:10 version: unknown version, this iptv reads version 1, got the number 2']],
    ['version: one\nstreams: []\n', ['1:10 version: unknown version, this iptv reads version 1, got "one"']],
    ['version: 1\n', ['1:1 streams: is missing']],
    ['version: 1\nstreams:\n', ['2:1 streams: expected a list (lines that start with "- "), got nothing']],
    ['version: 1\nstreams: { news: 1 }\n', ['2:10 streams: expected a list (lines that start with "- "), got a group of keys']],
    ['version: 1\nstreams:\n  - news\n', ['3:5 streams[0]: expected a group of keys, got "news"']],
    ['version: 1\nstreems: []\nstreams: []\n', ['2:1 streems: unknown key [streams]']],
    ['version: 1\nstreams: []\n__proto__: 1\n', ['3:1 __proto__: unknown key']],
    [inStream('user_agent: x'), ['5:5 streams[0].user_agent: unknown key [userAgent]']],
    [inStream('segment: 5s'), ['5:5 streams[0].segment: unknown key [output.segment]']],
    [inStream('restart: { dely: 5s }'), ['5:16 streams[0].restart.dely: unknown key [minDelay]']],
    [inStream('banana: 1'), ['5:5 streams[0].banana: unknown key']],
    [inStream('restart: 5s'), ['5:14 streams[0].restart: expected a group of keys, got "5s"']],
    [inStream('output:'), ['5:5 streams[0].output: expected a group of keys, got nothing']],
    [inStream('name: 24'), ['5:11 streams[0].name: expected a name, got the number 24: put it in quotes']],
    [inStream('name: true'), ['5:11 streams[0].name: expected a name, got true: put it in quotes']],
    [inStream('name:'), ['5:5 streams[0].name: expected a name, got nothing']],
    [inStream('name: ""'), ['5:11 streams[0].name: expected a name, got an empty text']],
    [inStream('name: [a]'), ['5:11 streams[0].name: expected a name, got a list']],
    [inStream('name: "a\\nb"'), ['5:11 streams[0].name: must be one line without control characters']],
    [inStream(`name: ${'x'.repeat(300)}`), ['5:11 streams[0].name: is too long: 300 characters, at most 200 are allowed']],
    [inStream('enabled: yes'), ['5:14 streams[0].enabled: expected true or false, got "yes" [true]']],
    [inStream('enabled: 1'), ['5:14 streams[0].enabled: expected true or false, got the number 1']],
    [inStream('tags: demo'), ['5:11 streams[0].tags: expected a list (lines that start with "- "), got "demo"']],
    [
      inStream('tags: [a, "b c", 5]'),
      [
        '5:15 streams[0].tags[1]: a tag may hold only letters, digits, - and _',
        '5:22 streams[0].tags[2]: expected a tag, got the number 5: put it in quotes',
      ],
    ],
    [inStream('logo: ftp://h/x.png'), ['5:11 streams[0].logo: expected an http or https URL']],
    [inStream('output: { video: copi }'), ['5:22 streams[0].output.video: expected one of auto, copy, transcode, got "copi" [copy]']],
    [
      inStream('output: { window: 2 }'),
      ['5:23 streams[0].output.window: expected a number of segments, a whole number from 3 to 1000, got the number 2'],
    ],
    [inStream('output: { segment: 2x }'), ['5:24 streams[0].output.segment: expected a duration such as 5s, 500ms, 2m or 1h, got "2x"']],
    [inStream('output: { cushion: 0 }'), ['5:24 streams[0].output.cushion: must be between 1s and 10m, got the number 0']],
    [
      inStream('output: { cushion: soon }'),
      ['5:24 streams[0].output.cushion: expected a duration such as 5s, 500ms, 2m or 1h, got "soon"'],
    ],
    [inStream('output: { segment: 2h }'), ['5:24 streams[0].output.segment: must be between 500ms and 1m, got "2h"']],
    [inStream('reconnect: { maxDelay: 1500ms }'), ['5:28 streams[0].reconnect.maxDelay: must be whole seconds, got "1500ms"']],
    [
      inStream('restart: { minDelay: -1 }'),
      ['5:26 streams[0].restart.minDelay: expected a duration such as 5s, 500ms, 2m or 1h, got the number -1'],
    ],
    [inStream('transport: tpc'), ['5:16 streams[0].transport: expected one of tcp, udp, got "tpc" [tcp]']],
  ])('%j', (text, expected) => {
    expect(report(text)).toEqual(expected);
  });
});

describe('server', () => {
  it.each<[string, readonly string[]]>([
    ['runtime: dokcer', ['3:12 server.runtime: expected one of auto, local, docker, got "dokcer" [docker]']],
    ['permissions: 777', ['3:16 server.permissions: expected one of compat, hardened, got the number 777']],
    ['rtmpUrl: http://h/live', ['3:12 server.rtmpUrl: expected a URL such as rtmp://nginx-rtmp:1935/live, got "http://"']],
    ['rtmpUrl: rtmp://h', ['3:12 server.rtmpUrl: needs exactly one path part, the application; the name of the stream is added behind it']],
    [
      'rtmpUrl: rtmp://h/live/news',
      ['3:12 server.rtmpUrl: needs exactly one path part, the application; the name of the stream is added behind it'],
    ],
    ["rtmpUrl: rtmp://h/li've", ['3:12 server.rtmpUrl: must not contain a quote']],
    ['rtmpUrl: rtmp://h/live|x', ['3:12 server.rtmpUrl: a URL must not contain "|": write %7C instead']],
    ['rtmpUrl: rtmp://h/live?a=b', ['3:12 server.rtmpUrl: must not have a ? or # part: more is added behind it']],
    ['hlsUrl: http://h/', ['3:11 server.hlsUrl: must end with /hls']],
    ['publicUrl: tv.example.com', ['3:14 server.publicUrl: is not a URL of the form scheme://host/path']],
    ['publicUrl: http://h/hls', ['3:14 server.publicUrl: must not end with /hls: it is added behind it']],
    [
      'publicUrl: http://localhost:9000',
      ['3:14 server.publicUrl: has port 9000, but server.ports.public is 8088; behind a reverse proxy give the name that viewers use'],
    ],
    [
      'publicUrl: http://127.0.0.1',
      ['3:14 server.publicUrl: has port 80, but server.ports.public is 8088; behind a reverse proxy give the name that viewers use'],
    ],
    ['publicUrl: https://tv.example.com', []],
    ['publicUrl: https://localhost:8443', []],
    ['hlsDirectory: tmp/hls', ['3:17 server.hlsDirectory: must be an absolute path such as /tmp/hls']],
    ['hlsDirectory: /tmp/out', ['3:17 server.hlsDirectory: the last part must be hls, because it is served as /hls']],
    ['hlsDirectory: /hls', ['3:17 server.hlsDirectory: must not lie directly in /: nginx serves the folder above hls']],
    ['hlsDirectory: /tmp/../etc/hls', ['3:17 server.hlsDirectory: must not lie directly in /etc: nginx serves the folder above hls']],
    ...['|', '[', ']', "'", '%', ';', '$', '{', '#'].map((char): [string, readonly string[]] => [
      `hlsDirectory: "/a${char}b/hls"`,
      [`3:17 server.hlsDirectory: must not contain ${JSON.stringify(char)}: ffmpeg and nginx would misread it`],
    ]),
    ['hlsDirectory: /a:b/hls', ['3:17 server.hlsDirectory: must not contain ":": ffmpeg and nginx would misread it']],
    ['hlsDirectory: "/a\\\\b/hls"', ['3:17 server.hlsDirectory: must not contain "\\\\": ffmpeg and nginx would misread it']],
    ['hlsDirectory: /a b/hls', ['3:17 server.hlsDirectory: must not contain a space: ffmpeg and nginx would misread it']],
    ['ports: { http: 99999 }', ['3:18 server.ports.http: expected a port, a whole number from 1 to 65535, got the number 99999']],
    ['ports: { rtmp: 8088 }', ['3:18 server.ports.rtmp: port 8088 is used for both ports.rtmp and ports.public']],
    ['ports: { rtmp: 1.5 }', ['3:18 server.ports.rtmp: expected a port, a whole number from 1 to 65535, got the number 1.5']],
    ['disk: { warn: 70, shed: 85% }', []],
    ['disk: { warn: 95 }', ['3:17 server.disk.warn: warn (95 %) must be lower than shed (90 %)']],
    ['disk: { shed: 80% }', ['3:17 server.disk.shed: warn (80 %) must be lower than shed (80 %)']],
    ['disk: { shed: 100 }', ['3:17 server.disk.shed: expected a percentage from 1 to 99, got the number 100']],
    ['disk: { shed: "9 GB" }', ['3:17 server.disk.shed: expected a percentage from 1 to 99, got "9 GB"']],
    ['segment: 10ms', ['3:12 server.segment: must be between 500ms and 1m, got "10ms"']],
  ])('%s', (line, expected) => {
    expect(report(inServer(line))).toEqual(expected);
  });
});

describe('slate', () => {
  it.each<[string, readonly string[]]>([
    ['slate: off', []],
    ['slate: on', []],
    ['slate: {}', []],
    ['slate: { text: "Back soon", clip: clips/soon.mp4 }', []],
    ['slate: of', ['5:12 streams[0].slate: expected one of on, off, got "of" [on]']],
    ['slate: false', ['5:12 streams[0].slate: expected one of on, off, got false']],
    ['slate: { clip: "http://h/x.mp4" }', ['5:20 streams[0].slate.clip: expected a file name, not a URL']],
    ['slate: { clip: "" }', ['5:20 streams[0].slate.clip: expected a file name, got an empty text']],
    ['slate: { text: "a\\nb" }', ['5:20 streams[0].slate.text: must be one line without control characters']],
    ['slate: { txt: x }', ['5:14 streams[0].slate.txt: unknown key [text]']],
  ])('%s', (line, expected) => {
    expect(report(inStream(line))).toEqual(expected);
  });
});

describe('checks', () => {
  it.each<[string, readonly string[]]>([
    ['checks: off', []],
    ['checks: on', []],
    ['checks: { black: off, frozen: 2m, silent: false, missing: 90 }', []],
    ['checks: none', ['5:13 streams[0].checks: expected one of on, off, got "none"']],
    ['checks: { black: 3s }', ['5:22 streams[0].checks.black: must be between 10s and 1h, got "3s"']],
    ['checks: { black: no }', ['5:22 streams[0].checks.black: expected off, or how long it must last, such as 60s, got "no"']],
    ['checks: { blck: off }', ['5:15 streams[0].checks.blck: unknown key [black]']],
  ])('%s', (line, expected) => {
    expect(report(inStream(line))).toEqual(expected);
  });
});

describe('hooks', () => {
  const withHook = (line: string): string => `version: 1\nhooks:\n  - ${line}\nstreams: []\n`;
  it.each<[string, readonly string[]]>([
    ['{ url: "https://chat.example/hook" }', []],
    ['{ command: [notify, --urgent], on: [nginx-down, list], for: 0s, minInterval: 1h, tags: [hd] }', []],
    ['{ on: [any] }', ['3:7 hooks[0].url: is missing: a hook needs url or command']],
    ['{ url: "http://h/x", command: [x] }', ['3:26 hooks[0].command: use either url or command, not both']],
    ['{ command: [x], headers: { A: b } }', ['3:21 hooks[0].headers: is for a hook with url']],
    ['{ url: "ftp://h/x" }', ['3:12 hooks[0].url: expected an http or https URL']],
    ['{ url: "http://h/x", for: 2d }', ['3:31 hooks[0].for: expected a duration such as 5s, 500ms, 2m or 1h, got "2d"']],
  ])('%s', (line, expected) => {
    expect(report(withHook(line))).toEqual(expected);
  });

  it('do not tell of themselves, and know their words', () => {
    expect(report(withHook('{ command: [x], on: [hook] }'))[0]).toMatch(
      /^3:\d+ hooks\[0\]\.on\[0\]: expected one of any, degraded, source-dead/,
    );
    expect(report(withHook('{ command: [x], on: [nginx-dwn] }'))[0]).toContain('[nginx-down]');
  });

  it('have names of their own', () => {
    expect(report('version: 1\nhooks:\n  - { name: a, command: [x] }\n  - { name: a, command: [y] }\nstreams: []\n')).toEqual([
      '4:13 hooks[1].name: hooks[0] has the name a already',
    ]);
  });
});

describe('streams and sources', () => {
  it.each<[string, readonly string[]]>([
    ['version: 1\nstreams:\n  - source: "test:"\n', ['3:5 streams[0].id: is missing']],
    ['version: 1\nstreams:\n  - id: news\n', ['3:5 streams[0].source: is missing: a stream needs source or sources']],
    [inStream('sources: ["test:"]'), ['5:5 streams[0].sources: use either source or sources, not both']],
    ['version: 1\nstreams:\n  - id: news\n    sources: []\n', ['4:14 streams[0].sources: the list is empty']],
    ['version: 1\nstreams:\n  - id: news\n    sources: "test:"\n', ['4:5 streams[0].sources: is for a list, not a single source [source]']],
    [withSource('["test:"]'), ['4:5 streams[0].source: is for one source, not a list [sources]']],
    [withSource('5'), ['4:13 streams[0].source: expected a URL or a file name, got the number 5: put it in quotes']],
    [withSource('{ kind: hls }'), ['4:5 streams[0].source.url: is missing: a source needs url or resolve']],
    [
      withSource('{ uri: http://h/x }'),
      ['4:5 streams[0].source.url: is missing: a source needs url or resolve', '4:15 streams[0].source.uri: unknown key [url]'],
    ],
    [
      withSource('htpp://h/x'),
      [
        '4:13 streams[0].source: unsupported scheme, expected one of http, https, rtmp, rtmps, rtsp, rtsps, srt, udp, rtp, file, test, got "htpp" [http]',
      ],
    ],
    [withSource('"http://h/a|b"'), ['4:13 streams[0].source: must not contain "|"']],
    [withSource('"http://h/a\\r\\nX: y"'), ['4:13 streams[0].source: must be one line without control characters']],
    [withSource('http://u:p@ss@h/x'), ['4:13 streams[0].source: has more than one @: inside a user name or password write it as %40']],
    [withSource('{ url: "udp://239.1.1.1" }'), ['4:20 streams[0].source.url: needs a port, such as udp://@239.1.1.1:1234']],
    [
      withSource('{ url: http://h/x, kind: hsl }'),
      ['4:38 streams[0].source.kind: expected one of hls, http-ts, rtmp, rtsp, srt, udp, rtp, file, test, got "hsl" [hls]'],
    ],
    [
      withSource('{ url: http://h/x, kind: rtmp }'),
      ['4:38 streams[0].source.kind: kind rtmp does not fit this source, which is http-ts; only http URLs leave a choice: hls or http-ts'],
    ],
    [
      withSource('{ url: http://h/x, transport: tcp }'),
      ['4:32 streams[0].source.transport: works only with rtsp sources, and this one is http-ts'],
    ],
    [
      withSource('{ url: a.ts, userAgent: x }'),
      ['4:26 streams[0].source.userAgent: works only with hls, http-ts, rtsp sources, and this one is file'],
    ],
    [
      withSource('{ url: http://h/x, userAgent: "a\\nb" }'),
      ['4:43 streams[0].source.userAgent: must be one line without control characters'],
    ],
    [
      withSource('{ url: http://h/x, headers: [a] }'),
      ['4:41 streams[0].source.headers: expected a group of headers, such as  Accept: "*/*", got a list'],
    ],
    [
      withSource('{ url: http://h/x, headers: { A B: x } }'),
      [`4:43 streams[0].source.headers["A B"]: a header's name may hold only letters, digits and !#$%&'*+-.^_\`|~ (RFC 9110)`],
    ],
    [
      withSource('{ url: http://h/x, headers: { X: "a\\r\\nY: b" } }'),
      ['4:46 streams[0].source.headers["X"]: must be one line without control characters'],
    ],
    [
      withSource('{ url: http://h/x, headers: { X: 5 } }'),
      [`4:46 streams[0].source.headers["X"]: expected a header's value, got the number 5: put it in quotes`],
    ],
    [
      withSource('{ url: http://h/x, headers: { X: a, x: b } }'),
      ['4:49 streams[0].source.headers["x"]: this header is given twice (upper and lower case are the same)'],
    ],
    [
      withSource('{ url: http://h/x, headers: { User-Agent: a } }'),
      ['4:43 streams[0].source.headers["User-Agent"]: this header cannot be set here: set it with the key userAgent'],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { protocol_whitelist: file } }'),
      [
        '4:48 streams[0].source.inputOptions.protocol_whitelist: this ffmpeg option is refused: iptv sets it, so that a hostile remote playlist cannot reach local files',
      ],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { -i: /etc/passwd } }'),
      ['4:48 streams[0].source.inputOptions["-i"]: this ffmpeg option is refused: inputs are given with source or sources'],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { f: lavfi } }'),
      ['4:48 streams[0].source.inputOptions.f: this ffmpeg option is refused: it is not an option of a live input'],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { -probesize: 5M } }'),
      ['4:48 streams[0].source.inputOptions["-probesize"]: is not on the list of ffmpeg input options that are let through [probesize]'],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { probesize: big } }'),
      ['4:59 streams[0].source.inputOptions.probesize: expected a number of bytes such as 65536, 64Ki or 5M, got "big"'],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { fflags: +genpts+bitexact } }'),
      [
        '4:56 streams[0].source.inputOptions.fflags: only these flags are let through: genpts, igndts, ignidx, discardcorrupt, nobuffer, nofillin, noparse, sortdts, fastseek, got "bitexact"',
      ],
    ],
    [
      withSource('{ url: http://h/x, inputOptions: { fifo_size: 5 } }'),
      ['4:48 streams[0].source.inputOptions.fifo_size: works only with udp sources, and this one is http-ts'],
    ],
  ])('%j', (text, expected) => {
    expect(report(text)).toEqual(expected);
  });
});

describe('rules across keys', () => {
  it.each<[string, readonly string[]]>([
    [withIds('News'), ['3:11 streams[0].id: an id may hold only a-z, 0-9, - and _, and starts with a letter or digit, got "News" [news]']],
    [withIds('24'), ['3:11 streams[0].id: expected an id, got the number 24: put it in quotes']],
    [withIds('live'), ['3:11 streams[0].id: the id live is reserved: it names the RTMP application and the URL path of the channels']],
    [withIds('news', 'sport', 'news'), ['5:11 streams[2].id: the id news is already used on line 3']],
    [
      withIds('stream_news', 'news'),
      ['3:11 streams[0].id: the id stream_news collides with news on line 4: the backup playlist of news is named stream_news.m3u8'],
    ],
    [
      withIds('news', 'news_hd'),
      ['4:11 streams[1].id: the id news_hd collides with news on line 3: renditions of news are named news_<rendition> [news-hd]'],
    ],
    [
      withIds('news', 'news-2'),
      ['4:11 streams[1].id: the id news-2 collides with news on line 3: nginx names the segments of news news-<number>.ts [news2]'],
    ],
    [
      inStream('restart: { minDelay: 2m }'),
      ['5:26 streams[0].restart.minDelay: restart.minDelay (2m) is longer than restart.maxDelay (1m)'],
    ],
    [
      `version: 1\ndefaults:\n  restart: { minDelay: 2m }\n${withIds('a', 'b').slice(11)}`,
      ['3:24 defaults.restart.minDelay: restart.minDelay (2m) is longer than restart.maxDelay (1m)'],
    ],
    [
      `version: 1\ndefaults:\n  restart: { minDelay: 2s }\nstreams:\n  - { id: a, source: "test:", restart: { maxDelay: 1s } }\n`,
      ['5:52 streams[0].restart.maxDelay: restart.minDelay (2s) is longer than restart.maxDelay (1s)'],
    ],
    [inStream('restart: { seamless: on }'), ['5:26 streams[0].restart.seamless: expected one of auto, off, got "on"']],
    [
      inStream('restart: { stallAfter: 3s }'),
      ['5:28 streams[0].restart.stallAfter: restart.stallAfter (3s) must be at least two segments (4s), or a healthy job is restarted'],
    ],
  ])('%j', (text, expected) => {
    expect(report(text)).toEqual(expected);
  });
});

describe('references', () => {
  it.each<[string, readonly string[]]>([
    [withSource('http://h/${UNSET}/x'), ['4:13 streams[0].source: the environment variable UNSET is not set']],
    [withSource('http://h/${EMPTY}/x'), ['4:13 streams[0].source: the environment variable EMPTY is empty']],
    [withSource('http://h/${file:token}/x'), ['4:13 streams[0].source: cannot read the secret file token']],
    [withSource('http://h/${TOKEN/x'), ['4:13 streams[0].source: the reference ${ is never closed: add }, or write $${ for a plain ${']],
    [
      withSource('{ url: "${UNSET}", kind: hls, transport: tcp }'),
      ['4:20 streams[0].source.url: the environment variable UNSET is not set'],
    ],
    [
      inStream('output: { segment: "${WORD}" }'),
      ['5:24 streams[0].output.segment: expected a duration such as 5s, 500ms, 2m or 1h (after replacing ${WORD})'],
    ],
    [
      withSource('${TOKEN}:x'),
      [
        '4:13 streams[0].source: unsupported scheme, expected one of http, https, rtmp, rtmps, rtsp, rtsps, srt, udp, rtp, file, test (after replacing ${TOKEN})',
      ],
    ],
    [
      'version: 1\nserver:\n  publicUrl: http://localhost:9\n  ports: { public: "${UNSET}" }\nstreams: []\n',
      ['4:20 server.ports.public: the environment variable UNSET is not set'],
    ],
  ])('%j', (text, expected) => {
    expect(report(text)).toEqual(expected);
  });
});

describe('the whole report', () => {
  const text = readFileSync('tests/fixtures/streams/many-problems.yaml', 'utf8');

  it('has every problem at once, in the order of the file', () => {
    expect(report(text)).toEqual([
      '2:1 sever: unknown key [server]',
      '5:12 server.runtime: expected one of auto, local, docker, got "dokcer" [docker]',
      '6:14 server.publicUrl: has port 9000, but server.ports.public is 8088; behind a reverse proxy give the name that viewers use',
      '7:30 server.ports.http: expected a port, a whole number from 1 to 65535, got the number 99999',
      '9:24 defaults.restart.minDelay: restart.minDelay (2m) is longer than restart.maxDelay (1m)',
      '11:9 streams[0].id: an id may hold only a-z, 0-9, - and _, and starts with a letter or digit, got "News" [news]',
      '12:13 streams[0].source: unsupported scheme, expected one of http, https, rtmp, rtmps, rtsp, rtsps, srt, udp, rtp, file, test, got "htpp" [http]',
      '14:11 streams[1].name: expected a name, got the number 24: put it in quotes',
      '15:14 streams[1].enabled: expected true or false, got "yes" [true]',
      '16:16 streams[1].restart.dely: unknown key [minDelay]',
      '17:13 streams[1].source: the environment variable SPORT_TOKEN is not set',
      '18:9 streams[2].id: the id sport_hd collides with sport on line 13: renditions of sport are named sport_<rendition> [sport-hd]',
      '19:20 streams[2].source.url: needs a port, such as udp://@239.1.1.1:1234',
      `19:50 streams[2].source.headers["A B"]: a header's name may hold only letters, digits and !#$%&'*+-.^_\`|~ (RFC 9110)`,
      '20:5 streams[3].source: is missing: a stream needs source or sources',
      '20:5 streams[3].id: is missing',
      '21:5 streams[3].segment: unknown key [output.segment]',
    ]);
  });

  it('shows the line and how much of it is wrong, without credentials', () => {
    const diagnostics = diagnose(text);
    expect(diagnostics[1]).toMatchObject({ lineText: '  runtime: dokcer', length: 6 });
    expect(diagnostics[6]).toMatchObject({ lineText: '    source: htpp://***@tv.example.com/news.m3u8' });
    expect(JSON.stringify(diagnostics)).not.toContain('hunter22');
  });

  it('keeps the reason readable where the key is the name of a secret header', () => {
    const text = withSource('{ url: http://h/x, headers: { Authorization: "Bearer ${UNSET}" } }');
    const [line = ''] = report(text);
    expect(line).toBe('4:58 streams[0].source.headers["Authorization"]: the environment variable UNSET is not set');
    expect(redactText(line)).toBe(line);
  });

  it('leaves the text of a very long line out', () => {
    const [diagnostic] = diagnose(`version: 1\nstreams: [${' '.repeat(5000)}5]\n`);
    expect(diagnostic?.location).toMatchObject({ line: 2, column: 5011 });
    expect(diagnostic).not.toHaveProperty('lineText');
  });

  it('becomes an error with exit code 78 that names the next command', () => {
    const error = configError(diagnose(text));
    expect(error).toMatchObject({ exitCode: 78, code: 'config-invalid', next: 'iptv validate' });
    expect(error.message).toBe('/etc/iptv/streams.yaml has 17 problems');
    expect(error.location).toEqual({ file: '/etc/iptv/streams.yaml', line: 2, column: 1 });
    expect(error.diagnostics).toHaveLength(17);
  });
});

describe('the schedule', () => {
  const scheduled = (keys: string): string =>
    `version: 1\nstreams:\n  - { id: news, source: "test:", tags: [hd], group: Demo }\nschedule:\n  - ${keys}\n`;
  it.each<[string, readonly string[]]>([
    ['cron: "30 4 * * *"', []],
    ['{ cron: "@daily", timezone: Europe/Berlin, quiet: ["22:00-06:00"], tags: [hd], rolling: 3, jitter: 5m }', []],
    ['{ rolling: 2 }', ['5:7 schedule[0].cron: is missing']],
    ['{ cron: "30 4 * *" }', ['5:13 schedule[0].cron: expected five fields (minute hour day month weekday), got 4']],
    ['{ cron: "0 0 30 2 *" }', ['5:13 schedule[0].cron: never comes: "0 0 30 2 *"']],
    [
      '{ cron: "0 4 * * *", timezone: Mars/Base }',
      ['5:36 schedule[0].timezone: is no time zone that this system knows, such as Europe/Berlin or UTC, got "Mars/Base"'],
    ],
    ['{ cron: "0 4 * * *", quiet: ["25:00-26:00"] }', ['5:34 schedule[0].quiet[0]: is no time of day, got "25:00-26:00"']],
    ['{ cron: "0 4 * * *", streams: [nwes] }', ['5:36 schedule[0].streams[0]: no stream has this id [news]']],
    [
      '{ cron: "0 4 * * *", tags: [hd], groups: [Demo] }',
      ['5:38 schedule[0].groups: use only one of streams, tags and groups; tags is there already'],
    ],
  ])('%s', (keys, expected) => {
    expect(report(scheduled(keys))).toEqual(expected);
  });
});
