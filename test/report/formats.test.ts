import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/finding/report.ts';
import { REPORT_FORMATS, renderReport } from '../../src/api/reports.ts';
import { report as sample } from './sample.ts';
import { everything, many, nothing } from './samples.ts';
import { siteReport, stable } from './site.ts';
import { hasXmllint, junitProblems, problems } from './validators.ts';

const reports: Record<string, Report> = { sample, everything, nothing, many: many(40) };

beforeAll(async () => {
  reports.site = stable(await siteReport('x-road'));
});

const NAMES = ['sample', 'everything', 'nothing', 'many', 'site'];
const of = (name: string): Report => reports[name] as Report;
const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe.each(NAMES)('of the report `%s`', (name) => {
  it.each(['sarif', 'sarif-full'] as const)('%s satisfies the SARIF schema', async (format) => {
    expect(problems('sarif', JSON.parse(await renderReport(of(name), format)))).toEqual([]);
  });

  it('json satisfies the report’s schema', async () => {
    const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8'));
    const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
    validate(JSON.parse(await renderReport(of(name), 'json')));
    expect(validate.errors).toBeNull();
  });

  it('oscal satisfies the OSCAL schema', async () => {
    expect(problems('oscal', JSON.parse(await renderReport(of(name), 'oscal')))).toEqual([]);
  });

  it('ocsf satisfies the class on every line', async () => {
    const events = lines(await renderReport(of(name), 'ocsf'));
    expect(events.flatMap((event) => problems('ocsf', event))).toEqual([]);
  });

  it('gitlab has the documented fields', async () => {
    expect(problems('gitlab', JSON.parse(await renderReport(of(name), 'gitlab')))).toEqual([]);
  });

  it.skipIf(!hasXmllint)('junit satisfies Jenkins’ schema', async () => {
    expect(junitProblems(await renderReport(of(name), 'junit'))).toBe('');
  });

  it.each(REPORT_FORMATS)('%s is the same twice', async (format) => {
    expect(await renderReport(of(name), format)).toBe(await renderReport(structuredClone(of(name)), format));
  });
});

describe('the schemas', () => {
  it('refuse what is wrong', async () => {
    const sarif = JSON.parse(await renderReport(sample, 'sarif'));
    sarif.runs[0].results[0].level = 'fatal';
    expect(problems('sarif', sarif)).not.toEqual([]);
    const oscal = JSON.parse(await renderReport(sample, 'oscal'));
    oscal['assessment-results'].uuid = 'x';
    expect(problems('oscal', oscal)).not.toEqual([]);
    const [event] = lines(await renderReport(sample, 'ocsf')) as [object];
    expect(problems('ocsf', { ...event, class_uid: 2004 })).not.toEqual([]);
    expect(problems('gitlab', [{}])).not.toEqual([]);
  });

  it.skipIf(!hasXmllint)('refuse a wrong JUnit report', () => {
    expect(junitProblems('<testsuites><testsuite/></testsuites>')).toContain('fails to validate');
  });
});

const EXTENSIONS = {
  sarif: 'sarif',
  junit: 'xml',
  gitlab: 'json',
  github: 'txt',
  markdown: 'md',
  csv: 'csv',
  oscal: 'json',
  ocsf: 'ndjson',
} as const;

describe('of the bundled site', () => {
  it.each(Object.entries(EXTENSIONS))('%s is what was reviewed', async (format, extension) => {
    const text = await renderReport(of('site'), format as keyof typeof EXTENSIONS);
    await expect(text).toMatchFileSnapshot(`../../fixtures/report/x-road/${format}.${extension}`);
  });
});
