// One viewer of the faulty origin: an open answer that can be starved, slowed down, moved to another clip or broken.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Feed } from './feed.ts';
import { createLoss, type Loss } from './loss.ts';
import type { OriginMode } from './mode.ts';

const loginPage = '<!DOCTYPE html><html><head><title>Log in</title></head><body>Your subscription has expired.</body></html>\n';
const tickMs = 100;
/** A slow receiver loses what came before, as with a real sender that does not keep hours of video. */
const mostPending = 64 * 2 ** 20;

export interface Connection {
  /** The channel behaves otherwise from now on. */
  follow(mode: OriginMode): void;
  close(): void;
}

/** `onEnd` is called once, whoever ended it. */
export function serve(
  request: IncomingMessage,
  response: ServerResponse,
  mode: OriginMode,
  feedOf: (mode: OriginMode) => Feed,
  onEnd: () => void,
): Connection {
  let leave: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let life: NodeJS.Timeout | undefined;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const starve = (): void => {
    leave?.();
    leave = undefined;
    clearInterval(timer);
    clearTimeout(life);
    pending = [];
    pendingBytes = 0;
  };
  const breakOff = (how: 'eof' | 'rst' | 'silence'): void => {
    starve();
    if (how === 'eof') response.end();
    else if (how === 'rst') request.socket.resetAndDestroy();
  };
  response.on('error', () => undefined);
  response.once('close', () => {
    starve();
    onEnd();
  });

  let hasPlayed = false;
  let loss: Loss | undefined;

  function play(how: OriginMode): void {
    starve();
    // A provider changes programmes at a key frame; who connects gets what is on the air.
    const from = hasPlayed ? 'key-frame' : 'now';
    hasPlayed = true;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'video/mp2t', 'cache-control': 'no-store' });
    const rate = how.rate ?? 1;
    loss = how.lossRate === undefined ? undefined : createLoss(how.lossRate);
    if (rate === 1) leave = feedOf(how).listen((bytes) => void response.write(loss?.(bytes) ?? bytes), from);
    else slowly(how, rate, from);
    if (how.lifeSeconds !== undefined) life = setTimeout(() => breakOff(how.break ?? 'eof'), how.lifeSeconds * 1000);
  }

  function slowly(how: OriginMode, rate: number, from: 'now' | 'key-frame'): void {
    let arrived = 0;
    let budget = 0;
    leave = feedOf(how).listen((bytes) => {
      arrived += bytes.length;
      if (pendingBytes > mostPending) return;
      pending.push(bytes);
      pendingBytes += bytes.length;
    }, from);
    timer = setInterval(() => {
      budget += arrived * rate;
      arrived = 0;
      const all = Buffer.concat(pending);
      const now = all.subarray(0, Math.floor(budget));
      budget -= now.length;
      pending = [all.subarray(now.length)];
      pendingBytes = all.length - now.length;
      if (now.length > 0) response.write(now);
    }, tickMs);
  }

  function pourGarbage(): void {
    starve();
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'video/mp2t' });
    timer = setInterval(() => void response.write(randomBytes(4096)), tickMs);
  }

  function answer(how: OriginMode): void {
    if (how.answer === 'live') play(how);
    else if (how.answer === 'garbage') pourGarbage();
    else if (how.answer === 'silent') response.writeHead(200, { 'content-type': 'video/mp2t' }).flushHeaders();
    else if (how.answer === 'code') response.writeHead(how.status ?? 500, { 'content-type': 'text/plain' }).end(`status ${how.status}\n`);
    else if (how.answer === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end(loginPage);
    else if (how.answer === 'empty') response.writeHead(200, { 'content-type': 'video/mp2t' }).end();
    else if (how.answer === 'text') response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(how.body);
    else if (how.answer === 'loop') response.writeHead(302, { location: request.url ?? '/' }).end();
  }

  answer(mode);
  return {
    follow(how) {
      if (how.open === 'keep') return;
      if (how.lose !== undefined) return void (loss = createLoss(how.lose));
      if (how.open !== undefined) breakOff(how.open);
      else if (how.answer === 'live') play(how);
      else if (how.answer === 'garbage') pourGarbage();
      else if (how.answer === 'hang' || how.answer === 'silent') breakOff('silence');
      else breakOff('rst');
    },
    close: () => breakOff('rst'),
  };
}
