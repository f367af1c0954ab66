import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import AjvDraft04 from 'ajv-draft-04';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { orRequired } from '../support/required.ts';

const schema = (name: string): object => JSON.parse(readFileSync(`fixtures/schemas/${name}`, 'utf8'));

function compile(ajv: Ajv, name: string): ValidateFunction {
  // Both packages are CommonJS modules whose types say that the default export is the module.
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  return ajv.compile(schema(name));
}

const draft04 = (): Ajv => new (AjvDraft04 as unknown as typeof Ajv)({ strict: false, unicodeRegExp: false });
const draft07 = (): Ajv =>
  new Ajv({ strict: true, strictTypes: false, strictRequired: false, unicodeRegExp: true });

/** Validators against the published schemas of fixtures/schemas. */
export const validators: Readonly<Record<'sarif' | 'oscal' | 'ocsf' | 'gitlab', ValidateFunction>> = {
  sarif: compile(draft04(), 'sarif-2.1.0-rtm.5.json'),
  oscal: compile(draft07(), 'oscal-assessment-results-1.1.3.part.json'),
  ocsf: compile(draft07(), 'ocsf-compliance-finding-1.3.0.fields.json'),
  gitlab: compile(draft07(), 'gitlab-code-quality.fields.json'),
};

/** What the schema has against a value, in words; empty where it is valid. */
export function problems(format: keyof typeof validators, value: unknown): string[] {
  const validate = validators[format];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Whether libxml2's xmllint is here (Debian: libxml2-utils). */
export const hasXmllint = orRequired(spawnSync('xmllint', ['--version']).error === undefined);

/** What Jenkins' schema has against a JUnit report; empty where it is valid. */
export function junitProblems(xml: string): string {
  const { status, stderr } = spawnSync(
    'xmllint',
    ['--nonet', '--noout', '--schema', 'fixtures/schemas/junit-jenkins.xsd', '-'],
    { input: xml, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  return status === 0 ? '' : stderr;
}
