import type { Command } from 'commander';

/** What people type, for each command's `--help`. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  check: [
    'postern check rules.v4 addr.json --baseline apinizer --as worker',
    'postern check --deployment site.yaml --format text --format html=report.html',
    'postern check -d site.yaml --waivers waivers.yaml --as-of 2026-11-20',
    'postern check -d site.yaml --known known.json --update-known',
    'postern check -d site.yaml --shard 3/16 --format blob=parts/3.blob',
  ],
  merge: ['postern merge parts --format json=report.json --format parquet=findings.parquet'],
  openings: ['postern openings rules.v4 --hook input', 'iptables-save | postern openings - --format json'],
  trace: [
    'postern trace rules.v4 addr.json --packets packets.ndjson',
    'head -1 packets.ndjson | postern trace rules.v4 --packets -',
  ],
  baseline: ['postern baseline list', 'postern baseline show host-essentials'],
  'baseline list': ['postern baseline list --format json'],
  'baseline show': [
    'postern baseline show x-road-security-server',
    'postern baseline show ./company.yaml --format json',
  ],
  'baseline validate': ['postern baseline validate ./company.yaml --strict'],
  'baseline import': ['postern baseline import network.md --id product -o product.yaml'],
  'baseline verify': ['postern baseline verify x-road-security-server --document network.md'],
  'baseline diff': ['postern baseline diff old.yaml new.yaml --deployment site.yaml'],
  init: [
    'postern init rules.v4 addr.json -o site.yaml',
    'postern init rules.v4 addr.json -b apinizer --as worker -o site.yaml',
  ],
  explain: ['postern explain masked', 'postern explain'],
  completion: [
    'postern completion bash > /etc/bash_completion.d/postern',
    'postern completion zsh > "$HOME/.zfunc/_postern"',
    'postern completion fish > ~/.config/fish/completions/postern.fish',
  ],
};

/** The examples of a command as its help shows them; empty where there are none. */
export function examplesOf(command: Command): string {
  const parent = command.parent?.name();
  const name = parent === undefined || parent === 'postern' ? command.name() : `${parent} ${command.name()}`;
  const lines = EXAMPLES[name] ?? [];
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
