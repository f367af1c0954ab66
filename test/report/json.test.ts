import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Opening, OpeningsReport } from '../../src/finding/report.ts';
import { renderJson, renderOpeningsJson } from '../../src/report/json.ts';
import { renderOpeningsText } from '../../src/report/openings-text.ts';
import { report } from './sample.ts';

const validator = (name: string) =>
  new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')),
  );

describe('the JSON report', () => {
  const json = renderJson(report);

  it('satisfies its schema', () => {
    const validate = validator('report');
    validate(JSON.parse(json));
    expect(validate.errors).toBeNull();
  });

  it('says what the report says, with findings in their order', () => {
    const hosts = report.hosts.map((host) => ({ ...host, findings: [...host.findings].reverse() }));
    expect(JSON.parse(json)).toEqual({ ...report, hosts });
  });

  it('does not depend on the order in which objects were built', () => {
    expect(renderJson(reversed(report) as typeof report)).toBe(json);
  });

  it('is refused by the schema when a key is unknown, missing or of the wrong shape', () => {
    const validate = validator('report');
    const value = JSON.parse(json);
    expect(validate({ ...value, extra: 1 })).toBe(false);
    expect(validate({ ...value, summary: undefined })).toBe(false);
    value.hosts[1].findings[0].packets[0].sources = [];
    expect(validate(value)).toBe(false);
  });
});

/** The same value with the keys of every object in the reverse order, but for a document's, which are the baseline's own. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === 'document' ? inner : reversed(inner)]),
  );
}

describe('openings', () => {
  const answer: OpeningsReport = {
    schemaVersion: '1',
    families: { ipv4: 'assessed', ipv6: 'not-assessed' },
    coverage: report.coverage.slice(0, 1),
    openings: [
      {
        hook: 'input',
        certainty: 'definite',
        box: { family: 'ipv4', protocols: ['6'], destinationPorts: ['22'], in: { except: ['lo'] } },
        rules: [
          { file: 'export.json', line: 1, column: 7 },
          { file: 'export.json', line: 1, column: 90 },
        ],
      },
      {
        hook: 'forward',
        certainty: 'possible',
        box: { family: 'ipv4', protocols: ['1'], icmp: ['8/0', '13/*'] },
        translated: { destination: '172.17.0.2', port: 8080 },
        rules: [],
      },
    ],
  };

  it('satisfy their schema as JSON', () => {
    const validate = validator('openings');
    validate(JSON.parse(renderOpeningsJson(answer)));
    expect(validate.errors).toBeNull();
    expect(JSON.parse(renderOpeningsJson(answer))).toEqual(answer);
  });

  it('name no column of a rule that has its line for itself', () => {
    const alone = { ...(answer.openings[0] as Opening), rules: [{ file: 'rules.v4', line: 7, column: 1 }] };
    const shown = JSON.parse(renderOpeningsJson({ ...answer, openings: [alone] }));
    expect(shown.openings[0].rules).toEqual([{ file: 'rules.v4', line: 7 }]);
  });

  it('with long lists of addresses are the same text', () => {
    const sources = Array.from({ length: 100 }, (_, i) => `10.0.${i}.0-10.0.${i}.7`);
    const long = [22, 80].map((port) => ({
      hook: 'input' as const,
      certainty: 'definite' as const,
      box: { family: 'ipv4' as const, protocols: ['6'], sources, destinationPorts: [`${port}`] },
      rules: [{ file: 'export.json', line: 1, column: 7 }],
    }));
    const whole = { ...answer, openings: [...long, ...answer.openings] };
    expect(renderOpeningsJson(whole)).toBe(
      `${JSON.stringify(JSON.parse(renderOpeningsJson(whole)), null, 2)}\n`,
    );
    expect(JSON.parse(renderOpeningsJson(whole))).toEqual(whole);
  });

  it('read as text', () => {
    expect(renderOpeningsText(answer, { colour: false, width: 80 })).toMatchInlineSnapshot(`
      "input, definite
        IPv4 tcp from any to any port 22 in by any interface but lo
            export.json:1:7, export.json:1:90

      forward, possible
        IPv4 icmp type/code 8/0, 13/* from any to any, translated to 172.17.0.2 port
          8080
            no rule: nothing given closes it

        assessed: IPv4
        note        IPv6 was not assessed: no config was given for it, so it is
                    neither open nor closed here.

      lines not taken exactly as written: 1
        ss1/rules.v4: approximated, 1 line: \`-m recent\` depends on earlier packets;
          both outcomes are considered.
          40 | -A INPUT -m recent --name n40 --update -j DROP

      2 openings
      "
    `);
    const nothing = {
      ...answer,
      openings: [],
      coverage: [],
      families: { ipv4: 'assessed', ipv6: 'assessed' },
    } as const;
    expect(renderOpeningsText(nothing, { colour: false, width: 80 })).toBe(
      '  assessed: IPv4 and IPv6\n\n0 openings\n',
    );
  });
});
