// Property tests draw the same cases in every run, so that a red run is about the change; FC_SEED=<number> draws others.

import fc from 'fast-check';

const given = Number(process.env['FC_SEED'] ?? '20261122');
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: given });
