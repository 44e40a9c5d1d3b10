import { describe, expect, it } from 'vitest';

import { createNginxStreams } from './nginx-streams.ts';

const publish = "7#7: *3 publish: name='news' args='' type=live silent=0, client: 127.0.0.1, server: 0.0.0.0:1935";

describe('the stream of a line of nginx', () => {
  it.each([
    [publish, 'news'],
    ["7#7: *4 play: name='news' args='' start=-2000 duration=0 reset=0 silent=0, client: 127.0.0.1", 'news'],
    ['7#7: *5 open() "/tmp/hls/news.m3u8" failed (2: No such file or directory), client: 10.0.0.9', 'news'],
    ['7#7: *5 open() "/tmp/hls/news-12.ts" failed (2: No such file or directory), client: 10.0.0.9', 'news'],
    ['7#7: *5 open() "/tmp/hls/stream_news_12.ts" failed (2: No such file or directory), client: 10.0.0.9', 'news'],
    ['7#7: *5 open() "/tmp/hls/tv-1-12.ts" failed (2: No such file or directory), client: 10.0.0.9', 'tv-1'],
    ['7#7: *5 open() "/tmp/hls/news/index.m3u8" failed (2: No such file or directory), client: 10.0.0.9', 'news'],
    ["7#7: *3 hls: rename failed: '/tmp/hls/news.m3u8.bak'->'/tmp/hls/news.m3u8' (2: No such file or directory)", 'news'],
    ['7#7: *9 access forbidden by rule, client: 10.1.2.3, server: _, request: "GET /stat HTTP/1.1", host: "h"', undefined],
    ["7#7: *3 publish: name='../etc' args='' type=live", undefined],
    ['1#1: start worker process 7', undefined],
  ])('%s', (text, stream) => {
    expect(createNginxStreams().streamOf(0, text)).toBe(stream);
  });

  it('is that of its connection, from the publishing on', () => {
    const streams = createNginxStreams();
    streams.learn(100, publish);
    const idle = '7#7: *3 live: drop idle publisher, client: 127.0.0.1, server: 0.0.0.0:1935';
    expect(streams.streamOf(200, idle)).toBe('news');
    expect(streams.streamOf(50, idle)).toBeUndefined();
    expect(streams.streamOf(200, idle.replace('*3', '*33'))).toBeUndefined();
  });

  it('is not mixed up when nginx counts from 1 again', () => {
    const streams = createNginxStreams();
    streams.learn(100, publish);
    streams.learn(200, "7#7: *3 client connected '127.0.0.1'");
    streams.learn(300, publish.replace('news', 'sport'));
    const reset = '7#7: *3 recv() failed (104: Connection reset by peer), client: 127.0.0.1';
    expect([150, 250, 350].map((timeMs) => streams.streamOf(timeMs, reset))).toEqual(['news', undefined, 'sport']);
  });

  it('forgets the oldest connections', () => {
    const streams = createNginxStreams();
    for (let number = 1; number <= 20_001; number += 1) streams.learn(number, publish.replace('*3', `*${number}`));
    expect(streams.streamOf(30_000, '7#7: *1 x')).toBeUndefined();
    expect(streams.streamOf(30_000, '7#7: *2 x')).toBe('news');
  });
});
