import { describe, expect, it } from 'vitest';

import { statusOf } from '../../tests/fakes/command-context.ts';
import type { RenditionStatus } from '../core/status.ts';
import { offersText } from './offers.ts';

const rung = (name: string, more: Partial<RenditionStatus> = {}): RenditionStatus => ({
  name,
  id: `news_${name}`,
  url: `http://tv/live/news/${name}/index.m3u8`,
  width: null,
  height: null,
  fps: null,
  bitrateBps: null,
  legAgeSeconds: { primary: null, backup: null },
  ...more,
});

describe('what a channel offers', () => {
  it('is its sizes, sounds and subtitles, each once', () => {
    const text = offersText(
      statusOf('news', {
        renditions: [
          rung('720p', { width: 1280, height: 720 }),
          rung('radio'),
          rung('eng', { sound: { track: 2, language: 'en', name: 'English' } }),
        ],
        sounds: [
          { name: 'Deutsch', language: 'de', track: 1, url: null },
          { name: 'English', language: 'en', track: 2, url: 'http://tv/live/news/eng/index.m3u8' },
        ],
        subtitles: [{ name: 'Deutsch', language: 'de', track: 1, url: 'http://tv/live/news/sub1/index.m3u8' }],
      }),
    );
    expect(text).toBe('720p 1280x720, radio; sounds Deutsch, English; subtitles Deutsch');
  });

  it('is nothing to speak of without renditions', () => {
    expect(offersText(statusOf('news'))).toBeUndefined();
  });
});
