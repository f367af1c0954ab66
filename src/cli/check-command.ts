import { Command, Option } from 'commander';
import { CHECK_FORMATS, MERGE_FORMATS } from '../api/fleet/format-names.ts';
import {
  collect,
  countOption,
  folderOption,
  formats,
  maximumSize,
  nameOption,
  reading,
  shardOption,
} from './options.ts';
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
    .addOption(formats(CHECK_FORMATS))
    .addOption(failOn())
    .option('--allow-undetermined', 'undetermined connections do not exit 1')
    .option('--no-allow-undetermined', 'they do, whatever the config file says');
  return many(decisions(command)).action(run(async () => (await import('./commands/check.ts')).runCheck));
}

const failOn = (): Option =>
  new Option('--fail-on <severity>', 'the least severity that exits 1')
    .argParser(nameOption('severity', SEVERITIES))
    .default('low');

/** `postern merge` and its options. */
export function mergeCommand(run: Runner): Command {
  return new Command('merge')
    .description('make one report of the shards of a run')
    .argument('<folder>', 'a folder with the blobs of all shards, and nothing else')
    .addOption(formats(MERGE_FORMATS))
    .addOption(failOn())
    .option('--allow-undetermined', 'undetermined connections do not exit 1')
    .addOption(maximumSize())
    .option('-q, --quiet', 'print nothing but errors to standard error')
    .action(run(async () => (await import('./commands/merge.ts')).runMerge));
}

/** Options about many hosts (docs/fleet.md). */
function many(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--jobs <number>',
        'check so many hosts at once; as many as processors where hosts are many',
      ).argParser(countOption),
    )
    .addOption(
      new Option(
        '--cache <folder>',
        'keep the results of hosts there, and take those of hosts that are as they were',
      ).argParser(folderOption),
    )
    .addOption(
      new Option('--shard <i/n>', 'only the i-th of n parts of the hosts; see `postern merge`').argParser(
        shardOption,
      ),
    );
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
