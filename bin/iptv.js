#!/usr/bin/env node
// Starts iptv. Old syntax throughout, so that a Node that is too old can still say so.

import * as nodeModule from 'module';

var require = nodeModule.createRequire(import.meta.url);
var fs = require('fs');
var path = require('path');
var manifest = require('../package.json');
var root = path.dirname(require.resolve('../package.json'));
var words = process.argv.slice(2);
var version = process.versions.node.split('.').map(Number);

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) process.stdout.write(manifest.version + '\n');
else if (version[0] < 22 || (version[0] === 22 && version[1] < 12)) useOtherNode(path.join(root, 'node_modules', 'node', 'bin', 'node'));
else if (!fs.existsSync(path.join(root, 'dist', 'main.js'))) giveUp('iptv is not built yet: npm run build');
else {
  if (nodeModule.enableCompileCache) nodeModule.enableCompileCache();
  import('../dist/main.js').then(function (iptv) {
    return iptv.main({ argv: words, version: manifest.version, root: root });
  });
}

function useOtherNode(file) {
  if (!fs.existsSync(file)) return giveUp('iptv needs Node 22.12 or newer, this is ' + process.version + ': https://nodejs.org');
  var child = require('child_process').spawn(file, [process.argv[1]].concat(words), { stdio: 'inherit' });
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, child.kill.bind(child, signal));
  });
  child.on('exit', function (code, signal) {
    if (signal === null) return process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function giveUp(message) {
  process.stderr.write(message + '\n');
  process.exitCode = 69;
}
