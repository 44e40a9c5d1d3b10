// A real player: hls.js in headless Chromium, with the settings it comes with, told what a viewer would have noticed.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium, type Browser, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome'];

/** Of the distribution: playwright-core brings no browser. undefined where none is installed. */
export const chromiumPath = [process.env['CHROMIUM_PATH'] ?? '', ...places].find((path) => path !== '' && existsSync(path));

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--autoplay-policy=no-user-gesture-required',
];

/** Playwright would end this process at the first signal, and leave everything behind that is not a browser. */
const leaveSignals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };

export interface PlayerError {
  /** Seconds since the page was opened. */
  readonly at: number;
  readonly details: string;
  /** HTTP status, where there was an answer. */
  readonly code: number | null;
  readonly fatal: boolean;
  readonly text: string;
}

/** Numbers count from the last `mark`. */
export interface PlayerReport {
  readonly playedSeconds: number;
  /** How long the picture stands still by now. */
  readonly stallSeconds: number;
  readonly longestStallSeconds: number;
  /** The player gave up, and the page had to start it anew. */
  readonly reloads: number;
  readonly mediaRecoveries: number;
  /** Seeks that the player made over holes. */
  readonly jumps: number;
  readonly sequenceBack: number;
  readonly lastSequence: number;
  readonly discontinuities: number;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly currentTime: number;
  readonly bufferedSeconds: number;
  readonly errorCode: number | null;
  readonly fragments: readonly { readonly at: number; readonly sn: number; readonly cc: number; readonly name: string }[];
  readonly errors: readonly PlayerError[];
  readonly fatal: readonly PlayerError[];
  /** HTTP answers that were no success, as `404 <path>`. */
  readonly httpErrors: readonly string[];
}

/** Of pictures that tell their second: frames with the cue of that second, and without it. */
export interface Captions {
  readonly right: number;
  readonly wrong: number;
  readonly examples: readonly unknown[];
}

export interface Player {
  report(): Promise<PlayerReport>;
  /** Counts from now on. */
  mark(): Promise<void>;
  /** The next fragment comes from that level of the master playlist; 0 is the lowest. */
  choose(level: number): Promise<void>;
  /** Shows the first subtitles, and compares them with the pictures from now on. */
  watchCaptions(): Promise<void>;
  captions(): Promise<Captions>;
  markCaptions(): Promise<void>;
  /** The sounds that hls.js lists: name and language of each. */
  sounds(): Promise<readonly { readonly name: string; readonly lang: string | null }[]>;
  chooseSound(index: number): Promise<void>;
  /** Hertz of the loudest tone that is played at the moment; 0 for silence. */
  tone(): Promise<number>;
  close(): Promise<void>;
}

export interface PlayerHouse {
  /** Opens a page of its own and returns at once; the picture may come later. */
  open(url: string): Promise<Player>;
  close(): Promise<void>;
}

/** One browser for many players. Throws when Chromium is missing: ask `chromiumPath` first. */
export async function openPlayerHouse(): Promise<PlayerHouse> {
  if (chromiumPath === undefined) throw new Error('no Chromium is installed: apt-get install chromium');
  const server = await servePage();
  // Chromium keeps crash reports and settings at home, whatever its profile is.
  const home = mkdtempSync(join(tmpdir(), 'iptv-browser-'));
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
  let browser: Browser;
  try {
    browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: flags, env, timeout: 60_000, ...leaveSignals });
  } catch (error) {
    server.close();
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    async open(url) {
      // A context of its own: no cache and no connections of the player before.
      const context = await browser.newContext();
      const page = await context.newPage();
      let httpErrors: string[] = [];
      page.on('response', (answer) => {
        if (answer.status() >= 400 && !answer.url().endsWith('/favicon.ico')) {
          httpErrors.push(`${answer.status()} ${new URL(answer.url()).pathname}`);
        }
      });
      await page.goto(`http://127.0.0.1:${port}/#${encodeURIComponent(url)}`);
      return {
        report: async () => ({ ...(await asked(page, 'report')), httpErrors }),
        async mark() {
          await page.evaluate('mark()');
          httpErrors = [];
        },
        choose: (level) => page.evaluate(`void (hls.nextLevel = ${level})`),
        watchCaptions: () => page.evaluate('watchCaptions()'),
        captions: () => page.evaluate<Captions>('seenCaptions()'),
        markCaptions: () => page.evaluate('void markCaptions()'),
        sounds: () => page.evaluate('hls.audioTracks.map(({ name, lang }) => ({ name, lang: lang ?? null }))'),
        chooseSound: (index) => page.evaluate(`void (hls.audioTrack = ${index})`),
        tone: () => page.evaluate<number>('tone()'),
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function asked(page: Page, name: 'report'): Promise<Omit<PlayerReport, 'httpErrors'>> {
  return page.evaluate<Omit<PlayerReport, 'httpErrors'>>(`${name}()`);
}

async function servePage(): Promise<Server> {
  const library = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'));
  const page = readFileSync(join(import.meta.dirname, '../fixtures/player.html'));
  const server = createServer((request, response) => {
    const isLibrary = request.url === '/hls.js';
    response.writeHead(200, { 'content-type': isLibrary ? 'text/javascript' : 'text/html' }).end(isLibrary ? library : page);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
