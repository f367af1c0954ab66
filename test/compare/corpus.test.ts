import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/api/check.ts';
import { openings } from '../../src/api/openings.ts';

// Dumps of other people's hosts, which lie beside the project where it is developed.
const CORPUS = join(import.meta.dirname, '../../../shared/corpus');
const FOLDERS = ['iptables-save', 'ip6tables-save'];

/** Why some of them are no dumps that iptables-restore takes. */
const REFUSALS =
  'bad-argument missing-argument unknown-option wrong-family no-such-chain no-such-rule bad-rule-number'.split(
    ' ',
  );

/** The largest set takes seconds to list; the benchmark times it. */
const LARGE = 200_000;

describe.skipIf(!existsSync(join(CORPUS, 'iptables-save')))("other people's dumps", () => {
  const files = FOLDERS.filter((folder) => existsSync(join(CORPUS, folder))).flatMap((folder) =>
    readdirSync(join(CORPUS, folder)).map((name) => join(folder, name)),
  );

  it('are there', () => expect(files.length).toBeGreaterThan(80));

  // Every finding's witness is replayed while it is made: the engines disagree nowhere, or this throws.
  it.each(files)('%s is checked, or refused with a reason', async (path) => {
    const configs = [{ path, bytes: readFileSync(join(CORPUS, path)) }];
    const report = await check({
      configs,
      baselines: ['x-road-security-server', 'host-essentials'],
      as: 'security-server',
    });
    if (!report.ok) {
      // Lists of commands and examples of parsers: refused where they are read, never because they are too much.
      expect(report.errors.length).toBeGreaterThan(0);
      for (const { code } of report.errors) expect(REFUSALS).toContain(code);
      return;
    }
    expect(report.value.hosts[0]?.connections.length).toBeGreaterThan(20);
    if ((configs[0]?.bytes.length ?? 0) > LARGE) return;
    const listed = await openings({ configs });
    expect(listed.ok).toBe(true);
  });
});
