import { parseArgs } from 'node:util';
import { leafOf } from '../src/packet/decision.ts';
import { ALL, Diagram, type Node } from '../src/packet/diagram.ts';
import { firstOf } from '../src/packet/first-of.ts';
import { rangesNode } from '../src/packet/literals.ts';
import { exists, levelSet } from '../src/packet/operations.ts';
import { partsOf } from '../src/packet/parts.ts';
import { normalise } from '../src/packet/ranges.ts';
import { randomOf } from './random.ts';
import { markdown, seconds, thousands } from './table.ts';

const USAGE = `npm run bench:sets -- [--count 10000] [--runs 5] [--seed 1]

Times the operations of packet sets by themselves, on random products of a source and a port.
`;

/** One operation, measured: seconds of the processor, and how many nodes it made. */
interface Row {
  readonly name: string;
  readonly cpu: number;
  readonly nodes: number;
}

/** What the operations work on. */
interface Boxes {
  readonly diagram: Diagram;
  readonly boxes: readonly Node[];
}

/** Sources of /32 (seven in ten) or /24 with a port each. */
function boxesOf(count: number, seed: number, inside: (i: number) => Node): Boxes {
  const random = randomOf(seed);
  const diagram = new Diagram();
  const boxes = Array.from({ length: count }, (_, i) => {
    const port = random.chance(60) ? 1 + random.below(20) : 1024 + random.below(64_512);
    const address = 256 * (10 * 65_536 + random.below(65_536));
    const host = random.chance(70) ? random.below(256) : undefined;
    const source = host === undefined ? [address, address + 255] : [address + host, address + host];
    const tcp = rangesNode(
      diagram,
      'protocol',
      [6, 6],
      rangesNode(diagram, 'dport', [port, port], inside(i)),
    );
    return rangesNode(diagram, 'src', source, tcp, 4);
  });
  return { diagram, boxes };
}

/** Each operation with what it needs; only `run` is timed. */
function operations(count: number, seed: number): readonly { name: string; make: () => () => Diagram }[] {
  const plain = (): Boxes => boxesOf(count, seed, () => ALL);
  const numbered = (): Boxes => boxesOf(count, seed, (i) => leafOf(i % 10 === 0 ? 'deny' : 'accept', i + 1));
  const verdicts = (): Boxes => boxesOf(count, seed, (i) => leafOf(i % 10 === 0 ? 'deny' : 'accept'));
  return [
    { name: 'paths of n boxes', make: () => () => plain().diagram },
    {
      name: 'construction from n sorted intervals',
      make: () => {
        const random = randomOf(seed);
        const pairs = Array.from({ length: count }, () => {
          const begin = random.below(4_000_000_000);
          return [begin, begin + random.below(1000)] as const;
        });
        const values = normalise(pairs);
        const diagram = new Diagram();
        return () => {
          rangesNode(diagram, 'src', values, ALL, 4);
          return diagram;
        };
      },
    },
    {
      name: 'union of n boxes',
      make: () => {
        const { diagram, boxes } = plain();
        return () => {
          diagram.orAll(boxes);
          return diagram;
        };
      },
    },
    {
      name: 'intersection of two unions of n / 2 boxes',
      make: () => {
        const { diagram, boxes } = plain();
        const [a, b] = [diagram.orAll(boxes.slice(count / 2)), diagram.orAll(boxes.slice(0, count / 2))];
        return () => {
          diagram.and(a, diagram.not(b));
          return diagram;
        };
      },
    },
    {
      name: 'first match of n rules',
      make: () => {
        const { diagram, boxes } = verdicts();
        return () => {
          firstOf(diagram, boxes);
          return diagram;
        };
      },
    },
    {
      name: 'first match of n numbered rules',
      make: () => {
        const { diagram, boxes } = numbered();
        return () => {
          firstOf(diagram, boxes);
          return diagram;
        };
      },
    },
    {
      name: 'what each of n rules decides',
      make: () => {
        const { diagram, boxes } = numbered();
        const whole = firstOf(diagram, boxes);
        return () => {
          partsOf(diagram, whole);
          return diagram;
        };
      },
    },
    {
      name: 'quantification of the port in a union',
      make: () => {
        const { diagram, boxes } = plain();
        const whole = diagram.orAll(boxes);
        return () => {
          exists(diagram, whole, levelSet(diagram.layout, ['dport']));
          return diagram;
        };
      },
    },
  ];
}

function measure(name: string, make: () => () => Diagram, runs: number): Row {
  const samples: number[] = [];
  let nodes = 0;
  for (let run = 0; run <= runs; run++) {
    const work = make();
    const before = process.cpuUsage();
    nodes = work().size;
    const { user, system } = process.cpuUsage(before);
    // The first run, in which the engine's code is compiled, does not count.
    if (run > 0) samples.push((user + system) / 1e6);
  }
  samples.sort((a, b) => a - b);
  return { name, cpu: samples[samples.length >> 1] as number, nodes };
}

function main(): number {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000' },
      runs: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [count, runs, seed] = [Number(values.count), Number(values.runs), Number(values.seed)];
  if (values.help || ![count, runs, seed].every(Number.isSafeInteger) || count < 2 || runs < 1) {
    process.stderr.write(USAGE);
    return 2;
  }
  const rows = operations(count, seed).map(({ name, make }) => measure(name, make, runs));
  const cells = rows.map(({ name, cpu, nodes }) => [
    name,
    seconds(cpu),
    `${((cpu * 1e6) / count).toFixed(2)} µs`,
    thousands(nodes),
  ]);
  process.stdout.write(
    markdown([`operation, n = ${thousands(count)}`, 'cpu', 'for each', 'nodes in all'], cells),
  );
  return 0;
}

process.exitCode = main();
