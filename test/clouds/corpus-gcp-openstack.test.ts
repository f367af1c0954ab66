import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openings } from '../../src/api.ts';

// Exports of other people's projects, which lie beside the project where it is developed.
const CORPUS = join(import.meta.dirname, '../../../shared/corpus');

/** What cannot be judged, and why; everything else is read. */
const REFUSED: Readonly<Record<string, string>> = {
  'security-group-default-rule-create-response.json': 'a template of default rules',
};

describe.each(['gcp-firewall', 'openstack-sgrules'])('%s of other people', (folder) => {
  const there = existsSync(join(CORPUS, folder));
  const names = there ? readdirSync(join(CORPUS, folder)).sort() : [];

  it.skipIf(!there)('are there', () => expect(names.length).toBeGreaterThan(8));

  it.skipIf(!there).each(names)('%s', async (path) => {
    const bytes = readFileSync(join(CORPUS, folder, path));
    const opened = await openings({ configs: [{ path, bytes }] });
    const refused = Object.entries(REFUSED).find(([end]) => path.endsWith(end));
    if (refused === undefined) {
      expect(opened.ok ? [] : opened.errors).toEqual([]);
      return;
    }
    expect(opened.ok ? '' : opened.errors.map(({ message }) => message).join()).toContain(refused[1]);
  });
});
