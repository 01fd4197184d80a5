// The service under test: the program itself, on a port of its own, with an empty data folder.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The program; .ci/web.sh and the Makefile say where they built it. */
const program = process.env.SEPSIS_PROGRAM ?? new URL('../../bin/sepsis', import.meta.url).pathname;

/** @typedef {{url: string, folder: string, stop: () => Promise<void>}} Service */

/**
 * Starts the service and waits until it listens.
 * @param {string[]} options of sepsis serve
 * @param {string} [kept] a data folder that stays when the service ends
 * @returns {Promise<Service>}
 */
export async function startService(options = [], kept) {
  const folder = kept ?? await mkdtemp(join(tmpdir(), 'sepsis-page-'));
  const known = await dataOptions(folder);
  const child = spawn(program, ['serve', '--listen', '127.0.0.1:0', ...known, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  /** @type {string[]} */
  const log = [];
  const address = await new Promise((resolve, reject) => {
    child.once('error', reject);
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const entry = line.startsWith('{') ? JSON.parse(line) : {};
      if (entry.msg === 'listening') resolve(entry.address);
    });
    void ended.then(() => reject(new Error(`the service ended: ${log.join('\n')}`)));
  });
  return {
    url: `http://${address}`,
    folder,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A new key of a service, as its operator makes it.
 * @param {Service} service
 * @param {string} name
 * @param {string} role
 * @returns {Promise<string>}
 */
export async function makeKey(service, name, role) {
  const maker = spawn(program, ['key', 'create', '--data-dir', service.folder, '--name', name, '--role', role], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of maker.stdout) text += part;
  return /sepsis_\S+/.exec(text)?.[0] ?? '';
}

/**
 * Where the service keeps its record, as far as it has one.
 * @param {string} folder
 */
async function dataOptions(folder) {
  const help = spawn(program, ['serve', '--help'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const part of help.stdout) text += part;
  return text.includes('--data-dir') ? ['--data-dir', folder] : [];
}
