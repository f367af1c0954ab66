import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inProcess, postern } from '../support/cli.ts';

const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;

describe('postern', () => {
  it('prints its version, quickly', () => {
    const { status, stdout, stderr } = postern(['--version']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['--help'], 'Commands:'],
    [['help'], 'Commands:'],
    [['help', 'check'], '--deployment <file>'],
    [['check', '--help'], '--deployment <file>'],
    [['openings', '--help'], '--hook <name>'],
    [['trace', '--help'], '--packets <file|->'],
    [['baseline', '--help'], 'validate [options] <id|file...>'],
    [['baseline', 'verify', '--help'], '--document <file>'],
    [['baseline', 'diff', '--help'], '--deployment <file>'],
    [['help', 'baseline', 'diff'], '--deployment <file>'],
    [['baseline', 'help'], 'validate [options] <id|file...>'],
    [['baseline', 'help', 'verify'], '--document <file>'],
  ])('%s prints help to standard output', async (args, expected) => {
    const { status, stdout, stderr } = await inProcess(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(expected);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  const mistakes: [string[], RegExp][] = [
    [[], /Usage: postern/],
    [['baseline'], /Usage: postern baseline/],
    [['help', 'chek'], /unknown command 'chek'\n.*Did you mean check\?/],
    [['help', 'baseline', 'dif'], /unknown command 'dif'\n.*Did you mean diff\?/],
    [['chek'], /unknown command 'chek'\n.*Did you mean check\?/],
    [['check', '--basline', 'x'], /unknown option '--basline'\n.*Did you mean --baseline\?/],
    [['check'], /there is nothing to check/],
    [['check', 'rules.v4'], /there is no baseline to check against/],
    [['check', 'site.yaml'], /`--deployment site.yaml` where it is a deployment/],
    [['check', 'rules.v4', './rules.v4', '--baseline', 'x'], /`.\/rules.v4` is named more than once/],
    [['check', 'rules.v4', '--baseline', 'x', '--host', 'ss1'], /`--host` chooses among the hosts/],
    [['check', '--format', 'jsn'], /There is no format `jsn`. Did you mean `json`\?/],
    [['check', '--format', 'json='], /A file name must follow/],
    [['check', '--format', 'json', '--format', 'text'], /Only one format can go to standard output/],
    [['check', '--format', 'json=a', '--format', 'text=a'], /can not go to the same file/],
    [['check', '--fail-on', 'hihg'], /There is no severity `hihg`. Did you mean `high`\?/],
    [['check', '--max-input-size', 'many', 'x'], /Expected a number of bytes/],
    [['openings'], /missing required argument 'config'/],
    [['openings', 'x', '--hook', 'inputs'], /Did you mean `input`\?/],
    [['openings', 'x', '--input-format', 'iptables'], /there is no input format `iptables`/],
    [['openings', 'x', '--input-format', 'iptables-save=y'], /`y` of --input-format is none of the configs/],
    [['trace', 'x'], /required option '-p, --packets <file\|->' not specified/],
    [['openings', 'x', 'x'], /`x` is named more than once/],
    [['trace', '-', '--packets', '-'], /standard input \(`-`\) is named more than once/],
    [['check', '-', '-', '--baseline', 'x'], /standard input \(`-`\) is named more than once/],
    [['baseline', 'show'], /missing required argument/],
    [['baseline', 'list', 'surplus'], /too many arguments/],
  ];

  it.each(mistakes)('%j is a mistake: status 2, a reason, no report', async (args, reason) => {
    const { status, stdout, stderr } = await inProcess(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(reason);
  });

  it('says the same as a process: help to standard output, a mistake to standard error', async () => {
    for (const args of [['--help'], ['check', '--basline', 'x']])
      expect(postern(args)).toEqual(await inProcess(args));
  });
});
