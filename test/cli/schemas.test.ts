import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/cli.ts';

/** What commands print as JSON, held to the schemas that are in the package. */

const folder = mkdtempSync(join(tmpdir(), 'postern-schemas-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function schema(name: string): ValidateFunction {
  const text = readFileSync(`schemas/${name}.schema.json`, 'utf8');
  return new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(text));
}

/** What a schema says against a value. */
function complaints(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

async function printed(words: string[]): Promise<string> {
  const { status, stdout } = await inProcess(words);
  expect(status).not.toBe(1);
  return stdout;
}

const CONFIG = `*raw
:PREROUTING ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT
-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.0.2.5-192.0.2.9:80-81
-A PREROUTING -p tcp --dport 8081 -j REDIRECT --to-ports 81
COMMIT
*filter
:INPUT DROP
:FORWARD ACCEPT
-A INPUT -m set --match-set unknown src -j ACCEPT
-A INPUT -p tcp --dport 22 -j REJECT
COMMIT
`;

const packet = (fields: object): string =>
  JSON.stringify({ hook: 'input', src: '192.0.2.7', dst: '10.1.2.10', protocol: 'tcp', ...fields });

describe('answers of trace', () => {
  it('satisfy their schema, whatever they say', async () => {
    const [rules, packets] = [join(folder, 'rules.v4'), join(folder, 'packets')];
    writeFileSync(rules, CONFIG);
    const lines = [
      packet({ id: 1, dport: 22 }),
      packet({ id: 'redirected', dport: 8081 }),
      packet({ hook: 'forward', in: 'eth0', dport: 8080 }),
      packet({ id: 4, hook: 'forward', in: 'eth0', out: 'eth1', protocol: 'icmp', type: 8, code: 0 }),
      packet({ id: 5, src: '2001:db8::1', dst: '2001:db8::2' }),
      packet({ id: 6, hook: 'ingress' }),
      packet({ id: 7, dport: 70000 }),
      'nonsense',
    ];
    writeFileSync(packets, lines.join('\n'));
    const answers = (await printed(['trace', rules, '--packets', packets])).trim().split('\n');
    const validate = schema('trace');
    const values = answers.map((line) => JSON.parse(line));
    expect(values.map((value) => complaints(validate, value))).toEqual(lines.map(() => []));
    const kinds = values.map(({ certainty, verdict, error }) => certainty ?? verdict ?? typeof error);
    expect(new Set(kinds)).toEqual(new Set(['definite', 'possible', 'not-assessed', 'string']));
    expect(complaints(validate, { id: 1, verdict: 'accept', certainty: 'possible' })).not.toEqual([]);
    expect(complaints(validate, { ...values[0], surprise: 1 })).not.toEqual([]);
  });
});

describe('baselines as JSON', () => {
  it('are listed as the schema says', async () => {
    const list = JSON.parse(await printed(['baseline', 'list', '--format', 'json']));
    const validate = schema('baseline-list');
    expect(complaints(validate, list)).toEqual([]);
    expect(complaints(validate, { ...list, baselines: [{ id: 'x' }] })).not.toEqual([]);
  });

  it('are shown as the schema says, shipped ones and one that has everything', async () => {
    const list = JSON.parse(await printed(['baseline', 'list', '--format', 'json']));
    const ids = list.baselines.map(({ id }: { id: string }) => id);
    const validate = schema('baseline-show');
    for (const id of [...ids, 'fixtures/baseline/sample/baseline.yaml']) {
      const shown = JSON.parse(await printed(['baseline', 'show', id, '--format', 'json']));
      expect([id, complaints(validate, shown)]).toEqual([id, []]);
      expect(complaints(validate, { ...shown, rows: [{}] })).not.toEqual([]);
    }
  });
});
