/** The filter table of a dump while it is put together. */
export class Dump {
  private readonly chains = [':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT DROP [0:0]'];
  private readonly rules: string[] = [];

  /** How many rules there are. */
  get size(): number {
    return this.rules.length;
  }

  /** Declares a user chain. */
  chain(name: string): void {
    this.chains.push(`:${name} - [0:0]`);
  }

  /** Appends a rule: what stands after `-A`. */
  rule(text: string): void {
    this.rules.push(`-A ${text}`);
  }

  /** What iptables-save would print. */
  text(): string {
    return ['*filter', ...this.chains, ...this.rules, 'COMMIT', ''].join('\n');
  }
}
