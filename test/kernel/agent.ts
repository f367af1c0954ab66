import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** One operation of agent.py; its head describes them. */
export type Operation =
  | {
      readonly op: 'run';
      readonly argv: readonly string[];
      readonly input?: string;
      /** A non-zero exit status does not stop the request. */
      readonly mayFail?: boolean;
      /** Tried again for a while where it fails. */
      readonly patient?: boolean;
      readonly far?: boolean;
    }
  | { readonly op: 'sysctl'; readonly path: string; readonly value: string; readonly far?: boolean }
  | { readonly op: 'frames'; readonly device: string; readonly data: string }
  | {
      readonly op: 'raw';
      readonly family: 4 | 6;
      readonly device?: string;
      readonly mark: number;
      readonly data: string;
    };

/** What `run` answers. */
export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `frames` and `raw` answer: counts, and the packets that the kernel did not take, with the error's name. */
export interface SendResult {
  readonly sent: number;
  /** Refused with EPERM: dropped by OUTPUT. */
  readonly refused: number;
  readonly failed: readonly (readonly [number, string])[];
}

type OperationResult = RunResult | SendResult | Record<string, never>;

/** Something in the harness (not in postern) did not work: a tool failed, a namespace could not be made. */
export class HarnessError extends Error {}

/**
 * The other process, which lives in the two namespaces. Tests may throw: {@link HarnessError} where the
 * machine does not do what the harness needs.
 */
export class Agent {
  private buffer = '';
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private closed = false;

  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    /** A path by which `ip link … netns` finds the far namespace. */
    public farNamespace: string,
  ) {}

  /** Starts the process and its namespaces. */
  static async start(): Promise<Agent> {
    const script = fileURLToPath(new URL('./agent.py', import.meta.url));
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'], env });
    const agent = new Agent(child, '');
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => agent.receive(chunk));
    child.on('close', () => agent.end());
    child.on('error', () => agent.end());
    child.stdin.on('error', () => agent.end());
    const hello = JSON.parse((await agent.next()) ?? '{"error":"python3 did not start"}');
    if (hello.error !== undefined) throw new HarnessError(hello.error);
    agent.farNamespace = hello.far;
    return agent;
  }

  /** Runs operations in order; throws {@link HarnessError} at the first that fails. */
  async request(ops: readonly Operation[]): Promise<readonly OperationResult[]> {
    if (this.closed) throw new HarnessError('the agent has ended');
    this.child.stdin.write(`${JSON.stringify({ ops })}\n`);
    const line = await this.next();
    if (line === undefined) throw new HarnessError('the agent has ended');
    const answer = JSON.parse(line);
    if (answer.error !== undefined) throw new HarnessError(answer.error);
    return answer.results;
  }

  /** Runs one tool in the host namespace and gives what it printed, whatever its status. */
  async run(argv: readonly string[], input = ''): Promise<RunResult> {
    const [result] = await this.request([{ op: 'run', argv, input, mayFail: true }]);
    return result as RunResult;
  }

  /** Ends the process, and with it the namespaces. */
  async close(): Promise<void> {
    if (this.closed) return;
    const ended = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    this.child.stdin.end();
    await ended;
  }

  private receive(chunk: string): void {
    this.buffer += chunk;
    for (let end = this.buffer.indexOf('\n'); end >= 0; end = this.buffer.indexOf('\n')) {
      this.waiting.shift()?.(this.buffer.slice(0, end));
      this.buffer = this.buffer.slice(end + 1);
    }
  }

  private end(): void {
    this.closed = true;
    for (const resolve of this.waiting.splice(0)) resolve(undefined);
  }

  private next(): Promise<string | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
