import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finding, type Report, renderJson, type Tracer } from '../../src/api.ts';
import { CHOSEN_ANEW } from '../../src/compare/finding/replay.ts';
import { LEAVES_BY } from '../../src/compare/half-open/findings.ts';
import { areDisjoint, holds } from './box-sets.ts';
import { type Case, checkCase, readCase, traceCase } from './cases.ts';
import { oneIn } from '../support/one-in.ts';
import { boxText, summaryOf } from './summary.ts';

/**
 * A case is a folder of fixtures/compare: a site.yaml of one host with its baselines and configs, and in expected.json
 * what `check` must say of it. The first line of site.yaml says what the case is about. UPDATE_FIXTURES=1 writes
 * expected.json anew.
 */
const root = 'fixtures/compare';
const names = readdirSync(root).sort();

/** What `check` says of a case, made once for all its tests. */
function reportOf(name: string): Promise<Report> {
  const made = reports.get(name) ?? checkCase(readCase(join(root, name)));
  reports.set(name, made);
  return made;
}

const reports = new Map<string, Promise<Report>>();

const findingsOf = (report: Report): readonly Finding[] => report.hosts.flatMap(({ findings }) => findings);

describe('check', () => {
  it.each(names)('%s', async (name) => {
    const folder = join(root, name);
    const report = await reportOf(name);
    const summary = report.hosts.map(summaryOf);
    const file = join(folder, 'expected.json');
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(file, `${JSON.stringify(summary[0], null, 2)}\n`);
    expect(existsSync(file), `${file} is missing`).toBe(true);
    expect(summary).toEqual([JSON.parse(readFileSync(file, 'utf8'))]);
  });

  it.each(oneIn(5, names))('%s: the same bytes, and findings that do not depend on places', async (name) => {
    const given = readCase(join(root, name));
    const report = await reportOf(name);
    expect(renderJson(await checkCase(given))).toBe(renderJson(report));
    const moved = await checkCase(shifted(given));
    const fingerprints = (of: Report): string[] => findingsOf(of).map(({ fingerprint }) => fingerprint);
    expect(fingerprints(moved)).toEqual(fingerprints(report));
    expect(new Set(fingerprints(report)).size).toBe(findingsOf(report).length);
  });

  it.each(names)('%s: the witnesses show what the findings say', async (name) => {
    const given = readCase(join(root, name));
    const trace = await traceCase(given);
    for (const finding of findingsOf(await reportOf(name))) {
      const said = `${finding.rule} ${finding.packets.map(boxText).join('; ')}`;
      expect(problemsOf(finding, trace), said).toEqual([]);
    }
  });
});

/** The same configs with comments before them. */
function shifted(given: Case): Case {
  const comment = Buffer.from('# a comment\n# another one\n');
  const files = given.files.map((file) =>
    /\.(v4|v6)$/.test(file.path) ? { ...file, bytes: Buffer.concat([comment, file.bytes]) } : file,
  );
  return { ...given, files };
}

/** What is wrong with a finding's witness and boxes. */
function problemsOf(finding: Finding, trace: Tracer): string[] {
  const { packets, witness, certainty } = finding;
  const problems: string[] = [];
  if (!packets.some((box) => holds(box, witness))) problems.push('the witness is in no box');
  packets.forEach((box, i) => {
    for (const other of packets.slice(i + 1))
      if (!areDisjoint(box, other)) problems.push('two boxes overlap');
  });
  const answer = JSON.parse(trace(JSON.stringify(witness))?.json ?? '{}') as {
    verdict: string;
    certainty: string;
    alternatives?: string[];
    hook?: string;
  };
  const passes = passing(finding);
  // What is to be forwarded and goes to the host itself is not forwarded, whatever it meets there.
  const isTaken = witness.hook === 'forward' && answer.hook === 'input';
  const outcomes = isTaken ? ['drop'] : (answer.alternatives ?? [answer.verdict]);
  const agrees = (verdict: string): boolean => (verdict === 'accept') === passes;
  const definite = certainty === 'definite' || finding.rule === 'half-open';
  if (passes === undefined) return problems;
  if (!definite && (finding.dependsOn ?? []).length === 0)
    problems.push('it does not say what it depends on');
  // Who serves a row no packet tells.
  const served = finding.dependsOn?.some((text) => text.startsWith('whether a row is served by')) === true;
  if (served && outcomes.includes('accept')) return problems;
  // Of a value that a rule leaves open the plain engine knows better.
  if (finding.dependsOn?.includes(CHOSEN_ANEW)) return problems;
  // A packet at input names no way out, by which what chance sends on passes or not.
  if (finding.dependsOn?.includes(LEAVES_BY)) return problems;
  // Only the deployment says that what is sent to these addresses goes to the host itself, and is not forwarded.
  const sent = finding.evidence.every(({ note }) => note?.startsWith('translates'));
  if (finding.code === 'missing' && witness.hook === 'forward' && sent) return problems;
  // A witness that names a field which boxes do not have (a mark, a MAC address) is decided by it.
  const decided = finding.dependsOn?.some((text) =>
    /^(what the site decides|whether the ((translated )?destination is|translation takes)|which of several addresses|whether a route|which source or destination|the (packet|connection)'s)/.test(
      text,
    ),
  );
  const right = definite
    ? outcomes.every(agrees) && answer.certainty === 'definite'
    : outcomes.some(agrees) && (answer.certainty === 'possible' || decided === true);
  if (!right) problems.push(`trace says ${JSON.stringify(answer)}`);
  return problems;
}

/** Whether the finding is that its packets pass; undefined where it is about documents. */
function passing({ code, rule }: Finding): boolean | undefined {
  if (rule === 'documents-disagree') return undefined;
  return code === 'excessive' || rule === 'prohibited-open' || rule === 'half-open';
}
