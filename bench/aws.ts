import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountFiles, type AccountSize } from './generate-aws.ts';
import { type Figures, figures, runOnce, type Sample } from './measure.ts';
import type { Plan } from './side.ts';
import { markdown, megabytes, seconds, thousands } from './table.ts';

/** Seconds that a process may take. */
const LIMIT = 300;

/** What is asked of an account: one group by itself, one instance of a deployment, every set of groups. */
interface Question extends AccountSize {
  readonly about: 'one group' | 'one instance' | 'every set of groups';
  /** Asked once, however many runs are wanted: it takes a minute. */
  readonly once?: true;
}

const QUESTIONS: readonly Question[] = [
  { about: 'one group', groups: 1, rules: 1000, interfaces: 0 },
  { about: 'one instance', groups: 5000, rules: 200_000, interfaces: 20_000 },
  { about: 'every set of groups', groups: 500, rules: 20_000, interfaces: 2000 },
  { about: 'every set of groups', groups: 5000, rules: 200_000, interfaces: 20_000, once: true },
];

/** One question, measured. */
export interface AccountFigures extends Question {
  /** Bytes of all exports. */
  readonly size: number;
  readonly postern: Figures;
}

/** Measures `postern check` of generated AWS accounts. Throws where postern makes no report. */
export function measureAws(plan: Plan): AccountFigures[] {
  return QUESTIONS.map((question, i) => {
    const folder = join(plan.folder, `account-${i}`);
    mkdirSync(folder);
    const { groups, interfaces } = accountFiles(question, plan.seed);
    writeFileSync(join(folder, 'groups.json'), groups);
    if (question.interfaces > 0) writeFileSync(join(folder, 'interfaces.json'), interfaces);
    const command = commandOf(question, folder);
    const samples: Sample[] = [];
    const runs = question.once === true ? 1 : plan.runs;
    for (let run = 0; run < runs; run++) {
      plan.say(`${thousands(question.rules)} rules, ${question.about}, run ${run + 1} of ${runs}`);
      const sample = runOnce(command, plan.folder, LIMIT);
      if (sample.status !== 0 && sample.status !== 1)
        throw new Error(`${command.join(' ')}: ${sample.complaint || 'it took too long'}`);
      samples.push(sample);
    }
    const size = groups.length + (question.interfaces > 0 ? interfaces.length : 0);
    return { ...question, size, postern: figures(samples) };
  });
}

function commandOf({ about, interfaces }: Question, folder: string): string[] {
  const postern = [process.execPath, 'dist/postern.js', 'check', '--format', 'json=/dev/null'];
  const files = ['groups.json', ...(interfaces > 0 ? ['interfaces.json'] : [])];
  const baseline = ['--baseline', 'x-road-security-server'];
  if (about !== 'one instance')
    return [...postern, ...files.map((name) => join(folder, name)), ...baseline, '--as', 'security-server'];
  const site = join(folder, 'site.yaml');
  const host = [
    '  - name: ss1',
    '    role: security-server',
    `    configs: [${files.join(', ')}]`,
    '    instance: i-00000000000000001',
  ];
  writeFileSync(
    site,
    ['version: 1', 'roles: { security-server: [10.0.0.1] }', 'hosts:', ...host, ''].join('\n'),
  );
  return [...postern, '--deployment', site, ...baseline];
}

/** The figures as a table. */
export function awsTable(rows: readonly AccountFigures[]): string {
  const head = ['groups', 'rules', 'interfaces', 'exports', 'checked', 'wall', 'cpu', 'memory'];
  return markdown(
    head,
    rows.map(({ about, groups, rules, interfaces, size, postern }) => [
      thousands(groups),
      thousands(rules),
      thousands(interfaces),
      megabytes(size),
      about,
      seconds(postern.wall.median),
      seconds(postern.cpu.median),
      megabytes(postern.memory.median),
    ]),
  );
}
