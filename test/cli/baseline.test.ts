import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-baseline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('baseline', () => {
  it('lists what is shipped', async () => {
    const { status, stdout } = await inProcess(['baseline', 'list']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^x-road-security-server +X-Road Security Server \(23 rows\)$/m);
    const list = JSON.parse((await inProcess(['baseline', 'list', '--format', 'json'])).stdout);
    expect(list.baselines.map(({ id }: { id: string }) => id)).toContain('x-road-security-server');
  });

  it('shows one, row by row, in 80 columns', async () => {
    const { status, stdout } = await inProcess(['baseline', 'show', 'x-road-security-server']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Security Server \| Central Server \| 80,\s+443, 4001 \| tcp/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const shown = JSON.parse(
      (await inProcess(['baseline', 'show', 'x-road-security-server', '--format', 'json'])).stdout,
    );
    expect(shown.rows).toHaveLength(23);
  });

  it.each([
    ['senhasegura', 50],
    ['segura', 59],
    ['axway-securetransport-edge', 27],
    ['apinizer', 39],
  ])('lists, shows and validates %s', async (id, rows) => {
    expect((await inProcess(['baseline', 'list'])).stdout).toMatch(
      new RegExp(`^${id} +.+ \\(${rows} rows\\)$`, 'm'),
    );
    const shown = JSON.parse((await inProcess(['baseline', 'show', id, '--format', 'json'])).stdout);
    expect(shown.rows).toHaveLength(rows);
    const file = `baselines/${id}.yaml`;
    expect(await inProcess(['baseline', 'validate', file])).toMatchObject({
      status: 0,
      stdout: `${file}: valid\n`,
    });
  });

  it('does not show what does not exist', async () => {
    const { status, stdout, stderr } = await inProcess(['baseline', 'show', 'x-road-security-sever']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Did you mean `x-road-security-server`?');
  });

  it('validates a file, with line and column', async () => {
    const good = 'baselines/x-road-security-server.yaml';
    expect(await inProcess(['baseline', 'validate', good])).toMatchObject({
      status: 0,
      stdout: `${good}: valid\n`,
    });
    const bad = join(folder, 'bad.yaml');
    writeFileSync(
      bad,
      readFileSync(good, 'utf8').replace('ports: [80, 443, 4001]', 'ports: [80, 443, 70000]'),
    );
    const { status, stdout, stderr } = await inProcess(['baseline', 'validate', bad]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/bad.yaml:\d+:\d+: error: .*70000/);
  });
});
