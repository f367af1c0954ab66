import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, inject, it } from 'vitest';

const dist = fileURLToPath(new URL(`../../${inject('bundle')}/`, import.meta.url));

/** Which files of the bundle a command line loads, as V8 reports them (node(1), NODE_V8_COVERAGE). */
async function loadedBy(...command: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-loaded-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    const complaint = await new Promise<string>((done) => {
      execFile(process.execPath, [join(dist, 'postern.js'), ...command], { env }, (error, _, stderr) =>
        done(error === null || error.code === 1 ? '' : stderr || error.message),
      );
    });
    expect(complaint).toBe('');
    const reports = readdirSync(folder).map(
      (name) =>
        JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
          readonly result: readonly { url: string }[];
        },
    );
    const here = pathToFileURL(dist).href;
    return reports.flatMap(({ result }) =>
      result.filter(({ url }) => url.startsWith(here)).map(({ url }) => basename(url)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the bundle', () => {
  it('reads a check from few files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-merged-'));
    const config = join(folder, 'rules.v4');
    writeFileSync(config, '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n');
    const check = ['check', config, '--baseline', 'host-essentials', '--format', 'json'];
    const loaded = await loadedBy(...check);
    rmSync(folder, { recursive: true, force: true });
    expect(loaded).toContain('check.cjs');
    expect(loaded.length).toBeLessThan(10);
  });

  it('does not wait for the grammars to print its version', async () => {
    const loaded = await loadedBy('--version');
    expect(loaded).toContain('postern.js');
    expect(loaded).toContain('cli.cjs');
    expect(loaded).not.toContain('check.cjs');
  });

  it('has each merged module once: its chunk only hands on', async () => {
    const stubs = readdirSync(dist).filter(
      (name) =>
        name.startsWith('chunk-') && readFileSync(join(dist, name), 'utf8').includes("('./scripts.cjs')"),
    );
    expect(stubs.length).toBeGreaterThan(10);
    for (const name of stubs)
      expect(readFileSync(join(dist, name), 'utf8')).toBe(
        `import{createRequire}from'node:module';export const{${/const\{([^}]*)\}/.exec(readFileSync(join(dist, name), 'utf8'))?.[1]}}=createRequire(import.meta.url)('./scripts.cjs').chunk('./${name}');\n`,
      );
  });

  it('gives the command and the library the same modules', async () => {
    const { chunk } = createRequire(import.meta.url)(join(dist, 'scripts.cjs')) as {
      chunk(id: string): Record<string, unknown>;
    };
    const stub = readdirSync(dist).find(
      (name) =>
        name.startsWith('chunk-') &&
        readFileSync(join(dist, name), 'utf8').includes('PacketSpace') &&
        readFileSync(join(dist, name), 'utf8').includes('scripts.cjs'),
    ) as string;
    const imported = (await import(pathToFileURL(join(dist, stub)).href)) as Record<string, unknown>;
    expect(imported.PacketSpace).toBeTypeOf('function');
    expect(imported.PacketSpace).toBe(chunk(`./${stub}`).PacketSpace);
  });

  it.each(['cli', 'check', 'grammar', 'iptables', 'aws', 'nft'])(
    'has the code that V8 has compiled for `%s`, and V8 takes it',
    (script) => {
      const source = readFileSync(join(dist, `${script}.cjs`), 'utf8');
      const digest = createHash('sha256').update(source).digest('hex').slice(0, 16);
      const caches = readdirSync(dist).filter((name) => name.endsWith('.cache') && name.startsWith(script));
      expect(caches).toHaveLength(1);
      expect(caches[0]).toContain(`${script}-${digest}-`);
      // In a process with V8's own flags, as the command has them: code is for the flags that it was compiled with.
      const ask = `const { readFileSync } = require('node:fs');
        const { Script } = require('node:vm');
        const [filename, cache] = process.argv.slice(1);
        const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: readFileSync(cache) });
        console.log(script.cachedDataRejected);`;
      const paths = [join(dist, `${script}.cjs`), join(dist, caches[0] as string)];
      const { stdout } = spawnSync(process.execPath, ['-e', ask, ...paths], { encoding: 'utf8' });
      expect(stdout).toBe('false\n');
    },
  );

  it('reads the exports of AWS from one file besides, which a dump does not wait for', async () => {
    const groups = join('fixtures/clouds/aws/unattached-group', 'groups.json');
    const check = (config: string): Promise<string[]> =>
      loadedBy('check', config, '--baseline', 'host-essentials', '--format', 'json');
    const loaded = await check(groups);
    expect(loaded).toContain('aws.cjs');
    expect(loaded).not.toContain('grammar.cjs');
    expect(loaded).not.toContain('iptables.cjs');
    expect(await check('fixtures/sites/x-road/ss1/rules.v4')).not.toContain('aws.cjs');
  });

  it('reads nftables rulesets from one file besides, which a dump does not wait for', async () => {
    const check = (config: string): Promise<string[]> =>
      loadedBy('check', config, '--baseline', 'host-essentials', '--format', 'json');
    const loaded = await check('fixtures/sites/x-road-nft/ss1/ruleset.nft');
    expect(loaded).toContain('nft.cjs');
    expect(loaded).not.toContain('iptables.cjs');
    expect(loaded).not.toContain('aws.cjs');
    expect(await check('fixtures/sites/x-road/ss1/rules.v4')).not.toContain('nft.cjs');
  });

  it('checks without that code, or with another, as well', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-uncached-'));
    try {
      cpSync(dist, join(folder, 'dist'), { recursive: true });
      for (const name of ['package.json', 'baselines'])
        cpSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), join(folder, name), {
          recursive: true,
        });
      const config = join(folder, 'rules.v4');
      writeFileSync(config, '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n');
      const check = [join(folder, 'dist/postern.js'), 'check', config, '--baseline', 'host-essentials'];
      const run = (): string => spawnSync(process.execPath, check, { encoding: 'utf8' }).stdout;
      const usual = run();
      expect(usual).toContain('host-essentials');
      const cached = readdirSync(dist).find((name) => /^check-.*\.cache$/.test(name)) as string;
      const cache = join(folder, 'dist', cached);
      writeFileSync(cache, 'not what V8 wrote');
      expect(run()).toBe(usual);
      rmSync(cache);
      expect(run()).toBe(usual);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
