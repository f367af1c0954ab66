import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shardOf } from '../../src/api/fleet/shard.ts';
import { bundlePath, inProcess, postern } from '../support/cli.ts';
import { writeTestSite } from './site.ts';

const SHARDS = 16;
const folder = mkdtempSync(join(tmpdir(), 'postern-fleet-'));
const site = writeTestSite(join(folder, 'site'), 40);
const parts = join(folder, 'parts');
const whole = join(folder, 'whole.json');

const shardArguments = (index: number, into = parts, of = SHARDS): string[] => [
  'check',
  '--deployment',
  site,
  '--shard',
  `${index}/${of}`,
  '--format',
  `blob=${join(into, `${String(index).padStart(2, '0')}.blob`)}`,
];

/** Runs a shard as a process of its own; a killed one has a signal and no status. */
function shard(index: number, kill = false): Promise<number | null> {
  const child = spawn(process.execPath, [bundlePath(), ...shardArguments(index)], { stdio: 'ignore' });
  if (kill) setTimeout(() => child.kill('SIGKILL'), 40);
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
}

const KILLED = 7;
const statuses = new Map<number, number | null>();

beforeAll(async () => {
  mkdirSync(parts);
  expect(postern(['check', '-d', site, '--jobs', '1', '--format', `json=${whole}`]).status).toBe(1);
  const waiting = Array.from({ length: SHARDS }, (_, i) => i + 1);
  const next = async (): Promise<void> => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift())
      statuses.set(index, await shard(index, index === KILLED));
  };
  await Promise.all([next(), next(), next()]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const merge = (from = parts) => inProcess(['merge', from, '--format', 'json']);

describe('sixteen shards as processes', () => {
  it('refuses the part when one was killed, and puts them together when it has run again', async () => {
    expect(statuses.get(KILLED)).toBeNull();
    expect(readdirSync(parts).filter((name) => name.endsWith('.blob'))).toHaveLength(SHARDS - 1);
    const refused = await merge();
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('a shard is missing: 7/16');
    await shard(KILLED);
    const merged = postern(['merge', parts, '--format', 'json']);
    expect(merged.status).toBe(1);
    expect(merged.stdout).toBe(readFileSync(whole, 'utf8'));
  });

  it('each host is in one shard, in the order of the deployment', () => {
    const names = readdirSync(parts).flatMap((file) =>
      lines(join(parts, file)).flatMap((line) => (typeof line.name === 'string' ? [line.name] : [])),
    );
    expect(names).toHaveLength(40);
    expect(new Set(names).size).toBe(40);
  });

  it('a file that a killed process of the same id has left is in nobody’s way', async () => {
    const at = join(folder, 'left');
    mkdirSync(at);
    writeFileSync(join(at, `.postern-${process.pid}-0.tmp`), 'left');
    expect(await inProcess(shardArguments(1, at))).toMatchObject({ stderr: '' });
    expect(readdirSync(at)).toContain('01.blob');
  });

  it('blobs are what their schema says', () => {
    const ajv = new Ajv({ strict: false });
    ajv.addSchema(JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')));
    const validate = ajv.compile(JSON.parse(readFileSync('schemas/blob.schema.json', 'utf8')));
    for (const file of readdirSync(parts))
      for (const line of lines(join(parts, file)))
        expect(validate(line), JSON.stringify(validate.errors)).toBe(true);
  });

  it('the merged report is the same in every format', async () => {
    const formats = ['text', 'csv', 'sarif', 'junit'].flatMap((name) => [
      '--format',
      `${name}=${join(folder, name)}`,
    ]);
    expect((await inProcess(['merge', parts, ...formats])).status).toBe(1);
    const merged = ['text', 'csv', 'sarif', 'junit'].map((name) => readFileSync(join(folder, name), 'utf8'));
    expect((await inProcess(['check', '-d', site, ...formats])).status).toBe(1);
    expect(['text', 'csv', 'sarif', 'junit'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(
      merged,
    );
  });
});

const lines = (file: string): { readonly name?: unknown }[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a report of one shard', () => {
  it('is told to be no report of the site, which it reads like', async () => {
    const args = (host: string, shard: string, ...more: string[]) => [
      ...['check', '-d', site, '--host', host, '--shard', shard],
      ...more,
    ];
    const [here, there] = shardOf('ss1', 2) === 1 ? ['1/2', '2/2'] : ['2/2', '1/2'];
    const some = await inProcess(args('ss1', here));
    expect(some.stderr).toContain(
      `warning: the report is of shard ${here} alone, with 1 of 1 host\n  help: write`,
    );
    const none = await inProcess(args('ss1', there));
    expect(none).toMatchObject({ status: 0 });
    expect(none.stderr).toContain(`shard ${there} alone, with 0 of 1 host`);
    expect(none.stdout).toContain('no host was checked');
    const blob = await inProcess(args('ss1', there, '--format', `blob=${join(folder, 'none.blob')}`));
    expect(blob.stderr).toBe('');
  });
});

describe('what merge refuses', () => {
  const two = join(folder, 'two');
  beforeAll(async () => {
    mkdirSync(two);
    for (const index of [1, 2]) await inProcess(shardArguments(index, two, 2));
    expect(await merge(two)).toMatchObject({ status: 1, stdout: readFileSync(whole, 'utf8') });
  });

  /** Two shards of the site in a folder of their own, changed. */
  async function changed(name: string, change: (folder: string) => unknown): ReturnType<typeof merge> {
    const into = join(folder, name);
    cpSync(two, into, { recursive: true });
    await change(into);
    return merge(into);
  }

  const edit = (file: string, how: (text: string) => string): void =>
    writeFileSync(file, how(readFileSync(file, 'utf8')));

  it.each([
    [
      'a blob twice',
      (at: string) => writeFileSync(join(at, '03.blob'), readFileSync(join(at, '01.blob'))),
      'it is shard 1 of 2, and so is',
    ],
    [
      'another version',
      (at: string) =>
        edit(join(at, '02.blob'), (text) => text.replace(/"version":"[^"]+"/, '"version":"0.0.9"')),
      'another version of postern',
    ],
    [
      'another version than that which merges',
      (at: string) => {
        for (const name of ['01.blob', '02.blob'])
          edit(join(at, name), (text) => text.replace(/"version":"[^"]+"/, '"version":"0.0.9"'));
      },
      'it was written by postern 0.0.9, and this is 0.1.0',
    ],
    [
      'another deployment',
      (at: string) =>
        edit(join(at, '02.blob'), (text) => text.replace(/("deployment":\{[^}]*"sha256":")./, '$10')),
      'another deployment',
    ],
    [
      'a deployment by another path',
      (at: string) => edit(join(at, '02.blob'), (text) => text.replace(/("deployment":\{"path":")/, '$1./')),
      'the same deployment by another path',
    ],
    [
      'other baselines',
      (at: string) => edit(join(at, '02.blob'), (text) => text.replace(/(x-road-security-server)/, 'y-road')),
      'other baselines',
    ],
    ['another split', (at: string) => inProcess(shardArguments(3, at, 3)), 'another number of shards'],
    [
      'a blob cut off',
      (at: string) => edit(join(at, '02.blob'), (text) => text.slice(0, text.lastIndexOf('{"end"'))),
      'ends early',
    ],
    [
      'a finding taken out',
      (at: string) =>
        edit(join(at, '02.blob'), (text) => text.replace('"severity":"high"', '"severity":"info"')),
      'its digest is another',
    ],
    [
      'something else',
      (at: string) => writeFileSync(join(at, '03.blob'), 'hello\n'),
      '03.blob:1:1: error: this is no blob',
    ],
    [
      'a report in the place of a blob',
      (at: string) => writeFileSync(join(at, '02.blob'), '{\n  "schemaVersion": "1",\n  "tool": {}\n}\n'),
      /02\.blob:1:1: error: this is no blob\n[\s\S]*help: take it away: [^\n]*`--format blob=<file>`/,
    ],
    [
      'half of the first line',
      (at: string) => edit(join(at, '02.blob'), (text) => text.slice(0, 200)),
      /02\.blob:1:1\d\d: error: this line is no JSON\n[\s\S]*help: run this shard again/,
    ],
    [
      'half a line',
      (at: string) => edit(join(at, '02.blob'), (text) => text.replace(/("severity":)[\s\S]*?\n/, '$1\n')),
      /02\.blob:\d+:[1-9]\d+: error: this line is no JSON/,
    ],
    ['an empty file', (at: string) => writeFileSync(join(at, '03.blob'), ''), 'the file is empty'],
    [
      'a link that leads nowhere',
      (at: string) => symlinkSync('nowhere', join(at, '03.blob')),
      '03.blob: error: there is no such file',
    ],
    [
      'a link to a device',
      (at: string) => symlinkSync('/dev/zero', join(at, '03.blob')),
      "03.blob: error: it can't be read (it is no file)",
    ],
  ])('%s', async (name, change, message) => {
    const { status, stdout, stderr } = await changed(name, change);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('links to parts are parts, and a folder is none', async () => {
    const at = join(folder, 'links');
    mkdirSync(at);
    for (const name of readdirSync(parts)) symlinkSync(join(parts, name), join(at, name));
    expect(await merge(at)).toEqual(await merge(parts));
    mkdirSync(join(at, 'more'));
    const { status, stderr } = await merge(at);
    expect(status).toBe(2);
    expect(stderr).toContain('more: error:');
  });

  it('a folder that is not there, or has nothing', async () => {
    mkdirSync(join(folder, 'nothing'));
    expect(await merge(join(folder, 'nothing'))).toMatchObject({ status: 2, stdout: '' });
    expect(await merge(join(folder, 'nowhere'))).toMatchObject({ status: 2, stdout: '' });
  });
});
