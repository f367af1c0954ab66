import { Command, Option } from 'commander';
import { REPORT_FORMATS } from '../api/reports.ts';
import { collect, formats, nameOption, reading } from './options.ts';
import type { Runner } from './run.ts';

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** `postern check` and its options. */
export function checkCommand(run: Runner): Command {
  const command = reading(new Command('check'))
    .description('compare configs with baselines')
    .argument('[config...]', 'the configs of one host; `-` is standard input')
    .option('-b, --baseline <id|file>', 'a shipped baseline or a file (repeatable)', collect)
    .option('--as <role>', 'the role of the host that the configs are of')
    .option(
      '-d, --deployment <file>',
      'the site: who stands behind each role, and the hosts with their configs',
    )
    .option('--host <name>', 'only this host of the deployment (repeatable)', collect)
    .addOption(formats(REPORT_FORMATS))
    .addOption(
      new Option('--fail-on <severity>', 'the least severity that exits 1')
        .argParser(nameOption('severity', SEVERITIES))
        .default('low'),
    )
    .option('--allow-undetermined', 'undetermined connections do not exit 1')
    .option('--no-allow-undetermined', 'they do, whatever the config file says');
  return decisions(command).action(run(async () => (await import('./commands/check.ts')).runCheck));
}

/** Options about what people have decided, and what was found before. */
function decisions(command: Command): Command {
  return command
    .option('--waivers <file>', 'findings that are accepted for a while; needs --as-of')
    .option('--as-of <day>', 'which day it is, as YYYY-MM-DD in UTC; postern has no clock')
    .option('--inline', 'let comments in configs waive and expect (`postern:waive`, `postern:expect`)')
    .option('--no-inline', 'do not, whatever the config file says')
    .option('--known <file>', 'known findings: only others exit 1')
    .option('--update-known', 'write all findings that are not waived to the file of --known')
    .option('--previous <file>', 'an earlier JSON report: what is new, gone and unchanged since')
    .option('--config <file>', 'the config file, in place of the postern.yaml that is found upwards')
    .option('--no-config', 'no config file')
    .option('--print-config', 'print the settings in force, and check nothing');
}
